"""Key files: an Ed25519 private key as PKCS #8 in PEM, plain or under a passphrase.

Decides how a passphrase becomes a key: scrypt with 16 MB and five passes (RFC 7914), inside the standard PBES2
envelope (RFC 8018 6.2), so that other tools open the file as well. The envelope is written here, because `cryptography`
would take PBKDF2 with 2048 rounds, too quick to guess for a file that may be copied. Reading is left to
`cryptography`; where files lie and who may read them is left to `node`.
"""

import base64
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hilf.errors import CallerFault

SCRYPT_N: Final = 2**14
"""With r=8 and p=5: 16 MB and about a third of a second. Source: OWASP Password Storage, scrypt."""

SCRYPT_R: Final = 8
SCRYPT_P: Final = 5
SALT_BYTES: Final = 16
IV_BYTES: Final = 16
"""One block of AES."""

_PBES2: Final = bytes.fromhex("06092a864886f70d01050d")  # 1.2.840.113549.1.5.13
_SCRYPT: Final = bytes.fromhex("06092b06010401da47040b")  # 1.3.6.1.4.1.11591.4.11
_AES256_CBC: Final = bytes.fromhex("060960864801650304012a")  # 2.16.840.1.101.3.4.1.42
_BLOCK_BITS: Final = 128
_SEQUENCE: Final = 0x30
_OCTETS: Final = 0x04
_INTEGER: Final = 0x02
_LONG_FORM: Final = 0x80


def write_pem(key: Ed25519PrivateKey) -> bytes:
    """The key as a PEM file that is not encrypted. Source: RFC 5958, RFC 8410 7."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_locked_pem(key: Ed25519PrivateKey, passphrase: bytes, salt: bytes, iv: bytes) -> bytes:
    """The key as a PEM file under a passphrase.

    Args:
        key: to keep.
        passphrase: opens it.
        salt: SALT_BYTES random bytes, fresh for every file; they stand in it.
        iv: IV_BYTES of the same.

    Raises:
        CallerFault: code "seal.passphrase" for an empty passphrase.

    Source: RFC 5958, RFC 8018 6.2, RFC 7914 7.
    """
    if not passphrase:
        raise CallerFault(
            "seal.passphrase",
            "The passphrase is empty.",
            "An officer's key is kept under a passphrase.",
            "Type a passphrase of several words.",
        )
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return _pem(_encrypted(plain, passphrase, salt, iv))


def read_pem(pem: bytes, passphrase: bytes | None) -> Ed25519PrivateKey:
    """Read a key file.

    Raises:
        CallerFault: code "seal.passphrase" (wrong, missing, or given where there is none), or "seal.key-file".
    """
    try:
        key = load_pem_private_key(pem, passphrase)
    except TypeError as error:
        raise _unasked() if passphrase else _locked() from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _wrong() if b"ENCRYPTED" in pem else _no_key_file() from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key_file()
    return key


def _encrypted(plain: bytes, passphrase: bytes, salt: bytes, iv: bytes) -> bytes:
    """EncryptedPrivateKeyInfo in DER."""
    secret = Scrypt(salt=salt, length=32, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase)
    padder = PKCS7(_BLOCK_BITS).padder()
    padded = padder.update(plain) + padder.finalize()
    encryptor = Cipher(algorithms.AES256(secret), modes.CBC(iv)).encryptor()
    ciphertext = encryptor.update(padded) + encryptor.finalize()
    cost = _integer(SCRYPT_N) + _integer(SCRYPT_R) + _integer(SCRYPT_P)
    derivation = _der(_SEQUENCE, _SCRYPT + _der(_SEQUENCE, _der(_OCTETS, salt) + cost))
    scheme = _der(_SEQUENCE, _AES256_CBC + _der(_OCTETS, iv))
    algorithm = _der(_SEQUENCE, _PBES2 + _der(_SEQUENCE, derivation + scheme))
    return _der(_SEQUENCE, algorithm + _der(_OCTETS, ciphertext))


def _der(kind: int, content: bytes) -> bytes:
    """Tag, length, content; nothing in a key file is longer than 255 bytes."""
    length = bytes([len(content)])
    return bytes([kind]) + (length if len(content) < _LONG_FORM else b"\x81" + length) + content


def _integer(number: int) -> bytes:
    return _der(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der).decode("ascii")
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    label = "ENCRYPTED PRIVATE KEY"
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode("ascii")


def _wrong() -> CallerFault:
    return CallerFault(
        "seal.passphrase",
        "The passphrase does not open the key file.",
        "It is another passphrase, or the file is damaged.",
        "Type it again; if it is lost, revoke the key (hilf identity revoke) and make a new one.",
    )


def _locked() -> CallerFault:
    return CallerFault(
        "seal.passphrase",
        "The key file is encrypted.",
        "It opens under its passphrase only.",
        "Type its passphrase.",
    )


def _unasked() -> CallerFault:
    return CallerFault(
        "seal.passphrase",
        "A passphrase was given for a key file that is not encrypted.",
        "Officers' keys are kept encrypted; this one is open to whoever reads the file.",
        "Leave the passphrase out, or give the path of the encrypted file.",
    )


def _no_key_file() -> CallerFault:
    return CallerFault(
        "seal.key-file",
        "This is no Ed25519 key file.",
        "hilf keeps keys as PKCS #8 in PEM (RFC 8410).",
        "Give the path of a file that hilf wrote.",
    )
