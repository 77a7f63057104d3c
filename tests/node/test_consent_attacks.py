# ruff: noqa: F811 fixtures are imported by name
"""Consent that would go where the originator refuses directly: by the time that officers take, or by a community's name."""

import pytest

from hilf.errors import Refusal
from hilf.federation.consent import Towards
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import SECOND, agree, carry, meet
from tests.node.test_consent import chain, chained, give, passed, questioned, state, written  # noqa: F401


def test_what_is_refused_by_the_time_of_the_second_officer_is_not_consented_to(chain):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import withdrawal

    qm, qn, qo, _ = chain
    made = written(qm, tlp=Tlp.AMBER)
    questioned(qm, qn, qo, made)
    assert give(qm, "officer").missing == 1
    withdrawal.retract(qm.home(), made["id"], RetractionReason.SOURCE_AT_RISK, NOW)
    with pytest.raises(Refusal) as refused:
        give(qm, SECOND)
    assert refused.value.code == "consent.object-gone"
    assert state(qm) == "signing"


def test_a_nation_that_is_refused_directly_does_not_get_it_as_one_of_a_community(chain):
    from hilf.node import life, question

    qm, qn, qo, _ = chain
    meet(qm, qo)
    forbids = {"id": "f-1", "effect": "forbid", "kinds": ["object"], "when": {}, "text": {"en": "Nothing."}}
    agree(qm, qo, clauses=[forbids])
    made = written(qm)
    passed(qm, qn, made)
    community = life.in_force_with(qm.home(), qo.node, NOW)[0].accord.community
    question.ask(qn.home(), [made["id"]], Towards(community=community), NOW)
    carry(qn, qm)
    with pytest.raises(Refusal) as refused:
        give(qm)
    assert refused.value.code == "consent.refused-directly"
