"""Signing as an officer: the form with which a person signs with the key that is theirs, and nobody else's (trust.md 7).

A view that signs:

    @needs(Power.APPROVE)
    @step_up
    def approve(request, release_id):
        form = SignForm(request, approval.ROLE, request.POST or None, exact=Exact(…))
        if request.method == "POST" and form.is_valid():
            released = release.approve(home, release_id, form.key, form.at)

and its template: `{% include "sign/fields.html" %}` inside of its <form method="post">. With `exact`, a person whose key is
sealed under a passkey signs with that: it answers for the bytes that the key signs at `form.at` (docs/adr/0023).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson
from django import forms
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hilf.console import webauthn
from hilf.errors import CallerFault, HilfError
from hilf.node import passkey, user
from hilf.node.home import now
from hilf.node.passkey import Exact
from hilf.stack import STEP_UP_S

if TYPE_CHECKING:
    from hilf.seal.identity import Officer
    from hilf.seal.key import PrivateKey

TRIES: Final = 5
"""Wrong passphrases before the next is not even tried: whoever sits at an open session must not guess on."""

PAUSE_S: Final = 900
"""For how long it is not."""

_SALT: Final = "hilf.sign"


def person_id(request: HttpRequest) -> int:
    """The account of who asks, who is signed in."""
    return int(request.user.pk or 0)


class SignForm(forms.Form):
    """The passphrase of one's own officer's key, or a passkey; `key` is that key once the form is valid.

    Attributes:
        officer: who signs; None where the account is bound to none or that officer may not sign this.
        refusal: why not, then.
        at: when the record is made; what a passkey answered for holds this time.
        asked: what a passkey is asked, as JSON; empty where there is none to ask.
    """

    passphrase = forms.CharField(
        label=_("Passphrase of your officer's key"),
        strip=False,
        required=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "dir": "ltr", "class": "form-control"}),
    )
    assertion = forms.CharField(required=False, max_length=webauthn.LONGEST, widget=forms.HiddenInput)
    moment = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)

    def __init__(
        self,
        request: HttpRequest,
        role: str,
        data: Mapping[str, Any] | None = None,
        exact: Exact | None = None,
    ) -> None:
        """Make the form.

        Args:
            request: of the person who signs.
            role: in which the officer must be trusted, such as `approval.ROLE`.
            data: what was sent, or None.
            exact: the record that is signed; without it there is only the passphrase.
        """
        super().__init__(data, auto_id="sign_%s")
        self._user, self._person = request.user, person_id(request)
        self._role, self._exact = role, exact
        self.key: PrivateKey
        self.officer: Officer | None = None
        self.refusal: HilfError | None = None
        self.at: datetime = _to_the_millisecond(now())
        try:
            self.officer = user.check_officer(settings.HILF_HOME, self._person, role)
        except HilfError as refusal:
            self.refusal = refusal
        self.asked = self._asked()

    def _asked(self) -> str:
        held = passkey.of_person(settings.HILF_HOME, self._person) if self._exact and self.officer else ()
        if not held:
            return ""
        said = {"at": self.at.isoformat(), "person": self._person}
        self.fields["moment"].initial = signing.dumps(said, salt=_SALT)
        salts = {each.credential: each.salt for each in held}
        asked = webauthn.asked(self._user, self._challenge(self.at), salts)  # type: ignore[arg-type]
        return orjson.dumps(asked).decode() if asked["salts"] else ""

    def _challenge(self, at: datetime) -> bytes:
        assert self._exact is not None  # noqa: S101  # a passkey is asked for nothing else
        assert self.officer is not None  # noqa: S101  # same
        return passkey.challenge(settings.HILF_HOME, self._exact, self.officer.key.kid, at)

    def clean(self) -> dict[str, Any]:
        """Open the key, with the passkey where it answered."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return given
        try:
            if given.get("assertion") and self._exact and self.officer:
                self._open_with_passkey(str(given["assertion"]), str(given.get("moment", "")))
            else:
                self._open(str(given.get("passphrase", "")))
        except HilfError as fault:
            self.add_error("passphrase", f"{fault.what} {fault.remedy}")
        return {}

    def _open_with_passkey(self, text: str, moment: str) -> None:
        try:
            said = signing.loads(moment, salt=_SALT, max_age=STEP_UP_S)
            answer = orjson.loads(text)
        except (signing.BadSignature, ValueError) as error:
            raise ValidationError(gettext("This page was open for too long. Sign anew.")) from error
        if said["person"] != self._person:
            raise ValidationError(gettext("This page was open for too long. Sign anew."))
        self.at = datetime.fromisoformat(said["at"])
        asked = self._challenge(self.at)
        found = webauthn.answered(self._user, asked, answer)  # type: ignore[arg-type]
        self.key = passkey.key(settings.HILF_HOME, self._person, found.credential, found.secret, self._role)
        assert self._exact is not None  # noqa: S101  # it was asked for
        passkey.keep_answer(self._exact, self.key.kid, asked, orjson.dumps(answer).decode(), self.at)

    def _open(self, passphrase: str) -> None:
        if not passphrase:
            raise ValidationError({"passphrase": gettext("Type the passphrase.")})
        place = f"hilf.sign.{self._person}"
        if cache.get(place, 0) >= TRIES:
            raise ValidationError(
                {"passphrase": gettext("Too many wrong passphrases. Try again in a quarter of an hour.")}
            )
        try:
            self.key = user.signing_key(settings.HILF_HOME, self._person, passphrase, self._role)
        except CallerFault as fault:
            cache.add(place, 0, PAUSE_S)
            cache.incr(place)
            raise ValidationError(
                {"passphrase": gettext("This is not the passphrase of your officer's key.")}
            ) from fault
        cache.delete(place)


def _to_the_millisecond(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
