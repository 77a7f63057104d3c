"""Officers' passkeys and what they answered: beside the records that the officers' keys signed (docs/adr/0023)."""

from dataclasses import dataclass
from datetime import datetime

from hilf.store import database
from hilf.store.instant import microseconds


@dataclass(frozen=True, slots=True)
class KeptPasskey:
    """A passkey with which an officer signs.

    Attributes:
        credential: its id, as base64url.
        kid: of the officer's key that is sealed under it.
        public: its own public key (COSE), with which its answers can be checked later.
        salt: for which its PRF gives the secret.
        sealed: the officer's key, as a document of `seal.locked`.
    """

    credential: str
    kid: str
    public: bytes
    salt: bytes
    sealed: bytes


def put(kept: KeptPasskey, at: datetime) -> None:
    """Keep a passkey, in the caller's transaction; an earlier binding of it counts no longer."""
    database.execute("DELETE FROM officer_passkey WHERE credential = %s", (kept.credential,))
    database.execute(
        "INSERT INTO officer_passkey (credential, kid, public, salt, sealed, counter, added) "
        "VALUES (%s, %s, %s, %s, %s, 0, %s)",
        (kept.credential, kept.kid, kept.public, kept.salt, kept.sealed, microseconds(at)),
    )


def of_kid(kid: str) -> tuple[KeptPasskey, ...]:
    """The passkeys under which an officer's key is sealed."""
    found = database.rows(
        "SELECT credential, kid, public, salt, sealed FROM officer_passkey WHERE kid = %s AND sealed IS NOT NULL "
        "ORDER BY credential",
        (kid,),
    )
    return tuple(KeptPasskey(c, k, bytes(p), bytes(s), bytes(x)) for c, k, p, s, x in found)


def remove(credential: str) -> int:
    """Forget what is sealed under a passkey; how many there were."""
    return database.execute("DELETE FROM officer_passkey WHERE credential = %s", (credential,))


def put_answer(subject: str, kid: str, challenge: str, answer: str, at: datetime) -> None:
    """Keep what a passkey answered for an officer's record."""
    database.execute(
        "INSERT INTO officer_assertion (subject, kid, challenge, assertion, at) VALUES (%s, %s, %s, %s, %s)",
        (subject, kid, challenge, answer, microseconds(at)),
    )


def answers(subject: str) -> tuple[tuple[str, str, str], ...]:
    """What passkeys answered for records about a subject: kid, challenge, answer."""
    found = database.rows(
        "SELECT kid, challenge, assertion FROM officer_assertion WHERE subject = %s ORDER BY id", (subject,)
    )
    return tuple((kid, challenge, answer) for kid, challenge, answer in found)
