import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilf.lists.ranges import Ranges, carried, span_of


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_a_span_is_written_in_one_way(text, said):
    assert str(span_of(text)) == said


@pytest.mark.parametrize(
    "text", ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "setup.exe", "1.2.3.x", "::g", "1.2.3.4/33"]
)
def test_what_is_no_address_has_no_span(text):
    assert span_of(text) is None


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:c633:6407", "198.51.100.7"),
        ("64:ff9b::198.51.100.7", "198.51.100.7"),
        ("2002:c633:6407::1", "198.51.100.7"),
        ("2002:c633:6400::/40", "198.51.100.0/24"),
        ("::ffff:198.51.100.0/120", "198.51.100.0/24"),
    ],
)
def test_an_ipv6_address_stands_for_the_ipv4_address_in_it(text, inner):
    assert str(carried(span_of(text))) == inner


@pytest.mark.parametrize("text", ["198.51.100.7", "2001:db8::1", "::1", "::/0"])
def test_others_carry_none(text):
    assert carried(span_of(text)) is None


blocks = st.builds(
    lambda number, length: ipaddress.ip_network((number, length), strict=False),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)


@given(st.lists(blocks, max_size=20), blocks)
def test_a_block_meets_a_list_where_it_overlaps_one_of_its_blocks(held, asked):
    ranges = Ranges(span_of(str(each)) for each in held)
    met = ranges.meeting(span_of(str(asked)))
    assert (met is not None) == any(each.overlaps(asked) for each in held)
    if met is not None:
        assert ipaddress.ip_network(str(met)).overlaps(asked)
