import socket
import ssl
import threading
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from hilf.seal import certificate

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SEED = bytes(range(certificate.SEED_BYTES))


def subject_alternative_name(pem: bytes) -> x509.SubjectAlternativeName:
    read = x509.load_pem_x509_certificate(pem)
    return read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_host_name_stands_in_the_certificate_as_dns_name():
    _, pem = certificate.self_signed("gw.cert.qm.example", NOW, 7, SEED)
    assert subject_alternative_name(pem).get_values_for_type(x509.DNSName) == ["gw.cert.qm.example"]


@pytest.mark.parametrize("address", ["127.0.0.1", "2001:db8::5"])
def test_address_stands_in_the_certificate_as_address(address):
    _, pem = certificate.self_signed(address, NOW, 7, SEED)
    assert subject_alternative_name(pem).get_values_for_type(x509.IPAddress) == [ip_address(address)]


def test_host_longer_than_a_common_name_still_has_a_certificate():
    host = ".".join(["a" * 30] * 3)
    _, pem = certificate.self_signed(host, NOW, 7, SEED)
    assert subject_alternative_name(pem).get_values_for_type(x509.DNSName) == [host]


def test_pin_is_the_hash_of_the_der_certificate():
    _, pem = certificate.self_signed("127.0.0.1", NOW, 7, SEED)
    assert certificate.pin(pem) == sha256(ssl.PEM_cert_to_DER_cert(pem.decode())).hexdigest()


def test_openssl_shakes_hands_over_tls_1_3_and_checks_the_address(tmp_path: Path):
    key, pem = certificate.self_signed("127.0.0.1", datetime.now(UTC), 7, SEED)
    (tmp_path / "tls.pem").write_bytes(key)
    (tmp_path / "tls.crt").write_bytes(pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.pem")
    client = ssl.create_default_context(cafile=str(tmp_path / "tls.crt"))
    client.minimum_version = ssl.TLSVersion.TLSv1_3
    near, far = socket.socketpair()
    shaking = threading.Thread(target=lambda: server.wrap_socket(far, server_side=True).close())
    shaking.start()
    with client.wrap_socket(near, server_hostname="127.0.0.1") as connection:
        seen = connection.getpeercert(binary_form=True)
    shaking.join()
    assert sha256(seen or b"").hexdigest() == certificate.pin(pem)


def test_the_same_seed_gives_the_same_key_and_certificate_and_another_seed_another_key():
    made = certificate.self_signed("127.0.0.1", NOW, 7, SEED)
    assert certificate.self_signed("127.0.0.1", NOW, 7, SEED) == made
    assert certificate.self_signed("127.0.0.1", NOW, 7, SEED[::-1])[0] != made[0]
