"""Promises of time and points of contact: rows of an accord that people keep."""

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from hilf.canonical import Json
from hilf.console.accords.fields import choice, number

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTES: Final = 60 * 24 * 366
_TIMES: Final = ("receipt_min", "acknowledge_min", "decide_min", "deliver_min")


class Row(forms.Form):
    """One row; `n` is its place among those that were there before, so that what the form does not show stays."""

    n = forms.IntegerField(required=False, widget=forms.HiddenInput)
    NAMES: tuple[str, ...] = ()

    def entry(self, held: list[Json]) -> dict[str, Json] | None:
        """The row as the accord writes it; None where nothing is in it."""
        cleaned, n = self.cleaned_data, self.cleaned_data.get("n")
        before = held[n] if n is not None and 0 <= n < len(held) else {}
        filled = {name: cleaned[name] for name in self.NAMES if cleaned.get(name) not in (None, "")}
        if cleaned.get("DELETE") or not filled:
            return None
        kept = (
            {name: value for name, value in before.items() if name not in self.NAMES}
            if isinstance(before, dict)
            else {}
        )
        return {**kept, **filled}


class PromiseRow(Row):
    """How fast a kind of request is met."""

    request = forms.RegexField(
        r"^[a-z0-9][a-z0-9._:-]{0,63}$",
        label=gettext_lazy("Request"),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    urgency = forms.RegexField(
        r"^[a-z0-9][a-z0-9._:-]{0,63}$",
        label=gettext_lazy("Urgency"),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    receipt_min = number(gettext_lazy("Minutes to the receipt"), 0, MINUTES, required=True)
    acknowledge_min = number(gettext_lazy("to the acknowledgement"), 0, MINUTES, required=True)
    decide_min = number(gettext_lazy("to the decision"), 0, MINUTES, required=True)
    deliver_min = number(gettext_lazy("to the delivery"), 0, MINUTES, required=True)
    NAMES = ("request", "urgency", *_TIMES)


class ContactRow(Row):
    """Whom to call."""

    kind = choice(
        gettext_lazy("For"),
        [
            ("diplomatic", gettext_lazy("diplomatic matters")),
            ("technical", gettext_lazy("technical matters")),
        ],
        required=False,
    )
    party = forms.CharField(
        label=gettext_lazy("Party"), required=False, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
    name = forms.CharField(
        label=gettext_lazy("Name or desk"), max_length=200, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    phone = forms.CharField(
        label=gettext_lazy("Telephone"),
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "type": "tel"}),
    )
    mail = forms.EmailField(
        label=gettext_lazy("Mail"), required=False, widget=forms.EmailInput(attrs={"dir": "ltr"})
    )
    hours = forms.CharField(
        label=gettext_lazy("Hours"), required=False, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    NAMES = ("kind", "party", "name", "phone", "mail", "hours")


PromiseRows: Any = forms.formset_factory(PromiseRow, extra=2, can_delete=True, max_num=500)
ContactRows: Any = forms.formset_factory(ContactRow, extra=2, can_delete=True, max_num=200)


def shown(entries: Json) -> list[dict[str, Any]]:
    """What the rows show."""
    rows: list[Mapping[str, Json]] = (
        [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    )
    return [{**each, "n": n} for n, each in enumerate(rows)]
