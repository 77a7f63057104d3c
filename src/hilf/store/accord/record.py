"""Records about accords as kept: who signed, suspended, withdrew or ended which version (wire.md 3).

Holds no rule: which records count is `accord/signature` and `accord/life`. One record stands for each version, type
and key; the first stays.
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


def put(kept: KeptRecord) -> bool:
    """Keep a record; False when that key's record of that type about that version stands already."""
    return (
        execute(
            "INSERT INTO accord_record (accord_id, type, party, kid, record) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (accord_id, type, kid) DO NOTHING",
            (kept.accord, kept.type, kept.party, kept.kid, kept.record),
        )
        > 0
    )


def replace(kept: KeptRecord) -> None:
    """Keep a record in the place of that key's earlier one: a signature that expired is given again."""
    execute(
        "INSERT INTO accord_record (accord_id, type, party, kid, record) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (accord_id, type, kid) DO UPDATE SET record = excluded.record, party = excluded.party",
        (kept.accord, kept.type, kept.party, kept.kid, kept.record),
    )


def about(accord_row: int) -> tuple[KeptRecord, ...]:
    """Every record about one version, in the order in which they came."""
    return _kept("WHERE accord_id = %s ORDER BY id", (accord_row,))


def about_each(accord_rows: Iterable[int]) -> dict[int, tuple[KeptRecord, ...]]:
    """The records about many versions, by version."""
    wanted = set(accord_rows)
    found: dict[int, tuple[KeptRecord, ...]] = dict.fromkeys(wanted, ())
    for kept in _kept("ORDER BY id"):
        if kept.accord in wanted:
            found[kept.accord] = (*found[kept.accord], kept)
    return found


def remove(accord_row: int, type_: str, party: str) -> None:
    """Remove a party's records of one type about a version: they count no longer."""
    execute(
        "DELETE FROM accord_record WHERE accord_id = %s AND type = %s AND party = %s", (accord_row, type_, party)
    )


def _kept(where: str, parameters: tuple[object, ...] = ()) -> tuple[KeptRecord, ...]:
    found = rows(f"SELECT accord_id, type, party, kid, record FROM accord_record {where}", parameters)
    return tuple(KeptRecord(*each) for each in found)
