"""The door out: what a partner holds is what the preview showed, and nothing else is in its file."""

import hashlib
from datetime import timedelta

import pytest

from hilf.canonical import dumps, sha256_hex
from hilf.errors import CallerFault, Refusal
from hilf.markings import rel_to
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    SECOND,
    agreed_nations,
    canonical,
    carry,
    entry,
    indicator,
    made_nations,
    malware,
    nations,
    relationship,
    strangers,
)

LATER = NOW + timedelta(hours=1)


def ids(weighed):
    return [each.kept.stix_id for each in weighed]


def rules(preview):
    return {each.kept.stix_id: each.decision.main.rule for each in preview.withheld}


def test_what_a_partner_holds_is_what_the_preview_showed_byte_for_byte(nations):  # noqa: F811
    qm, qn, _ = nations
    tool = malware(qm, "tool", Tlp.CLEAR)
    green = indicator(qm, "green", Tlp.GREEN)
    qm.says(
        tool,
        green,
        relationship(qm, green, tool, Tlp.GREEN),
        indicator(qm, "red", Tlp.RED),
        indicator(qm, "unmarked", None),
        entry("note", qm, "arabic", Tlp.CLEAR, content="حِلف الفضول", object_refs=[tool["id"]]),
    )
    shown = {each.kept.stix_id: each.kept.sha256 for each in qm.preview(qn).allowed}
    assert qn.objects(qm.node) == {}
    released = qm.release(qn)
    assert (released.state, released.queued) == ("queued", len(shown))
    assert {result["outcome"] for result in carry(qm, qn)} == {"applied"}
    held = qn.objects(qm.node)
    assert {i: hashlib.sha256(body).digest() for i, body in held.items()} == shown
    assert held[green["id"]] == canonical(green)
    assert len(shown) == 5  # four of these, and the identity object of QM


def test_what_may_not_leave_is_in_no_byte_of_the_partner_s_files(nations):  # noqa: F811
    qm, qn, _ = nations
    secrets = [indicator(qm, "nobody-may-know", Tlp.RED), indicator(qm, "nobody-said-so", None)]
    open_ = indicator(qm, "everybody-may-know", Tlp.CLEAR)
    qm.says(open_, *secrets)
    qm.release(qn)
    carry(qm, qn)
    assert all(qm.holds(each["name"]) and qm.holds(each["id"]) for each in (*secrets, open_))
    assert qn.holds(open_["name"])
    assert qn.holds(open_["id"])
    assert [qn.holds(each[member]) for each in secrets for member in ("name", "id")] == [False] * 4


def test_each_thing_that_stays_names_its_rule_and_clause(nations):  # noqa: F811
    qm, qn, _ = nations
    red, unmarked = indicator(qm, "red", Tlp.RED), indicator(qm, "unmarked", None)
    qm.says(red, unmarked)
    preview = qm.preview(qn)
    assert rules(preview) == {red["id"]: "accord.forbidden", unmarked["id"]: "accord.marking-above"}
    assert {each.kept.stix_id: each.decision.main.clause for each in preview.withheld}[red["id"]] == "c-4"


def test_nothing_is_sent_twice(nations):  # noqa: F811
    qm, qn, _ = nations
    green = indicator(qm, "green", Tlp.GREEN)
    qm.says(green)
    assert qm.release(qn).queued == 2
    again = qm.release(qn, "type:indicator", at=LATER)
    assert (again.state, again.queued) == ("nothing", 0)
    carry(qm, qn)
    shown = qm.preview(qn, "type:indicator")
    assert not shown.allowed
    assert [(each.stix_id, each.state) for each in shown.already] == [(green["id"], "applied")]
    assert not qm.preview(qn).already


def test_a_newer_version_goes_as_well(nations):  # noqa: F811
    qm, qn, _ = nations
    qm.says(indicator(qm, "green", Tlp.GREEN))
    qm.release(qn)
    newer = indicator(qm, "green", Tlp.GREEN, LATER, description="now with a description")
    qm.says(newer, at=LATER)
    assert ids(qm.preview(qn, at=LATER).allowed) == [newer["id"]]
    qm.release(qn, at=LATER)
    carry(qm, qn, LATER)
    assert qn.objects(qm.node)[newer["id"]] == canonical(newer)


def test_a_relationship_leaves_only_with_what_it_joins(nations):  # noqa: F811
    qm, qn, _ = nations
    tool, red = malware(qm, "tool", Tlp.CLEAR), indicator(qm, "red", Tlp.RED)
    green = indicator(qm, "green", Tlp.GREEN)
    to_red, to_green = relationship(qm, red, tool, Tlp.CLEAR), relationship(qm, green, tool, Tlp.CLEAR)
    qm.says(tool, red, green, to_red, to_green)
    preview = qm.preview(qn)
    assert rules(preview)[to_red["id"]] == "accord.end-stays"
    assert ids(preview.allowed)[-1] == to_green["id"]
    qm.release(qn, "type:malware")
    assert rules(qm.preview(qn, "type:relationship")) == {
        to_red["id"]: "accord.end-stays",
        to_green["id"]: "accord.end-stays",
    }
    qm.release(qn, "type:indicator")
    assert ids(qm.preview(qn, "type:relationship").allowed) == [to_green["id"]]


def test_an_end_that_the_recipient_may_keep_no_longer_does_not_count(nations):  # noqa: F811
    qm, qn, _ = nations
    tool, green = malware(qm, "tool", Tlp.CLEAR), indicator(qm, "green", Tlp.GREEN)
    relation = relationship(qm, green, tool, Tlp.CLEAR)
    qm.says(tool, green, relation)
    qm.release(qn, "type:malware,indicator")
    for days, expected in ((365, [relation["id"]]), (366, [])):
        at = NOW + timedelta(days=days)
        assert ids(qm.preview(qn, "type:relationship", at).allowed) == expected


def test_a_relation_to_what_the_recipient_says_itself_leaves(nations):  # noqa: F811
    qm, qn, _ = nations
    tool, green = malware(qn, "tool", Tlp.CLEAR), indicator(qm, "green", Tlp.GREEN)
    relation = relationship(qm, green, tool, Tlp.CLEAR)
    qm.says(green, relation)
    assert rules(qm.preview(qn, "type:indicator,relationship")) == {relation["id"]: "accord.end-stays"}
    qn.says(tool)
    qn.release(qm)
    carry(qn, qm)
    assert rules(qm.preview(qn, "type:indicator,relationship")) == {}


def test_what_was_refused_may_be_sent_again(nations):  # noqa: F811
    from hilf.store import database

    qm, qn, _ = nations
    green = indicator(qm, "green", Tlp.GREEN)
    qm.says(green)
    qm.release(qn)
    qm.home()
    database.execute("UPDATE act SET state = 'refused' WHERE kind = 'object'")
    assert green["id"] in ids(qm.preview(qn).allowed)
    assert ids(qm.preview(qn, "type:indicator").allowed) == [qm.author, green["id"]]


def test_what_waits_for_an_approval_is_not_proposed_again(nations):  # noqa: F811
    qm, qn, _ = nations
    amber = indicator(qm, "amber", Tlp.AMBER)
    qm.says(amber)
    proposed = qm.release(qn, "type:indicator", "officer")
    shown = qm.preview(qn, "type:indicator")
    assert [(each.stix_id, each.state, each.release) for each in shown.already] == [
        (amber["id"], "proposed", proposed.release)
    ]
    assert qm.release(qn, "type:indicator", "officer").state == "nothing"


def test_an_author_is_introduced_once(nations):  # noqa: F811
    from hilf.store import database

    qm, qn, qo = nations
    for name in ("one", "two"):
        qm.says(indicator(qm, name, Tlp.CLEAR))
        qm.release(qn)
        carry(qm, qn)
        qn.release(qo, f"partner:{qm.node} type:indicator")
    told = "SELECT count(*) FROM act WHERE kind = %s AND outgoing AND peer = %s"
    assert [database.rows(told, (kind, qo.node)) for kind in ("object", "identity")] == [[(2,)], [(1,)]]


def test_definitions_of_markings_go_along_and_before_what_they_mark(nations):  # noqa: F811
    qm, qn, _ = nations
    limit = rel_to.marking(["QM", "QN"])
    marked = indicator(qm, "limited", Tlp.GREEN)
    marked["object_marking_refs"] = [Tlp.GREEN.marking_id, limit["id"]]
    qm.says(limit, marked)
    shown = qm.preview(qn, f"id:{marked['id']}")
    assert ids(shown.allowed)[0] == limit["id"]
    qm.release(qn, f"id:{marked['id']}")
    carry(qm, qn)
    assert qn.objects(qm.node)[limit["id"]] == dumps(limit)
    assert not qm.preview(qn, "type:marking-definition").allowed


def test_a_definition_that_waits_for_an_approval_goes_along_with_what_goes_before_it(nations):  # noqa: F811
    from hilf.node import release

    qm, qn, _ = nations
    limit = rel_to.marking(["QM", "QN"])
    amber, green = (
        {**indicator(qm, tlp.word, tlp), "object_marking_refs": [tlp.marking_id, limit["id"]]}
        for tlp in (Tlp.AMBER, Tlp.GREEN)
    )
    qm.says(limit, amber, green)
    proposed = qm.release(qn, f"id:{amber['id']}", "officer")
    assert (proposed.state, proposed.queued, proposed.proposed) == ("proposed", 1, 2)
    assert qm.release(qn, f"id:{green['id']}").queued == 2
    assert release.approve(qm.home(), proposed.release, qm.keys[SECOND], LATER).queued == 2
    assert {result["outcome"] for result in carry(qm, qn, LATER)} == {"applied"}
    assert {amber["id"], green["id"], limit["id"]} <= set(qn.objects(qm.node))


def test_our_identity_that_waits_for_an_approval_is_not_proposed_again(strangers):  # noqa: F811
    from hilf.accord.template import TEMPLATES, frame
    from tests.nations import agree, meet

    qm, qn, _ = strangers
    clauses = TEMPLATES["intelligence"](frame([qm.node, qn.node], "accord--x", "x", NOW, LATER))["clauses"]
    own = {"id": "c-9", "effect": "require", "kinds": ["identity"], "when": {}, "text": {"en": "."}}
    meet(qm, qn)
    agree(qm, qn, clauses=[*clauses, {**own, "require": {"approvals": 2}}])
    qm.says(indicator(qm, "one", Tlp.GREEN))
    first = qm.release(qn, "type:indicator", "officer")
    assert (first.state, first.queued, first.proposed) == ("proposed", 1, 1)
    qm.says(indicator(qm, "two", Tlp.GREEN))
    second = qm.release(qn, "type:indicator")
    assert (second.state, second.queued) == ("queued", 1)


def test_nothing_goes_along_with_what_stays(nations):  # noqa: F811
    qm, qn, _ = nations
    limit = rel_to.marking(["QM", "QN"])
    red = indicator(qm, "red", Tlp.RED)
    red["object_marking_refs"] = [Tlp.RED.marking_id, limit["id"]]
    qm.says(limit, red)
    assert not qm.preview(qn, f"id:{red['id']}").allowed
    assert rules(qm.preview(qn))[limit["id"]] == "accord.definition-alone"


def test_rel_to_keeps_what_names_other_countries(nations):  # noqa: F811
    qm, qn, _ = nations
    limit = rel_to.marking(["QM", "QO"])
    marked = indicator(qm, "limited", Tlp.GREEN)
    marked["object_marking_refs"] = [Tlp.GREEN.marking_id, limit["id"]]
    qm.says(limit, marked)
    preview = qm.preview(qn)
    assert rules(preview)[marked["id"]] == "accord.rel-to"
    assert limit["id"] not in ids(preview.allowed)


def test_amber_waits_for_a_second_officer_and_green_goes(nations):  # noqa: F811
    qm, qn, _ = nations
    amber, green = indicator(qm, "for-four-eyes", Tlp.AMBER), indicator(qm, "green", Tlp.GREEN)
    qm.says(amber, green)
    released = qm.release(qn, "type:indicator", "officer")
    assert (released.state, released.queued, released.proposed, released.needs_approvals) == (
        "proposed",
        2,
        1,
        1,
    )
    carry(qm, qn)
    assert amber["id"] not in qn.objects(qm.node)
    assert not qn.holds(amber["name"])

    from hilf.node import release

    approved = release.approve(qm.home(), released.release, qm.keys[SECOND], LATER)
    assert (approved.state, approved.queued) == ("queued", 1)
    carry(qm, qn, LATER)
    assert qn.objects(qm.node)[amber["id"]] == canonical(amber)


def test_without_an_officer_nothing_is_sent_when_something_needs_one(nations):  # noqa: F811
    qm, qn, _ = nations
    qm.says(indicator(qm, "amber", Tlp.AMBER), indicator(qm, "green", Tlp.GREEN))
    with pytest.raises(Refusal) as refused:
        qm.release(qn)
    assert refused.value.code == "release.needs-officer"
    assert [each for each in carry(qm, qn) if each["outcome"] == "applied"] == []


def test_the_proposer_cannot_approve(nations):  # noqa: F811
    from hilf.node import release

    qm, qn, _ = nations
    qm.says(indicator(qm, "amber", Tlp.AMBER))
    released = qm.release(qn, "type:indicator", "officer")
    with pytest.raises(Refusal) as refused:
        release.approve(qm.home(), released.release, qm.keys["officer"], LATER)
    assert refused.value.code == "release.same-officer"


def test_an_accord_may_ask_for_more_than_two_officers(strangers):  # noqa: F811
    from hilf.accord.template import TEMPLATES, frame
    from hilf.node import release
    from tests.nations import agree, meet

    qm, qn, _ = strangers
    framed = frame([qm.node, qn.node], "accord--x", "x", NOW, LATER)
    clauses = TEMPLATES["intelligence"](framed)["clauses"]
    clauses[2]["require"] = {"approvals": 3}
    meet(qm, qn)
    agree(qm, qn, clauses=clauses)
    _, released = proposal_of_amber(qm, qn)
    assert released.needs_approvals == 2
    second = release.approve(qm.home(), released.release, qm.keys[SECOND], LATER)
    assert (second.state, second.queued, second.proposed, second.needs_approvals) == ("proposed", 0, 1, 1)
    carry(qm, qn, LATER)
    assert indicator(qm, "amber", Tlp.AMBER)["id"] not in qn.objects()


def test_an_officer_of_another_node_cannot_approve(nations):  # noqa: F811
    from hilf.node import release

    qm, qn, _ = nations
    qm.says(indicator(qm, "amber", Tlp.AMBER))
    released = qm.release(qn, "type:indicator", "officer")
    died = release.approve(qm.home(), released.release, qn.keys["officer"], LATER)
    assert (died.state, died.reason) == ("died", "approval.unknown-kid")


def proposal_of_amber(qm, qn):
    amber = indicator(qm, "amber", Tlp.AMBER)
    qm.says(amber)
    return amber, qm.release(qn, f"id:{amber['id']}", "officer")


def test_an_approval_dies_when_the_object_has_a_newer_version(nations):  # noqa: F811
    from hilf.node import release

    qm, qn, _ = nations
    amber, released = proposal_of_amber(qm, qn)
    qm.says({**amber, "modified": "2026-11-24T10:00:00.000Z", "description": "more"}, at=LATER)
    died = release.approve(qm.home(), released.release, qm.keys[SECOND], LATER)
    assert (died.state, died.reason) == ("died", "release.object-changed")
    carry(qm, qn)
    assert amber["id"] not in qn.objects()


def test_an_approval_dies_when_the_bytes_are_others(nations):  # noqa: F811
    from hilf.node import release
    from hilf.store import database

    qm, qn, _ = nations
    amber, released = proposal_of_amber(qm, qn)
    qm.home()
    other = canonical({**amber, "name": "something else"})
    with database.transaction():
        database.execute(
            "UPDATE object SET body = %s, sha256 = %s WHERE stix_id = %s",
            (other, hashlib.sha256(other).digest(), amber["id"]),
        )
    died = release.approve(qm.home(), released.release, qm.keys[SECOND], LATER)
    assert (died.state, died.reason) == ("died", "release.bytes-changed")


def test_an_approval_dies_when_another_recipient_is_put_in(nations):  # noqa: F811
    from hilf.node import release
    from hilf.store import database

    qm, qn, qo = nations
    _, released = proposal_of_amber(qn, qm)
    qn.home()
    with database.transaction():
        database.execute("UPDATE release SET peer = %s WHERE release_id = %s", (qo.node, released.release))
    died = release.approve(qn.home(), released.release, qn.keys[SECOND], LATER)
    assert (died.state, died.reason) == ("died", "release.bytes-changed")


def test_an_approval_dies_when_an_act_is_slipped_in(nations):  # noqa: F811
    from hilf.node import release
    from hilf.store import database

    qm, qn, _ = nations
    _, released = proposal_of_amber(qm, qn)
    other = indicator(qm, "other", Tlp.AMBER)
    qm.says(other)
    slipped = qm.release(qn, f"id:{other['id']}", "officer")
    with database.transaction():
        database.execute(
            "UPDATE release_item SET release_id = %s WHERE release_id = %s",
            (released.release, slipped.release),
        )
    died = release.approve(qm.home(), released.release, qm.keys[SECOND], LATER)
    assert (died.state, died.reason) == ("died", "release.bytes-changed")


def test_an_approval_dies_with_its_accord(nations):  # noqa: F811
    from hilf.node import accord, life, release

    qm, qn, _ = nations
    _, released = proposal_of_amber(qm, qn)
    (held,) = life.in_force_with(qm.home(), qn.node, NOW)
    for key in qm.keys.values():
        accord.suspend(qm.home(), held.accord.id, key, NOW)
    died = release.approve(qm.home(), released.release, qm.keys[SECOND], LATER)
    assert (died.state, died.reason) == ("died", "accord.none-in-force")


def test_an_approval_comes_too_late_after_a_week(nations):  # noqa: F811
    from hilf.node import release

    qm, qn, _ = nations
    _, released = proposal_of_amber(qm, qn)
    died = release.approve(qm.home(), released.release, qm.keys[SECOND], NOW + timedelta(days=8))
    assert (died.state, died.reason) == ("died", "record.expired")


def test_what_was_received_goes_on_as_its_terms_and_marking_say(nations):  # noqa: F811
    qm, qn, qo = nations
    clear, green = indicator(qm, "clear", Tlp.CLEAR), indicator(qm, "for-neighbours-only", Tlp.GREEN)
    qm.says(clear, green)
    qm.release(qn)
    carry(qm, qn)
    preview = qn.preview(qo, f"partner:{qm.node}")
    assert clear["id"] in ids(preview.allowed)
    assert rules(preview) == {green["id"]: "accord.green-outside-community"}
    qn.release(qo, f"partner:{qm.node}")
    assert {result["outcome"] for result in carry(qn, qo)} == {"applied"}
    assert qo.objects(qn.node)[clear["id"]] == canonical(clear)
    assert not qo.holds(green["name"])


def test_the_author_stays_the_author_two_hops_on(nations):  # noqa: F811
    from hilf.node import peer
    from hilf.store import database

    qm, qn, qo = nations
    clear = indicator(qm, "clear", Tlp.CLEAR)
    qm.says(clear)
    qm.release(qn)
    carry(qm, qn)
    qn.release(qo, f"partner:{qm.node}")
    carry(qn, qo)
    qo.home()
    assert database.rows("SELECT author, asserter FROM object WHERE stix_id = %s", (clear["id"],)) == [
        (qm.node, qn.node)
    ]
    assert peer.state_of(qm.node).value == "introduced"


def test_nobody_is_sent_what_it_says_itself(nations):  # noqa: F811
    qm, qn, _ = nations
    clear = indicator(qm, "clear", Tlp.CLEAR)
    qm.says(clear)
    qm.release(qn)
    carry(qm, qn)
    shown = qn.preview(qm, f"partner:{qm.node}")
    assert not shown.allowed
    assert {each.state for each in shown.already} == {"theirs"}


def test_why_tells_every_clause_and_the_ground_of_what_was_sent(nations):  # noqa: F811
    from hilf.node import life, why

    qm, qn, qo = nations
    green = indicator(qm, "green", Tlp.GREEN)
    qm.says(green)
    qm.release(qn)
    carry(qm, qn)
    (held,) = life.in_force_with(qm.home(), qn.node, NOW)
    found = why.why(qm.home(), green["id"], qn.node, LATER)
    assert [(each.state, each.accord, each.clause) for each in found.went] == [
        ("applied", held.accord.key, "c-1")
    ]
    assert [reason.rule for reason in why.spoken(found.decision)] == [
        "accord.permitted",
        "accord.permitted",
        "lists.warned",  # a documentation address
    ]
    with pytest.raises(CallerFault) as refused:
        why.why(qm.home(), green["id"], qo.node, NOW)
    assert refused.value.code == "release.unknown-node"


def test_an_unverified_peer_gets_nothing(nations):  # noqa: F811
    from hilf.node import peer

    qm, qn, _ = nations
    qm.says(indicator(qm, "clear", Tlp.CLEAR))
    peer.suspend(qm.home(), qn.node, "a person looks at it", qm.keys["officer"], NOW)
    assert set(rules(qm.preview(qn)).values()) == {"accord.recipient-not-verified"}


def test_a_preview_writes_nothing(nations):  # noqa: F811
    from hilf.store import database

    qm, qn, _ = nations
    qm.says(indicator(qm, "clear", Tlp.CLEAR))
    qm.home()
    tables = ("act", "release", "release_item", "officer_record")
    before = [database.rows(f"SELECT count(*) FROM {table}") for table in tables]
    qm.preview(qn)
    assert [database.rows(f"SELECT count(*) FROM {table}") for table in tables] == before


def test_content_ids_in_a_preview_are_those_of_canonical_bytes(nations):  # noqa: F811
    qm, qn, _ = nations
    clear = indicator(qm, "clear", Tlp.CLEAR)
    qm.says(clear)
    assert sha256_hex(canonical(clear)) in {each.kept.sha256.hex() for each in qm.preview(qn).allowed}


def test_a_node_of_one_officer_needs_that_one_alone(tmp_path):
    from datetime import UTC, datetime

    from hilf.node import release
    from hilf.store import database
    from tests.end_to_end.nodes import make_pair

    qm, qn = make_pair(tmp_path)
    now = datetime.now(UTC)
    amber = {**indicator(qm, "amber", Tlp.AMBER, now), "created": "2020-01-01T00:00:00.000Z"}
    qm.says(amber, at=now)
    with pytest.raises(Refusal) as refused:
        release.send(qm.home(), qn.node, now, f"id:{amber['id']}")
    assert refused.value.code == "release.needs-officer"
    released = release.send(qm.home(), qn.node, now, f"id:{amber['id']}", officer=qm.keys["officer"])
    assert (released.state, released.proposed, released.needs_approvals) == ("queued", 0, 0)
    carry(qm, qn, now)
    assert amber["id"] in qn.objects(qm.node)
    database.use(":memory:")
