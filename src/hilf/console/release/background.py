"""Long work: begun in a thread of its own, so that a page answers within seconds and can be left and found again.

Two kinds. What only looks (a preview) is kept in this process and made again in another one. What does something (a release,
an approval) runs once, and what became of it stands in the cache that all processes share, under a token in an address.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db import connection

from hilf.errors import CallerFault, HilfError, OperatorFault, Refusal
from hilf.node.home import now

WAIT_S = 3.0
"""How long a page waits for the work before it says that it goes on."""

LASTS: Final = timedelta(minutes=10)
"""How long what was looked at is kept."""

MOST: Final = 4
"""Previews at hand in one process: at a hundred thousand objects some ten megabytes each."""

KEPT_S: Final = 24 * 3600
"""How long it can be seen what became of work that did something."""

_FAMILIES: Final[dict[str, type[HilfError]]] = {"CallerFault": CallerFault, "OperatorFault": OperatorFault}

_PLACE: Final = "hilf.release.work."


@dataclass
class _Work:
    """Something that is looked at; `made` and `fault` stand once the thread has ended."""

    thread: threading.Thread
    at: datetime = field(default_factory=now)
    made: Any = None
    fault: Exception | None = None


_kept: "OrderedDict[Hashable, _Work]" = OrderedDict()


def look(
    key: Hashable, make: Callable[[], Any], *, again: Callable[[Any], bool] = lambda _: False
) -> Any | None:  # noqa: ANN401  # whatever `make` gives
    """What `make` gives, made in a thread; None while it goes on.

    Args:
        key: one for what would give the same.
        make: reads and decides; what it raises is raised here.
        again: whether what is at hand will not do.
    """
    work = _kept.get(key)
    if work is None or (work.made is not None and (now() - work.at > LASTS or again(work.made))):
        work = _begin(make)
        _kept[key] = work
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    work.thread.join(WAIT_S)
    if work.thread.is_alive():
        return None
    if work.fault is not None:
        del _kept[key]
        raise work.fault
    return work.made


def forget() -> None:
    """Keep nothing of what was looked at."""
    _kept.clear()


def _begin(make: Callable[[], Any]) -> _Work:
    def run() -> None:
        try:
            work.made = make()
        except Exception as fault:  # noqa: BLE001  # raised again where it is asked for
            work.fault = fault
        finally:
            connection.close()

    work = _Work(threading.Thread(target=run, daemon=True))
    work.thread.start()
    return work


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of work that did something; `ended` is False while it goes on."""

    person: int
    at: datetime
    ended: bool = False
    given: Any = None
    fault: tuple[str, str, str, str, str] | None = None

    @property
    def error(self) -> HilfError | None:
        """What stopped it."""
        if self.fault is None:
            return None
        family, *said = self.fault
        return _FAMILIES.get(family, Refusal)(*said)


def do(person: int, make: Callable[[], Any]) -> str:
    """Begin work that does something, and wait a little for it; the token under which its outcome is found."""
    token, at = secrets.token_urlsafe(16), now()
    cache.set(_PLACE + token, Outcome(person, at), KEPT_S)

    def run() -> None:
        try:
            outcome = Outcome(person, at, ended=True, given=make())
        except HilfError as fault:
            outcome = Outcome(person, at, ended=True, fault=written(fault))
        except Exception:
            outcome = Outcome(person, at, ended=True, fault=written(_broken()))
            raise
        finally:
            cache.set(_PLACE + token, outcome, KEPT_S)
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(WAIT_S)
    return token


def outcome(token: str) -> Outcome | None:
    """What became of it; None where nobody began such work within a day."""
    found = cache.get(_PLACE + token)
    return found if isinstance(found, Outcome) else None


def written(fault: HilfError) -> tuple[str, str, str, str, str]:
    """An error as it can be kept: its family and its sentences."""
    return type(fault).__name__, fault.code, fault.what, fault.why, fault.remedy


def _broken() -> OperatorFault:
    return OperatorFault(
        "release.broken-off",
        "A fault of hilf broke this off.",
        "What was queued before is queued; the rest is not.",
        "See what became of it in the list of releases, and tell an operator of this node.",
    )
