"""The terms of an accord as a form: title, period, purposes, passing on, personal data, retention, what happens at its end."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from hilf.accord.clause import MAX_DAYS
from hilf.accord.document import AT_END, CONFIRMATIONS, MEMBERSHIP, PERSONAL_DATA, QUOTAS
from hilf.accord.template import LANGUAGES
from hilf.accord.terms import Onward
from hilf.canonical import Json
from hilf.console.accords import words
from hilf.console.accords.fields import Instant, Lines, choice, number

MEMBERS: Final = (
    "title", "from", "until", "review", "purposes", "onward", "personal_data", "retention_days", "languages", "at_end",
    "confirmations", "membership", "quotas", "references",
)  # fmt: skip
"""Members of the document that this form edits together."""

LARGEST: Final = 2**53 - 1


class TermsForm(forms.Form):
    """Everything but clauses, parties, promises and contacts."""

    title_ar = forms.CharField(
        label=gettext_lazy("Title in Arabic"),
        required=False,
        widget=forms.TextInput(attrs={"lang": "ar", "dir": "rtl"}),
    )
    title_en = forms.CharField(
        label=gettext_lazy("Title in English"),
        required=False,
        widget=forms.TextInput(attrs={"lang": "en", "dir": "ltr"}),
    )
    title_fr = forms.CharField(
        label=gettext_lazy("Title in French"),
        required=False,
        widget=forms.TextInput(attrs={"lang": "fr", "dir": "ltr"}),
    )
    begins = Instant(label=gettext_lazy("From (UTC)"))
    until = Instant(label=gettext_lazy("Until (UTC)"))
    review = Instant(label=gettext_lazy("Looked at again (UTC)"))
    purposes = Lines(
        label=gettext_lazy("Purposes, one to a line"),
        help_text=gettext_lazy("Such as defence, incident or exercise."),
    )
    onward = choice(
        gettext_lazy("Passing on"),
        [(each.value, words.ONWARD[each.value]) for each in Onward],
        widget=forms.RadioSelect,
    )
    personal_data = choice(
        gettext_lazy("Personal data"),
        [(each, words.PERSONAL[each]) for each in PERSONAL_DATA],
        widget=forms.RadioSelect,
    )
    retention_days = number(gettext_lazy("Days for which it is kept"), 1, MAX_DAYS, required=True)
    at_end = choice(
        gettext_lazy("At its end"), [(each, words.AT_END[each]) for each in AT_END], widget=forms.RadioSelect
    )
    confirmations = choice(
        gettext_lazy("Retractions"),
        [(each, words.CONFIRMATIONS[each]) for each in CONFIRMATIONS],
        widget=forms.RadioSelect,
    )
    membership = choice(
        gettext_lazy("Joining and leaving"),
        [(each, words.MEMBERSHIP[each]) for each in MEMBERSHIP],
        widget=forms.RadioSelect,
    )
    languages = Lines(label=gettext_lazy("Languages of texts and answers, one to a line"))
    acts_per_hour = number(gettext_lazy("Acts that each may send the other in an hour"), 1, LARGEST)
    bytes_per_hour = number(gettext_lazy("Bytes that each may send the other in an hour"), 1, LARGEST)
    disk_bytes = number(gettext_lazy("Bytes that each may occupy on the disk of the other"), 1, LARGEST)
    references = Lines(label=gettext_lazy("Legal references, one to a line"))

    def clean(self) -> dict[str, Any]:
        """Say what only all fields together show."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not any(cleaned.get(f"title_{language}") for language in LANGUAGES):
            self.add_error("title_en", gettext_lazy("Write it in one language at least."))
        for name in ("purposes", "languages"):
            if name in cleaned and not cleaned[name]:
                self.add_error(name, gettext_lazy("Name one at least."))
        return cleaned

    def members(self, held: Mapping[str, Json]) -> dict[str, Json]:
        """The members; what is `held` in them and not shown by the form stays."""
        cleaned = self.cleaned_data
        title = dict(_object(held.get("title")))
        for language in LANGUAGES:
            title.pop(language, None)
            if cleaned[f"title_{language}"]:
                title[language] = cleaned[f"title_{language}"]
        quotas = {name: value for name, value in _object(held.get("quotas")).items() if name not in QUOTAS}
        quotas.update((name, cleaned[name]) for name in QUOTAS if cleaned[name] is not None)
        same = (
            "until",
            "review",
            "purposes",
            "onward",
            "personal_data",
            "retention_days",
            "languages",
            "at_end",
            "confirmations",
        )
        members: dict[str, Json] = {
            "title": title,
            "from": cleaned["begins"],
            "quotas": quotas,
            **{n: cleaned[n] for n in same},
        }
        if "membership" in held or cleaned["membership"] != MEMBERSHIP[0]:
            members["membership"] = cleaned["membership"]
        return {**members, "references": _references(cleaned["references"], held.get("references"))}


def shown(members: Mapping[str, Json]) -> dict[str, Any]:
    """What the form shows of the members."""
    titles = {f"title_{language}": text for language, text in _object(members["title"]).items()}
    quotas = _object(members.get("quotas"))
    return {
        **members,
        **titles,
        "begins": members["from"],
        "membership": members.get("membership", MEMBERSHIP[0]),
        **{name: quotas.get(name) for name in QUOTAS},
        "references": [_line(each) for each in _list(members.get("references"))],
    }


def _references(lines: list[str], held: Json) -> list[Json]:
    """References as an accord writes them; one that says more than a line stays as it is while its line does."""
    known = {_line(each): each for each in _list(held)}
    return [known.get(line, {"text": line}) for line in lines]


def _line(reference: Json) -> str:
    told = _object(reference)
    return str(told.get("text") or " ".join(str(value) for value in told.values()))


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
