"""Releases and retractions as people list them: page by page, narrowed, none twice and none left out; and a no to a proposal."""

import pytest

from hilf.errors import Refusal
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import agreed_nations, carry, indicator, made_nations, nations, strangers

__all__ = ["agreed_nations", "made_nations", "nations", "strangers"]


def test_every_release_stands_on_one_page(nations):
    from hilf.node import release_list

    qm, qn, _ = nations
    for n in range(5):
        qm.says(indicator(qm, f"green {n}", Tlp.GREEN))
        qm.release(qn)
    qm.says(indicator(qm, "amber", Tlp.AMBER))
    qm.release(qn, officer="officer")
    home = qm.home()
    found, after = [], None
    while page := release_list.page(home, after=after, limit=2):
        found += page
        after = page[-1].kept.release_id
    assert len({each.kept.release_id for each in found}) == len(found) == 6
    assert {each.kept.release_id: each for each in found} == {
        each.kept.release_id: each for each in release_list.every(home)
    }
    (waiting,) = release_list.page(home, state="proposed")
    assert (waiting.unapproved, waiting.kept.proposed_by) == (1, qm.keys["officer"].kid)
    assert release_list.page(home, peer="cert.qo.example") == ()
    assert release_list.one(home, waiting.kept.release_id) == waiting
    assert release_list.one(home, "release--none") is None


def test_what_was_declined_is_not_approved_any_more(nations):
    from hilf.node import approval, release

    qm, qn, _ = nations
    qm.says(indicator(qm, "amber", Tlp.AMBER))
    proposed = qm.release(qn, officer="officer")
    approval.decline(qm.home(), proposed.release)
    for again in (
        lambda: approval.decline(qm.home(), proposed.release),
        lambda: release.approve(qm.home(), proposed.release, qm.keys["amal"], NOW),
    ):
        with pytest.raises(Refusal) as refused:
            again()
        assert refused.value.code == "release.not-proposed"
    assert qm.preview(qn).needing_approval == 1


def test_a_mark_names_what_would_leave_and_nothing_else_is_sent(nations):
    from hilf.node import release

    qm, qn, _ = nations
    qm.says(indicator(qm, "green", Tlp.GREEN))
    mark = qm.preview(qn).mark
    assert qm.preview(qn).mark == mark != qm.preview(qn, "type:indicator").mark
    qm.says(indicator(qm, "green too", Tlp.GREEN))
    with pytest.raises(Refusal) as refused:
        release.send(qm.home(), qn.node, NOW, expected=mark)
    assert refused.value.code == "release.preview-changed"
    sent = release.send(qm.home(), qn.node, NOW, expected=qm.preview(qn).mark)
    assert (sent.state, sent.queued) == ("queued", 3)


def test_every_retraction_stands_on_one_page_with_who_confirmed(nations):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import withdrawal, withdrawn

    qm, qn, _ = nations
    made = [indicator(qm, f"wrong {n}", Tlp.GREEN) for n in range(3)]
    qm.says(*made)
    qm.release(qn)
    carry(qm, qn)
    for each in made:
        withdrawal.retract(qm.home(), each["id"], RetractionReason.ERROR, NOW)
    carry(qm, qn)
    carry(qn, qm)
    first = withdrawn.page(qm.home(), NOW, limit=2)
    rest = withdrawn.page(qm.home(), NOW, before=first[-1].number, limit=2)
    assert [each.stix_id for each in (*first, *rest)] == [each["id"] for each in reversed(made)]
    assert {(each.told, each.confirmed, each.late, each.open) for each in first} == {(1, 1, 0, 0)}
    assert withdrawn.page(qm.home(), NOW, reason="legal") == ()
    assert withdrawn.held_by_partner(qm.home()) == {}
