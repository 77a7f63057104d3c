"""A clause as a form: what it does, what it is about, its conditions, its duties, its words; never JSON.

Members that this version does not know stay as they are: the form changes only what it shows.
"""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy

from hilf.accord.clause import MARKINGS, MAX_DAYS, MAX_OFFICERS, PAPS, Effect
from hilf.accord.template import LANGUAGES
from hilf.accord.terms import Onward
from hilf.canonical import Json
from hilf.console.accords import kinds
from hilf.console.accords.fields import Lines, choice, number
from hilf.console.accords.words import EFFECT_NAMES, ONWARD

_LISTS: Final = ("labels_any", "sectors_any", "purposes_any", "languages_any")
_FLAGS: Final = ("exercise", "personal_data")
_LEVELS: Final = ("marking", "pap")
_ANY: Final = ("", gettext_lazy("whatever"))
_NAMES: Final = {
    "ar": gettext_lazy("Words in Arabic"),
    "en": gettext_lazy("Words in English"),
    "fr": gettext_lazy("Words in French"),
}


class ClauseForm(forms.Form):
    """One clause."""

    id = forms.RegexField(
        r"^[a-z0-9][a-z0-9._:-]{0,63}$",
        label=gettext_lazy("Short name"),
        max_length=64,
        help_text=gettext_lazy("Small letters, digits and hyphens, such as c-5; reasons name it."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    effect = choice(gettext_lazy("What it does"), [*EFFECT_NAMES.items()], widget=forms.RadioSelect)
    acts = forms.MultipleChoiceField(
        label=gettext_lazy("What it is about"),
        choices=[*kinds.ACTS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    types = forms.MultipleChoiceField(
        label=gettext_lazy("or only these kinds of object"),
        choices=[*kinds.TYPES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    marking = choice(
        gettext_lazy("TLP"),
        [_ANY, *((word, f"TLP:{word.upper()}") for word in MARKINGS)],
        required=False,
        help_text=gettext_lazy(
            "At most this, of a clause that permits; this or stricter, of one that forbids or requires."
        ),
    )
    pap = choice(
        gettext_lazy("PAP"),
        [_ANY, *((word, f"PAP:{word.upper()}") for word in PAPS)],
        required=False,
        help_text=gettext_lazy(
            "At most this, of a clause that permits; this or stricter, of one that forbids or requires."
        ),
    )
    confidence_min = number(gettext_lazy("Confidence of 100, at least"), 0, 100)
    labels_any = Lines(label=gettext_lazy("Labelled with any of these, one to a line"))
    sectors_any = Lines(label=gettext_lazy("About any of these sectors, one to a line"))
    purposes_any = Lines(label=gettext_lazy("For any of these purposes, one to a line"))
    languages_any = Lines(
        label=gettext_lazy("In any of these languages, one to a line"), help_text=gettext_lazy("Such as fr.")
    )
    exercise = choice(
        gettext_lazy("Exercises"),
        [_ANY, ("yes", gettext_lazy("material of exercises")), ("no", gettext_lazy("real things"))],
        required=False,
    )
    personal_data = choice(
        gettext_lazy("Personal data"),
        [_ANY, ("yes", gettext_lazy("what holds personal data")), ("no", gettext_lazy("what holds none"))],
        required=False,
    )
    approvals = number(gettext_lazy("Officers of the sender who approve it"), 1, MAX_OFFICERS)
    retention_days = number(gettext_lazy("Days after which it is erased"), 1, MAX_DAYS)
    onward = choice(
        gettext_lazy("Passing on"),
        [_ANY, *((each.value, ONWARD[each.value]) for each in Onward)],
        required=False,
    )
    purpose = forms.CharField(
        label=gettext_lazy("It is used for this purpose alone"),
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    sealed = forms.BooleanField(
        label=gettext_lazy("It leaves in a sealed body"),
        required=False,
        help_text=gettext_lazy("No node can seal yet: what this covers stays."),
    )
    text_ar = forms.CharField(
        label=_NAMES["ar"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "ar", "dir": "rtl"}),
    )
    text_en = forms.CharField(
        label=_NAMES["en"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "en", "dir": "ltr"}),
    )
    text_fr = forms.CharField(
        label=_NAMES["fr"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "fr", "dir": "ltr"}),
    )

    GROUPS: Final = (
        ("", ("id", "effect")),
        (gettext_lazy("What it is about"), ("acts", "types")),
        (
            gettext_lazy("Conditions, all of which must hold"),
            ("marking", "pap", "confidence_min", *_LISTS, "exercise", "personal_data"),
        ),
        (
            gettext_lazy("What a clause that requires asks for"),
            ("approvals", "retention_days", "onward", "purpose", "sealed"),
        ),
        (gettext_lazy("Its words, which bind people"), ("text_ar", "text_en", "text_fr")),
    )
    """Headings, and the fields below each."""

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(heading, [self[name] for name in names]) for heading, names in self.GROUPS]

    def clean(self) -> dict[str, Any]:
        """Say what only all fields together show."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not (cleaned.get("acts") or cleaned.get("types")):
            self.add_error("acts", gettext_lazy("Choose at least one kind."))
        if not any(cleaned.get(f"text_{language}") for language in LANGUAGES):
            self.add_error("text_en", gettext_lazy("Write it in one language at least."))
        if cleaned.get("effect") == Effect.REQUIRE.value and not _duties(cleaned, {}):
            self.add_error("approvals", gettext_lazy("A clause that requires asks for something."))
        return cleaned

    def clause(self, held: Mapping[str, Json] | None) -> dict[str, Json]:
        """The clause; members of the one that is `held` and that the form does not show stay."""
        held, cleaned = held or {}, self.cleaned_data
        texts = dict(_object(held.get("text")))
        for language in LANGUAGES:
            texts.pop(language, None)
            if cleaned[f"text_{language}"]:
                texts[language] = cleaned[f"text_{language}"].replace("\r\n", "\n")
        found: dict[str, Json] = {
            **held,
            "id": cleaned["id"],
            "effect": cleaned["effect"],
            "kinds": [*cleaned["acts"], *cleaned["types"]],
            "when": _conditions(cleaned, _object(held.get("when"))),
            "text": texts,
        }
        found.pop("require", None)
        if cleaned["effect"] == Effect.REQUIRE.value:
            found["require"] = _duties(cleaned, _object(held.get("require")))
        return found


def shown(clause: Mapping[str, Json]) -> dict[str, Any]:
    """What the form shows of a clause."""
    when, require = _object(clause.get("when")), _object(clause.get("require"))
    covered = clause["kinds"] if isinstance(clause["kinds"], list) else []
    flags = {name: {True: "yes", False: "no"}.get(bool(when[name])) for name in _FLAGS if name in when}
    levels = {name: when.get(f"{name}_max") or when.get(f"{name}_min") or "" for name in _LEVELS}
    texts = {f"text_{language}": text for language, text in _object(clause["text"]).items()}
    return {
        "id": clause["id"],
        "effect": clause["effect"],
        "acts": [kind for kind in covered if kind in kinds.ACTS],
        "types": [kind for kind in covered if kind in kinds.TYPES],
        "confidence_min": when.get("confidence_min"),
        **{name: when.get(name) or [] for name in _LISTS},
        **levels,
        **flags,
        **{
            name: require.get(name) for name in ("approvals", "retention_days", "onward", "purpose", "sealed")
        },
        **texts,
    }


def _conditions(cleaned: Mapping[str, Any], held: Mapping[str, Json]) -> dict[str, Json]:
    known = {
        *_LISTS,
        *_FLAGS,
        "confidence_min",
        *(f"{name}_{end}" for name in _LEVELS for end in ("max", "min")),
    }
    when: dict[str, Json] = {name: value for name, value in held.items() if name not in known}
    end = "max" if cleaned["effect"] == Effect.PERMIT.value else "min"
    when.update((f"{name}_{end}", cleaned[name]) for name in _LEVELS if cleaned[name])
    when.update((name, cleaned[name]) for name in _LISTS if cleaned[name])
    when.update((name, cleaned[name] == "yes") for name in _FLAGS if cleaned[name])
    if cleaned["confidence_min"] is not None:
        when["confidence_min"] = cleaned["confidence_min"]
    return when


def _duties(cleaned: Mapping[str, Any], held: Mapping[str, Json]) -> dict[str, Json]:
    names = ("approvals", "retention_days", "onward", "purpose", "sealed")
    duty: dict[str, Json] = {name: value for name, value in held.items() if name not in names}
    duty.update((name, cleaned[name]) for name in names if cleaned.get(name))
    return duty


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}
