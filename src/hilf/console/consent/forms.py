"""Forms of consent: a question of ours, and the answer to a partner's."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hilf.console.consent.words import DENIALS, OURS_TO_SAY
from hilf.federation.consent import MOST_OBJECTS, MOST_WORDS, Asked
from hilf.node import life, peer
from hilf.node.home import Home, now

_LOCAL = "%Y-%m-%dT%H:%M"


class Ask(forms.Form):
    """What, to whom, why, until when."""

    objects = forms.CharField(
        label=_("Objects"),
        widget=forms.Textarea(attrs={"dir": "ltr", "rows": 3, "spellcheck": "false"}),
        help_text=_("Their ids, one a line."),
    )
    to = forms.MultipleChoiceField(
        label=_("To whom they would go"), required=False, widget=forms.CheckboxSelectMultiple
    )
    community = forms.ChoiceField(label=_("Or to whoever is in a community"), required=False)
    why = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"dir": "auto", "rows": 3}),
        help_text=_("One sentence for the people who decide there. It is sent to them."),
    )
    lang = forms.ChoiceField(
        label=_("Language of the sentence"),
        choices=[("ar", "العربية"), ("en", "English"), ("fr", "Français")],
    )
    by = forms.DateTimeField(
        label=_("Answer wanted by"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL),
        help_text=_("In your time zone. Empty: in three days. No answer by then is a no."),
    )
    purpose = forms.ChoiceField(label=_("Purpose"), required=False)

    def __init__(
        self, home: Home, data: QueryDict | None = None, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        held = life.all_in_force(home, now())
        communities = {
            str(each.accord.community): next(iter(each.accord.title.values()), str(each.accord.community))
            for each in held
            if each.accord.community
        }
        purposes = dict.fromkeys(purpose for each in held for purpose in each.accord.purposes)
        self._choices("to", [(node, node) for node in peer.verified(home)])
        self._choices("community", [("", "—"), *communities.items()])
        self._choices("purpose", [("", "—"), *((each, each) for each in purposes)])
        self.fields["lang"].initial = get_language()

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # each that is filled here is one
        field.choices = choices

    def clean_objects(self) -> list[str]:
        """Each once."""
        found = list(dict.fromkeys(str(self.cleaned_data["objects"]).replace(",", " ").split()))
        if len(found) > MOST_OBJECTS:
            raise forms.ValidationError(
                _("At most %(most)s objects in one question."), params={"most": MOST_OBJECTS}
            )
        return found

    def clean(self) -> dict[str, Any]:
        """Either nodes or a community."""
        cleaned = super().clean() or {}
        if bool(cleaned.get("to")) == bool(cleaned.get("community")):
            self.add_error("to", _("Choose nodes, or a community."))
        return cleaned


class Give(forms.Form):
    """A yes: for all that is asked, or for less."""

    objects = forms.MultipleChoiceField(label=_("For these objects"), widget=forms.CheckboxSelectMultiple)
    nodes = forms.MultipleChoiceField(label=_("To these nodes"), widget=forms.CheckboxSelectMultiple)
    until = forms.DateTimeField(
        label=_("The consent ends"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL),
        help_text=_("In your time zone. Empty: when the terms under which it went there end."),
    )

    def __init__(
        self, asked: Asked, data: QueryDict | None = None, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        ids, nodes = list(dict.fromkeys(each.id for each in asked.objects)), list(asked.to.nodes)
        self.fields["objects"].choices = [(each, each) for each in ids]  # type: ignore[attr-defined]
        self.fields["objects"].initial = ids
        if nodes:
            self.fields["nodes"].choices = [(each, each) for each in nodes]  # type: ignore[attr-defined]
            self.fields["nodes"].initial = nodes
        else:
            del self.fields["nodes"]
        self._all = (frozenset(ids), frozenset(nodes))

    @property
    def narrower(self) -> tuple[list[str], list[str]]:
        """Objects and nodes where these are fewer than asked; empty for all of them."""
        ids, nodes = self._all
        chosen, to = self.cleaned_data["objects"], self.cleaned_data.get("nodes", [])
        return ([] if set(chosen) == ids else chosen, [] if set(to) == nodes else to)


class Deny(forms.Form):
    """A no, with the word that the partner sees."""

    code = forms.ChoiceField(
        label=_("Why not"),
        widget=forms.RadioSelect,
        choices=[(code, DENIALS[code]) for code in OURS_TO_SAY],
        initial=OURS_TO_SAY[0],
        help_text=_("The partner sees this word and nothing else."),
    )


class Narrow(forms.Form):
    """Which questions the list shows."""

    way = forms.ChoiceField(
        label=_("Who asks"),
        required=False,
        choices=[("", _("all")), ("in", _("partners ask us")), ("out", _("we ask"))],
    )
