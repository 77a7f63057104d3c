"""Forms of intelligence: what is looked for, what is brought in, what is laid over a selection, what is decided."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hilf.console.intelligence.words import MARKINGS
from hilf.node import asked, mark, quarantine

LONGEST_PASTE = 4 * 2**20

_LINE = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


def marking_choices(empty: str | Promise) -> list[tuple[str, str | Promise]]:
    """Levels to choose from; the first is none."""
    return [("", empty), *((each, each.upper()) for each in MARKINGS)]


class Search(forms.Form):
    """One line for words, values and terms; a level beside it."""

    q = forms.CharField(
        label=_("Words, values or terms"),
        required=False,
        max_length=asked.LONGEST,
        widget=forms.TextInput(attrs={**_LINE, "placeholder": "type:indicator label:energy -marking:red"}),
    )
    marking = forms.ChoiceField(label=_("Marking"), required=False, choices=marking_choices(_("any")))


class Bring(forms.Form):
    """A file or text to take in."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        help_text=_("STIX 2.1: a bundle, a list, or one object a line; of any size."),
        widget=forms.FileInput(attrs={"accept": ".json,.jsonl,.ndjson,.stix,application/json"}),
    )
    text = forms.CharField(
        label=_("Or paste it"),
        required=False,
        strip=False,
        max_length=LONGEST_PASTE,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "ltr", "spellcheck": "false", "class": "hilf-code"}),
    )
    url = forms.URLField(
        label=_("Or fetch it from an address"),
        required=False,
        assume_scheme="https",
        max_length=2000,
        help_text=_("Over https, from the hosts that the settings of this node name."),
    )
    marking = forms.ChoiceField(
        label=_("Marking"),
        required=False,
        choices=marking_choices(_("that of the source, or what each object says")),
        help_text=_("Laid over every object. What an object says itself is never loosened."),
    )
    source = forms.CharField(
        label=_("Source"),
        required=False,
        max_length=100,
        help_text=_("Where it comes from, such as the name of a feed. Its usual marking applies."),
        widget=forms.TextInput(attrs={"list": "sources", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, hosts: Collection[str] = (), **values: Any) -> None:  # noqa: ANN401  # Django's
        super().__init__(*args, **values)
        if not hosts:
            del self.fields["url"]

    def clean(self) -> dict[str, Any]:
        """A file, a text or an address, and one of them only."""
        cleaned = super().clean() or {}
        given = (cleaned.get("file"), str(cleaned.get("text") or "").strip(), cleaned.get("url"))
        if sum(map(bool, given)) != 1 and not self.errors:
            raise forms.ValidationError(_("Choose a file or paste a text, one of both."))
        return cleaned


class Decide(forms.Form):
    """Why something that waits is accepted or dropped."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=quarantine.LONGEST_REASON,
        help_text=_(
            "Whoever reads this later must see why it was decided, such as: asked the partner by phone."
        ),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )


class Label(forms.Form):
    """A label of ours."""

    label = forms.CharField(
        label=_("Label"),
        max_length=mark.LONGEST_LABEL,
        help_text=_("It stands beside the object, is found by label:, and is told to nobody."),
        widget=forms.TextInput(attrs={"dir": "auto", "list": "labels", "autocomplete": "off"}),
    )


class Mark(forms.Form):
    """A marking to lay over a selection."""

    marking = forms.ChoiceField(
        label=_("Marking"),
        choices=marking_choices(_("choose one")),
        help_text=_(
            "It makes objects stricter, never looser. A looser one needs a new version by its author."
        ),
    )
