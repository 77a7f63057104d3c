"""Filters of these pages: names that are values, addresses of searches."""

import re
from typing import Final

from django import template

from hilf.console import foreign as words
from hilf.stix import select
from hilf.stix.reference import is_identifier
from hilf.stix.select import Term

register = template.Library()

_MACHINE: Final = re.compile(r"\[.*\]|[^\s]*[.:/@\\][^\s]*|[0-9a-fA-F]{32,}", re.DOTALL)
_LONGEST: Final = 300


@register.filter
def plain(text: object, longest: int = 60) -> str:
    """Words of others where only text can stand (titles, labels of boxes): short, hidden characters by their numbers."""
    written = str(text)
    shown = "".join(
        f"[{piece}]" if is_hidden else piece for is_hidden, piece in words.parts(written[:longest])
    )
    return shown if len(written) <= longest else f"{shown}…"


@register.filter
def is_machine(name: object) -> bool:
    """Whether a name is a value or a pattern, which is read left to right: an address, a domain, a hash."""
    text = str(name)
    return len(text) <= _LONGEST and _MACHINE.fullmatch(text.strip()) is not None


@register.filter
def is_id(text: object) -> bool:
    """Whether a text is the id of an object."""
    return is_identifier(text)


@register.filter
def labelled(word: object) -> str:
    """The search for a label."""
    return select.render((Term("label", ":", (str(word),)),))


@register.filter
def sourced(name: object) -> str:
    """The search for what a source brought."""
    return select.render((Term("source", ":", (str(name),)),))
