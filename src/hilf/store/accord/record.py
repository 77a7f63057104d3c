"""Records about accords as kept: who signed, suspended, withdrew or ended which version (wire.md 3).

Holds no rule: which records count is `accord/signature` and `accord/life`. One record stands for each version, type
and key.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hilf.store.database import execute, rows


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """One record as kept.

    Attributes:
        accord: the row of the version that it is about.
        type: the word of its tag, e.g. "suspension".
        party: the node that speaks.
        kid: whose key signed it.
        record: the record as a JSON text.
    """

    accord: int
    type: str
    party: str
    kid: str
    record: str


def put(kept: KeptRecord) -> None:
    """Keep a record, in the place of that key's earlier one: a signature that expired is given again."""
    execute(
        "INSERT INTO accord_record (accord_id, type, party, kid, record) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (accord_id, type, kid) DO UPDATE SET record = excluded.record, party = excluded.party",
        (kept.accord, kept.type, kept.party, kept.kid, kept.record),
    )


def about_each(accord_rows: Iterable[int]) -> dict[int, tuple[KeptRecord, ...]]:
    """The records about many versions, by version."""
    wanted = set(accord_rows)
    found: dict[int, tuple[KeptRecord, ...]] = dict.fromkeys(wanted, ())
    for kept in _kept("ORDER BY id"):
        if kept.accord in wanted:
            found[kept.accord] = (*found[kept.accord], kept)
    return found


def _kept(where: str, parameters: tuple[object, ...] = ()) -> tuple[KeptRecord, ...]:
    found = rows(f"SELECT accord_id, type, party, kid, record FROM accord_record {where}", parameters)
    return tuple(KeptRecord(*each) for each in found)
