"""Agreements that carry nothing now: which, why, by whom, since when, and what to do."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.nations import SECOND, agreed_nations, carry, made_nations, nations  # noqa: F401


@pytest.fixture
def pair(nations):  # noqa: F811
    """Two nations and the agreement that both signed."""
    from hilf.node import life

    qm, qn, _ = nations
    (held,) = life.in_force_with(qm.home(), qn.node, NOW)
    return qm, qn, held.accord


def found(nation, other, at=NOW):
    from hilf.node.idle import idle

    return [(each.id, each.state, each.text, each.by) for each in idle(nation.home(), other.node, at)]


def remedies(nation, other, at=NOW):
    from hilf.node.idle import idle

    return [each.remedy for each in idle(nation.home(), other.node, at)]


def stop(nation, step, accord_id, at=NOW):
    from hilf.node import accord

    for officer in ("officer", SECOND):
        getattr(accord, step)(nation.home(), accord_id, nation.keys[officer], at)


def test_what_is_in_force_is_not_idle_and_of_strangers_there_is_nothing(pair, nations):  # noqa: F811
    qm, qn, _ = pair
    assert found(qm, qn) == []
    assert found(qn, nations[2]) == []


def test_a_suspension_names_who_and_since_when_and_how_it_is_lifted(pair):
    qm, qn, accord = pair
    at = NOW + timedelta(minutes=5)
    stop(qn, "suspend", accord.id, at)
    carry(qn, qm, at)
    said = [(accord.id, "suspended", f"Suspended by {qn.node}.", ((qn.node, at),))]
    assert (found(qm, qn, at), found(qn, qm, at)) == (said, said)
    amend = f"lifts it: hilf accord amend {accord.id} --from FILE"
    assert remedies(qm, qn, at) == [f"A new version that {qn.node} signs {amend}"]
    assert remedies(qn, qm, at) == [f"A new version that this node signs {amend}"]


def test_an_end_names_who_and_since_when_and_a_period_its_day(pair):
    qm, qn, accord = pair
    over = accord.until
    text = f"Its period was over on {over:%Y-%m-%d}."
    assert found(qm, qn, over) == [(accord.id, "ended", text, ())]
    stop(qm, "end", accord.id)
    assert found(qm, qn) == [(accord.id, "ended", f"Ended by {qm.node}.", ((qm.node, NOW),))]
    assert remedies(qm, qn) == [f"Agree anew: hilf accord draft --with {qn.node}"]


def test_a_draft_and_a_proposal_are_idle_until_all_have_signed(pair):
    from hilf.node import accord as accords
    from hilf.node import draft

    qm, qn, accord = pair
    stop(qm, "end", accord.id)
    new = draft.from_template(qm.home(), [qn.node], NOW).life.accord.id
    assert [each[:2] for each in found(qm, qn)] == [(accord.id, "ended"), (new, "draft")]
    assert remedies(qm, qn)[1] == f"Send it: hilf accord propose {new}"
    accords.propose(qm.home(), new, NOW)
    assert remedies(qm, qn)[1] == f"It waits for {qm.node}, {qn.node}. Read it: hilf accord show {new}"
