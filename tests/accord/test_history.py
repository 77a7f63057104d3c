"""History: what a party that joins is told, beyond what tests/accord/test_community.py walks through."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hilf.accord.community import Quorum
from hilf.accord.document import Accord, read_accord
from hilf.accord.history import read_history, told_of
from hilf.accord.life import Life
from hilf.accord.step import Past
from hilf.accord.template import amendment
from hilf.accord.transition import life_of, with_signatures
from hilf.errors import PartnerFault
from hilf.seal.record import make_record
from tests.accord.agreements import ID, NOW, QM, QN, QO, Nation, agreement, chains

NATIONS = tuple(Nation(node) for node in (QM, QN, QO))
CHAINS = chains(*NATIONS)
FIRST = agreement(parties=(QM, QN, QO), membership="two thirds")


def following(accord: Accord, *parties: str) -> Accord:
    entries = [{"node": node, "roles": ["member"]} for node in (*accord.nodes, *parties)]
    return read_accord({**amendment(accord, QM, {}), "parties": entries})  # type: ignore[dict-item]


def complete(accord: Accord, *lives: Life, at: datetime = NOW) -> Life:
    life = life_of(accord, lives, CHAINS, at)
    for nation in (*NATIONS[1:], NATIONS[0]):
        life = with_signatures(life, nation.sign(accord, at), CHAINS, at)
    return life


def test_who_joins_is_told_every_version_back_to_one_that_each_of_its_parties_signed() -> None:
    first = complete(FIRST)
    second = complete(read_accord(amendment(FIRST, QM, {})), first)
    third = complete(read_accord(amendment(second.accord, QM, {})), first, second)
    fourth = Life(following(third.accord, "cert.qp.example"), NOW)
    assert [first.quorum is None, second.quorum is None, third.quorum is None] == [True, False, False]
    lives = [first, second, third, fourth]
    assert [accord.version for accord, _ in told_of(fourth, lives)] == [1, 2, 3]
    by_each = [first, replace(second, quorum=None), third]
    assert [accord.version for accord, _ in told_of(fourth, by_each)] == [2, 3]
    assert told_of(first, lives) == ()


def test_who_joins_is_told_nothing_of_a_text_that_not_all_have_signed() -> None:
    life = Life(following(FIRST, "cert.qp.example"), NOW)
    assert told_of(life, [Life(FIRST, NOW)]) == ()


def test_a_history_of_another_accord_is_refused() -> None:
    records = tuple(dict(record.body) for record in complete(FIRST).records)
    elsewhere = read_accord({**following(FIRST).json(), "id": f"{ID[:-1]}9"})
    with pytest.raises(PartnerFault, match="accord: history") as fault:
        read_history(elsewhere, [Past(FIRST, records)], CHAINS, NOW)
    assert fault.value.detail == "version 1"
    with pytest.raises(PartnerFault, match="accord: history") as fault:
        read_history(following(following(FIRST)), [Past(FIRST, records)], CHAINS, NOW)
    assert fault.value.detail == "it does not lead to the amendment"


def test_a_leave_in_a_history_by_a_stranger_is_named() -> None:
    stranger = make_record("withdrawal", "n" * 120, "officer", FIRST.hash, NOW, NOW, NATIONS[0].key)
    with pytest.raises(PartnerFault, match="accord: no party") as fault:
        read_history(following(FIRST), [Past(FIRST, (stranger,))], CHAINS, NOW)
    assert fault.value.detail == "n" * 100


@pytest.mark.parametrize("notice", ["suspension", "withdrawal"])
def test_what_was_said_of_a_version_stands_in_its_history(notice: str) -> None:
    said = NATIONS[1].say(notice, FIRST, NOW + timedelta(seconds=1))
    records = [dict(record.body) for record in complete(FIRST).records]
    (life,) = read_history(following(FIRST), [Past(FIRST, (*records, *said))], CHAINS, NOW)
    assert [dict(record.body) for record in life.records] == [*records, *said]


def test_who_left_has_not_signed_by_that() -> None:
    life = complete(FIRST)
    signed = [dict(record.body) for record in life.records if (record.node, record.role) != (QN, "officer")]
    left = NATIONS[1].say("withdrawal", FIRST, NOW + timedelta(seconds=1))
    with pytest.raises(PartnerFault, match=f"accord: too few officers of {QN}"):
        read_history(following(FIRST), [Past(FIRST, (*signed, *left))], CHAINS, NOW)


def test_a_version_that_two_thirds_of_those_who_stood_have_signed_holds() -> None:
    first = complete(FIRST)
    notices = NATIONS[2].say("withdrawal", FIRST, NOW + timedelta(seconds=1))
    past = Past(FIRST, (*(dict(record.body) for record in first.records), *notices))
    entries = [{"node": node, "roles": ["member"]} for node in (QM, QN)]
    second = read_accord({**amendment(FIRST, QM, {}), "parties": entries})  # type: ignore[dict-item]
    signed = [record for nation in (NATIONS[1], NATIONS[0]) for record in nation.sign(second)]
    third = following(second)
    lives = read_history(third, [past, Past(second, tuple(signed))], CHAINS, NOW)
    assert [(life.accord.version, life.proposed_at, life.complete_at) for life in lives] == [
        (1, NOW, NOW),
        (2, NOW, NOW),
    ]
    assert lives[1].quorum == Quorum(frozenset({QM}), frozenset({QM, QN}), 2)


def test_a_version_that_was_outvoted_on_holds_without_the_party_that_did_not_sign() -> None:
    first = tuple(dict(record.body) for record in complete(FIRST).records)
    second = read_accord(amendment(FIRST, QM, {}))
    by_two = tuple(record for nation in NATIONS[:2] for record in nation.sign(second))
    lives = read_history(following(second), [Past(FIRST, first), Past(second, by_two)], CHAINS, NOW)
    assert [life.accord.version for life in lives] == [1, 2]
