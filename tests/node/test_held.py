"""What recipients have of ours: acts that count, what they let go of, and how freely they may pass on what they hold."""

from datetime import timedelta

import pytest

from hilf.accord.terms import Onward
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node.held import Held, carrying
from hilf.node.home import index_key
from hilf.store.release.sent import Act
from tests.conftest import NOW
from tests.nations import agreed_nations, carry, indicator, made_nations, nations
from tests.node.test_taken_back import let_go

__all__ = ["agreed_nations", "made_nations", "nations"]

LATER = NOW + timedelta(hours=1)
YEARS = NOW + timedelta(days=4000)


@pytest.fixture
def given(nations):
    """QM gave QN an indicator, which QN has; QO got nothing of it."""
    qm, qn, qo = nations
    one = indicator(qm, "one", Tlp.GREEN)
    qm.says(one)
    qm.release(qn)
    carry(qm, qn)
    return qm, qn, qo, one


def held(nation, *nodes) -> Held:
    return Held([each.node for each in nodes], index_key(nation.home()))


def test_an_act_counts_for_the_node_that_it_went_to(given) -> None:
    qm, qn, qo, one = given
    known = held(qm, qn, qo).known([one["id"], "indicator--x"])
    assert {node: list(acts) for node, acts in known.by_node.items()} == {qn.node: [one["id"]]}
    assert (known.acts(qo.node), known.taken(qn.node)) == ({}, {})


@pytest.mark.parametrize("state", ["dropped", "refused"])
def test_an_act_that_gave_nothing_does_not_count(given, state) -> None:
    from hilf.store import database

    qm, qn, _, one = given
    qm.home()
    database.execute("UPDATE act SET state = %s WHERE outgoing AND kind = 'object'", (state,))
    assert held(qm, qn).known([one["id"]]).by_node == {}


def test_what_a_node_was_told_to_let_go_is_taken_up_to_its_version_and_held_no_more(given) -> None:
    qm, qn, _, one = given
    let_go(qm, qn, RetractionReason("legal"))
    known = held(qm, qn).known([one["id"]])
    assert (known.acts(qn.node), len(known.taken(qn.node))) == ({}, 1)
    assert held(qm, qn).widest([one["id"]], NOW) == {}
    qm.says(indicator(qm, "one", Tlp.GREEN, modified=LATER), at=LATER)
    assert len(held(qm, qn).known([one["id"]]).taken(qn.node)) == 1


def test_what_a_node_may_keep_no_longer_it_does_not_hold(given) -> None:
    qm, qn, _, one = given
    assert held(qm, qn).widest([one["id"]], NOW) == {qn.node: {one["id"]: Onward.FREE}}
    assert held(qm, qn).widest([one["id"]], YEARS) == {}


def test_the_widest_of_the_terms_counts(given) -> None:
    from hilf.store import database

    qm, qn, _, one = given
    qm.says(indicator(qm, "one", Tlp.GREEN, modified=LATER), at=LATER)
    qm.release(qn, at=LATER)
    qm.home()
    ((pos, envelope),) = database.rows(
        "SELECT pos, envelope FROM act WHERE kind = 'object' ORDER BY pos DESC LIMIT 1"
    )
    narrow = bytes(envelope).replace(b'"onward":"free"', b'"onward":"none"')
    database.execute("UPDATE act SET envelope = %s WHERE pos = %s", (narrow, pos))
    assert held(qm, qn).widest([one["id"]], NOW) == {qn.node: {one["id"]: Onward.FREE}}


def test_what_a_node_says_itself_it_may_pass_on(given) -> None:
    qm, qn, _, _ = given
    theirs = indicator(qn, "theirs", Tlp.GREEN)
    qn.says(theirs)
    qn.release(qm)
    carry(qn, qm)
    assert held(qm, qn).widest([theirs["id"]], YEARS) == {qn.node: {theirs["id"]: Onward.FREE}}


def test_the_last_act_that_carries_a_version_is_meant() -> None:
    acts = [Act(n, 1, sha256, "sent", None, None) for n, sha256 in enumerate([b"a", b"b", b"a", b"c"])]
    assert (carrying(acts, b"a"), carrying(acts, b"x")) == (acts[2], None)
