"""Fresh keys: where the operating system's randomness enters the rules of `seal`, which take it as an argument."""

import secrets
from datetime import datetime

from mnemonic import Mnemonic

from hilf.seal import certificate
from hilf.seal.key import PrivateKey
from hilf.seal.keyfile import IV_BYTES, SALT_BYTES


def key() -> PrivateKey:
    """A signing key that nobody had before."""
    return PrivateKey.from_seed(secrets.token_bytes(32))


def locked(of: PrivateKey, passphrase: str) -> bytes:
    """The key file of an officer, under a passphrase."""
    salt, iv = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(IV_BYTES)
    return of.to_locked_pem(passphrase.encode(), salt, iv)


def passphrase() -> str:
    """Six random words to type: 66 bits."""
    return " ".join(secrets.choice(Mnemonic("english").wordlist) for _ in range(6))


def tls(host: str, now: datetime) -> tuple[bytes, bytes]:
    """A TLS key and its certificate for a host, both in PEM."""
    seed = secrets.token_bytes(certificate.SEED_BYTES)
    return certificate.self_signed(host, now, secrets.randbits(158) + 1, seed)
