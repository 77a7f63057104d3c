"""Outcomes: what became of one act at its receiver, in a receipt now or in an `outcome` act later.

The five outcomes and the form of a reason are those of wire.md 4. A reason is a stable code and the clause of the
accord that spoke, never text from the receiver's policy.

An act that a receipt called held gets its later result in an act of kind `outcome`. The design does not give its
body; here it is `{act, outcome, reason}`, where `act` is the id of the held act and `outcome` is `applied` or
`refused`: duplicates and kinds that are not understood are known at once and never held.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hilf.canonical import Json, dumps
from hilf.errors import PartnerFault
from hilf.federation.structure import hexadecimal, members, words

_CODE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.ASCII)
_REASON: Final = frozenset(("code", "clause"))
_RESULT: Final = frozenset(("id", "outcome", "reason"))
_LATER: Final = frozenset(("act", "outcome", "reason"))


class Outcome(StrEnum):
    """What became of an act. Source: wire.md 4."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    HELD = "held"
    NOT_UNDERSTOOD = "not-understood"


_OUTCOMES: Final = {each.value: each for each in Outcome}
_FINAL: Final = {"applied": Outcome.APPLIED, "refused": Outcome.REFUSED}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code (`marking`, `retraction.not-asserted`) and the clause that spoke, if one did."""

    code: str
    clause: str | None = None

    def json(self) -> dict[str, Json]:
        """The reason as it stands in a receipt."""
        return {"code": self.code, "clause": self.clause}

    def text(self) -> str:
        """The same as a JSON text, as it is kept beside an act."""
        return dumps(self.json()).decode()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the act with this id."""

    id: str
    outcome: Outcome
    reason: Reason | None = None

    def json(self) -> dict[str, Json]:
        """The result as it stands in a receipt."""
        return {
            "id": self.id,
            "outcome": self.outcome.value,
            "reason": self.reason.json() if self.reason else None,
        }

    def later_body(self) -> dict[str, Json]:
        """The body of an `outcome` act that tells this result of an act that was held.

        Raises:
            ValueError: the result is not final.
        """
        if self.outcome not in _FINAL:
            raise ValueError(f"{self.outcome} is no final outcome")
        return {
            "act": self.id,
            "outcome": self.outcome.value,
            "reason": self.reason.json() if self.reason else None,
        }


def read_result(value: Json, what: str) -> Result:
    """One result of a receipt.

    Raises:
        PartnerFault: `<what>: result: members`, `<what>: id: hex`, `<what>: outcome`, `<what>: reason: members`, ….
    """
    fields = members(value, _RESULT, f"{what}: result")
    act_id = hexadecimal(fields["id"], 32, f"{what}: id")
    return Result(act_id, _outcome(fields["outcome"], _OUTCOMES, what), _reason(fields["reason"], what))


def read_later(value: Json) -> Result:
    """The result that the body of an `outcome` act tells.

    Raises:
        PartnerFault: `outcome: members`, `outcome: act: hex`, `outcome: outcome`, `outcome: reason: members`, ….
    """
    fields = members(value, _LATER, "outcome")
    act_id = hexadecimal(fields["act"], 32, "outcome: act")
    return Result(
        act_id, _outcome(fields["outcome"], _FINAL, "outcome"), _reason(fields["reason"], "outcome")
    )


def _outcome(value: Json, known: dict[str, Outcome], what: str) -> Outcome:
    if type(value) is not str or value not in known:
        raise PartnerFault(f"{what}: outcome", repr(value)[:40])
    return known[value]


def _reason(value: Json, what: str) -> Reason | None:
    if value is None:
        return None
    fields = members(value, _REASON, f"{what}: reason")
    code, clause = fields["code"], fields["clause"]
    if type(code) is not str or not _CODE.fullmatch(code):
        raise PartnerFault(f"{what}: reason: code")
    return Reason(code, None if clause is None else words(clause, f"{what}: reason: clause", 100))
