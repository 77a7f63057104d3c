"""What no act could carry is refused where it comes in; what one can carry, in every form of it, is not."""

import orjson
import pytest

from hilf.federation.act import make_act
from hilf.federation.limits import ACT_DEPTH, may_travel
from hilf.stix.bounds import DEPTH, OBJECT_BYTES, VALUES, beyond
from hilf.stix.read import read
from tests.conftest import NOW
from tests.stix_objects import an_indicator

LARGEST_ACT_BYTES = 7 * 2**20
TERMS = {
    "markings": [f"marking-definition--00000000-0000-4000-8000-{n:012}" for n in range(100)],
    "onward": "ask originator",
    "retention_until": "2027-01-01T00:00:00.000Z",
    "redacted_from": "0" * 64,
}
AUTHORSHIP = {
    "salt": "0" * 64,
    "index": 2**40,
    "path": ["0" * 64] * 40,
    "signed": {
        "v": 1, "node": "cert.qm.example", "size": 2**40, "root": "0" * 64, "at": "2026-11-24T09:30:00.000Z",
        "kid": "0" * 32, "value": "0" * 86,
    },
}  # fmt: skip


def around(stix_object) -> bytes:
    """The largest envelope that there is, with this object in it."""
    accord = ("accord--00000000-0000-4000-8000-000000000001", 3)
    body = {"object": stix_object, "authorship": AUTHORSHIP}
    return make_act(
        "object", "cert.qm.example", "cert.qn.example", NOW, "0" * 32, accord, "defence", TERMS, body
    ).canonical


def nested(depth: int):
    return an_indicator(1, x_deep=orjson.loads("[" * (depth - 1) + "]" * (depth - 1)))


def wide(values: int):
    """An object of exactly so many brackets and commas."""
    plain = an_indicator(1, x_wide=[0])
    data = orjson.dumps(plain)
    return {**plain, "x_wide": [0] * (values + 1 - sum(map(data.count, (b"{", b"[", b","))))}


def long(size: int):
    plain = an_indicator(1, x_long="")
    return {**plain, "x_long": "x" * (size - len(orjson.dumps(plain)))}


CASES = {
    "json.depth": (nested(DEPTH), nested(DEPTH + 1)),
    "json.values": (wide(VALUES), wide(VALUES + 1)),
    "json.size": (long(OBJECT_BYTES), long(OBJECT_BYTES + 1)),
}


@pytest.mark.parametrize("rule", CASES)
def test_what_no_act_can_carry_is_refused_and_what_one_can_is_not(rule: str) -> None:
    fits, beyond_it = CASES[rule]
    assert read(orjson.dumps(fits), "", NOW).outcome == "accepted"
    refused = read(orjson.dumps(beyond_it), "", NOW)
    assert (refused.outcome, [each.rule for each in refused.findings]) == ("refused", [rule])


@pytest.mark.parametrize("rule", CASES)
def test_what_is_accepted_travels_in_the_largest_envelope(rule: str) -> None:
    act = around(CASES[rule][0])
    assert may_travel(act)
    assert len(act) <= LARGEST_ACT_BYTES


def test_one_level_more_would_not_travel() -> None:
    assert DEPTH == ACT_DEPTH - 2
    assert not may_travel(around(nested(DEPTH + 1)))


def test_brackets_inside_of_texts_and_beside_each_other_are_no_depth() -> None:
    assert beyond(*both({"a": "[" * 100, "b": [[]] * 100})) is None


def test_a_million_levels_are_told_without_a_deep_stack() -> None:
    value: list = []
    for _ in range(100_000):
        value = [value]
    assert beyond(b"[" * 100_001 + b"]" * 100_001, value) == (
        "json.depth",
        f"the object is deeper than {DEPTH} brackets",
    )
    while value:  # let go of it level by level too
        value = value[0]


def both(value) -> tuple[bytes, object]:
    return orjson.dumps(value), value
