"""Steps: what the body of an `accord` act may say in the life of an agreement.

Decides which bodies exist and what they hold (protocol.md 3; each is closed):

    {step: "proposal",   document}                    version 1, as text, nobody has signed
    {step: "amendment",  document}                    a later version, likewise
    {step: "signature",  subject, records}            records of type accord, of one party or of several
    {step: "suspension", subject, records}            records of type suspension, by officers of one party
    {step: "withdrawal", subject, records}            records of type withdrawal: the proposer takes its proposal back
    {step: "end",        subject, records}            records of type withdrawal: a party leaves

An amendment may also hold `history: [{document, records}]`, for a party that joins: the versions before, from one that
all its own parties signed, each with everything that was signed about it. Any step may hold `relay: [node]`: parties that
the sender does not reach, to which whoever does reach them passes it on (docs/adr/0012).

`subject` is `{id, version, hash}`. There is no type of record for an end: leaving is a party's withdrawal from what it
signed, and the same record before the proposer has signed takes the proposal back. Whether a step may be taken, by whom
and when, is decided in `accord.life`; signatures in `accord.signature`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from hilf.accord.document import MAX_PARTIES, Accord, read_accord
from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.seal.document import is_node_name

MAX_RECORDS: Final = 10 * (MAX_PARTIES + 1)
"""Records in one step: nine officers and a node key for each party fit."""

MAX_HISTORY: Final = 20
"""Versions before, in one step."""

_ID: Final = re.compile(r"accord--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Kind(Enum):
    """The steps that carry records; the value is what stands in `step`."""

    SIGNATURE = "signature"
    SUSPENSION = "suspension"
    WITHDRAWAL = "withdrawal"
    END = "end"

    @property
    def record_type(self) -> str:
        """The type of the records that make this step. Source: wire.md 3."""
        return _RECORD_TYPES[self]


_RECORD_TYPES: Final[Mapping[Kind, str]] = {
    Kind.SIGNATURE: "accord",
    Kind.SUSPENSION: "suspension",
    Kind.WITHDRAWAL: "withdrawal",
    Kind.END: "withdrawal",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Which text a step is about."""

    id: str
    version: int
    hash: str


@dataclass(frozen=True, slots=True)
class Past:
    """A version before, as a party that joins is told of it; the records are not verified yet."""

    accord: Accord
    records: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text to be signed: a first version, or an amendment; `relay` names parties that it must be passed on to."""

    accord: Accord
    history: tuple[Past, ...] = ()
    relay: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """A step that officers signed; the records are not verified yet."""

    kind: Kind
    subject: Subject
    records: tuple[Json, ...]
    relay: tuple[str, ...] = ()


Step: TypeAlias = Proposal | Signed


def proposal_body(
    accord: Accord, relay: Sequence[str] = (), history: Sequence[tuple[Accord, Sequence[Json]]] = ()
) -> dict[str, Json]:
    """The body that proposes a text."""
    told: list[Json] = [{"document": before.json(), "records": list(records)} for before, records in history]
    word = "proposal" if accord.version == 1 else "amendment"
    return {
        "step": word,
        "document": accord.json(),
        **({"history": told} if told else {}),
        **_relayed(relay),
    }


def signed_body(
    kind: Kind, accord: Accord, records: Sequence[Mapping[str, Json]], relay: Sequence[str] = ()
) -> dict[str, Json]:
    """The body that brings officers' records about a text; at least one record."""
    return {
        "step": kind.value,
        "subject": accord.subject,
        "records": [dict(record) for record in records],
        **_relayed(relay),
    }


def _relayed(relay: Sequence[str]) -> dict[str, Json]:
    return {"relay": list(relay)} if relay else {}


def read_step(body: Json) -> Step:
    """Read the body of an `accord` act.

    Raises:
        PartnerFault: "accord: step", "accord: step members", "accord: subject", "accord: records", "accord: history",
            "accord: relay", or what `read_accord` refuses.
    """
    if not isinstance(body, dict):
        raise PartnerFault("accord: step members")
    step = body.get("step")
    if step in ("proposal", "amendment"):
        return _read_proposal(body)
    for kind in Kind:
        if kind.value == step:
            return _read_signed(kind, body)
    raise PartnerFault("accord: step", repr(step)[:40])


def _read_proposal(body: Mapping[str, Json]) -> Proposal:
    if not {"step", "document"} <= body.keys() <= {"step", "document", "history", "relay"}:
        raise PartnerFault("accord: step members")
    accord = read_accord(body["document"])
    if (body["step"] == "proposal") is not (accord.version == 1):
        raise PartnerFault("accord: step", f"{body['step']} of version {accord.version}")
    return Proposal(accord, _read_history(body), _read_relay(body))


def _read_history(body: Mapping[str, Json]) -> tuple[Past, ...]:
    history = body.get("history", [])
    if not isinstance(history, list) or len(history) > MAX_HISTORY or ("history" in body and not history):
        raise PartnerFault("accord: history")
    past = []
    for each in history:
        if not isinstance(each, dict) or each.keys() != {"document", "records"}:
            raise PartnerFault("accord: history")
        past.append(Past(read_accord(each["document"]), _read_records(each)))
    return tuple(past)


def _read_records(body: Mapping[str, Json]) -> tuple[Json, ...]:
    records = body["records"]
    if not isinstance(records, list) or not 0 < len(records) <= MAX_RECORDS:
        raise PartnerFault("accord: records")
    return tuple(records)


def _read_relay(body: Mapping[str, Json]) -> tuple[str, ...]:
    relay = body.get("relay", [])
    named = (
        isinstance(relay, list) and len(relay) <= MAX_PARTIES and all(is_node_name(each) for each in relay)
    )
    if not isinstance(relay, list) or not named or ("relay" in body and not relay):
        raise PartnerFault("accord: relay")
    return tuple(map(str, relay))


def _read_signed(kind: Kind, body: Mapping[str, Json]) -> Signed:
    if not {"step", "subject", "records"} <= body.keys() <= {"step", "subject", "records", "relay"}:
        raise PartnerFault("accord: step members")
    records = _read_records(body)
    return Signed(kind, _read_subject(body["subject"]), records, _read_relay(body))


def _read_subject(value: Json) -> Subject:
    if not isinstance(value, dict) or value.keys() != {"id", "version", "hash"}:
        raise PartnerFault("accord: subject")
    id_, version, hash_ = value["id"], value["version"], value["hash"]
    if not (
        isinstance(id_, str) and _ID.fullmatch(id_) and isinstance(hash_, str) and _HASH.fullmatch(hash_)
    ):
        raise PartnerFault("accord: subject")
    if type(version) is not int or version < 1:
        raise PartnerFault("accord: subject")
    return Subject(id_, version, hash_)
