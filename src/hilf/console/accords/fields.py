"""Fields of the accord's forms: several words, one to a line, and instants in UTC."""

from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from hilf.canonical import timestamp

_SHOWN: Final = "%Y-%m-%dT%H:%M"


class Lines(forms.CharField):
    """Several texts, one to a line; none at all is an empty list."""

    widget = forms.Textarea

    def __init__(self, **values: object) -> None:
        """Make the field; it is never required by itself."""
        values.setdefault("widget", forms.Textarea(attrs={"rows": 2, "dir": "auto"}))
        super().__init__(required=False, **values)  # type: ignore[arg-type]

    def to_python(self, value: object) -> list[str]:  # type: ignore[override]  # a list, where others have a text
        """The texts, without empty lines."""
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def prepare_value(self, value: object) -> object:
        """The texts as somebody edits them."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value


class Instant(forms.CharField):
    """A time in UTC, to the minute; an accord is the same for readers in every zone."""

    def __init__(self, **values: object) -> None:
        """Make the field."""
        values.setdefault("widget", forms.TextInput(attrs={"type": "datetime-local", "dir": "ltr"}))
        super().__init__(**values)  # type: ignore[arg-type]

    def to_python(self, value: object) -> str:
        """The time as an accord writes it."""
        text = str(value or "").strip()
        if not text:
            return ""
        try:
            return timestamp(datetime.fromisoformat(text).replace(tzinfo=UTC))
        except ValueError as error:
            raise ValidationError(gettext_lazy("This is no time.")) from error

    def prepare_value(self, value: object) -> object:
        """The time as the browser edits it."""
        text = str(value or "")
        return datetime.fromisoformat(text).strftime(_SHOWN) if text.endswith("Z") else text


def choice(
    label: str | Promise, choices: list[tuple[str, Any]], *, required: bool = True, **values: object
) -> forms.ChoiceField:
    """A choice of words."""
    return forms.ChoiceField(label=label, choices=choices, required=required, **values)  # type: ignore[arg-type]


def number(label: str | Promise, least: int, most: int, *, required: bool = False) -> forms.IntegerField:
    """A whole number in a range."""
    return forms.IntegerField(label=label, min_value=least, max_value=most, required=required)  # type: ignore[arg-type]
