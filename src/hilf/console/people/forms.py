"""What is asked about a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from hilf.access.role import Role
from hilf.console.people.words import MAY, ROLES


def _roles() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        choices=[(word, lazy(_named, str)(word)) for word in ROLES],
        widget=forms.CheckboxSelectMultiple,
    )


def _named(word: str) -> str:
    return f"{ROLES[word]}: {MAY[word]}"


class RolesForm(forms.Form):
    """Which roles somebody has."""

    roles = _roles()

    def wanted(self) -> list[Role]:
        """The roles that were ticked."""
        return [Role(word) for word in self.cleaned_data["roles"]]


class InviteForm(RolesForm):
    """Whom to invite, as what."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("What the person types to sign in, for example amal.haddad."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    roles = _roles()

    field_order = ("name", "language", "roles")


class OfficerForm(forms.Form):
    """Which officer somebody is."""

    officer = forms.ChoiceField(label=_("Officer"), required=False)

    def __init__(self, officers: Iterable[str], data: Mapping[str, Any] | None = None, **more: Any) -> None:  # noqa: ANN401  # Django's own arguments
        super().__init__(data, **more)
        field = self.fields["officer"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # it stands above
        field.choices = [("", _("none: signs nothing")), *((name, name) for name in officers)]


class SubjectForm(forms.Form):
    """Whom the identity provider means by a person."""

    subject = forms.CharField(
        label=_("Subject at the identity provider"),
        required=False,
        max_length=190,
        help_text=_(
            "The claim “sub”, exactly as the provider says it; empty where the person signs in without it."
        ),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
