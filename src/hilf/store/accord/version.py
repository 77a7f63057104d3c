"""Accords as kept: every version of every accord, its bytes, and since when it is in force.

Holds no rule: what a version may say is `accord/document`, what its records amount to is `accord/life`.
Times are microseconds since 1970, UTC.
"""

from dataclasses import dataclass

from hilf.store.database import execute, row, rows

_COLUMNS = "id, accord_id, version, hash, document, received, proposed, in_force"


@dataclass(frozen=True, slots=True)
class KeptAccord:
    """One version of one accord as kept.

    Attributes:
        row: its number here; records hang on it.
        accord_id: "accord--" and a UUID.
        version: 1, 2, ...
        hash: H over the document, 64 hex digits.
        document: canonical bytes.
        received: when it was drafted here; once proposed, when it was sent or came in.
        proposed: whether its parties have it; a draft is known to nobody else.
        in_force: when its signatures were complete here; None before.
    """

    row: int
    accord_id: str
    version: int
    hash: str
    document: bytes
    received: int
    proposed: bool
    in_force: int | None


def versions(accord_id: str) -> tuple[KeptAccord, ...]:
    """Every version of one accord, in order; two texts of the same version in the order in which they came."""
    return _kept("WHERE accord_id = %s ORDER BY version, id", (accord_id,))


def every() -> tuple[KeptAccord, ...]:
    """Every version of every accord, in the order in which accords came here."""
    return _kept("ORDER BY received, accord_id, version, id")


def put(accord_id: str, version: int, hash_: str, document: bytes, at_us: int, *, proposed: bool) -> int:
    """Keep a version; one that is known keeps its bytes and becomes proposed if it was not. Returns its row."""
    execute(
        "INSERT INTO accord (accord_id, version, hash, document, received, proposed) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (accord_id, version, hash) DO NOTHING",
        (accord_id, version, hash_, document, at_us, proposed),
    )
    found = row(
        "SELECT id FROM accord WHERE accord_id = %s AND version = %s AND hash = %s",
        (accord_id, version, hash_),
    )
    assert found is not None  # noqa: S101  # it was inserted or stood there
    if proposed:
        execute(
            "UPDATE accord SET proposed = %s, received = %s WHERE id = %s AND NOT proposed",
            (True, at_us, found[0]),
        )
    return int(found[0])


def put_in_force(kept_row: int, at_us: int) -> None:
    """Note when the signatures of a version were complete; once noted it stays."""
    execute("UPDATE accord SET in_force = %s WHERE id = %s AND in_force IS NULL", (at_us, kept_row))


def replace_draft(accord_id: str, before: str, hash_: str, document: bytes) -> bool:
    """Put another text in the place of a draft that was never proposed; False if that draft is not there any more."""
    return (
        execute(
            "UPDATE accord SET hash = %s, document = %s WHERE accord_id = %s AND hash = %s AND NOT proposed",
            (hash_, document, accord_id, before),
        )
        == 1
    )


def drop_drafts(accord_id: str) -> int:
    """Forget the versions of an accord that were never proposed, which have no records; how many."""
    return execute("DELETE FROM accord WHERE accord_id = %s AND NOT proposed", (accord_id,))


def _kept(where: str, parameters: tuple[object, ...] = ()) -> tuple[KeptAccord, ...]:
    found = rows(f"SELECT {_COLUMNS} FROM accord {where}", parameters)
    return tuple(
        KeptAccord(number, accord_id, version, hash_, bytes(document), received, bool(proposed), in_force)
        for number, accord_id, version, hash_, document, received, proposed, in_force in found
    )
