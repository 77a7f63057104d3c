"""Officers' signed records about one subject: verifications, suspensions, approvals, retractions (wire.md 3).

Accords keep theirs in `store/accord`. One record stands for each type, subject and key; a newer one of the same
officer takes the place of the older.
"""

from collections.abc import Iterable

from hilf.store.database import execute, rows

_AT_ONCE = 500


def put(type_: str, subject: str, kid: str, record: str) -> None:
    """Keep a record.

    Args:
        type_: the word of its tag, e.g. "verification".
        subject: what it is about, as a text (fingerprint or hash).
        kid: whose key signed it.
        record: the record as a JSON text.
    """
    execute(
        "INSERT INTO officer_record (type, subject, kid, record) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (type, subject, kid) DO UPDATE SET record = excluded.record",
        (type_, subject, kid, record),
    )


def about(type_: str, subject: str) -> tuple[str, ...]:
    """The records of one type about one subject, as JSON texts, in order of kid."""
    found = rows(
        "SELECT record FROM officer_record WHERE type = %s AND subject = %s ORDER BY kid", (type_, subject)
    )
    return tuple(record for (record,) in found)


def subjects_among(type_: str, subjects: Iterable[str]) -> frozenset[str]:
    """Those of these subjects about which there is any record of one type."""
    wanted = sorted(set(subjects))
    found: set[str] = set()
    for n in range(0, len(wanted), _AT_ONCE):
        piece = wanted[n : n + _AT_ONCE]
        found.update(
            subject
            for (subject,) in rows(
                "SELECT subject FROM officer_record WHERE type = %s"
                f" AND subject IN ({', '.join(['%s'] * len(piece))})",
                (type_, *piece),
            )
        )
    return frozenset(found)


def remove(type_: str, subject: str) -> None:
    """Remove the records of one type about one subject: they count no longer."""
    execute("DELETE FROM officer_record WHERE type = %s AND subject = %s", (type_, subject))
