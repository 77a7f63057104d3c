"""What a node was told to let go is not offered to it again in the same version, and a later version goes there.

Unless only the time was over: what an agreement's end took back may go there again (`test_lapsed`).
"""

# ruff: noqa: F401, F811  # fixtures are imported
from datetime import timedelta

import pytest

from hilf.federation.retraction import Retraction, RetractionReason
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import agree, carry, indicator, made_nations
from tests.node.test_effects import accord_id, acts, given, made_pair, pair, settle, stop

LATER = NOW + timedelta(hours=1)


def let_go(qm, qn, reason: RetractionReason, at=NOW) -> None:
    """QM tells QN alone to let go of all that it has from it, and goes on saying it; what tells it waits."""
    from hilf.node import recall
    from hilf.store.accord import released
    from hilf.store.database import transaction
    from hilf.store.intelligence import read

    home = qm.home()
    with transaction():
        for page in released.under(qn.node, accord_id(qm)):
            for row in read.by_seq(act.object_seq for act in page).values():
                body = Retraction(row.stix_id, (row.sha256.hex(),), reason, at + recall.ANSWER)
                recall.tell(home, recall.keep(home, body, at), qn.node, body, at)
            released.put_retracted([act.act_id for act in page])


@pytest.fixture(params=["legal", "consent-withdrawn"])
def parted(pair, request):
    """QM had taken everything back from QN for a reason when the two parted; the id of what QN had from QM."""
    qm, qn = pair
    (entry,) = given(qm, qn, "ours")
    let_go(qm, qn, RetractionReason(request.param))
    carry(qm, qn)
    stop(qm, "end")
    settle(qm)
    carry(qm, qn)
    carry(qn, qm)
    return qm, qn, entry


def previewed(nation, other, selection: str, at=LATER):
    from hilf.node.preview import preview

    return preview(nation.home(), other.node, at, selection)


def test_what_was_taken_back_stays_taken_back_when_the_two_agree_again(parted) -> None:
    from hilf.node import release

    qm, qn, entry = parted
    agree(qm, qn, at=LATER, onward="free")
    shown = previewed(qm, qn, f"id:{entry}")
    assert [(each.stix_id, each.state) for each in shown.already] == [(entry, "taken back")]
    assert (len(shown.allowed), len(shown.withheld), shown.taken_back) == (0, 0, 1)
    sent = release.send(qm.home(), qn.node, LATER, f"id:{entry}")
    assert (sent.state, sent.queued) == ("nothing", 0)
    assert [state for state, _ in acts(qm)] == ["retracted"] * 2


def test_a_version_that_was_modified_later_goes_there_and_is_applied(parted) -> None:
    from hilf.node import release

    qm, qn, entry = parted
    agree(qm, qn, at=LATER, onward="free")
    qm.says(indicator(qm, "ours", Tlp.GREEN, modified=LATER), at=LATER)
    assert release.send(qm.home(), qn.node, LATER, f"id:{entry}").queued == 1
    carry(qm, qn, LATER)
    assert acts(qm)[-1] == ("applied", None)
    assert entry in qn.objects(qm.node)
    shown = previewed(qm, qn, f"id:{entry}")
    assert [each.state for each in shown.already] == ["applied"]


def test_why_says_that_it_was_taken_back(parted) -> None:
    from hilf.node.why import why

    qm, qn, entry = parted
    agree(qm, qn, at=LATER, onward="free")
    assert why(qm.home(), entry, qn.node, LATER).taken_back
    qm.says(indicator(qm, "ours", Tlp.GREEN, modified=LATER), at=LATER)
    assert not why(qm.home(), entry, qn.node, LATER).taken_back


def test_effects_promise_only_what_can_go_there(parted) -> None:
    from hilf.node import draft
    from hilf.node.foresight import foresee

    qm, qn, entry = parted
    qm.says(indicator(qm, "new", Tlp.GREEN), at=LATER)
    text = draft.from_template(qm.home(), [qn.node], LATER).life.accord
    (found,) = foresee(qm.home(), text.id, LATER).nodes
    fresh = indicator(qm, "new", Tlp.GREEN)["id"]
    assert (found.opens.count, found.opens.examples) == (1, [fresh])
    assert (found.taken_back.count, sorted(found.taken_back.examples)) == (2, sorted([entry, qm.author]))


def test_a_relation_does_not_leave_to_who_was_told_to_let_go_of_its_end(parted) -> None:
    from tests.nations import relationship

    qm, qn, _ = parted
    agree(qm, qn, at=LATER, onward="free")
    fresh = indicator(qm, "fresh", Tlp.GREEN)
    joins = relationship(qm, fresh, indicator(qm, "ours", Tlp.GREEN), Tlp.GREEN)
    qm.says(fresh, joins, at=LATER)
    shown = previewed(qm, qn, f"id:{fresh['id']},{joins['id']}")
    assert [each.kept.stix_id for each in shown.allowed] == [fresh["id"]]
    assert [(each.kept.stix_id, each.decision.main.rule) for each in shown.withheld] == [
        (joins["id"], "accord.end-stays")
    ]


def test_what_a_retention_took_back_is_taken_back_before_and_after_the_node_has_heard(pair) -> None:
    from hilf.node import retention
    from tests.node.test_effects import amend

    qm, qn = pair
    amend(qm, qn, retention_days=1)
    (entry,) = given(qm, qn, "short")
    assert [each.state for each in previewed(qm, qn, f"id:{entry}").already] == ["applied"]
    over = NOW + timedelta(days=2)
    retention.carry_out(qm.home(), over)
    assert [each.state for each in previewed(qm, qn, f"id:{entry}", over).already] == ["taken back"]
    carry(qm, qn, over)
    assert [each.state for each in previewed(qm, qn, f"id:{entry}", over).already] == ["taken back"]


def test_a_retraction_that_the_node_refused_takes_nothing_back(parted) -> None:
    from hilf.store import database
    from hilf.store.database import transaction

    qm, qn, entry = parted
    agree(qm, qn, at=LATER, onward="free")
    qm.home()
    with transaction():
        database.execute("UPDATE act SET state = 'refused' WHERE outgoing AND kind = 'retraction'")
    assert previewed(qm, qn, f"id:{entry}").taken_back == 0


def test_a_definition_of_markings_outlives_the_end_so_that_what_bears_it_can_be_read_again(pair) -> None:
    from hilf.markings.rel_to import marking
    from hilf.node import release

    qm, qn = pair
    limit = marking(["QN"])
    qm.says(limit)
    entry = indicator(qm, "limited", Tlp.GREEN)
    entry["object_marking_refs"].append(limit["id"])
    qm.says(entry)
    release.send(qm.home(), qn.node, NOW, f"id:{entry['id']}")
    carry(qm, qn)
    assert limit["id"] in qn.objects(qm.node)
    stop(qm, "end")
    settle(qm)
    carry(qm, qn)
    carry(qn, qm)
    assert limit["id"] in qn.objects(qm.node)
    assert entry["id"] not in qn.objects(qm.node)


def test_what_only_an_end_took_back_goes_there_again_as_effects_preview_and_why_say(pair):
    from hilf.node import draft
    from hilf.node.foresight import foresee
    from hilf.node.why import why

    qm, qn = pair
    (entry,) = given(qm, qn, "ours")
    stop(qm, "end")
    settle(qm)
    carry(qm, qn)
    carry(qn, qm)
    text = draft.from_template(qm.home(), [qn.node], LATER).life.accord
    (found,) = foresee(qm.home(), text.id, LATER).nodes
    assert (found.opens.count, found.taken_back.count) == (2, 0)
    agree(qm, qn, at=LATER, onward="free")
    assert not why(qm.home(), entry, qn.node, LATER).taken_back
    shown = previewed(qm, qn, f"id:{entry}")
    assert ({each.kept.stix_id for each in shown.allowed}, shown.taken_back) == ({entry, qm.author}, 0)


def test_a_later_version_that_was_taken_back_keeps_out_what_only_the_end_took_back(pair):
    from hilf.node.home import index_key
    from hilf.store import database
    from hilf.store.release import taken

    qm, qn = pair
    (entry,) = given(qm, qn, "ours")
    qm.says(indicator(qm, "ours", Tlp.GREEN, modified=LATER), at=LATER)
    from hilf.node import release

    release.send(qm.home(), qn.node, LATER, f"id:{entry}")
    carry(qm, qn, LATER)
    stop(qm, "end", LATER)
    settle(qm, LATER)
    carry(qm, qn, LATER)
    home = qm.home()
    found = [each.modified for each in taken.of([qn.node], [entry], index_key(home))]
    assert found == [taken.GOES_AGAIN] * 2
    with database.transaction():
        database.execute(
            "UPDATE retraction SET reason = 'legal' WHERE id = (SELECT max(id) FROM retraction WHERE stix_id = %s)",
            (entry,),
        )
    found = sorted(each.modified for each in taken.of([qn.node], [entry], index_key(home)))
    assert found[0] == taken.GOES_AGAIN
    assert found[1] > 0
