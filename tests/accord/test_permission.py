"""Permission: what this node's officers may do next, beyond what tests/accord/test_transition.py walks through."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hilf.accord.document import Accord
from hilf.accord.life import Life
from hilf.accord.permission import check_may_sign, check_may_stop, check_may_withdraw
from hilf.accord.step import Kind
from hilf.accord.transition import with_notice, with_signatures
from hilf.errors import Refusal
from tests.accord.agreements import BEGINS, NOW, QM, QN, UNTIL, Nation, agreement, chains

QM_, QN_ = Nation(QM), Nation(QN)
CHAINS = chains(QM_, QN_)


def proposed(accord: Accord) -> Life:
    return Life(accord, proposed_at=NOW)


def complete(accord: Accord) -> Life:
    life = with_signatures(proposed(accord), QN_.sign(accord), CHAINS, NOW)
    return with_signatures(life, QM_.sign(accord), CHAINS, NOW)


def code(check: Callable[..., None], life: Life, *others: Life, us: str = QN, now: Any = NOW) -> str | None:
    try:
        check(life, [life, *others], us, CHAINS, now)
    except Refusal as refusal:
        return refusal.code
    return None


def test_the_next_officer_signs_the_text_that_the_first_has_signed() -> None:
    life = proposed(agreement())
    begun = with_signatures(life, QN_.sign(life.accord, officers=1, node=False), CHAINS, NOW)
    assert code(check_may_sign, begun) is None


def test_a_text_is_not_signed_when_another_one_in_its_place_was_signed_by_all() -> None:
    stands, late = complete(agreement()), proposed(agreement(retention_days=7))
    assert code(check_may_sign, late, stands) == "accord.not-to-be-signed"
    by_others = replace(stands, records=())
    assert code(check_may_sign, late, by_others) == "accord.not-to-be-signed"


def test_a_proposal_that_has_expired_may_be_withdrawn() -> None:
    assert code(check_may_withdraw, proposed(agreement()), us=QM, now=UNTIL) is None


def test_an_agreement_may_be_stopped_before_it_begins_and_while_it_is_suspended() -> None:
    life = complete(agreement())
    assert code(check_may_stop, life, us=QM, now=BEGINS - timedelta(days=1)) is None
    suspended = with_notice(life, Kind.SUSPENSION, QN_.say("suspension", life.accord), QN, CHAINS, NOW)
    assert code(check_may_stop, suspended, us=QM) is None
    assert code(check_may_stop, suspended, us=QN) is None
