"""Filters for pages of partners and accords: how long something lasts, what an accord is called."""

from collections.abc import Mapping
from typing import Final

from django import template
from django.utils.translation import get_language, ngettext

from hilf.accord.document import Accord

register = template.Library()

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400


@register.filter
def lasting(seconds: int) -> str:
    """A time that something lasts, in its largest unit; nobody reads 93,842 seconds."""
    days, hours, minutes = seconds // _DAY_S, seconds // _HOUR_S, seconds // _MINUTE_S
    if days:
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if hours:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    if minutes:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}


@register.filter
def title_of(accord: Accord) -> str:
    """What an accord is called in the language of the page, else in English, else in any."""
    return (
        accord.title.get(get_language() or "en")
        or accord.title.get("en")
        or next(iter(accord.title.values()))
    )


@register.filter
def at(values: Mapping[str, object], name: str) -> object:
    """What stands under a name."""
    return values.get(name, "")
