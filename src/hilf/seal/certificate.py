"""The gateway's TLS certificate: self-signed, because partners pin it by its hash and ask no authority (wire.md 2, 5).

Decides the form that OpenSSL and rustls both take: ECDSA P-256, the host as subjectAltName (RFC 5280 4.2.1.6,
RFC 9525), server use only. Ed25519 certificates are left out: clients outside of hilf often refuse them. Where the
files lie, and when a certificate is replaced, is the business of `node`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hilf.canonical import sha256_hex

LIFETIME_DAYS: Final = 3650
"""Long, because the pin in the identity document is what counts: an expired certificate would only stop the node."""

SEED_BYTES: Final = 40
"""64 bits more than the order of the curve has, so that every key is as likely. Source: FIPS 186-5 A.2.1."""

# Order of the base point of P-256. Source: SP 800-186 3.2.1.3.
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_LONGEST_COMMON_NAME: Final = 64
_FULL_DAY: Final = timedelta(days=1)


def self_signed(host: str, now: datetime, serial: int, seed: bytes) -> tuple[bytes, bytes]:
    """A fresh TLS key and its certificate for a host, both in PEM (the key unencrypted, as a server needs it).

    Args:
        host: DNS name or IP address, as in the gateway's URL without brackets.
        now: the certificate counts from a day before, so that a partner's clock may be behind.
        serial: a fresh random number of 1 to 159 bits (RFC 5280 4.1.2.2).
        seed: SEED_BYTES random bytes, from which the key follows; never used twice.

    Source: RFC 5280; RFC 9525 6; FIPS 186-5 A.2.1 (the key), RFC 6979 (its signature, which takes no chance).
    """
    key = ec.derive_private_key(int.from_bytes(seed, "big") % (_ORDER - 1) + 1, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:_LONGEST_COMMON_NAME])])
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), serial)
        .not_valid_before(now - _FULL_DAY)
        .not_valid_after(now + timedelta(days=LIFETIME_DAYS))
    )
    for extension, critical in _extensions(host, key.public_key()):
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(key, SHA256(), ecdsa_deterministic=True)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, certificate.public_bytes(Encoding.PEM)


def pin(certificate_pem: bytes) -> str:
    """SHA-256 of the DER certificate in hex, as it stands in `tls_sha256`. Source: wire.md 2."""
    return sha256_hex(x509.load_pem_x509_certificate(certificate_pem).public_bytes(Encoding.DER))


def _extensions(host: str, key: ec.EllipticCurvePublicKey) -> Sequence[tuple[x509.ExtensionType, bool]]:
    use = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        (x509.SubjectAlternativeName([_general_name(host)]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (use, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
