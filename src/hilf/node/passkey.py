"""Officers sign with passkeys: the officer's key is sealed under one, which answers for the exact bytes (docs/adr/0023).

Decides what a passkey is asked: SHA-256 over the very bytes that the officer's key signs. So a passkey that was shown one
record cannot have answered for another, and its answer, kept beside the record, says so for as long as the record is kept.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import orjson

from hilf.canonical import dumps
from hilf.errors import CallerFault, Refusal
from hilf.node import user
from hilf.node.home import Home
from hilf.seal.key import PrivateKey
from hilf.seal.locked import NONCE_BYTES, lock_under, unlock_with
from hilf.seal.record import make_record, officer_bytes
from hilf.store.database import transaction
from hilf.store.people import passkey as store
from hilf.store.people.passkey import KeptPasskey

if TYPE_CHECKING:
    from hilf.canonical import Json

SALT_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Exact:
    """A record that an officer is about to sign, but for the time.

    Attributes:
        type: the word of its tag, such as "approval".
        subject: what it is about, as wire.md 3 gives it.
        ends: how long it counts, or until when.
    """

    type: str
    subject: "Json"
    ends: timedelta | datetime

    @property
    def about(self) -> str:
        """The subject as text: itself, or its canonical JSON."""
        return self.subject if isinstance(self.subject, str) else dumps(self.subject).decode()

    def until(self, at: datetime) -> datetime:
        """Until when a record of this time counts."""
        return self.ends if isinstance(self.ends, datetime) else at + self.ends

    def signed(self, node: str, at: datetime, key: PrivateKey, role: str = "officer") -> "dict[str, Json]":
        """The record, signed: over the very bytes for which a passkey is asked.

        Args:
            node: that speaks.
            at: aware.
            key: the officer's own, or the online key for role "node".
            role: "officer", or "node" for an accord.
        """
        return make_record(self.type, node, role, self.subject, at, self.until(at), key)


def fresh_salt() -> bytes:
    """For what a passkey's PRF is asked; another one for every binding."""
    return secrets.token_bytes(SALT_BYTES)


def challenge(home: Home, exact: Exact, kid: str, at: datetime) -> bytes:
    """What a passkey is asked for a record that an officer signs at this time."""
    data = officer_bytes(exact.type, home.node, exact.subject, at, exact.until(at), kid)
    return hashlib.sha256(data).digest()


def bind(
    home: Home,
    person: int,
    key: PrivateKey,
    credential: str,
    public: bytes,
    salt: bytes,
    secret: bytes,
    now: datetime,
) -> None:
    """Seal an officer's key under a passkey of the same person.

    Args:
        home: this node.
        person: the account.
        key: of the officer who this person is.
        credential: id of the passkey, as base64url.
        public: its public key (COSE).
        salt: for which its PRF gave `secret`.
        secret: 32 bytes.
        now: aware.

    Raises:
        Refusal: "user.no-officer": the key is not this person's.
        CallerFault: "passkey.no-secret": the passkey has no PRF.
    """
    officer = user.officer_of(home, person)
    if officer is None or officer.key.kid != key.kid:
        raise Refusal(
            "user.no-officer",
            "This is not the key of the officer who you are.",
            "A key is sealed under passkeys of its own person alone.",
            "Ask an administrator who is bound to which officer.",
        )
    if len(secret) != 32:  # noqa: PLR2004  # WebAuthn 3, 10.1.4
        raise CallerFault(
            "passkey.no-secret",
            "This passkey cannot keep a key.",
            "Its authenticator has no PRF.",
            "Take a newer passkey, or go on signing with the passphrase.",
        )
    shown: dict[str, Json] = {"v": 1, "kid": key.kid, "credential": credential}
    sealed = lock_under(key.to_pem(), shown, secret, secrets.token_bytes(NONCE_BYTES))
    with transaction():
        store.put(KeptPasskey(credential, key.kid, public, salt, orjson.dumps(sealed)), now)


def of_person(home: Home, person: int) -> tuple[KeptPasskey, ...]:
    """The passkeys with which a person can sign as the officer who this person is."""
    officer = user.officer_of(home, person)
    return store.of_kid(officer.key.kid) if officer else ()


def unbind(home: Home, person: int) -> int:
    """Forget what is sealed under the passkeys of a person; how many there were."""
    with transaction():
        return sum(store.remove(each.credential) for each in of_person(home, person))


def key(home: Home, person: int, credential: str, secret: bytes, role: str) -> PrivateKey:
    """The key of the officer who this person is, opened with a passkey.

    Raises:
        Refusal: as `user.check_officer`.
        CallerFault: "seal.locked".
    """
    officer = user.check_officer(home, person, role)
    kept = next((each for each in store.of_kid(officer.key.kid) if each.credential == credential), None)
    document = orjson.loads(kept.sealed) if kept else {}
    opened = PrivateKey.from_pem(unlock_with(document, secret))
    if opened.kid != officer.key.kid or document["credential"] != credential:
        raise CallerFault("seal.locked", "The passkey does not open the key.", "It is another officer's.", "")
    return opened


def keep_answer(exact: Exact, kid: str, asked: bytes, answer: str, at: datetime) -> None:
    """Keep what a passkey answered beside the record that was signed with it."""
    with transaction():
        store.put_answer(exact.about, kid, asked.hex(), answer, at)
