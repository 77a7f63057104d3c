"""Signing as an officer: the form with which a person signs with the key that is theirs, and nobody else's (trust.md 7).

A view that signs:

    @needs(Power.APPROVE)
    @step_up
    def approve(request, release_id):
        form = SignForm(request, approval.ROLE, request.POST or None)
        if request.method == "POST" and form.is_valid():
            released = release.approve(home, release_id, form.key, now())

and its template: `{% include "sign/fields.html" %}` inside of its <form method="post">.
"""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hilf.errors import CallerFault, HilfError
from hilf.node import user
from hilf.seal.identity import Officer
from hilf.seal.key import PrivateKey

TRIES: Final = 5
"""Wrong passphrases before the next is not even tried: whoever sits at an open session must not guess on."""

PAUSE_S: Final = 900
"""For how long it is not."""


def person_id(request: HttpRequest) -> int:
    """The account of who asks, who is signed in."""
    return int(request.user.pk or 0)


class SignForm(forms.Form):
    """The passphrase of one's own officer's key; `key` is that key once the form is valid.

    Attributes:
        officer: who signs; None where the account is bound to none or that officer may not sign this.
        refusal: why not, then.
    """

    passphrase = forms.CharField(
        label=_("Passphrase of your officer's key"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "dir": "ltr", "class": "form-control"}),
    )

    def __init__(self, request: HttpRequest, role: str, data: Mapping[str, Any] | None = None) -> None:
        """Make the form.

        Args:
            request: of the person who signs.
            role: in which the officer must be trusted, such as `approval.ROLE`.
            data: what was sent, or None.
        """
        super().__init__(data, auto_id="sign_%s")
        self._person, self._role = person_id(request), role
        self.key: PrivateKey
        self.officer: Officer | None = None
        self.refusal: HilfError | None = None
        try:
            self.officer = user.check_officer(settings.HILF_HOME, self._person, role)
        except HilfError as refusal:
            self.refusal = refusal

    def clean_passphrase(self) -> str:
        """Open the key."""
        place, passphrase = f"hilf.sign.{self._person}", str(self.cleaned_data["passphrase"])
        if cache.get(place, 0) >= TRIES:
            raise ValidationError(gettext("Too many wrong passphrases. Try again in a quarter of an hour."))
        try:
            self.key = user.signing_key(settings.HILF_HOME, self._person, passphrase, self._role)
        except CallerFault as fault:
            cache.add(place, 0, PAUSE_S)
            cache.incr(place)
            raise ValidationError(gettext("This is not the passphrase of your officer's key.")) from fault
        except HilfError as refusal:
            raise ValidationError(refusal.what) from refusal
        cache.delete(place)
        return ""
