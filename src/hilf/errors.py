"""The family of errors: what happened, why, what to do, and a stable code.

An error means that we cannot go on. A judgement on content is a finding (`stix.finding`), a judgement on a
release is a decision (`accord.decide`); neither is raised.

    HilfError
    ├── Refusal         a rule says no to what a person asked         exit 1
    ├── PartnerFault    a partner's bytes or behaviour                exit 1
    ├── CallerFault     the command or call itself is wrong           exit 2
    └── OperatorFault   settings, keys, disk, network, database       exit 3
"""

import re
from typing import ClassVar


def slug(words: str) -> str:
    """Turn a rule's name ("identity: key twice") into a code ("identity.key-twice")."""
    room, _, rest = words.partition(":")
    return ".".join(
        re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in (room, rest) if part.strip()
    )


class HilfError(Exception):
    """An error that a person can act on.

    Attributes:
        code: stable slug `room.what`, listed in docs/reference/errors.md.
        what: what happened, with the value that it happened to.
        why: the rule, clause or section behind it; may be empty.
        remedy: what to do now; may be empty for faults of a partner.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, what: str, why: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.why = why
        self.remedy = remedy

    def lines(self) -> tuple[str, ...]:
        """What a person reads: at most four lines, the code last."""
        return tuple(line for line in (self.what, self.why, self.remedy, f"[{self.code}]") if line)


class Refusal(HilfError):
    """A rule refuses what was asked."""


class PartnerFault(HilfError):
    """A partner's bytes or behaviour break the protocol.

    `rule` names the rule that failed first, in the words of the vectors ("batch: chain").
    The partner is told the code and nothing else.
    """

    def __init__(self, rule: str, detail: str = "") -> None:
        super().__init__(slug(rule), f"{rule} ({detail})" if detail else rule, "hilf/1 refuses it.")
        self.rule = rule
        self.detail = detail


class CallerFault(HilfError):
    """The command or the call is wrong in itself."""

    exit_code = 2


class OperatorFault(HilfError):
    """The surroundings fail: settings, keys, disk, network, database."""

    exit_code = 3
