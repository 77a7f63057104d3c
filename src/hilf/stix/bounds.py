"""How much one object may be: no more than an act between nodes can carry, with its envelope around it (wire.md 1, 5).

Decides it where an object comes in, by file or from a partner, so that nothing is kept, approved and released that would
never arrive. What an act may be is `federation/limits`; a test holds the two together.
"""

from collections.abc import Iterable
from typing import Final

from hilf.canonical import Json

DEPTH: Final = 27
"""Levels of brackets; `[]` is 1. Around the object stand the act and its body, and these may be 29 deep."""

OBJECT_BYTES: Final = 7 * 2**20 - 2**16
"""In received and in canonical form; the rest of the 7 MiB of an act is for terms and authorship."""

VALUES: Final = 1_890_000
"""Brackets and commas; a body may have 1.9 million with those of the envelope."""


def beyond(data: bytes, value: Json) -> tuple[str, str] | None:
    """Rule and words for an object that no act can carry; None for all others.

    Args:
        data: its canonical form.
        value: the same, parsed.
    """
    if len(data) > OBJECT_BYTES:
        return "json.size", f"the object is larger than {OBJECT_BYTES} bytes in canonical form"
    brackets = data.count(b"{") + data.count(b"[")
    if brackets > DEPTH and _is_deeper(value, DEPTH):
        return "json.depth", f"the object is deeper than {DEPTH} brackets"
    if len(data) > VALUES and brackets + data.count(b",") > VALUES:
        return "json.values", f"the object has more than {VALUES} values"
    return None


def _is_deeper(value: Json, levels: int) -> bool:
    """Whether it has more levels of brackets than these; level by level, so that no depth exhausts the stack."""
    level: list[Json] = [value]
    for _ in range(levels + 1):
        opened = [each for each in map(_inner, level) if each is not None]
        if not opened:
            return False
        level = [inner for each in opened for inner in each]
    return True


def _inner(value: Json) -> Iterable[Json] | None:
    """What stands inside of its brackets; None where it has none."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else None
