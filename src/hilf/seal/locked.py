"""Bytes under a passphrase: the node's keys on their way to a safe.

Decides how a passphrase becomes a key (scrypt with 128 MB, RFC 7914: such a file may lie somewhere for years) and that
what was altered is noticed (AES-256-GCM, which also covers the open members). Salt and nonce are arguments.
"""

from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from hilf.canonical import Json, b64u, dumps, unb64u
from hilf.errors import CallerFault, PartnerFault

SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
"""Source: NIST SP 800-38D 8.2."""

_N, _R, _P = 2**17, 8, 1
"""128 MB and about half a second. Source: OWASP Password Storage, scrypt."""


def lock(
    plain: bytes, shown: Mapping[str, Json], passphrase: str, salt: bytes, nonce: bytes
) -> dict[str, Json]:
    """A document that only the passphrase opens.

    Args:
        plain: what is locked away.
        shown: open members, which cannot be altered either.
        passphrase: opens it.
        salt: SALT_BYTES random bytes, fresh for every document.
        nonce: NONCE_BYTES of the same.
    """
    document: dict[str, Json] = {**shown, "salt": b64u(salt), "nonce": b64u(nonce)}
    box = AESGCM(_key(passphrase, salt)).encrypt(nonce, plain, dumps(document))
    return {**document, "box": b64u(box)}


def unlock(document: Mapping[str, Json], passphrase: str) -> bytes:
    """What is locked in a document.

    Raises:
        CallerFault: "seal.locked": another passphrase, or the document is damaged.
    """
    shown = {name: value for name, value in document.items() if name != "box"}
    try:
        salt, nonce = unb64u(document.get("salt"), "box"), unb64u(document.get("nonce"), "box")
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, unb64u(document.get("box"), "box"), dumps(shown))
    except (InvalidTag, PartnerFault, ValueError) as error:
        raise CallerFault(
            "seal.locked",
            "The passphrase does not open the file.",
            "It is another passphrase, or the file is damaged or altered.",
            "Type it again, or take another copy of the file.",
        ) from error


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase.encode())


SECRET_BYTES: Final = 32
"""What a passkey gives for its PRF. Source: WebAuthn 3, 10.1.4."""


def lock_under(plain: bytes, shown: Mapping[str, Json], secret: bytes, nonce: bytes) -> dict[str, Json]:
    """A document that only a random secret opens, such as what a passkey gives for its PRF.

    Args:
        plain: what is locked away.
        shown: open members, which cannot be altered either.
        secret: SECRET_BYTES that nobody can guess; it needs no slow way to a key.
        nonce: NONCE_BYTES random bytes, fresh for every document.
    """
    document: dict[str, Json] = {**shown, "nonce": b64u(nonce)}
    box = AESGCM(_key_of(secret)).encrypt(nonce, plain, dumps(document))
    return {**document, "box": b64u(box)}


def unlock_with(document: Mapping[str, Json], secret: bytes) -> bytes:
    """What is locked in a document of `lock_under`.

    Raises:
        CallerFault: "seal.locked": another secret, or the document is damaged.
    """
    shown = {name: value for name, value in document.items() if name != "box"}
    try:
        nonce = unb64u(document.get("nonce"), "box")
        return AESGCM(_key_of(secret)).decrypt(nonce, unb64u(document.get("box"), "box"), dumps(shown))
    except (InvalidTag, PartnerFault, ValueError) as error:
        raise CallerFault(
            "seal.locked",
            "The passkey does not open the key.",
            "It is another passkey, or what was sealed under it is damaged.",
            "Sign with the passphrase, and bind the passkey anew.",
        ) from error


def _key_of(secret: bytes) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise ValueError("a secret of another length")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"hilf/1 officer key under a passkey").derive(
        secret
    )
