"""Acts: everything that passes between two nodes, in one closed form with one id.

Decides whether a JSON value is an act from this sender to this recipient (wire.md 3), and what its id is:
`hex(H(tag("hilf/1 act") ‖ canonical(act)))`, remembered for ever. The canonical form is written once, when the act
is made or read, and kept beside the fields.

An unknown kind is an act like another: it is kept, receipted as not understood and shown, with whatever terms and
body it has (protocol.md 3). The bodies of known kinds are read by the room that acts on them, because a fault in one
body must refuse one act and not the whole batch; only the envelope, and the terms (read by `accord.terms`) and body
of an `object`, are judged here.

Who signed the act is a question for the batch it travels in (`batch`), who wrote the object one for `authorship`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hilf.accord.terms import read_terms
from hilf.canonical import Json, dumps, parse_timestamp, sha256_hex, tag, timestamp
from hilf.errors import PartnerFault
from hilf.federation.structure import first_version, hexadecimal, members, whole, words

KINDS: Final = frozenset(
    [
        "object",
        "retraction",
        "accord",
        "sighting",
        "aid",
        "playbook",
        "advisory",
        "rule",
        "trial",
        "review",
        "roster",
        "interface",
        "question",
        "summit",
        "exercise",
        "ping",
        "identity",
        "outcome",
        "confirmation",
        "consent",
    ]
)
"""The kinds of protocol.md 3 and wire.md 3."""

WITHOUT_ACCORD: Final = frozenset(["identity", "accord", "ping", "outcome", "retraction", "confirmation"])
"""The only kinds that may stand under no accord. Source: wire.md 3."""

_MEMBERS: Final = frozenset(
    ["v", "kind", "from", "to", "at", "nonce", "accord", "purpose", "exercise", "terms", "body"]
)
_WITHOUT_TERMS: Final = KINDS - {"object"}
_ACCORD: Final = frozenset(("id", "version"))
_OBJECT_BODY: Final = frozenset(("object", "authorship"))
_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,63}", re.ASCII)
_TAG: Final = tag("hilf/1 act")


@dataclass(frozen=True, slots=True)
class Act:
    """One act, with its id and canonical form; `accord` is (id, version) or None."""

    kind: str
    sender: str
    recipient: str
    at: datetime
    nonce: str
    accord: tuple[str, int] | None
    purpose: str
    exercise: str | None
    terms: dict[str, Json]
    body: dict[str, Json]
    id: str
    canonical: bytes

    def json(self) -> dict[str, Json]:
        """The act as it stands in a batch."""
        return {
            "v": 1,
            "kind": self.kind,
            "from": self.sender,
            "to": self.recipient,
            "at": timestamp(self.at),
            "nonce": self.nonce,
            "accord": {"id": self.accord[0], "version": self.accord[1]} if self.accord else None,
            "purpose": self.purpose,
            "exercise": self.exercise,
            "terms": self.terms,
            "body": self.body,
        }


def make_act(  # noqa: PLR0913, PLR0917  # an act has this many members
    kind: str,
    sender: str,
    recipient: str,
    at: datetime,
    nonce: str,
    accord: tuple[str, int] | None,
    purpose: str,
    terms: Mapping[str, Json],
    body: Mapping[str, Json],
    exercise: str | None = None,
) -> Act:
    """An act that every node will read as this one does.

    `at` is cut to milliseconds; `nonce` is 16 fresh random bytes in hex.

    Raises:
        PartnerFault: the act would be refused; the rules are those of `read_act`.

    Source: wire.md 3.
    """
    value: dict[str, Json] = {
        "v": 1,
        "kind": kind,
        "from": sender,
        "to": recipient,
        "at": timestamp(at),
        "nonce": nonce,
        "accord": {"id": accord[0], "version": accord[1]} if accord else None,
        "purpose": purpose,
        "exercise": exercise,
        "terms": dict(terms),
        "body": dict(body),
    }
    return read_act(value, sender, recipient)


def read_act(value: Json, sender: str, recipient: str) -> Act:
    """The act that `value` is, if it goes from `sender` to `recipient`.

    Raises:
        PartnerFault: `act: members`, `act: v`, `act: kind`, `act: from/to differ from header`, `act: time form`,
            `act: nonce: hex`, `act: accord null`, `act: terms: members` and what else the vectors name.

    Source: wire.md 3.
    """
    fields = members(value, _MEMBERS, "act")
    first_version(fields["v"], "act")
    kind = _kind(fields["kind"])
    if fields["from"] != sender or fields["to"] != recipient:
        raise PartnerFault("act: from/to differ from header")
    at = parse_timestamp(fields["at"], "act")
    nonce = hexadecimal(fields["nonce"], 16, "act: nonce")
    accord = _accord(fields["accord"], kind)
    purpose = words(fields["purpose"], "act: purpose")
    exercise = None if fields["exercise"] is None else words(fields["exercise"], "act: exercise")
    terms = _terms(fields["terms"], kind)
    body = _body(fields["body"], kind)
    canonical = dumps(fields)
    act_id = sha256_hex(_TAG + canonical)
    return Act(kind, sender, recipient, at, nonce, accord, purpose, exercise, terms, body, act_id, canonical)


def _kind(value: Json) -> str:
    if type(value) is not str or not _KIND.fullmatch(value):
        raise PartnerFault("act: kind", repr(value)[:40])
    return value


def _accord(value: Json, kind: str) -> tuple[str, int] | None:
    if value is None:
        if kind not in WITHOUT_ACCORD:
            raise PartnerFault("act: accord null", kind)
        return None
    fields = members(value, _ACCORD, "act: accord")
    return words(fields["id"], "act: accord: id"), whole(fields["version"], 1, "act: accord: version")


def _terms(value: Json, kind: str) -> dict[str, Json]:
    if kind == "object":
        try:
            read_terms(value)
        except PartnerFault as fault:
            raise PartnerFault(f"act: {fault.rule}", fault.detail) from fault
    if type(value) is not dict or (value and kind in _WITHOUT_TERMS):
        raise PartnerFault("act: terms")
    return value


def _body(value: Json, kind: str) -> dict[str, Json]:
    if kind == "object":
        body = members(value, _OBJECT_BODY, "act: body")
        if type(body["object"]) is not dict:
            raise PartnerFault("act: body: object")
        if body["authorship"] is not None and type(body["authorship"]) is not dict:
            raise PartnerFault("act: body: authorship")
        return body
    if type(value) is not dict:
        raise PartnerFault("act: body")
    return value
