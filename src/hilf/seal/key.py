"""Ed25519 keys: who can have signed what, and what its kid is.

Decides whether bytes are a usable public key (RFC 8032, wire.md 1: no small order, no second encoding of the same
point), what its `kid` is, and whether a signature is valid (RFC 8032 5.1.7, S < L). Which key may sign what is the
business of `seal.document`; key files are that of `seal.keyfile`.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hilf.canonical import Json, b64u, sha256_hex, unb64u
from hilf.errors import PartnerFault
from hilf.seal import keyfile

KID_DIGITS: Final = 32
"""Hex digits of SHA-256 over the raw key. Source: wire.md 1."""

_RAW_BYTES: Final = 32
_FIELD: Final = 2**255 - 19
_SIGN_OF_X: Final = 2**255
# y of a point of order 8, RFC 8032 5.1; the other order-8 points have -y or the other sign of x.
_ORDER_8: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER_Y: Final = frozenset({0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8})
_X_IS_ZERO_AT_Y: Final = frozenset({1, _FIELD - 1})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that passed the checks of `from_raw`.

    Attributes:
        kid: first 32 hex digits of SHA-256 over the raw key.
        raw: the 32 bytes of RFC 8032 5.1.2.
    """

    kid: str
    raw: bytes

    @classmethod
    def from_raw(cls, raw: bytes, what: str = "key") -> "PublicKey":
        """Take raw bytes as a key.

        Raises:
            PartnerFault: "<what>: key length", "<what>: non-canonical key" or "<what>: small-order key" (one
                signature of such a key fits every message).

        Source: RFC 8032 5.1.3; wire.md 1.
        """
        if len(raw) != _RAW_BYTES:
            raise PartnerFault(f"{what}: key length", f"{len(raw)} bytes")
        encoded = int.from_bytes(raw, "little")
        y = encoded % _SIGN_OF_X
        if y >= _FIELD or (encoded >= _SIGN_OF_X and y in _X_IS_ZERO_AT_Y):
            raise PartnerFault(f"{what}: non-canonical key")
        if y in _SMALL_ORDER_Y:
            raise PartnerFault(f"{what}: small-order key")
        return cls(sha256_hex(raw)[:KID_DIGITS], raw)

    @classmethod
    def from_entry(cls, entry: Json, what: str) -> "PublicKey":
        """Read a key entry `{kid, alg, pub}`; further members are left to the caller.

        Raises:
            PartnerFault: "<what>: key entry", "<what>: alg", "<what>: pub: base64url", what `from_raw` refuses, or
                "<what>: kid does not match pub".

        Source: wire.md 1.
        """
        if not isinstance(entry, dict) or not {"kid", "alg", "pub"} <= entry.keys():
            raise PartnerFault(f"{what}: key entry")
        if entry["alg"] != "ed25519":
            raise PartnerFault(f"{what}: alg", repr(entry["alg"])[:40])
        key = cls.from_raw(unb64u(entry["pub"], f"{what}: pub"), what)
        if entry["kid"] != key.kid:
            raise PartnerFault(f"{what}: kid does not match pub", repr(entry["kid"])[:40])
        return key

    def entry(self) -> dict[str, str]:
        """The key as it stands in a document: `{kid, alg, pub}`."""
        return {"kid": self.kid, "alg": "ed25519", "pub": b64u(self.raw)}

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether this key made the signature over exactly these bytes. Source: RFC 8032 5.1.7 (S < L)."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True


class PrivateKey:
    """A key that signs. Its text form hides it; only its key files give it away."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey.from_raw(key.public_key().public_bytes_raw())

    @classmethod
    def from_seed(cls, seed: bytes) -> "PrivateKey":
        """The key of a 32-byte seed (RFC 8032 5.1.5); a fresh one has a seed that nobody can guess."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: bytes | None = None) -> "PrivateKey":
        """Read a PKCS #8 key file.

        Args:
            pem: the file's bytes.
            passphrase: what it was encrypted under; None for a file that is not encrypted.

        Raises:
            CallerFault: code "seal.passphrase" (wrong, missing, or given where there is none), or "seal.key-file".
        """
        return cls(keyfile.read_pem(pem, passphrase))

    @property
    def kid(self) -> str:
        """The kid of its public key."""
        return self.public.kid

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature over the data. Source: RFC 8032 5.1.6."""
        return self._key.sign(data)

    def to_pem(self) -> bytes:
        """The key as a PKCS #8 file that is not encrypted."""
        return keyfile.write_pem(self._key)

    def to_locked_pem(self, passphrase: bytes, salt: bytes, iv: bytes) -> bytes:
        """The key as a PKCS #8 file under a passphrase.

        Args:
            passphrase: opens it.
            salt: random bytes, fresh for every file.
            iv: the same.

        Raises:
            CallerFault: code "seal.passphrase" for an empty passphrase.
        """
        return keyfile.write_locked_pem(self._key, passphrase, salt, iv)

    def __repr__(self) -> str:
        return f"PrivateKey({self.kid})"
