import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hilf.errors import CallerFault
from hilf.seal.key import PrivateKey

KEY = PrivateKey.from_seed(b"k" * 32)
LOCKED = KEY.to_locked_pem(b"three small words", b"s" * 16, b"i" * 16)
OPEN = KEY.to_pem()
FOREIGN = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_key_file_reads_back_under_its_passphrase() -> None:
    assert PrivateKey.from_pem(LOCKED, b"three small words").public == KEY.public
    assert PrivateKey.from_pem(OPEN).public == KEY.public


def test_a_locked_key_file_is_standard_pkcs_8() -> None:
    assert LOCKED.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    read = load_pem_private_key(LOCKED, b"three small words")
    assert read.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) == OPEN


def test_salt_and_iv_decide_the_file_and_nothing_else_does() -> None:
    def locked(salt: bytes, iv: bytes) -> bytes:
        return KEY.to_locked_pem(b"three small words", salt, iv)

    assert locked(b"s" * 16, b"i" * 16) == LOCKED
    assert len({LOCKED, locked(b"t" * 16, b"i" * 16), locked(b"s" * 16, b"j" * 16)}) == 3


def test_an_open_key_file_is_what_rfc_8410_shows() -> None:
    pem = (
        b"-----BEGIN PRIVATE KEY-----\n"
        b"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
        b"-----END PRIVATE KEY-----\n"
    )
    assert PrivateKey.from_pem(pem).to_pem() == pem


@pytest.mark.parametrize(
    ("pem", "passphrase", "code", "what"),
    [
        (LOCKED, b"three small word", "seal.passphrase", "The passphrase does not open the key file."),
        (LOCKED, None, "seal.passphrase", "The key file is encrypted."),
        (LOCKED, b"", "seal.passphrase", "The key file is encrypted."),
        (OPEN, b"x", "seal.passphrase", "A passphrase was given for a key file that is not encrypted."),
        (b"no key", None, "seal.key-file", "This is no Ed25519 key file."),
        (b"no key", b"x", "seal.key-file", "This is no Ed25519 key file."),
        (FOREIGN, None, "seal.key-file", "This is no Ed25519 key file."),
    ],
)
def test_a_key_file_that_does_not_open_says_what_to_do(
    pem: bytes, passphrase: bytes | None, code: str, what: str
) -> None:
    with pytest.raises(CallerFault) as fault:
        PrivateKey.from_pem(pem, passphrase)
    assert (fault.value.code, fault.value.what) == (code, what)
    assert fault.value.remedy


def test_an_empty_passphrase_is_none() -> None:
    with pytest.raises(CallerFault) as fault:
        KEY.to_locked_pem(b"", b"s" * 16, b"i" * 16)
    assert fault.value.code == "seal.passphrase"
