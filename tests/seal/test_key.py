import pytest

from hilf.canonical import b64u, sha256_hex
from hilf.errors import PartnerFault
from hilf.seal.key import PrivateKey, PublicKey
from tests.seal.nodes import IDENTITY

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def raw(y: int, sign_of_x: int = 0) -> bytes:
    return (y | sign_of_x << 255).to_bytes(32, "little")


def order_8_y() -> set[int]:
    """y of the points of order 8, computed anew.

    Doubled they have y = 0, which needs x^2 + y^2 = 0; on the curve -x^2 + y^2 = 1 + d x^2 y^2 this is
    d y^4 + 2 y^2 - 1 = 0.
    """
    root = pow(1 + D, (P + 3) // 8, P)
    if root * root % P != (1 + D) % P:
        root = root * pow(2, (P - 1) // 4, P) % P
    squares = [(-1 + s * root) * pow(D, -1, P) % P for s in (1, -1)]
    found = set()
    for square in squares:
        y = pow(square, (P + 3) // 8, P)
        for candidate in (y, y * pow(2, (P - 1) // 4, P) % P):
            if candidate * candidate % P == square:
                found |= {candidate, P - candidate}
    return found


@pytest.mark.parametrize("label", IDENTITY["keys"])
def test_a_key_of_the_vectors_has_its_kid_and_text(label: str) -> None:
    expected = IDENTITY["keys"][label]
    key = PrivateKey.from_seed(bytes.fromhex(expected["seed_hex"]))
    assert key.public.raw.hex() == expected["pub_hex"]
    assert key.public.entry() == {"kid": expected["kid"], "alg": "ed25519", "pub": expected["pub"]}
    assert key.kid == expected["kid"] == sha256_hex(key.public.raw)[:32]
    assert PublicKey.from_entry({**key.public.entry(), "name": "further"}, "key") == key.public


def test_rfc_8032_test_2_is_signed_to_the_byte() -> None:
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    expected = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert PrivateKey.from_seed(seed).sign(b"\x72").hex() == expected


def test_a_signature_holds_for_its_bytes_and_key_only() -> None:
    key, other = PrivateKey.from_seed(b"k" * 32), PrivateKey.from_seed(b"o" * 32)
    signature = key.sign(b"bytes")
    assert key.public.verify(signature, b"bytes")
    assert not key.public.verify(signature, b"other bytes")
    assert not other.public.verify(signature, b"bytes")
    assert not key.public.verify(signature[:-1], b"bytes")
    assert not key.public.verify(b"", b"bytes")


def test_a_second_signature_made_from_the_first_is_refused() -> None:
    key = PrivateKey.from_seed(b"k" * 32)
    signature = key.sign(b"bytes")
    s = int.from_bytes(signature[32:], "little") + L
    assert not key.public.verify(signature[:32] + s.to_bytes(32, "little"), b"bytes")


@pytest.mark.parametrize("sign_of_x", [0, 1])
@pytest.mark.parametrize("y", sorted(order_8_y()))
def test_a_key_of_order_8_is_refused(y: int, sign_of_x: int) -> None:
    with pytest.raises(PartnerFault) as fault:
        PublicKey.from_raw(raw(y, sign_of_x))
    assert fault.value.rule == "key: small-order key"


@pytest.mark.parametrize("encoded", [raw(1), raw(P - 1), raw(0), raw(0, 1)])
def test_a_key_of_order_1_2_or_4_is_refused(encoded: bytes) -> None:
    with pytest.raises(PartnerFault) as fault:
        PublicKey.from_raw(encoded, "identity")
    assert fault.value.rule == "identity: small-order key"


@pytest.mark.parametrize(
    "encoded", [raw(P), raw(P + 1), raw(P + 5), raw(2**255 - 1, 1), raw(1, 1), raw(P - 1, 1)]
)
def test_a_second_encoding_of_a_point_is_refused(encoded: bytes) -> None:
    with pytest.raises(PartnerFault) as fault:
        PublicKey.from_raw(encoded)
    assert fault.value.rule == "key: non-canonical key"


def test_points_of_order_8_have_two_y_as_others_have_published_them() -> None:
    published = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    y = int.from_bytes(bytes.fromhex(published), "little")
    assert order_8_y() == {y, P - y}


ENTRY = PrivateKey.from_seed(b"k" * 32).public.entry()


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ("text", "key: key entry"),
        ({"kid": ENTRY["kid"], "pub": ENTRY["pub"]}, "key: key entry"),
        ({**ENTRY, "alg": "rsa"}, "key: alg"),
        ({**ENTRY, "pub": ENTRY["pub"] + "="}, "key: pub: base64url"),
        ({**ENTRY, "pub": b64u(b"short")}, "key: key length"),
        ({**ENTRY, "kid": ENTRY["kid"].upper()}, "key: kid does not match pub"),
        ({**ENTRY, "kid": None}, "key: kid does not match pub"),
    ],
)
def test_a_key_entry_in_another_form_is_refused(entry: object, rule: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        PublicKey.from_entry(entry, "key")  # type: ignore[arg-type]
    assert fault.value.rule == rule


def test_the_text_of_a_private_key_shows_its_kid_only() -> None:
    key = PrivateKey.from_seed(b"k" * 32)
    assert repr(key) == f"PrivateKey({key.kid})"
