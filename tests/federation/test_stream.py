from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.federation.stream import (
    FIRST_START,
    Position,
    beginning,
    chain_next,
    chain_over,
    chain_start,
    read_position,
)
from tests.federation.parties import QM, QN, vectors

VECTORS = vectors("stream")
INTERMEDIATE, OUTPUTS = VECTORS["intermediate"], VECTORS["outputs"]
FROM, TO = VECTORS["inputs"]["from"], VECTORS["inputs"]["to"]
IDS = vectors("act")["outputs"]["ids"]


def test_chain_starts_as_in_the_vectors() -> None:
    assert chain_start(FROM, TO).hex() == INTERMEDIATE["chain_0_epoch1"]
    second = chain_start(FROM, TO, 2, bytes.fromhex(INTERMEDIATE["start_epoch2"]))
    assert second.hex() == INTERMEDIATE["chain_0_epoch2"]


def test_chain_goes_on_as_in_the_vectors() -> None:
    chain, chains = chain_start(FROM, TO), []
    for act_id in IDS[:5]:
        chain = chain_next(chain, act_id)
        chains.append(chain.hex())
    assert chains == INTERMEDIATE["chains_epoch1"]
    assert chain_over(chain_start(FROM, TO), IDS[:5]).hex() == chains[-1]


def test_each_direction_epoch_and_start_has_its_own_chain() -> None:
    starts = [
        chain_start(QM, QN),
        chain_start(QN, QM),
        chain_start(QM, QN, 2),
        chain_start(QM, QN, 1, b"\1" * 32),
    ]
    assert len(set(starts)) == 4
    assert chain_start(QM, QN) == chain_start(QM, QN, 1, FIRST_START)


def test_beginning_is_the_first_position_of_the_vectors() -> None:
    assert beginning(FROM, TO).json() == OUTPUTS["positions"][0]


@pytest.mark.parametrize("position", OUTPUTS["positions"])
def test_position_is_read_as_it_is_written(position: Any) -> None:
    assert read_position(position, "state: in").json() == position


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ({"epoch": 1, "seq": 0}, "state: in: members"),
        ({"epoch": 0, "seq": 0, "chain": "00" * 32}, "state: in: numbers"),
        ({"epoch": 1, "seq": -1, "chain": "00" * 32}, "state: in: numbers"),
        ({"epoch": 1, "seq": 0, "chain": "00"}, "state: in: chain: hex"),
    ],
)
def test_malformed_position_is_refused_by_name(value: Any, rule: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        read_position(value, "state: in")
    assert fault.value.rule == rule


def test_position_is_a_value() -> None:
    assert Position(1, 2, b"") == Position(1, 2, b"")
