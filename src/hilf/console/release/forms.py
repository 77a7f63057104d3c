"""Forms of release: whom and what to look at, and how to narrow the history."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hilf.console.choices import partner_choices
from hilf.console.release.words import ALL_NODES, STATES
from hilf.lists.hit import Action
from hilf.node import life, lists, peer
from hilf.node.home import Home

LONGEST_SELECT = 2_000


class Choose(forms.Form):
    """To whom, and what."""

    to = forms.MultipleChoiceField(
        label=_("To"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("Verified partners.")
    )
    accord = forms.ChoiceField(label=_("Or to all parties of an accord"), required=False)
    select = forms.CharField(
        label=_("What"),
        required=False,
        max_length=LONGEST_SELECT,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "Leave it empty for everything that this node asserts and has not released there. Else for example "
            '<bdi dir="ltr"><code>type:indicator marking:tlp:clear,tlp:green label:energy</code></bdi>.'
        ),
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"), required=False, help_text=_("Without one: the first that the accord names.")
    )
    despite = forms.MultipleChoiceField(
        label=_("Set aside for this once"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Lists that stop what they find. What goes all the same needs a second officer."),
    )

    def __init__(
        self, home: Home, now: datetime, data: QueryDict | None = None, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        held = life.all_in_force(home, now)
        nodes = [node for node in peer.verified(home) if node != home.node]
        everybody = [("all", ALL_NODES)] if nodes else []
        self._choices("to", [*everybody, *((node, node) for node in nodes)])
        titles = [(each.accord.id, next(iter(each.accord.title.values()), each.accord.id)) for each in held]
        self._choices("accord", [("", "—"), *titles])
        purposes = dict.fromkeys(purpose for each in held for purpose in each.accord.purposes)
        self._choices("purpose", [("", "—"), *((each, each) for each in purposes)])
        stopping = [name for name, action in lists.actions().items() if action is Action.STOP]
        self._choices("despite", [(name, name) for name in stopping])
        if not stopping:
            del self.fields["despite"]
        if not titles:
            del self.fields["accord"]

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # each that is filled here is one
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Somebody must be named."""
        cleaned = super().clean() or {}
        if not cleaned.get("to") and not cleaned.get("accord") and "to" not in self.errors:
            self.add_error("to", _("Choose at least one."))
        return cleaned


class Narrow(forms.Form):
    """Which releases the history shows."""

    state = forms.ChoiceField(label=_("State"), required=False)
    peer = forms.ChoiceField(label=_("To"), required=False)

    def __init__(self, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["state"].choices = [("", _("all")), *STATES.items()]  # type: ignore[attr-defined]
        self.fields["peer"].choices = [("", _("all")), *partner_choices()]  # type: ignore[attr-defined]
