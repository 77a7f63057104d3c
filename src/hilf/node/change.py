"""What the next identity document holds: the one before, with one change (wire.md 2).

Decides which keys are added, dropped and revoked, and makes the new ones; nothing is written here. Signing and
publishing: `node/proposal`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hilf.canonical import Json, timestamp
from hilf.errors import CallerFault
from hilf.node import fresh, identity, init
from hilf.node.home import Home, online_key, read_secret
from hilf.seal import certificate
from hilf.seal.document import STIX_IDENTITIES
from hilf.seal.identity import Document, Officer, draft_document
from hilf.seal.key import PrivateKey, PublicKey

ONLINE: Final = "online"
"""Names the online key in use where a key is named."""

_STIX_IDENTITY: Final = re.compile(
    r"identity--[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII
)
_OFFICER: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """An officer to be added, with the passphrase of the key that is made."""

    name: str
    roles: tuple[str, ...]
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Change:
    """What the next document changes; an empty change renews the identity for another year.

    Attributes:
        officer: to be added.
        leaving: name of an officer who signs nothing new; what is signed stays valid.
        leaving_revoked: whether the key of who leaves is revoked too, so that nothing dated back by it counts.
        revoke: name of an officer, a kid, or "online": the key is out of hand.
        new_online_key: list a fresh online key beside the one in use.
        new_certificate: list a fresh TLS certificate beside the one in use.
        retire: drop the old online key and certificate, and use the ones that were listed beside them.
        officers_per_act: how many officers an act needs from now on.
        name: what people call the node, by language; added to the names that it has.
        new_root_keys: root keys to be made here.
        added_root_keys: root keys that were made elsewhere.
        dropped_root_keys: kids of root keys that sign nothing new; what is signed stays valid.
        root_threshold: how many root keys must sign a document from the next one on.
        stix_added: ids of STIX identity objects that stand for the node from now on.
        stix_removed: ids that do no more.
    """

    officer: NewOfficer | None = None
    leaving: str | None = None
    leaving_revoked: bool = False
    revoke: str | None = None
    new_online_key: bool = False
    new_certificate: bool = False
    retire: bool = False
    officers_per_act: int | None = None
    name: Mapping[str, str] = field(default_factory=dict)
    new_root_keys: int = 0
    added_root_keys: tuple[PublicKey, ...] = ()
    dropped_root_keys: tuple[str, ...] = ()
    root_threshold: int | None = None
    stix_added: tuple[str, ...] = ()
    stix_removed: tuple[str, ...] = ()


@dataclass(slots=True)
class Drafted:
    """The next document, with the keys that must prove possession and the files that hold them.

    Attributes:
        files: name below HOME/keys/proposed → bytes.
    """

    name: dict[str, str]
    root: list[PublicKey]
    sign: list[PublicKey]
    officers: list[Officer]
    officers_per_act: int
    tls_sha256: list[str]
    revoked: dict[str, str]
    body: dict[str, Json] = field(default_factory=dict)
    fresh: list[PrivateKey] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


def draft(home: Home, before: Document, change: Change, now: datetime) -> Drafted:
    """The document after `before` with this change, still unsigned; endpoints are the gateway's URL of the settings.

    Raises:
        CallerFault: the change names what is not there, or partners would refuse the document.
    """
    drafted = Drafted(
        name={**before.name, **change.name},
        root=list(before.root),
        sign=list(before.sign.values()),
        officers=list(before.officers.values()),
        officers_per_act=change.officers_per_act or before.officers_per_act,
        tls_sha256=list(before.tls_sha256),
        revoked=dict(before.revoked),
    )
    _apply(home, drafted, change, now)
    drafted.body = draft_document(
        node=before.node,
        name=drafted.name,
        country=before.country,
        seq=before.seq + 1,
        prev=before.hash,
        issued=now,
        expires=now + init.LIFETIME,
        threshold=before.threshold if change.root_threshold is None else change.root_threshold,
        root=drafted.root,
        sign=drafted.sign,
        officers=drafted.officers,
        officers_per_act=drafted.officers_per_act,
        tls_sha256=drafted.tls_sha256,
        endpoints=[home.gateway_url],
        revoked=drafted.revoked,
        kept={**before.body, STIX_IDENTITIES: _stix_identities(before, change)},
    )
    return drafted


def _apply(home: Home, drafted: Drafted, change: Change, now: datetime) -> None:
    """Change officers, keys and certificates; who is revoked leaves before fresh keys come."""
    if change.officer is not None:
        _add_officer(drafted, change.officer)
    if change.leaving is not None:
        kid = _remove_officer(drafted, change.leaving)
        drafted.revoked |= {kid: timestamp(now)} if change.leaving_revoked else {}
    if change.retire:
        _retire(home, drafted)
    if change.revoke is not None:
        _revoke(home, drafted, change.revoke, timestamp(now))
    if change.new_online_key:
        _add_online_key(drafted)
    _change_root_keys(drafted, change)
    if change.new_certificate:
        _add_certificate(home, drafted, now)


def check_new_officer(before: Iterable[Officer], name: str, roles: Iterable[str]) -> None:
    """Refuse a name or a role that no new officer can have; the passphrase is asked for afterwards.

    Raises:
        CallerFault: "officer.name", "officer.exists" or "officer.role".
    """
    if not _OFFICER.fullmatch(name):
        raise CallerFault(
            "officer.name",
            f"{name[:100]!r} cannot be an officer's name here.",
            "It names a key file: lower-case letters, digits, dots, hyphens; at most 63.",
            "Write for example amal.",
        )
    if any(each.name == name for each in before):
        raise CallerFault(
            "officer.exists",
            f"There is an officer {name} already.",
            "Officers of one node have different names.",
            "Choose another name, or revoke the key first: hilf identity revoke " + name,
        )
    if unknown := [role for role in roles if role not in identity.ROLES]:
        raise CallerFault(
            "officer.role",
            f"{', '.join(unknown)} is no role of an officer.",
            f"Roles: {', '.join(identity.ROLES)}.",
            "Give --role accord,approval for example; without --role an officer has all of them.",
        )


def _add_officer(drafted: Drafted, new: NewOfficer) -> None:
    check_new_officer(drafted.officers, new.name, new.roles)
    identity.check_passphrase(new.passphrase)
    key = fresh.key()
    drafted.fresh.append(key)
    drafted.files[f"officers/{new.name}.pem"] = fresh.locked(key, new.passphrase)
    drafted.officers.append(Officer(key.public, new.name, new.roles))


def _remove_officer(drafted: Drafted, name: str) -> str:
    """Take an officer out; the kid of the key."""
    officer = _officer(drafted, name)
    drafted.officers.remove(officer)
    return officer.key.kid


def _officer(drafted: Drafted, name: str) -> Officer:
    for officer in drafted.officers:
        if name in {officer.name, officer.key.kid}:
            return officer
    raise CallerFault(
        "officer.unknown",
        f"There is no officer {name[:100]} in our identity.",
        f"Officers: {', '.join(each.name for each in drafted.officers) or 'none'}.",
        "Name one of them.",
    )


def _retire(home: Home, drafted: Drafted) -> None:
    """Keep what was listed last: the key and certificate that were made to follow the ones in use."""
    following = home.keys / "online.next.pem", home.keys / "tls.next.crt"
    if not any(path.exists() for path in following):
        raise CallerFault(
            "identity.nothing-to-retire",
            "No online key or certificate waits to take over.",
            "A new one is listed beside the old one first, so that partners know it before it is used.",
            "First: hilf identity propose --new-online-key (or --new-certificate), publish, sync; then --retire.",
        )
    if following[0].exists():
        drafted.sign = [PrivateKey.from_pem(read_secret(following[0])).public]
    if following[1].exists():
        drafted.tls_sha256 = [certificate.pin(read_secret(following[1]))]


def _revoke(home: Home, drafted: Drafted, named: str, since: str) -> None:
    kid = online_key(home).kid if named == ONLINE else named
    if kid in {key.kid for key in drafted.sign}:
        drafted.sign = [key for key in drafted.sign if key.kid != kid]
        if not drafted.sign:
            _add_online_key(drafted)
    elif kid in {key.kid for key in drafted.root}:
        drafted.root = [key for key in drafted.root if key.kid != kid]
        _add_root_key(drafted)
    else:
        kid = _former(home, drafted, named) or _remove_officer(drafted, named)
    drafted.revoked[kid] = since


def _former(home: Home, drafted: Drafted, named: str) -> str | None:
    """The kid of a key that stands in an earlier document of ours, and neither in the last one nor among the revoked."""
    listed = {kid for officer in drafted.officers for kid in (officer.key.kid, officer.name)}
    if named in listed:
        return None
    for document in reversed(identity.own(home).chain):
        kids = {kid for kid, officer in document.officers.items() if officer.name == named}
        kids |= {named} & {*document.sign, *document.officers, *(key.kid for key in document.root)}
        for kid in kids - drafted.revoked.keys():
            return kid
    return None


def _change_root_keys(drafted: Drafted, change: Change) -> None:
    for kid in change.dropped_root_keys:
        if kid not in {key.kid for key in drafted.root}:
            raise CallerFault(
                "identity.unknown-root-key",
                f"There is no root key {kid[:40]} in our identity.",
                f"Root keys: {', '.join(key.kid for key in drafted.root)}.",
                "Name one of them in full.",
            )
        drafted.root = [key for key in drafted.root if key.kid != kid]
    drafted.root += change.added_root_keys
    for _ in range(change.new_root_keys):
        _add_root_key(drafted)


def _add_root_key(drafted: Drafted) -> None:
    new = fresh.key()
    drafted.root.append(new.public)
    drafted.fresh.append(new)
    drafted.files[f"root-{new.kid[:8]}.pem"] = new.to_pem()


def _stix_identities(before: Document, change: Change) -> list[Json]:
    removed = {each.lower() for each in change.stix_removed}
    for each in removed - set(before.stix_identities):
        raise CallerFault(
            "identity.unknown-stix-identity",
            f"{each[:80]} does not stand for us.",
            f"Our identity names: {', '.join(before.stix_identities) or 'none'}.",
            "Name one of them.",
        )
    for each in change.stix_added:
        if not _STIX_IDENTITY.fullmatch(each):
            raise CallerFault(
                "identity.stix-identity-form",
                f"{each[:80]!r} is no id of a STIX identity object.",
                "Partners know an author by created_by_ref, which names an identity object.",
                "Write it in full: identity--, then the UUID.",
            )
    ids = (*before.stix_identities, *(each.lower() for each in change.stix_added))
    return [each for each in dict.fromkeys(ids) if each not in removed]


def _add_online_key(drafted: Drafted) -> None:
    new = fresh.key()
    drafted.sign.append(new.public)
    drafted.fresh.append(new)
    drafted.files["online.next.pem"] = new.to_pem()


def _add_certificate(home: Home, drafted: Drafted, now: datetime) -> None:
    key, shown = fresh.tls(init.host_of(home.gateway_url)[0], now)
    drafted.files |= {"tls.next.pem": key, "tls.next.crt": shown}
    drafted.tls_sha256.append(certificate.pin(shown))
