"""Bodies are packed so that the receiver's guard takes them, whatever they hold."""

import secrets

from hypothesis import given
from hypothesis import strategies as st

from hilf.federation.guard import unpack
from hilf.federation.limits import DEFAULT
from hilf.wire.encoding import encode


@given(st.binary(max_size=2000), st.integers(1, 3000))
def test_what_is_encoded_is_unpacked_again_by_the_guard(piece, times):
    body = piece * times
    if len(body) <= DEFAULT.wire_bytes:
        encoding, data = encode(body)
        assert unpack(data, encoding) == body


def test_acts_are_packed():
    assert encode(b'{"kind":"ping","nonce":"0"}' * 100 + secrets.token_hex(400).encode())[0] == "zstd"


def test_what_would_grow_more_than_a_hundredfold_is_sent_as_it_is():
    body = b"A" * 1_000_000
    assert encode(body) == ("identity", body)


def test_what_does_not_shrink_and_what_is_small_is_sent_as_it_is():
    noise = secrets.token_bytes(5000)
    assert (encode(noise), encode(b"small")) == (("identity", noise), ("identity", b"small"))
