"""Words and badges of the pages about release, retraction and consent."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from hilf.console.consent import words as consents
from hilf.console.release import words as releases
from hilf.console.release.rules import RULES
from hilf.console.retraction import words as retractions

register = template.Library()

_TOLD = {"hidden": "hilf-good", "erased": "hilf-good", "refused": "hilf-bad", "held": "hilf-warning"}


def _badge(look: str, word: object) -> SafeString:
    return format_html('<span class="badge {}">{}</span>', look, word)


@register.filter
def release_state(state: str) -> SafeString:
    """How far a release or an act of it is."""
    return _badge(releases.look(state), releases.IS.get(state, state))


@register.filter
def order_state(state: str) -> SafeString:
    """How a standing order stands."""
    return _badge(releases.look(state), releases.ORDERS.get(state, state))


@register.filter
def died(code: str) -> object:
    """Why a proposal died, in words."""
    return releases.DIED.get(code, code)


@register.filter
def rule_words(rule: str) -> object:
    """What a rule of a decision says, in the reader's language."""
    return RULES.get(rule, rule)


@register.filter
def what_to_do(rule: str) -> object:
    """What to do where a rule keeps something here."""
    return releases.TO_DO.get(rule, "")


@register.filter
def pause(seconds: float) -> str:
    """The pause between two runs, in the largest unit that gives a whole number."""
    whole = int(seconds)
    if whole % 86_400 == 0:
        return ngettext("%(count)s day", "%(count)s days", whole // 86_400) % {"count": whole // 86_400}
    if whole % 3_600 == 0:
        return ngettext("%(count)s hour", "%(count)s hours", whole // 3_600) % {"count": whole // 3_600}
    if whole % 60 == 0:
        return ngettext("%(count)s minute", "%(count)s minutes", whole // 60) % {"count": whole // 60}
    return ngettext("%(count)s second", "%(count)s seconds", whole) % {"count": whole}


@register.filter
def retraction_reason(reason: str) -> object:
    """Why something was taken back."""
    return retractions.REASONS.get(reason, reason)


@register.filter
def told_state(state: str) -> SafeString:
    """What a node says that was told of a retraction."""
    return _badge(_TOLD.get(state, "hilf-told"), retractions.STATES.get(state, state))


@register.filter
def told_act(state: str) -> object:
    """What became of the act that told it."""
    return retractions.ACTS.get(state, state)


@register.filter
def consent_state(state: str) -> SafeString:
    """How a question stands."""
    return _badge(releases.look(state), consents.STATES.get(state, state))


@register.filter
def denial(code: str) -> object:
    """Why not, in words."""
    return consents.DENIALS.get(code, code)
