"""Previews that somebody looks at, kept for as long as it takes to read them, so that each page is not a new reading of all.

A preview holds some bytes of each object and reads the rest when it is looked at (`node/showing`). Where it is not at hand
it is made again, and the page says if something changed since. What takes long is made in a thread (`background`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hilf.console.release import background
from hilf.console.release.asked import Asked
from hilf.node import preview
from hilf.node.home import Home
from hilf.node.previewed import Preview


@dataclass(frozen=True, slots=True)
class Seen:
    """A preview and when it was made; `changed` where it is not the one that the address speaks of."""

    preview: Preview
    at: datetime
    changed: bool = False

    @property
    def mark(self) -> str:
        """By which the address and the request name it."""
        return self.preview.mark

    @property
    def free(self) -> int:
        """How many leave without an approval."""
        return len(self.preview.allowed) - self.preview.needing_approval


@dataclass(frozen=True, slots=True)
class Row:
    """What a release of the same to one of many would do, in numbers."""

    to: str
    mark: str
    leaves: int
    cut: int
    needing: int
    stays: int
    there: int
    rules: dict[str, int]


def look(home: Home, asked: Asked, to: str, mark: str, now: datetime, *, waited: bool) -> Seen | None:
    """A preview: the one with this mark if it is at hand, else as it is now; None while it is made.

    Args:
        home: this node.
        asked: what.
        to: the recipient.
        mark: of the preview that was looked at before; empty for a new one.
        now: aware.
        waited: whether somebody waits for what is made already.

    Raises:
        CallerFault: the recipient, the selection or a list is not known.
    """

    def make() -> Seen:
        made = preview.preview(home, to, now, asked.select, asked.purpose or None, asked.despite)
        made.mark, made.warned, made.redacted, made.rules, made.for_consent  # noqa: B018  # counted in the thread
        return Seen(made, now)

    key = ("preview", home.path, to, asked.select, asked.purpose, asked.despite)
    seen: Seen | None = background.look(
        key, make, again=lambda kept: not waited and (not mark or kept.mark != mark)
    )
    return None if seen is None else replace(seen, changed=bool(mark) and seen.mark != mark)


def each(home: Home, asked: Asked, nodes: Sequence[str], now: datetime, *, waited: bool) -> list[Row] | None:
    """What a release of the same to each of these nodes would do; None while it is made.

    Raises:
        CallerFault: as `look`.
    """

    def make() -> list[Row]:
        found = preview.previews(home, nodes, now, asked.select, asked.purpose or None, asked.despite)
        return [_row(shown) for _, shown in found]

    key = ("previews", home.path, tuple(nodes), asked.select, asked.purpose, asked.despite)
    rows: list[Row] | None = background.look(key, make, again=lambda _: not waited)
    return rows


def _row(shown: Preview) -> Row:
    return Row(
        shown.to,
        shown.mark,
        len(shown.allowed),
        len(shown.redacted),
        shown.needing_approval,
        len(shown.withheld),
        len(shown.already),
        shown.rules,
    )
