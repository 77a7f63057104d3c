"""One identity document: what it holds, and whether it is sound in itself.

Decides which documents of wire.md 2 can be read at all: members and their forms, thresholds, keys (each once, of no
small order), revoked keys, life time. It knows nothing of signatures or of other documents: the chain and who signed
is `seal.identity`. Unknown members are kept, because they are signed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hilf.canonical import Json, content_id, parse_timestamp, timestamp
from hilf.errors import PartnerFault
from hilf.seal.key import KID_DIGITS, PublicKey

VERSION: Final = "1"
"""The version of the protocol that a document must offer."""

LONGEST_LIFE: Final = timedelta(days=400)
"""Source: protocol.md 1."""

LONGEST_NODE_NAME: Final = 100

STIX_IDENTITIES: Final = "stix_identities"
"""Extra signed member: ids of the STIX identity objects that stand for the node. Source: docs/adr/0001."""

_NODE: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KID: Final = re.compile(rf"[0-9a-f]{{{KID_DIGITS}}}", re.ASCII)
_ENDPOINT: Final = re.compile(
    r"https://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*", re.ASCII
)
_MEMBERS: Final = frozenset(
    {"v", "type", "node", "name", "country", "seq", "prev", "issued", "expires", "root", "sign", "officers"}
    | {"policy", "versions", "sig_rule", "tls_sha256", "endpoints", "revoked"}
)


@dataclass(frozen=True, slots=True)
class Officer:
    """A person of a node whose own key signs what a stolen online key must not be able to sign."""

    key: PublicKey
    name: str
    roles: tuple[str, ...]

    def entry(self) -> dict[str, Json]:
        """The officer as an entry of `officers[]`."""
        return {**self.key.entry(), "name": self.name, "roles": list(self.roles)}


@dataclass(frozen=True, slots=True)
class Document:
    """An identity document that is sound in itself; whether it is to be believed says `seal.identity`.

    Attributes:
        name: language tag → what people call the node.
        prev: H of the document before, None in document 1.
        sign: kid → online key that may sign anything new.
        officers: kid → officer.
        tls_sha256: SHA-256 of the DER certificates that the gateway may show.
        revoked: kid → time from which it is said to be out of hand (for people; wire.md 2).
        body: the whole document as it was signed, with the members that we do not know.
    """

    node: str
    name: Mapping[str, str]
    country: str
    seq: int
    prev: str | None
    issued: datetime
    expires: datetime
    threshold: int
    root: tuple[PublicKey, ...]
    sign: Mapping[str, PublicKey]
    officers: Mapping[str, Officer]
    officers_per_act: int
    tls_sha256: tuple[str, ...]
    endpoints: tuple[str, ...]
    revoked: Mapping[str, str]
    body: dict[str, Json]

    @property
    def hash(self) -> str:
        """H(canonical(document)): `prev` of the next one, and of document 1 the node's fingerprint."""
        return content_id(self.body)

    @property
    def keys(self) -> dict[str, PublicKey]:
        """Every key that the document lists, by kid."""
        officers = (officer.key for officer in self.officers.values())
        return {key.kid: key for key in (*self.root, *self.sign.values(), *officers)}

    @property
    def stix_identities(self) -> tuple[str, ...]:
        """Ids of the STIX identity objects that stand for the node, in lower case; empty when it names none."""
        named = self.body.get(STIX_IDENTITIES)
        return (
            tuple(each.lower() for each in named if isinstance(each, str)) if isinstance(named, list) else ()
        )


def is_node_name(text: object) -> bool:
    """Whether the text may name a node: labels of `[a-z0-9-]` joined by dots, at most 100 characters. Source: wire.md 1."""
    return type(text) is str and len(text) <= LONGEST_NODE_NAME and _NODE.fullmatch(text) is not None


def read_document(body: Json) -> Document:
    """Read a document that is sound in itself.

    Raises:
        PartnerFault: "identity: " and the member or rule that fails first.

    Source: wire.md 2.
    """
    if not isinstance(body, dict) or not body.keys() >= _MEMBERS:
        raise PartnerFault("identity: members")
    _check_fixed_members(body)
    issued, expires = (parse_timestamp(body[member], "identity") for member in ("issued", "expires"))
    if not timedelta(0) < expires - issued <= LONGEST_LIFE:
        raise PartnerFault("identity: lifetime")
    threshold, root = _read_root(body["root"])
    officers = tuple(_read_officer(entry) for entry in _listed(body["officers"], "officers"))
    sign = tuple(PublicKey.from_entry(entry, "identity") for entry in _listed(body["sign"], "sign"))
    kids = [key.kid for key in (*root, *sign, *(officer.key for officer in officers))]
    if len(set(kids)) != len(kids):
        raise PartnerFault("identity: key twice")
    revoked = _read_revoked(body["revoked"])
    if not revoked.keys().isdisjoint(kids):
        raise PartnerFault("identity: revoked key listed")
    seq, prev = _read_place(body["seq"], body["prev"])
    return Document(
        node=str(body["node"]),
        name=_read_name(body["name"]),
        country=str(body["country"]),
        seq=seq,
        prev=prev,
        issued=issued,
        expires=expires,
        threshold=threshold,
        root=root,
        sign={key.kid: key for key in sign},
        officers={officer.key.kid: officer for officer in officers},
        officers_per_act=_read_officers_per_act(body["policy"]),
        tls_sha256=_texts(body["tls_sha256"], _SHA256, "tls_sha256"),
        endpoints=_texts(body["endpoints"], _ENDPOINT, "endpoints"),
        revoked=revoked,
        body=body,
    )


def whole_number(value: Json, what: str, least: int = 1) -> int:
    """The value as an integer of at least `least`; true is no integer.

    Raises:
        PartnerFault: "<what> out of range".
    """
    if type(value) is not int or value < least:
        raise PartnerFault(f"{what} out of range", repr(value)[:40])
    return value


def _check_fixed_members(body: Mapping[str, Json]) -> None:
    if type(body["v"]) is not int or body["v"] != 1:
        raise PartnerFault("identity: v")
    if body["type"] != "hilf-identity":
        raise PartnerFault("identity: type")
    if not is_node_name(body["node"]):
        raise PartnerFault("identity: node", repr(body["node"])[:60])
    if type(body["country"]) is not str or not _COUNTRY.fullmatch(body["country"]):
        raise PartnerFault("identity: country", repr(body["country"])[:40])
    if VERSION not in _listed(body["versions"], "versions"):
        raise PartnerFault("identity: versions")
    if body["sig_rule"] != "all":
        raise PartnerFault("identity: sig_rule")


def _listed(value: Json, member: str) -> list[Json]:
    if not isinstance(value, list):
        raise PartnerFault(f"identity: {member}", "no list")
    return value


def _texts(value: Json, form: re.Pattern[str], member: str) -> tuple[str, ...]:
    texts = tuple(text for text in _listed(value, member) if isinstance(text, str) and form.fullmatch(text))
    if len(texts) != len(_listed(value, member)):
        raise PartnerFault(f"identity: {member}")
    return texts


def _read_root(value: Json) -> tuple[int, tuple[PublicKey, ...]]:
    if not isinstance(value, dict) or not {"threshold", "keys"} <= value.keys():
        raise PartnerFault("identity: root")
    keys = tuple(PublicKey.from_entry(entry, "identity") for entry in _listed(value["keys"], "root"))
    threshold = whole_number(value["threshold"], "identity: threshold")
    if threshold > len(keys):
        raise PartnerFault("identity: threshold out of range", f"{threshold} of {len(keys)}")
    return threshold, keys


def _read_officer(entry: Json) -> Officer:
    key = PublicKey.from_entry(entry, "identity")
    name, roles = (entry.get("name"), entry.get("roles")) if isinstance(entry, dict) else (None, None)
    if not isinstance(name, str) or not name or not isinstance(roles, list):
        raise PartnerFault("identity: officers", f"kid {key.kid}")
    words = tuple(role for role in roles if isinstance(role, str))
    if len(words) != len(roles):
        raise PartnerFault("identity: officers", f"roles of kid {key.kid}")
    return Officer(key, name, words)


def _read_officers_per_act(policy: Json) -> int:
    if not isinstance(policy, dict) or "officers_per_act" not in policy:
        raise PartnerFault("identity: policy")
    return whole_number(policy["officers_per_act"], "identity: officers_per_act")


def _read_name(value: Json) -> dict[str, str]:
    if not isinstance(value, dict):
        raise PartnerFault("identity: name")
    names = {language: text for language, text in value.items() if isinstance(text, str) and text}
    if not names or len(names) != len(value):
        raise PartnerFault("identity: name")
    return names


def _read_revoked(value: Json) -> dict[str, str]:
    revoked: dict[str, str] = {}
    for entry in _listed(value, "revoked"):
        if not isinstance(entry, dict) or not {"kid", "from"} <= entry.keys():
            raise PartnerFault("identity: revoked")
        kid = entry["kid"]
        if not isinstance(kid, str) or not _KID.fullmatch(kid) or kid in revoked:
            raise PartnerFault("identity: revoked", repr(kid)[:40])
        revoked[kid] = timestamp(parse_timestamp(entry["from"], "identity"))
    return revoked


def _read_place(seq: Json, prev: Json) -> tuple[int, str | None]:
    number = whole_number(seq, "identity: seq")
    if number == 1 and prev is None:
        return number, None
    if number == 1 or not isinstance(prev, str) or not _SHA256.fullmatch(prev):
        raise PartnerFault("identity: prev")
    return number, prev
