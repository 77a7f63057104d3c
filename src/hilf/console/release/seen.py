"""Previews that somebody looks at, kept for as long as it takes to read them, so that each page is not a new reading of all.

A preview holds some bytes of each object and reads the rest when it is looked at (`node/showing`); a few are kept in each
process. Where it is not here, it is made again, and the page says if something changed since.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from hilf.console.release.asked import Asked
from hilf.node import preview
from hilf.node.home import Home
from hilf.node.previewed import Preview

MOST: Final = 4
"""Previews at hand in one process: at a hundred thousand objects some ten megabytes each."""

LASTS: Final = timedelta(minutes=10)


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


_Key = tuple[Path, str, str, str, tuple[str, ...]]
_kept: "OrderedDict[_Key, Seen]" = OrderedDict()


def look(home: Home, asked: Asked, to: str, mark: str, now: datetime) -> Seen:
    """A preview: the one with this mark if it is at hand, else as it is now.

    Raises:
        CallerFault: the recipient, the selection or a list is not known.
    """
    key = (home.path, to, asked.select, asked.purpose, asked.despite)
    kept = _kept.get(key)
    if mark and kept is not None and kept.mark == mark and now - kept.at < LASTS:
        _kept.move_to_end(key)
        return kept
    made = preview.preview(home, to, now, asked.select, asked.purpose or None, asked.despite)
    _kept[key] = Seen(made, now)
    _kept.move_to_end(key)
    while len(_kept) > MOST:
        _kept.popitem(last=False)
    return Seen(made, now, changed=bool(mark) and made.mark != mark)
