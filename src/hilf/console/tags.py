"""Template tags: how identifiers, times, markings, lists and words of partners stand in a page (cooperation.md 10)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.forms import BoundField
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from hilf.console import foreign as words
from hilf.console.listing import AFTER, SORT, Listing, address

if TYPE_CHECKING:
    from django.http import HttpRequest

register = template.Library()

LONGEST: Final = 4_000
"""Characters of a partner's text that a page shows; the rest is said to be there."""

LONG_ID: Final = 28
"""Characters of an identifier from which on it may be broken over lines."""

_MARKINGS: Final = {
    "tlp:red": "red",
    "tlp:amber": "amber",
    "tlp:amber+strict": "amber",
    "tlp:green": "green",
    "tlp:clear": "clear",
}
_CONTROLS: Final = {
    "CheckboxInput": "form-check-input",
    "Select": "form-select",
    "SelectMultiple": "form-select",
}
_BARE: Final = frozenset({"RadioSelect", "CheckboxSelectMultiple", "HiddenInput"})


def _shown(text: str) -> SafeString:
    return format_html_join(
        "", "{}", ((_hidden(piece) if is_hidden else piece,) for is_hidden, piece in words.parts(text))
    )


def _hidden(number: str) -> SafeString:
    return format_html('<span class="hilf-hidden" title="{}">{}</span>', gettext("hidden character"), number)


@register.filter
def ltr(text: object) -> SafeString:
    """An identifier, address, hash or time: left to right and apart, or an arrow between two would turn around.

    A name with other letters than a to z has its A-labels beside it, and a warning where it mixes scripts that look alike.
    """
    written = "" if text is None else str(text)
    kind = "hilf-id hilf-long" if len(written) > LONG_ID else "hilf-id"
    shown = format_html('<bdi dir="ltr" class="{}">{}</bdi>', kind, _shown(written))
    ascii_name = words.ascii_name(written)
    if not ascii_name:
        return shown
    warning: SafeString | str = ""
    if words.mixes_scripts(written):
        warning = format_html(
            ' <span class="badge hilf-warning">{}</span>', gettext("letters that look alike")
        )
    return format_html(
        '{} <bdi dir="ltr" class="hilf-id text-secondary">({})</bdi>{}', shown, ascii_name, warning
    )


@register.filter
def foreign(text: object, longest: int = LONGEST) -> SafeString:
    """Words that others wrote: as text, in their own direction, with hidden characters made visible."""
    written = "" if text is None else str(text)
    cut: SafeString | str = ""
    if len(written) > longest:
        left = len(written) - longest
        more = ngettext("… and %(count)s character more", "… and %(count)s characters more", left) % {
            "count": f"{left:,}"
        }
        cut = format_html(' <span class="text-secondary">{}</span>', more)
    return format_html('<bdi dir="auto" class="hilf-foreign">{}</bdi>{}', _shown(written[:longest]), cut)


@register.filter
def when(at: object) -> SafeString:
    """An instant: in the reader's zone, and UTC beside it."""
    moment = _moment(at)
    if moment is None:
        return format_html('<span class="text-secondary">{}</span>', gettext("never"))
    utc, local = moment.astimezone(UTC), timezone.localtime(moment)
    stamp = utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    if local.utcoffset() == utc.utcoffset():
        shown = format_html('<bdi dir="ltr">{} UTC</bdi>', utc.strftime("%Y-%m-%d %H:%M"))
    else:
        same_day = local.date() == utc.date()
        shown = format_html(
            '<bdi dir="ltr">{}</bdi> <bdi dir="ltr" class="text-secondary">{} UTC</bdi>',
            local.strftime("%Y-%m-%d %H:%M"),
            utc.strftime("%H:%M" if same_day else "%Y-%m-%d %H:%M"),
        )
    return format_html('<time class="hilf-when" datetime="{}" title="{}">{}</time>', stamp, stamp, shown)


def _moment(at: object) -> datetime | None:
    if isinstance(at, str) and at:
        at = datetime.fromisoformat(at)
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@register.filter
def marking(name: object) -> SafeString:
    """A badge of one marking, in the colours of its standard and readable in them."""
    written = "" if name is None else str(name)
    colour = _MARKINGS.get(written.lower(), "other")
    return format_html(
        '<bdi dir="ltr" class="badge hilf-tlp hilf-tlp-{}">{}</bdi>',
        colour,
        written.upper() if colour != "other" else _shown(written),
    )


@register.filter
def said(sentence: object) -> SafeString:
    """A sentence of the node itself, which it says in English whatever the reader's language."""
    return format_html('<span lang="en" dir="auto" class="hilf-foreign">{}</span>', _shown(str(sentence)))


@register.filter
def control(field: BoundField) -> SafeString:
    """The control of a form's field, in Tabler's look, tied to its help and its errors."""
    kind = type(field.field.widget).__name__
    attributes: dict[str, Any] = {}
    if kind not in _BARE:
        usual = field.field.widget.attrs.get("class", "")
        attributes["class"] = (
            f"{usual} {_CONTROLS.get(kind, 'form-control')}{' is-invalid' if field.errors else ''}".strip()
        )
    return field.as_widget(attrs=attributes)


@register.filter
def is_switch(field: BoundField) -> bool:
    """Whether a field is a single box to tick, whose label stands after it."""
    return type(field.field.widget).__name__ == "CheckboxInput"


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether a field is several boxes or buttons, which need a legend instead of a label."""
    return type(field.field.widget).__name__ in _BARE


@register.simple_tag(takes_context=True)
def column(context: template.Context, name: str, sort: str = "", kind: str = "") -> SafeString:
    """The head of a column; a link that sorts by it, where `sort` names what the view sorts by."""
    if not sort:
        return format_html('<th scope="col" class="{}">{}</th>', kind, name)
    request: HttpRequest = context["request"]
    shown: Listing | None = context.get("shown_listing")
    now = shown.sort if shown else request.GET.get(SORT, "")
    up, down = now == sort, now == f"-{sort}"
    order = "ascending" if up else "descending" if down else "none"
    url = address(request, {SORT: f"-{sort}" if up else sort, AFTER: ""})
    icon = "ti-arrow-up" if up else "ti-arrow-down" if down else "ti-arrows-sort"
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"><a href="{}" class="hilf-sort">{} <i class="ti {}" aria-hidden="true"></i></a></th>',
        kind, order, url, name, icon,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: str) -> str:
    """The address of this page with other values in it."""
    return address(context["request"], changes)


@register.tag(name="listing")
def listing_tag(parser: Parser, token: Token) -> "ListingNode":
    """{% listing page caption=_("Partners") %} head and rows {% nothing %} what to do first {% endlisting %}."""
    bits = token.split_contents()
    if len(bits) != 3 or not bits[2].startswith("caption="):  # noqa: PLR2004  # the tag, the page, the caption
        raise template.TemplateSyntaxError('{% listing PAGE caption=_("What it lists") %}')
    table = parser.parse(("nothing",))
    parser.delete_first_token()
    nothing = parser.parse(("endlisting",))
    parser.delete_first_token()
    caption = parser.compile_filter(bits[2].removeprefix("caption="))
    return ListingNode(parser.compile_filter(bits[1]), caption, table, nothing)


class ListingNode(template.Node):
    """A list with its pages, or what to do first."""

    def __init__(
        self, page: FilterExpression, caption: FilterExpression, table: NodeList, nothing: NodeList
    ) -> None:
        self.page, self.caption, self.table, self.nothing = page, caption, table, nothing

    def render(self, context: template.Context) -> SafeString:
        """The table, or the empty page."""
        page: Listing = self.page.resolve(context)
        with context.push(shown_listing=page, caption=self.caption.resolve(context)):
            inner = (self.table if page.rows else self.nothing).render(context)
            shown = context.template.engine.get_template("parts/list.html") if context.template else None
            if shown is None:
                return mark_safe(inner)  # noqa: S308  # rendered by a template
            with context.push(inner=inner):
                return shown.render(context)
