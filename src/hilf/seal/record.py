"""Officers' acts: signed records by which people say yes to what a stolen online key must not decide.

Decides whether a record is one (wire.md 3: closed, the type is the word of its tag, `party` repeats `node`), whether its
time and signature hold, and whether a set of records by officers of one node is enough. Sets by several parties (accords)
are judged in `accord.signature`, one record at a time through `read_record` and `check_record`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hilf.canonical import Json, content_id, parse_timestamp, timestamp
from hilf.errors import PartnerFault
from hilf.seal import signed
from hilf.seal.document import Document
from hilf.seal.key import PrivateKey, PublicKey

AHEAD: Final = timedelta(seconds=60)
"""How far `at` may be after now. Source: wire.md 3."""

TYPES: Final = frozenset({"accord", "approval", "verification", "suspension", "withdrawal", "retraction"})
ROLES: Final = frozenset({"officer", "node"})

_MEMBERS: Final = frozenset(
    {"v", "type", "node", "party", "role", "kid", "at", "expires", "subject", "value"}
)


@dataclass(frozen=True, slots=True)
class Record:
    """A record that has the right form; nothing about its signature is known yet.

    Attributes:
        type: the word of its tag, e.g. "approval".
        node: who speaks (`party` is the same).
        role: "officer" or "node".
        subject: what it is about; its form depends on the type.
        body: the whole record.
    """

    type: str
    node: str
    role: str
    kid: str
    at: datetime
    expires: datetime
    subject: Json
    body: Mapping[str, Json]


def make_record(
    type_: str,
    node: str,
    role: str,
    subject: Json,
    at: datetime,
    expires: datetime,
    key: PrivateKey,
) -> dict[str, Json]:
    """A signed record.

    Args:
        type_: one of TYPES.
        node: the node that speaks.
        role: "officer", or "node" for an accord.
        subject: as wire.md 3 gives it for the type; see `acts_subject` for approvals and retractions.
        at: aware UTC.
        expires: aware UTC, not before `at`.
        key: the officer's own key, or the online key for role "node".

    Source: wire.md 3.
    """
    return signed.sign(f"hilf/1 {type_}", _unsigned(type_, node, role, subject, at, expires), key)


def officer_bytes(type_: str, node: str, subject: Json, at: datetime, expires: datetime, kid: str) -> bytes:
    """What an officer's signature is over, known before the key is opened: a passkey answers for it (docs/adr/0023).

    Args:
        type_: as in `make_record`, and so the others.
        node: the node that speaks.
        subject: what the record is about.
        at: aware UTC.
        expires: aware UTC.
        kid: of the officer's key.
    """
    record = {**_unsigned(type_, node, "officer", subject, at, expires), "kid": kid}
    return signed.signed_bytes(f"hilf/1 {type_}", record)


def _unsigned(
    type_: str, node: str, role: str, subject: Json, at: datetime, expires: datetime
) -> dict[str, Json]:
    return {
        "v": 1,
        "type": type_,
        "node": node,
        "party": node,
        "role": role,
        "at": timestamp(at),
        "expires": timestamp(expires),
        "subject": subject,
    }


def acts_subject(act_ids: Iterable[str]) -> str:
    """The subject of an approval or a retraction: H(canonical(sorted act ids)). Source: wire.md 3."""
    return content_id([*sorted(act_ids)])


def read_record(record: Json, what: str = "record") -> Record:
    """Read a record's form.

    Raises:
        PartnerFault: "<what>: members", ": v", ": type", ": party", ": role", ": kid" or ": time form".

    Source: wire.md 3.
    """
    if not isinstance(record, dict) or record.keys() != _MEMBERS:
        raise PartnerFault(f"{what}: members")
    if type(record["v"]) is not int or record["v"] != 1:
        raise PartnerFault(f"{what}: v")
    kind, node, role, kid = (_text(record, member, what) for member in ("type", "node", "role", "kid"))
    if kind not in TYPES:
        raise PartnerFault(f"{what}: type", kind[:40])
    if record["party"] != node:
        raise PartnerFault(f"{what}: party")
    if role not in ROLES:
        raise PartnerFault(f"{what}: role", role[:40])
    at, expires = (parse_timestamp(record[member], what) for member in ("at", "expires"))
    return Record(kind, node, role, kid, at, expires, record["subject"], record)


def check_time(record: Record, now: datetime) -> None:
    """Return if the record counts now: at ≤ now + 60 s, now ≤ expires.

    Raises:
        PartnerFault: "record: at ahead" or "record: expired".

    Source: wire.md 3.
    """
    if record.at > now + AHEAD:
        raise PartnerFault("record: at ahead")
    if now > record.expires:
        raise PartnerFault("record: expired")


def check_record(record: Record, type_: str, document: Document) -> None:
    """Return if a key of the record's role in this document signed it, under the tag of this type.

    Raises:
        PartnerFault: "record: type", "record: node" (another node's document), "<type>: unknown kid",
            "<type>: base64url" or "<type>: signature".

    Source: wire.md 3 ("distinct kids of that party's own document count, never another's").
    """
    if record.type != type_:
        raise PartnerFault("record: type", record.type)
    if record.node != document.node:
        raise PartnerFault("record: node", record.node[:60])
    signed.verify(f"hilf/1 {type_}", record.body, _keys(record.role, document), type_)


def verify_records(
    type_: str,
    subject: Json,
    records: Sequence[Json],
    document: Document,
    now: datetime,
    needed: int | None = None,
) -> tuple[str, ...]:
    """The kids of the officers who said this, in the order of the records, when they are enough.

    Args:
        type_: the type that is asked for.
        subject: what it must be about, exactly.
        records: all of them must hold; one that does not refuses the set.
        document: the newest identity document of the node that speaks.
        now: aware UTC.
        needed: how many officers; None means the document's `officers_per_act`.

    Raises:
        PartnerFault: "record: too few officers", "record: kid twice", "record: subject", or what `read_record`,
            `check_record` and `check_time` refuse.

    Source: wire.md 3.
    """
    kids: list[str] = []
    for value in records:
        record = read_record(value)
        if record.type != type_:
            raise PartnerFault("record: type", record.type)
        if record.role != "officer":
            raise PartnerFault("record: role", record.role)
        if content_id(record.subject) != content_id(subject):
            raise PartnerFault("record: subject")
        if record.kid in kids:
            raise PartnerFault("record: kid twice", record.kid[:40])
        check_time(record, now)
        check_record(record, type_, document)
        kids.append(record.kid)
    if len(kids) < (document.officers_per_act if needed is None else needed):
        raise PartnerFault("record: too few officers", f"{len(kids)}")
    return tuple(kids)


def _text(record: Mapping[str, Json], member: str, what: str) -> str:
    value = record[member]
    if not isinstance(value, str):
        raise PartnerFault(f"{what}: {member}", repr(value)[:40])
    return value


def _keys(role: str, document: Document) -> Mapping[str, PublicKey]:
    if role == "node":
        return document.sign
    return {kid: officer.key for kid, officer in document.officers.items()}
