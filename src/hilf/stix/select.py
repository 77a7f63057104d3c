"""The select language: which objects, in one line of text.

Terms joined by blanks mean AND; a leading `-` negates; `field:value`, or `field<value`, `<=`, `>`, `>=` where the
field has an order; several values `type:indicator,malware` mean any of them; values with blanks stand in double
quotes, where a backslash escapes a quote or a backslash. Empty text is no term. Here the text becomes terms; what
a field means over the stored objects is the store's business.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NoReturn

from hilf.errors import CallerFault

FIELDS: Final = (
    "type", "id", "label", "marking", "modified", "created", "received", "value", "owner", "source", "partner",
    "accord", "technique", "sector", "confidence", "lang", "text", "revoked", "exercise",
)  # fmt: skip
TIMES: Final = frozenset({"modified", "created", "received"})
ORDERED: Final = TIMES | {"confidence"}
TRUTHS: Final = frozenset({"revoked", "exercise"})

_FIELD = re.compile(r"(-?)([A-Za-z_][A-Za-z0-9_-]*)(<=|>=|<|>|:)")
_WORD = re.compile(r'[^\s",]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BLANK = re.compile(r"\s*")
_NEEDS_QUOTES = re.compile(r'[\s",]|^$')
_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
_CONFIDENCE = re.compile(r"100|[1-9]?[0-9]")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: any of `values` stands in relation `op` to the field, or none does where `negated`."""

    field: str
    op: str
    values: tuple[str, ...]
    negated: bool = False


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a selection, in the order written; no term for empty text.

    Raises:
        CallerFault: with the place in the text and what is allowed there.

    Source: faces.md section 1, Select.
    """
    terms: list[Term] = []
    at = _blank(text, 0)
    while at < len(text):
        term, at = _term(text, at)
        terms.append(term)
        after = _blank(text, at)
        if after == at < len(text):
            _refuse(text, at, "a blank must follow a term")
        at = after
    return tuple(terms)


def render(terms: tuple[Term, ...]) -> str:
    """The text of terms in one fixed spelling; parsing it gives the same terms."""
    return " ".join(
        f"{'-' if term.negated else ''}{term.field}{term.op}{','.join(_render_value(value) for value in term.values)}"
        for term in terms
    )


def moment(value: str) -> datetime:
    """The instant that a time in a term means: midnight where there is only a date, UTC where there is no zone.

    Raises:
        CallerFault: where it is no ISO time.
    """
    at = _instant(value)
    if at is None:
        raise CallerFault(
            "select.time",
            f"Not a time: {value[:40]!r}.",
            "Times are ISO 8601, UTC unless a zone is given.",
            "Write 2026-11-24 or 2026-11-24T09:30:00Z.",
        )
    return at


def _instant(value: str) -> datetime | None:
    if not _TIME.fullmatch(value):
        return None
    try:
        at = datetime.fromisoformat(value.upper())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _refuse(text: str, at: int, why: str) -> NoReturn:
    raise CallerFault(
        "select.syntax",
        f"The selection is not understood at character {at + 1}: {text[at : at + 24]!r}.",
        why[0].upper() + why[1:] + ".",
        f"Fields: {', '.join(FIELDS)}. Example: type:indicator,malware -label:test modified>=2026-11-01",
    )


def _term(text: str, at: int) -> tuple[Term, int]:
    head = _FIELD.match(text, at)
    if not head:
        _refuse(text, at, "a term is field:value, or field<value, field<=value, field>value, field>=value")
    field, op = head[2].lower(), head[3]
    if field not in FIELDS:
        _refuse(text, at, f"there is no field {head[2]!r}")
    if op != ":" and field not in ORDERED:
        _refuse(text, at, f"{field} has no order; only {', '.join(sorted(ORDERED))} take {op}")
    values: list[str] = []
    place = head.end()
    while True:
        value, end = _value(text, place)
        _check(field, value, text, place)
        values.append(value)
        if text[end : end + 1] != ",":
            break
        place = end + 1
    if op != ":" and len(values) > 1:
        _refuse(text, head.end(), f"{op} takes one value")
    return Term(field, op, tuple(values), bool(head[1])), end


def _value(text: str, at: int) -> tuple[str, int]:
    quoted = _QUOTED.match(text, at)
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL), quoted.end()
    word = _WORD.match(text, at)
    if word:
        return word[0], word.end()
    _refuse(text, at, "a double quote is not closed" if text[at : at + 1] == '"' else "a value is missing")


def _check(field: str, value: str, text: str, at: int) -> None:
    if field in TIMES and _instant(value) is None:
        _refuse(text, at, f"{field} wants an ISO time such as 2026-11-24 or 2026-11-24T09:30:00Z")
    elif field == "confidence" and not _CONFIDENCE.fullmatch(value):
        _refuse(text, at, "confidence is a whole number from 0 to 100")
    elif field in TRUTHS and value not in ("true", "false"):
        _refuse(text, at, f"{field} is true or false")


def _render_value(value: str) -> str:
    if not _NEEDS_QUOTES.search(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
