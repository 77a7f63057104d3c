"""Changes of our own identity: the next document is proposed, signed with root keys, published (wire.md 2).

Decides what the next document holds, and when it is complete. The proposal lies in HOME/identity-proposal.json and its
new keys in HOME/keys/proposed until it is published, so that root keys can come on sticks, one after the other.
An online key or TLS certificate is replaced in two documents: the first lists old and new, so that partners know the
new one before it is used; the second drops the old. Only a revocation does both at once.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson

from hilf.canonical import Json
from hilf.errors import CallerFault, OperatorFault, PartnerFault, Refusal
from hilf.node import departure, federation, identity, peer, reissue
from hilf.node.change import Change, draft
from hilf.node.change import check_new_officer as check_officer
from hilf.node.home import Home, online_key, write_secret
from hilf.seal import certificate
from hilf.seal.identity import (
    Document,
    Identity,
    Missing,
    missing_signatures,
    read_card,
    read_document,
    sign_document,
)
from hilf.seal.key import PrivateKey
from hilf.store.database import transaction

FILE: Final = "identity-proposal.json"

Signatures = Sequence[Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Progress:
    """A proposal and what it lacks."""

    document: Document
    missing: Missing
    file: Path


def check_new_officer(home: Home, name: str, roles: Iterable[str]) -> None:
    """What `propose` would refuse of a new officer, found before the officer is asked for a passphrase.

    Raises:
        Refusal: "identity.proposal-open".
        CallerFault: "officer.name", "officer.exists" or "officer.role".
    """
    _check_none_open(home)
    check_officer(identity.own(home).newest.officers.values(), name, roles)


def propose(home: Home, change: Change, root_keys: Path, now: datetime) -> Progress:
    """Draft the next document and sign it with the new keys and with the root keys that are in `root_keys`.

    Raises:
        Refusal: "identity.proposal-open".
        CallerFault: the change names what is not there, or partners would refuse the document.
    """
    _check_none_open(home)
    before = identity.own(home).newest
    drafted = draft(home, before, change, now)
    body = drafted.body
    signatures = sign_document(
        body, [*drafted.fresh, *root_keys_in(root_keys, (read_document(body), before))]
    )
    shutil.rmtree(home.keys / "proposed", ignore_errors=True)
    for name, data in drafted.files.items():
        write_secret(home.keys / "proposed" / name, data)
    write(home.path / FILE, body, before.body, signatures)
    return _progress(home, before, body, signatures)


def sign(home: Home, root_keys: Path) -> Progress:
    """Sign the open proposal with the root keys that are in `root_keys`.

    Raises:
        CallerFault: "identity.no-proposal" or "identity.no-root-keys".
    """
    body, signatures = _open(home)
    before = identity.own(home).newest
    keys = root_keys_in(root_keys, (read_document(body), before))
    if not keys:
        raise CallerFault(
            "identity.no-root-keys",
            f"{root_keys} holds no root key of {home.node}.",
            f"Root keys: {', '.join(key.kid for key in before.root)}.",
            "Name the folder with --root-keys DIR.",
        )
    signatures = sign_document(body, keys, signatures)
    write(home.path / FILE, body, before.body, signatures)
    return _progress(home, before, body, signatures)


def publish(home: Home, now: datetime) -> Identity:
    """Make the signed proposal our identity, and let it wait for every verified peer.

    Raises:
        CallerFault: "identity.no-proposal".
        Refusal: "identity.not-signed", or the rule by which partners would refuse it.
    """
    body, signatures = _open(home)
    own = identity.own(home)
    if read_document(body).hash == own.newest.hash:  # an earlier publish was cut off after its transaction
        _settle(home, own.newest)
        return own
    progress = _progress(home, own.newest, body, signatures)
    if not progress.missing.nothing:
        raise Refusal(
            "identity.not-signed",
            f"Document {progress.document.seq} is not signed yet: {lacking(progress.missing)}.",
            f"Root keys: {', '.join(key.kid for key in own.newest.root)}.",
            "Bring them: hilf identity sign --root-keys DIR",
        )
    chain = own.card["chain"]
    entry: Json = {"document": body, "signatures": [dict(each) for each in signatures]}
    try:
        taken = read_card(
            {**own.card, "chain": [*(chain if isinstance(chain, list) else []), entry]},
            now,
            [document.body for document in own.chain],
            identity.documents_of_others(home.node),
        )
    except PartnerFault as fault:
        remedy = "Drop the proposal (hilf identity propose --discard) and propose again."
        raise Refusal(fault.code, f"Partners would refuse it: {fault.what}.", "wire.md 2.", remedy) from fault
    with transaction():
        identity.keep(taken, len(own.chain), now)
        departure.settle(home, now)
        for node in peer.verified(home):
            federation.announce(home, node, "identity", {"card": taken.card}, now)
    _settle(home, taken.newest)
    reissue.own_due(home, now)
    return taken


def discard(home: Home) -> bool:
    """Drop the open proposal and its new keys; whether there was one."""
    was = (home.path / FILE).exists()
    if was:
        body, _ = _open(home)
        if read_document(body).hash == identity.own(home).newest.hash:
            _settle(home, identity.own(home).newest)
            return True
    (home.path / FILE).unlink(missing_ok=True)
    shutil.rmtree(home.keys / "proposed", ignore_errors=True)
    return was


def lacking(missing: Missing) -> str:
    """What a proposal lacks, in words."""
    root = max(missing.root, missing.root_before)
    parts = [f"{root} more root key{'s' if root > 1 else ''}"] if root else []
    parts += [f"the new key {kid}" for kid in missing.possession]
    return ", ".join(parts) or "nothing"


def _check_none_open(home: Home) -> None:
    if (home.path / FILE).exists():
        raise Refusal(
            "identity.proposal-open",
            f"{home.path / FILE} is not finished.",
            "One change at a time: each document follows the one before.",
            "Finish it (hilf identity sign, hilf identity publish), or drop it: hilf identity propose --discard",
        )


def file_of(home: Home) -> Path:
    """The file of the open proposal.

    Raises:
        CallerFault: "identity.no-proposal".
    """
    path = home.path / FILE
    if not path.exists():
        raise CallerFault(
            "identity.no-proposal",
            "There is no proposal.",
            f"{path} does not exist.",
            "Propose a change first: hilf identity propose",
        )
    return path


def _open(home: Home) -> tuple[dict[str, Json], Signatures]:
    path = file_of(home)
    try:
        body, _, signatures = read(path)
    except (OSError, PartnerFault) as error:
        raise OperatorFault(
            "identity.proposal-damaged",
            f"{path} cannot be read: {error}.",
            "",
            "Drop it (hilf identity propose --discard) and propose again.",
        ) from error
    return body, signatures


def read(file: Path) -> tuple[dict[str, Json], Json, Signatures]:
    """A proposal as it was written: the document, the one before it (null in files of an older hilf), its signatures.

    Raises:
        OSError: it cannot be read.
        PartnerFault: "proposal: form", or the document is not sound in itself.
    """
    try:
        held = orjson.loads(file.read_bytes())
        document, signatures = held["document"], held["signatures"]
        if not isinstance(signatures, list) or not all(isinstance(each, dict) for each in signatures):
            raise PartnerFault("proposal: form")
        read_document(document)
        return document, held.get("before"), signatures
    except (ValueError, KeyError, TypeError) as error:
        raise PartnerFault("proposal: form", type(error).__name__) from error


def write(file: Path, body: Mapping[str, Json], before: Mapping[str, Json], signatures: Signatures) -> None:
    """Write a proposal, with the document before it, so that whoever is to sign it elsewhere sees what it changes."""
    held = {"document": body, "before": before, "signatures": signatures}
    write_secret(file, orjson.dumps(held, option=orjson.OPT_INDENT_2))


def _progress(home: Home, before: Document, body: Json, signatures: Signatures) -> Progress:
    document = read_document(body)
    missing = missing_signatures(document, before, (str(each["kid"]) for each in signatures))
    return Progress(document, missing, home.path / FILE)


def root_keys_in(folder: Path, documents: Iterable[Document]) -> list[PrivateKey]:
    """The root keys of these documents that lie in a folder; other files there do not matter."""
    wanted = {key.kid for document in documents for key in document.root}
    found = []
    for path in sorted(folder.glob("*.pem")) if folder.is_dir() else ():
        try:
            key = PrivateKey.from_pem(path.read_bytes())
        except CallerFault:
            continue  # somebody else's key, or one that is not a root key
        except OSError as error:
            raise OperatorFault(
                "identity.root-keys-unreadable",
                f"{path} cannot be read: {error.strerror}.",
                "",
                "Check the medium.",
            ) from error
        if key.kid in wanted:
            found.append(key)
    return found


def _settle(home: Home, newest: Document) -> None:
    """Put new keys in their places once the document that lists them counts; doing it again changes nothing."""
    proposed = home.keys / "proposed"
    for path in sorted(each for each in proposed.rglob("*") if each.is_file()):
        place = home.root_keys if path.name.startswith("root-") else home.keys
        write_secret(place / path.relative_to(proposed), path.read_bytes())
    shutil.rmtree(proposed, ignore_errors=True)
    following = home.keys / "online.next.pem"
    if online_key(home).kid not in newest.sign and following.exists():
        following.replace(home.keys / "online.pem")
    shown = home.keys / "tls.crt"
    if certificate.pin(shown.read_bytes()) not in newest.tls_sha256 and (home.keys / "tls.next.crt").exists():
        (home.keys / "tls.next.pem").replace(home.keys / "tls.pem")
        (home.keys / "tls.next.crt").replace(shown)
    names = {officer.name for officer in newest.officers.values()}
    for path in sorted((home.keys / "officers").glob("*.pem")):
        if path.stem not in names:
            path.replace(path.with_suffix(".former"))
    (home.path / FILE).unlink(missing_ok=True)
