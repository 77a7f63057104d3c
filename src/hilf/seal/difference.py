"""What a newer identity document changes, for people: each difference with a word, a sentence, and whether to beware.

Decides nothing about whether a document is to be believed (`seal.identity`). A difference is a warning where it takes a
protection away or may show that keys are out of hand: fewer people sign, a key is revoked, root keys change, more is
claimed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from hilf.canonical import Json, content_id
from hilf.seal.document import STIX_IDENTITIES, Document, Officer
from hilf.seal.key import PublicKey
from hilf.seal.record import TYPES
from hilf.seal.role import grants

_READ: Final = frozenset(
    {
        "v",
        "type",
        "node",
        "name",
        "country",
        "seq",
        "prev",
        "issued",
        "expires",
        "root",
        "sign",
        "officers",
        "policy",
    }
    | {"versions", "sig_rule", "tls_sha256", "endpoints", "revoked", STIX_IDENTITIES}
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a newer document changes.

    Attributes:
        word: what kind of change it is, stable, e.g. "officer-added".
        text: one sentence without a full stop.
        warns: whether a person should ask the node about it.
    """

    word: str
    text: str
    warns: bool = False


def differences(before: Document, after: Document) -> tuple[Difference, ...]:
    """What `after` changes beside `before`, what people should look at first; empty for a mere renewal of the same day.

    Args:
        before: a document of a node.
        after: a later one of the same node.
    """
    found = (
        *_revocations(before, after),
        *_officers(before, after),
        *_policy(before, after),
        *_root(before, after),
        *_listed("online-key", "online key", before.sign, after.sign, after.revoked),
        *_texts("certificate", "TLS certificate", before.tls_sha256, after.tls_sha256),
        *_texts("endpoint", "address", before.endpoints, after.endpoints),
        *_stix_identities(before, after),
        *_others(before, after),
    )
    return tuple(sorted(found, key=lambda each: not each.warns))


def _revocations(before: Document, after: Document) -> Iterator[Difference]:
    for kid, since in after.revoked.items():
        if kid not in before.revoked:
            text = f"{_whose(before, kid)} is revoked: it is said to be out of hand since {since}"
            yield Difference("key-revoked", text, warns=True)


def _whose(document: Document, kid: str) -> str:
    officer = document.officers.get(kid)
    if officer is not None:
        return f"the key of officer {officer.name} ({kid})"
    kind = (
        "online"
        if kid in document.sign
        else "root"
        if any(kid == key.kid for key in document.root)
        else "former"
    )
    return f"the {kind} key {kid}"


def _officers(before: Document, after: Document) -> Iterator[Difference]:
    for kid, officer in after.officers.items():
        was = before.officers.get(kid)
        if was is None:
            yield Difference("officer-added", f"officer {officer.name} may sign now ({_roles(officer)})")
        elif was.name != officer.name:
            yield Difference("officer-renamed", f"officer {was.name} is called {officer.name} now")
        if was is not None and set(was.roles) != set(officer.roles):
            text = f"officer {officer.name} may sign {_roles(officer)} now, before: {_roles(was)}"
            yield Difference("officer-roles", text, warns=_is_more(was, officer))
    for kid, officer in before.officers.items():
        if kid not in after.officers and kid not in after.revoked:
            yield Difference(
                "officer-removed", f"officer {officer.name} signs nothing new; what is signed stays valid"
            )


def _is_more(was: Officer, now: Officer) -> bool:
    return any(grants(now.roles, type_) and not grants(was.roles, type_) for type_ in TYPES)


def _roles(officer: Officer) -> str:
    return ", ".join(officer.roles) or "everything"


def _policy(before: Document, after: Document) -> Iterator[Difference]:
    was, now = before.officers_per_act, after.officers_per_act
    if now < was:
        text = f"an act needs {_many(now, 'officer')} from now on, before: {was}; what was proposed before needs {was}"
        yield Difference("officers-per-act-lowered", text, warns=True)
    if now > was:
        yield Difference(
            "officers-per-act-raised", f"an act needs {_many(now, 'officer')} from now on, before: {was}"
        )


def _root(before: Document, after: Document) -> Iterator[Difference]:
    if after.threshold != before.threshold or len(after.root) != len(before.root):
        text = (
            f"{after.threshold} of {_many(len(after.root), 'root key')} sign a new document now, "
            f"before: {before.threshold} of {len(before.root)}"
        )
        yield Difference("root-threshold", text, warns=after.threshold < before.threshold)
    roots = {key.kid: key for key in before.root}, {key.kid: key for key in after.root}
    yield from _listed("root-key", "root key", *roots, after.revoked, warns=True)


def _listed(
    word: str,
    what: str,
    before: Mapping[str, PublicKey],
    after: Mapping[str, PublicKey],
    revoked: Mapping[str, str],
    *,
    warns: bool = False,
) -> Iterator[Difference]:
    for kid in after.keys() - before.keys():
        yield Difference(f"{word}-added", f"{what} {kid} signs now", warns)
    for kid in before.keys() - after.keys() - revoked.keys():
        yield Difference(
            f"{word}-removed", f"{what} {kid} signs nothing new; what is signed stays valid", warns
        )


def _texts(word: str, what: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Difference]:
    was, now = dict.fromkeys(before), dict.fromkeys(after)
    for each in now.keys() - was.keys():
        yield Difference(f"{word}-added", f"{what} {each} is listed")
    for each in was.keys() - now.keys():
        yield Difference(f"{word}-removed", f"{what} {each} is listed no more")


def _stix_identities(before: Document, after: Document) -> Iterator[Difference]:
    was, now = set(before.stix_identities), set(after.stix_identities)
    for each in sorted(now - was):
        text = f"it says that it is {each}; that counts when officers of ours have verified it"
        yield Difference("stix-identity-added", text, warns=True)
    for each in sorted(was - now):
        yield Difference(
            "stix-identity-removed", f"it is {each} no more: what comes in that name has no author"
        )


def _others(before: Document, after: Document) -> Iterator[Difference]:
    if before.name != after.name:
        yield Difference("name", f"it is called {' · '.join(after.name.values())} now")
    if before.country != after.country:
        text = f"its country is {after.country} now, before: {before.country}"
        yield Difference("country", text, warns=True)
    if before.expires.date() != after.expires.date():
        yield Difference(
            "expires", f"it is valid until {after.expires:%Y-%m-%d}, before: {before.expires:%Y-%m-%d}"
        )
    if before.body["versions"] != after.body["versions"]:
        yield Difference("versions", f"it speaks hilf versions {_plain(after.body['versions'])}")
    for member in sorted((before.body.keys() | after.body.keys()) - _READ):
        was, now = before.body.get(member), after.body.get(member)
        if content_id([was]) != content_id([now]):
            yield Difference(
                "other", f"its member {member[:60]}, which this version does not know, is another one"
            )


def _plain(value: Json) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
