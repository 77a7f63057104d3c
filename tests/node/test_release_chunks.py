"""A release goes into the outbox piece by piece, each as it was weighed, and a release cut short does not lie."""

from datetime import timedelta

import pytest

from hilf.errors import Refusal
from hilf.markings.tlp import Tlp
from hilf.store.release.proposal import INTERRUPTED, QUEUED, QUEUING, KeptRelease
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    SECOND,
    agreed_nations,
    carry,
    indicator,
    made_nations,
    malware,
    nations,
    relationship,
)

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def in_pairs(monkeypatch):
    """Transactions of two acts."""
    from hilf.node import release

    monkeypatch.setattr(release, "CHUNK", 2)


def weighed(nation, to, selection):
    from hilf.node.preview import Weighing

    weighing = Weighing(nation.home(), to.node, None, LATER)
    return weighing, weighing.preview(selection)


def part(nation, weighing, preview, choose=lambda shown: shown.allowed):
    from hilf.node import release

    return release.send_part(nation.home(), weighing, preview, LATER, "order--x", choose)


def queued():
    from hilf.store import database

    found = database.rows(
        "SELECT o.stix_id, o.sha256 FROM act a JOIN object o ON o.seq = a.object_seq WHERE o.type = 'indicator'"
        " AND a.state = 'waiting' ORDER BY a.pos"
    )
    return [(stix_id, bytes(sha256)) for stix_id, sha256 in found]


def test_many_pieces_are_one_release(nations, in_pairs):  # noqa: F811
    from hilf.node import release_list
    from hilf.seal.record import acts_subject
    from hilf.store import database

    qm, qn, _ = nations
    qm.says(*(indicator(qm, f"green {n}", Tlp.GREEN) for n in range(5)))
    released = qm.release(qn, "type:indicator")
    acts = database.rows("SELECT act_id, release_id FROM act WHERE object_seq IS NOT NULL")
    assert (released.state, released.queued, {each for _, each in acts}) == ("queued", 6, {released.release})
    (listed,) = release_list.every(qm.home())
    assert listed.kept.state == QUEUED
    assert listed.kept.subject == acts_subject([bytes(act_id).hex() for act_id, _ in acts])
    assert {result["outcome"] for result in carry(qm, qn)} == {"applied"}


def test_a_proposal_of_many_pieces_is_approved_as_a_whole(nations, in_pairs):  # noqa: F811
    from hilf.node import release

    qm, qn, _ = nations
    qm.says(*(indicator(qm, f"amber {n}", Tlp.AMBER) for n in range(5)), indicator(qm, "green", Tlp.GREEN))
    released = qm.release(qn, "type:indicator", "officer")
    assert (released.state, released.queued, released.proposed) == ("proposed", 2, 5)
    approved = release.approve(qm.home(), released.release, qm.keys[SECOND], LATER)
    assert (approved.state, approved.queued) == ("queued", 5)
    assert {result["outcome"] for result in carry(qm, qn, LATER)} == {"applied"}
    assert len(qn.objects(qm.node)) == 7


def test_what_changed_since_it_was_weighed_is_weighed_again(nations):  # noqa: F811
    qm, qn, _ = nations
    old, new = indicator(qm, "one", Tlp.GREEN), indicator(qm, "one", Tlp.GREEN, LATER, description="x")
    qm.says(old, indicator(qm, "two", Tlp.GREEN))
    weighing, shown = weighed(qm, qn, "type:indicator")
    qm.says(new, indicator(qm, "two", Tlp.RED, LATER), at=LATER)
    released = part(qm, weighing, shown)
    (row,) = qm.preview(qn, f"id:{new['id']}", LATER).already
    assert (released.queued, queued()) == (2, [(new["id"], row.sha256)])


def test_what_another_release_took_meanwhile_is_not_sent_twice(nations):  # noqa: F811
    qm, qn, _ = nations
    qm.says(indicator(qm, "one", Tlp.GREEN))
    weighing, shown = weighed(qm, qn, "type:indicator")
    qm.release(qn, "type:indicator")
    assert (part(qm, weighing, shown).state, len(queued())) == ("nothing", 1)


def test_an_agreement_that_was_suspended_meanwhile_lets_nothing_go(nations):  # noqa: F811
    from hilf.node import accord, life

    qm, qn, _ = nations
    qm.says(indicator(qm, "one", Tlp.GREEN))
    (held,) = life.in_force_with(qm.home(), qn.node, NOW)
    weighing, shown = weighed(qm, qn, "type:indicator")
    for officer in qm.keys.values():
        accord.suspend(qm.home(), held.accord.id, officer, NOW)
    assert (part(qm, weighing, shown).state, queued()) == ("nothing", [])


def test_a_release_that_was_cut_short_is_seen_and_the_same_again_ends_it(nations):  # noqa: F811
    from hilf.node import release_list
    from hilf.store import database
    from hilf.store.release import proposal

    qm, qn, _ = nations
    qm.says(indicator(qm, "one", Tlp.GREEN))
    home = qm.home()
    cut = KeptRelease("release--cut", qn.node, QUEUING, "type:indicator", "defence", 1, None, 0, "")
    with database.transaction():
        proposal.put(cut, [proposal.Item(b"x" * 32, b"{}", 1)])
    assert [(each.kept.release_id, each.word) for each in release_list.every(home)] == [
        ("release--cut", QUEUING)
    ]
    released = qm.release(qn, "type:indicator")
    states = {
        each.kept.release_id: (each.kept.state, each.kept.reason) for each in release_list.every(qm.home())
    }
    assert states == {"release--cut": (QUEUED, INTERRUPTED), released.release: (QUEUED, None)}
    assert proposal.items("release--cut") == ()


def test_a_release_that_another_ended_stops(nations, in_pairs):  # noqa: F811
    """Two commands release the same: the one that came first stops, and nothing is queued twice."""
    from hilf.node import release
    from hilf.store.database import transaction

    qm, qn, _ = nations
    qm.says(*(indicator(qm, f"green {n}", Tlp.GREEN) for n in range(4)))
    weighing, shown = weighed(qm, qn, "type:indicator")
    first = release._Sending(qm.home(), weighing, LATER, None)  # noqa: SLF001  # stopped between two pieces
    with transaction():
        first._begin(shown)  # noqa: SLF001
    qm.release(qn, "type:indicator", at=LATER)
    with pytest.raises(Refusal) as refused:
        first.send(shown)
    assert (refused.value.code, len(queued())) == ("release.overtaken", 4)


def test_each_of_many_recipients_has_a_release_of_its_own(nations):  # noqa: F811
    from hilf.node import release

    qm, qn, qo = nations
    qn.says(indicator(qn, "green", Tlp.GREEN), indicator(qn, "red", Tlp.RED))
    sent = list(release.send_to_each(qn.home(), [qm.node, qo.node], NOW, "type:indicator"))
    assert [(each.to, each.state, each.queued) for each in sent] == [
        (qm.node, "queued", 2),
        (qo.node, "queued", 2),
    ]
    assert len({each.release for each in sent}) == 2
    for partner in (qm, qo):
        carry(qn, partner)
        assert len(partner.objects(qn.node)) == 2


def in_part(nation, tlp=Tlp.GREEN):
    marked = [{"selectors": ["description"], "marking_ref": Tlp.AMBER_STRICT.marking_id}]
    return indicator(nation, "part", tlp, description="not for all", granular_markings=marked)


@pytest.mark.parametrize(("tlp", "state"), [(Tlp.GREEN, "queued"), (Tlp.AMBER, "proposed")])
def test_a_form_that_another_release_took_meanwhile_is_not_taken_twice(nations, tlp, state):  # noqa: F811
    qm, qn, _ = nations
    qm.says(in_part(qm, tlp))
    weighing, shown = weighed(qm, qn, "type:indicator")
    (form,) = [each for each in shown.allowed if each.form]
    assert weighing.still_holds([form])
    assert qm.release(qn, "type:indicator", "officer").state == state
    assert not weighing.still_holds([form])


@pytest.fixture
def joined(nations):  # noqa: F811
    """QM's relation of which QN has one end and is to get the other with it; both ends, and what was weighed of it."""
    qm, qn, _ = nations
    there, with_it = indicator(qm, "there", Tlp.GREEN), malware(qm, "with it", Tlp.GREEN)
    qm.says(there)
    qm.release(qn)
    carry(qm, qn)
    qm.says(with_it, relationship(qm, there, with_it, Tlp.GREEN))
    weighing, shown = weighed(qm, qn, "type:malware,relationship")
    (relation,) = [each for each in shown.allowed if each.ends]
    assert weighing.still_holds([relation])
    return qm, qn, there, with_it, weighing, relation


def test_a_relation_of_which_the_recipient_let_an_end_go_meanwhile_is_weighed_again(joined):
    from hilf.federation.retraction import RetractionReason
    from tests.node.test_taken_back import let_go

    qm, qn, _, _, weighing, relation = joined
    let_go(qm, qn, RetractionReason("legal"), LATER)
    assert not weighing.still_holds([relation])


def test_a_relation_of_which_an_end_was_taken_back_after_it_was_queued_is_weighed_again(joined):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import withdrawal

    qm, _, _, with_it, weighing, relation = joined
    withdrawal.retract(qm.home(), with_it["id"], RetractionReason.ERROR, LATER)
    assert not weighing.still_holds([relation])
