"""Template tags: how identifiers, times and words of partners stand in a page (cooperation.md 10)."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def ltr(text: object) -> SafeString:
    """An identifier, address, hash or time: left to right and apart, or an arrow between two would turn around."""
    return format_html('<bdi dir="ltr" class="hilf-id">{}</bdi>', text)
