"""What of an object its reader may see: content of RED ones is shown to those with the power to read it (trust.md 7).

A page that shows any writes down that it was seen. Who has no such power finds no RED object by any search either: that a
value is in one would be told by its being found.
"""

from collections.abc import Iterable
from typing import Final

from django.http import HttpRequest

from hilf.access.role import Power
from hilf.console import audited
from hilf.console.access import powers_of
from hilf.markings.tlp import Tlp
from hilf.stix.select import Term
from hilf.store.intelligence.assertion import Kept

NOT_RED: Final = Term("marking", ":", ("tlp:red",), negated=True)


def may_red(request: HttpRequest) -> bool:
    """Whether the reader may see RED content."""
    return Power.READ_RED in powers_of(request)


def may(request: HttpRequest, level: int | None) -> bool:
    """Whether the reader may see content of this level."""
    return level != Tlp.RED or may_red(request)


def narrowed(request: HttpRequest, terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms of a search, over what the reader may see."""
    return tuple(terms) if may_red(request) else (*terms, NOT_RED)


def note(request: HttpRequest, shown: Iterable[Kept]) -> None:
    """Write down which RED objects the page shows."""
    seen = [each.stix_id for each in shown if each.tlp == Tlp.RED]
    if seen:
        audited.saw(request, dict.fromkeys(seen))
