"""The form of a new standing order."""

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hilf.console.release.forms import LONGEST_SELECT
from hilf.console.release.words import ORDERS
from hilf.node import life, peer
from hilf.node.home import Home, now

UNITS: Final = {"m": _("minutes"), "h": _("hours"), "d": _("days")}
_WORDS: Final = {"m": "minutes", "h": "hours", "d": "days"}


class Narrow(forms.Form):
    """Which orders the list shows."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("all")), *ORDERS.items()])


class New(forms.Form):
    """What an order says: to whom, what, how often, until when."""

    to = forms.MultipleChoiceField(
        label=_("To"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Partners with an accord in force."),
    )
    select = forms.CharField(
        label=_("What"),
        required=False,
        max_length=LONGEST_SELECT,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "For example "
            '<bdi dir="ltr"><code>marking:tlp:clear,tlp:green type:indicator sector:energy</code></bdi>. '
            "Empty: everything that this node asserts."
        ),
    )
    pause = forms.IntegerField(label=_("Every"), min_value=1, max_value=1_000_000, initial=5)
    unit = forms.ChoiceField(label=_("Unit"), choices=list(UNITS.items()), initial="m")
    until = forms.DateTimeField(
        label=_("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("In your time zone; within 400 days."),
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"), required=False, help_text=_("Without one: the first that each accord names.")
    )

    def __init__(
        self, home: Home, data: QueryDict | None = None, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        held = life.all_in_force(home, now())
        nodes = [node for node in peer.verified(home) if any(each.binds(node) for each in held)]
        purposes = dict.fromkeys(purpose for each in held for purpose in each.accord.purposes)
        self._partners = [(node, node) for node in nodes]
        self.fields["to"].choices = self._partners  # type: ignore[attr-defined]
        self.fields["purpose"].choices = [("", "—"), *((each, each) for each in purposes)]  # type: ignore[attr-defined]

    @property
    def partners(self) -> list[tuple[str, str]]:
        """Those whom it may name."""
        return self._partners

    def clean(self) -> dict[str, Any]:
        """The pause as a span."""
        cleaned = super().clean() or {}
        if cleaned.get("pause") and cleaned.get("unit"):
            try:
                cleaned["every"] = timedelta(**{_WORDS[cleaned["unit"]]: cleaned["pause"]})
            except OverflowError as error:
                raise ValidationError(_("That is too long.")) from error
        return cleaned
