"""Our own identity and every identity that is kept: chains of documents, officers and their roles (wire.md 2).

Decides which officer of ours may sign what. A chain in the database was judged when it was taken in (`node/peer`,
`node/init`, `node/proposal`), so that reading it again checks nothing but its form; an expired identity can still
be read here, and is refused where it would be relied on (`node/peer.keys`).
"""

from datetime import datetime
from functools import lru_cache
from typing import Final

import orjson

from hilf.canonical import dumps, loads
from hilf.errors import CallerFault, OperatorFault, Refusal
from hilf.node.home import Home, officer_file, officer_key, officers
from hilf.seal import role as role_words
from hilf.seal.identity import Document, Identity, Officer, make_card, read_document
from hilf.seal.key import PrivateKey
from hilf.store.federation import identity as store
from hilf.store.federation.identity import KeptDocument
from hilf.store.instant import microseconds

ROLES: Final = role_words.ROLES
"""What an officer may be trusted to sign (protocol.md 1; docs/adr/0016)."""

SHORTEST_PASSPHRASE: Final = 12
"""Characters of a new passphrase; the way to derive a key from it is slow (`seal.keyfile`), but not for ever."""


def own(home: Home) -> Identity:
    """The identity of this node; it may have expired.

    Raises:
        OperatorFault: code "identity.none": the database holds none.
    """
    identity = kept(home.node)
    if identity is None:
        raise OperatorFault(
            "identity.none",
            f"The database holds no identity of {home.node}.",
            f"It is not the database of {home.path}, or it is damaged.",
            "Check HILF_DATABASE_URL, or restore the newest backup.",
        )
    return identity


def kept(node: str) -> Identity | None:
    """The identity of a node as far as we hold it, expired or not; None when nothing is held."""
    chain = store.chain(node)
    return _read(chain) if chain else None


def documents_of_others(node: str) -> tuple[Document, ...]:
    """All documents of all other nodes that we know, ourselves included."""
    return tuple(_document(each.document) for each in store.of_others(node))


def keep(identity: Identity, since: int, now: datetime) -> None:
    """Add the documents of a chain that come after the first `since`, in the caller's transaction."""
    entries = identity.card["chain"]
    for document, entry in list(
        zip(identity.chain, entries if isinstance(entries, list) else (), strict=True)
    )[since:]:
        signatures = entry["signatures"] if isinstance(entry, dict) else []
        text = orjson.dumps(signatures).decode()
        store.keep(KeptDocument(document.node, document.seq, dumps(document.body), text), microseconds(now))


def stix_identities(document: Document) -> tuple[str, ...]:
    """Ids of the STIX identity objects that stand for the document's node, in lower case; empty when it names none."""
    return document.stix_identities


def card(identity: Identity) -> bytes:
    """The card as it is written to a file and answered to partners: canonical, so one sequence of bytes."""
    return dumps(identity.card)


def check_officer(home: Home, name: str, role: str) -> str:
    """The kid of an officer of ours who may sign in this role, found before a passphrase is asked for.

    What the key file holds is seen only when it is opened: `signing_officer` checks that.

    Raises:
        CallerFault: "home.no-such-officer".
        Refusal: as `signing_officer`.
    """
    officer_file(home, name)
    officer = next((each for each in own(home).newest.officers.values() if each.name == name), None)
    if officer is None:
        raise _no_officer(home, name)
    _check_role(officer, name, role)
    return officer.key.kid


def signing_officer(home: Home, name: str, passphrase: str, role: str) -> PrivateKey:
    """The key of an officer of ours who may sign in this role.

    Args:
        home: of this node.
        name: of the key in HOME/keys/officers.
        passphrase: opens it.
        role: one of ROLES.

    Raises:
        Refusal: "identity.no-officer" (the key stands in no published document) or "identity.officer-role".
        CallerFault: no such officer, or another passphrase.
    """
    key = officer_key(home, name, passphrase)
    officer = own(home).newest.officers.get(key.kid)
    if officer is None:
        raise _no_officer(home, name)
    _check_role(officer, name, role)
    return key


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase under which no new officer's key should lie.

    Raises:
        CallerFault: "officer.passphrase".
    """
    if len(passphrase.strip()) < SHORTEST_PASSPHRASE:
        raise CallerFault(
            "officer.passphrase",
            f"The passphrase is too short: a new one has {SHORTEST_PASSPHRASE} characters at least.",
            "Whoever copies the key file can try passphrases as fast as their machines can.",
            "Take several words that do not belong together, or leave it empty at the prompt to have six made.",
        )


def _no_officer(home: Home, name: str) -> Refusal:
    return Refusal(
        "identity.no-officer",
        f"{name} is no officer of {home.node}: the key of that name does not stand in our identity document.",
        "Partners count only officers that the newest document names.",
        "Add it (hilf officer add), or finish the proposal: hilf identity sign, hilf identity publish.",
    )


def _check_role(officer: Officer, name: str, role: str) -> None:
    if not role_words.grants(officer.roles, role):
        raise Refusal(
            "identity.officer-role",
            f"{name} may not sign this: the role {role} is missing.",
            f"Our identity document gives {name}: {', '.join(officer.roles) or 'nothing'}.",
            "Let another officer sign, or add one with that role: hilf officer add NAME --role " + role,
        )


def chosen_officer(home: Home, name: str | None) -> str:
    """The officer who was named, else the only one whose key lies in this home.

    Raises:
        CallerFault: "identity.which-officer": nobody was named and there is not exactly one.
    """
    here = officers(home)
    if name is None and len(here) != 1:
        raise CallerFault(
            "identity.which-officer",
            "Which officer signs?",
            f"Officers whose keys lie in this home: {', '.join(here) or 'none'}.",
            "Name one with --as OFFICER.",
        )
    return here[0] if name is None else name


@lru_cache(maxsize=256)
def _read(chain: tuple[KeptDocument, ...]) -> Identity:
    documents = tuple(_document(each.document) for each in chain)
    signatures = (orjson.loads(each.signatures) for each in chain)
    whole = make_card(zip((document.body for document in documents), signatures, strict=True))
    return Identity(documents, whole)


@lru_cache(maxsize=2048)
def _document(data: bytes) -> Document:
    return read_document(loads(data))
