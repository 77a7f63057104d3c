"""Passkeys of a person, asked for exact bytes: what the browser is told, and whether what it answers holds.

The passkeys are those with which the person signs in (django-allauth keeps them); python-fido2 judges the answer, with the
user verified by the authenticator, for this console's own origin.
"""

from dataclasses import dataclass
from typing import Any, Final

from allauth.mfa.webauthn.internal.auth import get_credentials, get_server
from django.contrib.auth.models import AbstractBaseUser
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import UserVerificationRequirement

from hilf.canonical import Json
from hilf.errors import CallerFault

LONGEST: Final = 20_000
"""Characters of an answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A passkey's answer that holds.

    Attributes:
        credential: id of the passkey, as base64url.
        public: its public key (COSE).
        secret: what its PRF gave; empty for an authenticator that has none.
    """

    credential: str
    public: bytes
    secret: bytes


def has_passkey(user: AbstractBaseUser) -> bool:
    """Whether a person has any passkey."""
    return bool(get_credentials(user))


def asked(user: AbstractBaseUser, challenge: bytes, salts: dict[str, bytes]) -> dict[str, Json]:
    """What the browser hands to an authenticator.

    Args:
        user: whose passkeys.
        challenge: what is answered for.
        salts: id of a passkey → for what its PRF is asked; of these passkeys one must answer.
    """
    held = [websafe_encode(each.credential_id) for each in get_credentials(user)]
    return {
        "challenge": websafe_encode(challenge),
        "rpId": get_server().rp.id,
        "salts": {each: websafe_encode(salts[each]) for each in held if each in salts},
    }


def credentials(user: AbstractBaseUser) -> tuple[str, ...]:
    """Ids of the passkeys of a person, as base64url."""
    return tuple(websafe_encode(each.credential_id) for each in get_credentials(user))


def answered(user: AbstractBaseUser, challenge: bytes, answer: dict[str, Any]) -> Answered:
    """Judge what the browser brought back.

    Args:
        user: whose passkeys may answer.
        challenge: what was asked.
        answer: the credential as JSON, with `secret`, what the PRF gave.

    Raises:
        CallerFault: "passkey.answer".
    """
    state = {
        "challenge": websafe_encode(challenge),
        "user_verification": UserVerificationRequirement.REQUIRED,
    }
    try:
        secret = websafe_decode(str(answer.pop("secret", "") or ""))
        credential = get_server().authenticate_complete(state, get_credentials(user), answer)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CallerFault(
            "passkey.answer",
            "The passkey's answer does not hold.",
            "It is for other bytes, for another console, or from a passkey that is not yours.",
            "Open the page again and sign anew.",
        ) from error
    return Answered(websafe_encode(credential.credential_id), cbor.encode(credential.public_key), secret)
