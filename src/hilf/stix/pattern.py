"""The STIX pattern language: from text to a tree, and back.

STIX 2.1 section 9. The grammar is LALR and run by lark; a pattern of one plain comparison, by far the most common,
is read by one regular expression that accepts a subset of the grammar and gives the same tree (a law in the tests).
Length and depth of parentheses are bounded before the parser runs. What a pattern matches is not decided here, nor
is any other pattern language (snort, yara, sigma): these stay text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

# A pattern may list thousands of hashes; parsing costs well under a microsecond a character.
MAX_CHARACTERS: Final = 262_144
MAX_DEPTH: Final = 32
MAX_DIGITS: Final = 64


class PatternFault(ValueError):  # a fault of a partner's text, as elsewhere in the house
    """The text is not a STIX pattern.

    Attributes:
        offset: where in the text, in characters from 0.
    """

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


class Star(Enum):
    """The index that stands for any member of a list."""

    ANY = "*"


@dataclass(frozen=True, slots=True)
class Typed:
    """A timestamp (t), hex (h) or binary (b) literal, its text as written between the quotes."""

    kind: Literal["t", "h", "b"]
    text: str


Step = str | int | Star
Value = str | int | float | bool | Typed


@dataclass(frozen=True, slots=True)
class Path:
    """An object path: `file:hashes.'SHA-256'` is type `file`, steps `("hashes", "SHA-256")`."""

    type: str
    steps: tuple[Step, ...]

    def dotted(self) -> str:
        """The steps as the pattern language writes them."""
        parts: list[str] = []
        for step in self.steps:
            if isinstance(step, str):
                plain = _IDENTIFIER.fullmatch(step) and step not in _KEYWORDS
                parts.append(("." if parts else "") + (step if plain else _quoted(step)))
            else:
                parts.append(f"[{step.value if isinstance(step, Star) else step}]")
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One test of one property. `values` is empty for EXISTS, and holds one value except for IN."""

    path: Path
    operator: str
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """Two or more expressions of one level, joined by AND, OR or FOLLOWEDBY."""

    operator: str
    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """What stands in square brackets: a comparison, or several joined."""

    test: "Expression"


@dataclass(frozen=True, slots=True)
class Qualifier:
    """WITHIN n SECONDS, REPEATS n TIMES, or START t STOP t; its operands as written."""

    name: Literal["WITHIN", "REPEATS", "START"]
    operands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Qualified:
    """An observation, or a group of them, with the qualifiers directly applied to it."""

    expression: "Expression"
    qualifiers: tuple[Qualifier, ...]


Expression = Comparison | Joined | Observation | Qualified

_KEYWORDS: Final = frozenset({
    "AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "EXISTS", "LAST", "IN", "START",
    "STOP", "SECONDS", "WITHIN", "REPEATS", "TIMES", "true", "false",
})  # fmt: skip
_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_QUALIFIERS: Final[dict[str, Literal["WITHIN", "REPEATS", "START"]]] = {
    "WITHIN": "WITHIN",
    "REPEATS": "REPEATS",
    "START": "START",
}
_PLAIN = re.compile(
    r"\s*\[\s*([a-z][a-z0-9-]*):((?:[A-Za-z_]\w*|'[^'\\]*')(?:\.(?:[A-Za-z_]\w*|'[^'\\]*'))*)"
    r"\s*==?\s*'((?:[^'\\]|\\['\\])*)'\s*\]\s*",
    re.ASCII,
)
_PLAIN_STEP = re.compile(r"'([^']*)'|(\w+)", re.ASCII)
_ESCAPE = re.compile(r"\\(['\\])")
_PARENTHESIS = re.compile(r"'(?:[^'\\]|\\.)*'|[()]", re.DOTALL)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _string(token: str) -> str:
    return _ESCAPE.sub(r"\1", token[1:-1]) if "\\" in token else token[1:-1]


def _value(token: Token) -> Value:
    kind, text = token.type, str(token)
    if kind == "STRING":
        return _string(text)
    if kind == "BOOLEAN":
        return text == "true"
    if kind in ("TIMESTAMP", "HEX", "BINARY"):
        letter: Literal["t", "h", "b"] = "t" if kind == "TIMESTAMP" else "h" if kind == "HEX" else "b"
        return Typed(letter, text[2:-1])
    if len(text) > MAX_DIGITS:
        raise PatternFault(f"a number of more than {MAX_DIGITS} digits", token.start_pos or 0)
    return float(text) if kind in ("FLOAT", "NEGATIVE_FLOAT") else int(text)


class _Build(Transformer[Token, Expression]):
    """Makes the nodes while the parser runs; the parser needs no recursion for it."""

    def path(self, children: list[Token]) -> Path:
        steps: list[Step] = []
        for token in children[1:]:
            if token.type == "STAR":
                steps.append(Star.ANY)
            else:
                value = str(token) if token.type == "NAME" else _value(token)
                steps.append(value if isinstance(value, str | int) else str(token))
        return Path(str(children[0]), tuple(steps))

    def comparison(self, children: list[Path | Token]) -> Comparison:
        tokens = [child for child in children if isinstance(child, Token)]
        path = next(child for child in children if isinstance(child, Path))
        negated = tokens[0].type == "NOT"
        operator, operands = tokens[negated], tokens[negated + 1 :]
        name = {"EQ": "=", "NEQ": "!="}.get(operator.type, str(operator))
        return Comparison(path, name, tuple(_value(token) for token in operands), negated)

    def _join(self, children: list[Expression | Token]) -> Joined:
        operator = next(child for child in children if isinstance(child, Token))
        return Joined(str(operator), tuple(child for child in children if not isinstance(child, Token)))

    followed = either = both = any_of = all_of = _join

    def observation(self, children: list[Expression]) -> Observation:
        return Observation(children[0])

    def qualifier(self, children: list[Token]) -> Qualifier:
        name = _QUALIFIERS[children[0].type]
        operands = tuple(
            str(token)[2:-1] if token.type == "TIMESTAMP" else str(token)
            for token in children[1:]
            if token.type in ("INT", "FLOAT", "TIMESTAMP")
        )
        return Qualifier(name, operands)

    def qualified(self, children: list[Expression | Qualifier]) -> Qualified:
        # STIX 2.1 section 9.3: each kind of qualifier at most once, directly applied to an observation.
        names = [child.name for child in children if isinstance(child, Qualifier)]
        if len(set(names)) < len(names):
            raise PatternFault("the same qualifier twice on one observation")
        return self._qualify(children)

    def qualified_group(self, children: list[Expression | Qualifier]) -> Qualified:
        return self._qualify(children)

    def _qualify(self, children: list[Expression | Qualifier]) -> Qualified:
        expression = next(child for child in children if not isinstance(child, Qualifier))
        run: list[Qualifier] = []
        for child in children:
            if not isinstance(child, Qualifier):
                continue
            if any(child.name == earlier.name for earlier in run):
                expression, run = Qualified(expression, tuple(run)), []
            run.append(child)
        return Qualified(expression, tuple(run))


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = files("hilf.stix").joinpath("pattern.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Build(), maybe_placeholders=False)


def parse(text: str) -> Expression:
    """The tree of a STIX pattern.

    Raises:
        PatternFault: where the text leaves the grammar, is longer than MAX_CHARACTERS, or nests deeper than
            MAX_DEPTH.

    Source: STIX 2.1 section 9.
    """
    plain = _plain(text)
    return Observation(plain) if plain else _parse(text)


# The judge and the index ask for the same pattern one after the other.
@lru_cache(maxsize=64)
def comparisons(text: str) -> tuple[Comparison, ...]:
    """Every comparison of a pattern, in the order written.

    Raises:
        PatternFault: as `parse`.
    """
    plain = _plain(text)
    return (plain,) if plain else tuple(_comparisons(_parse(text)))


def _comparisons(expression: Expression) -> Iterator[Comparison]:
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Comparison):
            yield node
        elif isinstance(node, Joined):
            waiting.extend(reversed(node.parts))
        else:
            waiting.append(node.test if isinstance(node, Observation) else node.expression)


def _plain(text: str) -> Comparison | None:
    found = _PLAIN.fullmatch(text)
    if not found or len(text) > MAX_CHARACTERS:
        return None
    path = _plain_path(found[1], found[2])
    if path is None:
        return None
    value = found[3]
    return Comparison(path, "=", (_ESCAPE.sub(r"\1", value) if "\\" in value else value,))


@lru_cache(maxsize=1024)
def _plain_path(type_: str, steps: str) -> Path | None:
    """None where a word of the language stands in the path: then the grammar has to say no."""
    found = [(match[1], match[2]) for match in _PLAIN_STEP.finditer(steps)]
    if type_ in _KEYWORDS or any(name in _KEYWORDS for _, name in found):
        return None
    return Path(type_, tuple(name or quoted for quoted, name in found))


def _parse(text: str) -> Expression:
    if len(text) > MAX_CHARACTERS:
        raise PatternFault(f"longer than {MAX_CHARACTERS} characters")
    _refuse_depth(text)
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as fault:
        raise _fault(text, fault) from None
    return tree  # type: ignore[return-value]  # the transformer makes an Expression of lark's Tree


def _refuse_depth(text: str) -> None:
    depth = 0
    for found in _PARENTHESIS.finditer(text):
        mark = found[0]
        if mark == "(":
            depth += 1
            if depth > MAX_DEPTH:
                raise PatternFault(f"parentheses deeper than {MAX_DEPTH}", found.start())
        elif mark == ")":
            depth -= 1


def _fault(text: str, fault: UnexpectedInput) -> PatternFault:
    if isinstance(fault, UnexpectedCharacters):
        at: int = fault.pos_in_stream  # type: ignore[assignment]  # lark declares None, and always sets a number
        return PatternFault(f"unexpected {text[at : at + 12]!r}", at)
    if isinstance(fault, UnexpectedToken) and fault.token.type != "$END":
        return PatternFault(f"unexpected {str(fault.token)[:40]!r}", fault.token.start_pos or 0)
    if isinstance(fault, UnexpectedToken | UnexpectedEOF):
        return PatternFault("ends too early", len(text))
    return PatternFault("not in the grammar")


def render(expression: Expression) -> str:
    """The text of a pattern in one fixed spelling; parsing it gives the same tree.

    Nested no deeper than MAX_DEPTH, as `parse` makes them.
    """
    if isinstance(expression, Comparison):
        return _render_comparison(expression)
    if isinstance(expression, Observation):
        return f"[{render(expression.test)}]"
    if isinstance(expression, Joined):
        return f" {expression.operator} ".join(_grouped(part) for part in expression.parts)
    inner = render(expression.expression)
    inner = inner if isinstance(expression.expression, Observation) else f"({inner})"
    return " ".join((inner, *(_render_qualifier(each) for each in expression.qualifiers)))


def _grouped(part: Expression) -> str:
    return f"({render(part)})" if isinstance(part, Joined) else render(part)


def _render_qualifier(qualifier: Qualifier) -> str:
    if qualifier.name == "START":
        return f"START t'{qualifier.operands[0]}' STOP t'{qualifier.operands[1]}'"
    return f"{qualifier.name} {qualifier.operands[0]} {'SECONDS' if qualifier.name == 'WITHIN' else 'TIMES'}"


def _render_comparison(comparison: Comparison) -> str:
    path = f"{comparison.path.type}:{comparison.path.dotted()}"
    negation = "NOT " if comparison.negated else ""
    if comparison.operator == "EXISTS":
        return f"{negation}EXISTS {path}"
    values = [_render_value(value) for value in comparison.values]
    operand = f"({', '.join(values)})" if comparison.operator == "IN" else values[0]
    return f"{path} {negation}{comparison.operator} {operand}"


def _render_value(value: Value) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Typed):
        return f"{value.kind}'{value.text}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = format(Decimal(repr(value)), "f")
        return text if "." in text else f"{text}.0"
    return str(value)
