"""An object taken out of its act and put back gives the same act, byte for byte, whatever stands in either."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilf.canonical import dumps, sha256
from hilf.store.federation.envelope import canonical_of, object_of, put_back, take_out

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [',"object":null},"exercise":', '"object":', '},"exercise":', '"body":{"authorship":null,"object":']
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e6, 1e6) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXTS | st.sampled_from(["object", "exercise"]), inner, max_size=3)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=5)


def act(found, authorship, exercise=None):
    return {
        "accord": {"id": '","body":{"authorship":null,"object":', "version": 1},
        "at": "2026-11-24T09:30:00.000Z",
        "body": {"authorship": authorship, "object": found},
        "exercise": exercise,
        "from": "a",
        "kind": "object",
        "nonce": "00",
        "purpose": '"object":null},"exercise":',
        "terms": {"markings": ['"object":null},"exercise":'], "onward": "none", "redacted_from": None},
        "to": "b",
        "v": 1,
    }


@given(OBJECTS, st.none() | OBJECTS, st.none() | TEXTS)
def test_taken_out_and_put_back_is_the_same_act(found, authorship, exercise):
    whole = act(found, authorship, exercise)
    canonical, inner = dumps(whole), dumps(found)
    assert object_of(canonical, authorship) == inner
    envelope = take_out(canonical, inner)
    assert envelope == dumps({**whole, "body": {"authorship": authorship, "object": None}})
    assert put_back(envelope, inner) == canonical


def test_another_object_is_not_taken_out():
    with pytest.raises(ValueError, match="another object"):
        take_out(dumps(act({"a": 1}, None)), b'{"a":2}')


def test_what_is_no_envelope_is_refused():
    with pytest.raises(ValueError, match="no envelope"):
        put_back(b'{"kind":"ping"}', b"{}")
    with pytest.raises(ValueError, match="no object act"):
        object_of(b'{"kind":"ping"}', None)


def test_a_kept_body_is_made_canonical_only_where_it_is_not():
    loose, tight = b'{ "b": 1, "a": 2 }', b'{"a":2,"b":1}'
    assert [canonical_of(body, sha256(tight)) for body in (loose, tight)] == [tight, tight]
