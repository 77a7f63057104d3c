"""Lists before anything leaves: what stops, what warns, what officers set aside, and that nothing leaves unlooked."""

import pytest

from hilf.canonical import content_id
from hilf.errors import CallerFault, Refusal
from hilf.lists.entry import read_entry
from hilf.lists.hit import Action
from hilf.markings.tlp import Tlp
from hilf.node import approval, effects, lists, release
from hilf.node.preview import Weighing
from hilf.store import database
from hilf.store.release import proposal
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    agreed_nations,
    carry,
    entry,
    indicator,
    made_nations,
    malware,
    nations,
    relationship,
)

VICTIM = "Aman Bank"


@pytest.fixture
def pair(nations):  # noqa: F811
    """QM, that has named a victim and does not mind addresses of documentation, and QN."""
    qm, qn, _ = nations
    qm.home()
    lists.add("victims", [read_entry(VICTIM)], NOW)
    lists.set_action("documentation", Action.OFF)
    return qm, qn


def fill(nation):
    with database.transaction():
        while lists.fill(nation.home()):
            pass


def named(nation, name="one", **members):
    return indicator(nation, name, Tlp.GREEN, description=f"seen at {VICTIM}", **members)


def withheld(shown):
    return {each.kept.stix_id: each.decision.main.rule for each in shown.withheld}


def ids(shown):
    return {each.kept.stix_id for each in shown.allowed}


@pytest.mark.parametrize("looked", [False, True])
def test_what_names_a_victim_stays_whether_the_worker_has_looked_or_not(pair, looked):
    qm, qn = pair
    secret, other = named(qm), indicator(qm, "other", Tlp.GREEN)
    qm.says(secret, other)
    if looked:
        fill(qm)
    shown = qm.preview(qn)
    assert withheld(shown) == {secret["id"]: "lists.victim"}
    assert other["id"] in ids(shown)
    qm.release(qn)
    carry(qm, qn)
    assert other["id"] in qn.objects(qm.node)
    assert not qn.holds(VICTIM)


def test_a_name_that_comes_after_the_preview_counts(pair):
    qm, qn = pair
    plain = indicator(qm, "plain", Tlp.GREEN, description="seen at Port of QM")
    qm.says(plain)
    fill(qm)
    assert plain["id"] in ids(qm.preview(qn))
    lists.add("victims", [read_entry("Port of QM")], NOW)
    assert withheld(qm.preview(qn)) == {plain["id"]: "lists.victim"}


def test_a_relation_to_what_stays_stays(pair):
    qm, qn = pair
    secret, family = named(qm), malware(qm, "family", Tlp.GREEN)
    joined = relationship(qm, secret, family, Tlp.GREEN)
    qm.says(secret, family, joined)
    assert withheld(qm.preview(qn)) == {secret["id"]: "lists.victim", joined["id"]: "accord.end-stays"}


def test_our_own_identity_does_not_go_along_where_a_list_stops_it(pair):
    qm, qn = pair
    qm.says(indicator(qm, "plain", Tlp.GREEN))
    lists.add("own-assets", [read_entry("CERT of QM")], NOW)
    assert qm.author not in ids(qm.preview(qn))


def test_a_warning_is_shown_and_it_leaves(pair):
    qm, qn = pair
    lists.set_action("victims", Action.WARN)
    secret = named(qm)
    qm.says(secret)
    shown = qm.preview(qn)
    (hit,) = next(each.hits for each in shown.allowed if each.kept.stix_id == secret["id"])
    assert (hit.list, hit.action, hit.value, hit.place) == (
        "victims",
        Action.WARN,
        "aman bank",
        "description",
    )
    assert shown.warned == 1
    assert qm.release(qn).state == "queued"


def test_what_is_not_allowed_anyway_is_not_looked_for(pair):
    qm, qn = pair
    red = indicator(qm, "red", Tlp.RED, description=VICTIM)
    qm.says(red)
    (shown,) = [each for each in qm.preview(qn).withheld if each.kept.stix_id == red["id"]]
    assert shown.hits == ()
    assert not shown.decision.main.rule.startswith("lists.")


def test_a_list_that_changes_while_acts_are_made_is_heard_before_they_are_queued(pair):
    qm, qn = pair
    plain = indicator(qm, "plain", Tlp.GREEN, description="seen at Port of QM")
    qm.says(plain)
    fill(qm)
    weighing = Weighing(qm.home(), qn.node, None, NOW)
    shown = weighing.preview("")
    assert plain["id"] in ids(shown)
    assert weighing.still_holds(shown.allowed)
    lists.add("victims", [read_entry("Port of QM")], NOW)
    assert not weighing.still_holds(shown.allowed)


def test_what_a_list_does_is_asked_again_before_acts_are_queued(pair):
    qm, qn = pair
    qm.says(indicator(qm, "plain", Tlp.GREEN, description="seen at Port of QM"))
    lists.add("victims", [read_entry("Port of QM")], NOW)
    lists.set_action("victims", Action.WARN)
    weighing = Weighing(qm.home(), qn.node, None, NOW)
    shown = weighing.preview("")
    assert weighing.still_holds(shown.allowed)
    lists.set_action("victims", Action.STOP)
    assert not weighing.still_holds(shown.allowed)


def test_what_a_list_says_of_what_is_left_is_asked_again_though_it_spoke_of_what_went(pair):
    qm, qn = pair
    marked = [{"selectors": ["description"], "marking_ref": Tlp.AMBER_STRICT.marking_id}]
    hidden = named(qm, "hidden", granular_markings=marked, labels=["port-of-qm"])
    qm.says(hidden)
    weighing = Weighing(qm.home(), qn.node, None, NOW)
    shown = weighing.preview("")
    assert hidden["id"] in ids(shown)
    assert weighing.still_holds(shown.allowed)
    lists.add("victims", [read_entry("Port of QM")], NOW)
    assert not weighing.still_holds(shown.allowed)
    assert withheld(qm.preview(qn)) == {hidden["id"]: "lists.victim"}


def despite(qm, qn, officer=None, names=("victims",), select=""):
    return release.send(qm.home(), qn.node, NOW, select, None, qm.keys[officer] if officer else None, names)


def test_officers_may_set_a_list_aside_two_of_them(pair):
    qm, qn = pair
    secret = named(qm)
    qm.says(secret)
    with pytest.raises(Refusal) as refused:
        despite(qm, qn)
    assert refused.value.code == "release.needs-officer"
    proposed = despite(qm, qn, "officer")
    assert (proposed.state, proposed.needs_approvals) == ("proposed", 1)
    kept = proposal.get(proposed.release)
    assert kept.despite == "victims"
    told = [each for each in approval.Bound(qm.home(), kept, NOW) if each.hits]
    assert [(each.kept.stix_id, each.hits[0].list) for each in told] == [(secret["id"], "victims")]
    done = release.approve(qm.home(), proposed.release, qm.keys["amal"], NOW)
    assert done.state == "queued"
    carry(qm, qn)
    assert secret["id"] in qn.objects(qm.node)


def test_only_the_list_that_was_named_is_set_aside(pair):
    qm, qn = pair
    lists.add("own-assets", [read_entry("ministry.example")], NOW)
    secret = named(qm, pattern="[domain-name:value = 'ministry.example']")
    qm.says(secret)
    despite(qm, qn, "officer")
    assert withheld(qm.preview(qn)) == {secret["id"]: "lists.own-asset"}
    with pytest.raises(CallerFault) as refused:
        despite(qm, qn, "officer", ("nonsense",))
    assert refused.value.code == "lists.unknown"


def test_a_proposal_dies_when_a_list_stops_what_it_holds(pair):
    qm, qn = pair
    amber = indicator(qm, "amber", Tlp.AMBER, description="seen at Port of QM")
    qm.says(amber)
    proposed = qm.release(qn, officer="officer")
    lists.add("victims", [read_entry("Port of QM")], NOW)
    done = release.approve(qm.home(), proposed.release, qm.keys["amal"], NOW)
    assert (done.state, done.reason) == ("died", "lists.victim")


def test_lists_look_at_what_is_left_of_an_object_that_is_redacted(pair):
    qm, qn = pair
    marked = [{"selectors": ["description"], "marking_ref": Tlp.AMBER_STRICT.marking_id}]
    hidden = named(qm, "hidden", granular_markings=marked)
    also = named(qm, "also", granular_markings=marked, labels=["aman-bank"])
    qm.says(hidden, also)
    shown = qm.preview(qn)
    assert hidden["id"] in ids(shown)
    assert withheld(shown) == {also["id"]: "lists.victim"}
    (stopped,) = shown.withheld
    left = {k: v for k, v in also.items() if k not in {"description", "granular_markings"}}
    assert ([hit.place for hit in stopped.hits], stopped.sha256.hex()) == (["labels.[0]"], content_id(left))
    qm.release(qn)
    carry(qm, qn)
    assert hidden["id"] in qn.objects(qm.node)
    assert not qn.holds(VICTIM)


def test_what_waits_is_decided_again_when_a_list_changes(pair):
    qm, qn = pair
    port = indicator(qm, "port", Tlp.GREEN, description="seen at Port of QM")
    family = malware(qm, "family", Tlp.GREEN)
    joined = relationship(qm, port, family, Tlp.GREEN)
    secret = named(qm)
    qm.says(port, family, joined, secret)
    effects.settle(qm.home(), NOW)
    qm.release(qn)
    waiting = despite(qm, qn, "officer", select=f"id:{secret['id']}")
    release.approve(qm.home(), waiting.release, qm.keys["amal"], NOW)
    assert [each.dropped for each in effects.settle(qm.home(), NOW)] == []
    lists.add("victims", [read_entry("Port of QM")], NOW)
    assert [each.dropped for each in effects.settle(qm.home(), NOW) if each.node == qn.node] == [2]
    assert effects.settle(qm.home(), NOW) == ()
    carry(qm, qn)
    assert set(qn.objects(qm.node)) == {family["id"], secret["id"], qm.author}


def test_the_recipient_does_not_learn_that_a_list_spoke(pair):
    qm, qn = pair
    secret, other = named(qm), indicator(qm, "other", Tlp.GREEN)
    qm.says(secret, other)
    lists.set_action("documentation", Action.WARN)
    qm.release(qn)
    carry(qm, qn)
    for word in ("lists.", "victim", "documentation", VICTIM, secret["id"]):
        assert not qn.holds(word)
