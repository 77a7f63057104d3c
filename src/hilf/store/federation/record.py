"""Officers' signed records about one subject: verifications, suspensions, approvals, retractions (wire.md 3).

Accords keep theirs in `store/accord`. One record stands for each type, subject and key; a newer one of the same
officer takes the place of the older.
"""

from hilf.store.database import execute, rows


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


def remove(type_: str, subject: str) -> None:
    """Remove the records of one type about one subject: they count no longer."""
    execute("DELETE FROM officer_record WHERE type = %s AND subject = %s", (type_, subject))
