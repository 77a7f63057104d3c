"""Forms of retraction."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hilf.console.retraction.words import REASONS


class Retract(forms.Form):
    """What is taken back, why, and until when confirmations are wanted."""

    object = forms.CharField(
        label=_("Object"),
        max_length=300,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Its whole id; everything that this node says of it is taken back."),
    )
    reason = forms.ChoiceField(label=_("Why"), choices=list(REASONS.items()), widget=forms.RadioSelect)
    deadline = forms.DateTimeField(
        label=_("Confirmations wanted by"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("In your time zone. Empty: in three days."),
    )

    def clean_object(self) -> str:
        """Without what was copied along."""
        return str(self.cleaned_data["object"]).strip()


class Narrow(forms.Form):
    """Which retractions the list shows."""

    reason = forms.ChoiceField(label=_("Why"), required=False)

    def __init__(self, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["reason"].choices = [("", _("all")), *REASONS.items()]  # type: ignore[attr-defined]
