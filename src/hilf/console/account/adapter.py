"""What django-allauth asks of us: nobody signs up by himself, secrets are sealed, passkeys are for this console only."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts come by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False


class Providers(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Identity providers sign people in; they make no accounts."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ANN401, ARG002
        """Never."""
        return False


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: TOTP secrets are sealed, so that a copy of the database alone signs nobody in."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return Fernet(settings.HILF_SEAL).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return Fernet(settings.HILF_SEAL).decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whom a passkey is for: the console of this node, whatever a Host header says."""
        return {"id": settings.HILF_RELYING_PARTY, "name": f"hilf {settings.HILF_HOME.node}"}
