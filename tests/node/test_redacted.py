"""Redaction from preview to retraction: what leaves without its parts, and that the parts are nowhere at the partner."""

from datetime import timedelta

import orjson
import pytest

from hilf.canonical import content_id, dumps
from hilf.errors import Refusal
from hilf.federation.retraction import RetractionReason
from hilf.markings import rel_to
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (
    SECOND,
    agree,
    agreed_nations,  # noqa: F401
    carry,
    entry,
    indicator,
    made_nations,  # noqa: F401
    malware,
    nations,  # noqa: F401
    relationship,
)

SOON = NOW + timedelta(minutes=5)
AFTER_GRACE = NOW + timedelta(days=8)
SECRET = "the source in the ministry"


def report(nation, *parts, tlp=Tlp.GREEN, **members):
    """A report of which the description, or other places, are marked AMBER+STRICT."""
    marked = [
        {"selectors": [place], "marking_ref": Tlp.AMBER_STRICT.marking_id}
        for place in parts or ("description",)
    ]
    refs = [f"malware--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a0{n}" for n in (1, 2)]
    return entry(
        "report", nation, "a report", tlp, published="2026-11-01T00:00:00.000Z", object_refs=refs,
        **{"name": "a report", "description": SECRET, "granular_markings": marked, **members},
    )  # fmt: skip


def left(made, *names):
    return {
        name: value
        for name, value in made.items()
        if name not in {"description", "granular_markings", *names}
    }


def held(nation, made, state=None):
    """(state, object, terms) of what a nation holds of an object from others, the newest row last."""
    from hilf.store import database

    nation.home()
    rows = database.rows(
        "SELECT state, body, terms, author FROM object WHERE stix_id = %s ORDER BY seq", (made["id"],)
    )
    return [
        (
            s,
            orjson.loads(bytes(body)) if body else None,
            orjson.loads(terms or "{}").get("redacted_from"),
            author,
        )
        for s, body, terms, author in rows
        if state in (None, s)
    ]


def taken_back(nation, made):
    from hilf.node import withdrawal

    return withdrawal.retract(nation.home(), made["id"], RetractionReason.ERROR, SOON)


def test_the_partner_gets_what_is_left_with_our_proof_and_the_rest_is_in_none_of_its_files(nations):  # noqa: F811
    qm, qn, _ = nations
    made = report(qm)
    qm.says(made)
    shown = qm.preview(qn)
    (each,) = [each for each in shown.allowed if each.kept.stix_id == made["id"]]
    assert (each.decision.redact, each.sha256.hex()) == (("description",), content_id(left(made)))
    assert qm.release(qn).state == "queued"
    assert {result["outcome"] for result in carry(qm, qn)} == {"applied"}
    assert held(qn, made) == [(0, left(made), content_id(made), qm.node)]
    assert not qn.holds(SECRET)
    assert qm.holds(SECRET)
    assert orjson.loads(qm.objects()[made["id"]]) == made


def test_a_preview_shows_before_and_after_and_writes_nothing(nations):  # noqa: F811
    from hilf.node import redacted

    qm, qn, _ = nations
    made = report(qm)
    qm.says(made)
    shown = qm.preview(qn)
    (each,) = [each for each in shown.allowed if each.decision.redact]
    (pair,) = redacted.shown([(each.kept.seq, each.decision)])
    assert (pair.before, pair.after) == (made, left(made))
    assert [(reason.rule, reason.clause) for reason in pair.reasons] == [("accord.part-redacted", "c-2")]
    assert held(qm, made) == [(0, made, None, qm.node)]


def test_no_form_is_sent_twice(nations):  # noqa: F811
    qm, qn, _ = nations
    made = report(qm)
    qm.says(made)
    qm.release(qn)
    assert qm.release(qn, f"id:{made['id']}", at=SOON).state == "nothing"
    carry(qm, qn)
    shown = qm.preview(qn, f"id:{made['id']}")
    assert [(each.stix_id, each.state, each.sha256.hex()) for each in shown.already] == [
        (made["id"], "applied", content_id(left(made)))
    ]
    assert not any((shown.allowed, qm.preview(qn).allowed, qm.preview(qn).already))
    assert [state for state, *_ in held(qm, made)] == [0, -1]


def test_the_full_form_follows_once_it_may_and_counts_at_the_partner(nations):  # noqa: F811
    qm, qn, _ = nations
    made = report(qm)
    qm.says(made)
    qm.release(qn)
    carry(qm, qn)
    whole = {
        "id": "w-1",
        "effect": "permit",
        "kinds": ["object"],
        "when": {"marking_max": "amber+strict"},
        "text": {"en": "All."},
    }
    agree(qm, qn, NOW, clauses=[whole], onward="free")
    released = qm.release(qn, f"id:{made['id']}", "officer", SOON)
    assert (released.state, released.proposed) == ("proposed", 1)
    from hilf.node import release

    release.approve(qm.home(), released.release, qm.keys[SECOND], SOON)
    assert [result["outcome"] for result in carry(qm, qn, SOON)] == ["applied"]
    assert held(qn, made) == [(1, left(made), content_id(made), qm.node), (0, made, None, qm.node)]
    assert qm.preview(qn, f"id:{made['id']}", SOON).already[0].sha256.hex() == content_id(made)


def test_a_retraction_takes_back_every_form(nations):  # noqa: F811
    from hilf.node import erasure

    qm, qn, qo = nations
    made = report(qm, tlp=Tlp.CLEAR, name="a name to be found")
    qm.says(made)
    qm.release(qn)
    carry(qm, qn)
    assert qn.release(qo, f"partner:{qm.node}").state == "queued"
    carry(qn, qo)
    assert [held(qo, made)] == [[(0, left(made), content_id(made), qm.node)]]
    (withdrawn,) = taken_back(qm, made)
    assert [told.node for told in withdrawn.nodes] == [qn.node]
    assert [state for state, *_ in held(qm, made)] == [3, 3]
    for sender, receiver in ((qm, qn), (qn, qo)):
        carry(sender, receiver, SOON)
        assert made["id"] not in receiver.objects()
        assert receiver.holds(made["name"])
    for nation in (qn, qo):
        assert erasure.erase_due(nation.home(), AFTER_GRACE) == 1
        assert not nation.holds(made["name"])


def test_both_forms_are_erased_where_both_were_held(nations):  # noqa: F811
    from hilf.node import erasure, release

    qm, qn, _ = nations
    made = report(qm, name="a name to be found")
    qm.says(made)
    qm.release(qn)
    carry(qm, qn)
    whole = {
        "id": "w-1",
        "effect": "permit",
        "kinds": ["object"],
        "when": {"marking_max": "amber+strict"},
        "text": {"en": "All."},
    }
    agree(qm, qn, NOW, clauses=[whole])
    released = qm.release(qn, f"id:{made['id']}", "officer", SOON)
    release.approve(qm.home(), released.release, qm.keys[SECOND], SOON)
    carry(qm, qn, SOON)
    assert qn.holds(SECRET)
    taken_back(qm, made)
    carry(qm, qn, SOON)
    assert [state for state, *_ in held(qn, made)] == [3, 3]
    erasure.erase_due(qn.home(), AFTER_GRACE)
    assert [(state, body) for state, body, *_ in held(qn, made)] == [(4, None), (4, None)]
    assert (qn.holds(SECRET), qn.holds(made["name"])) == (False, False)


def test_a_marking_that_only_marked_what_went_does_not_travel(nations):  # noqa: F811
    qm, qn, _ = nations
    limit = rel_to.marking(["QO"])
    made = report(qm, granular_markings=[{"selectors": ["description"], "marking_ref": limit["id"]}])
    qm.says(limit, made)
    assert limit["id"] not in {each.kept.stix_id for each in qm.preview(qn).allowed}
    qm.release(qn)
    carry(qm, qn)
    assert held(qn, made) == [(0, left(made), content_id(made), qm.node)]
    assert (qn.holds(limit["id"]), qn.holds("REL TO QO")) == (False, False)


def test_a_marking_on_what_is_left_travels(nations):  # noqa: F811
    qm, qn, _ = nations
    limit = rel_to.marking(["QN"])
    entries = [
        {"selectors": ["description"], "marking_ref": Tlp.RED.marking_id},
        {"selectors": ["object_refs.[1]"], "marking_ref": Tlp.RED.marking_id},
        {"selectors": ["name", "object_refs.[0]"], "marking_ref": limit["id"]},
    ]
    made = report(qm, granular_markings=entries)
    qm.says(limit, made)
    qm.release(qn)
    carry(qm, qn)
    expected = {**left(made), "object_refs": made["object_refs"][:1], "granular_markings": entries[2:]}
    assert held(qn, made) == [(0, expected, content_id(made), qm.node)]
    assert limit["id"] in qn.objects(qm.node)


def test_what_cannot_be_taken_out_keeps_all_of_it(nations):  # noqa: F811
    qm, qn, _ = nations
    marked = [{"selectors": ["pattern"], "marking_ref": Tlp.RED.marking_id}]
    made = indicator(qm, "half-secret", Tlp.GREEN, granular_markings=marked)
    qm.says(made)
    shown = qm.preview(qn)
    assert [(each.kept.stix_id, each.decision.main.rule) for each in shown.withheld] == [
        (made["id"], "accord.redaction-impossible")
    ]
    qm.release(qn)
    carry(qm, qn)
    assert not qn.holds("half-secret")


def test_a_relation_leaves_with_an_end_that_is_redacted(nations):  # noqa: F811
    qm, qn, _ = nations
    tool = malware(qm, "tool", Tlp.GREEN)
    marked = [{"selectors": ["description"], "marking_ref": Tlp.RED.marking_id}]
    made = indicator(qm, "sign", Tlp.GREEN, description=SECRET, granular_markings=marked)
    joins = relationship(qm, made, tool, Tlp.GREEN)
    qm.says(tool, made, joins)
    qm.release(qn)
    carry(qm, qn)
    assert {joins["id"], made["id"], tool["id"]} <= qn.objects(qm.node).keys()
    assert not qn.holds(SECRET)


def test_personal_data_is_taken_out(nations):  # noqa: F811
    qm, qn, _ = nations
    made = {
        "type": "email-addr", "spec_version": "2.1", "id": "email-addr--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02",
        "value": "box@qo.example", "display_name": "A. Person", "object_marking_refs": [Tlp.GREEN.marking_id],
    }  # fmt: skip
    qm.says(made)
    qm.release(qn)
    carry(qm, qn)
    assert held(qn, made) == [(0, left(made, "display_name"), content_id(made), None)]
    assert not qn.holds("A. Person")


@pytest.fixture
def proposed(nations):  # noqa: F811
    """An AMBER report with an AMBER+STRICT description that QM proposes to send to QN."""
    qm, qn, _ = nations
    made = report(qm, tlp=Tlp.AMBER)
    qm.says(made)
    released = qm.release(qn, f"id:{made['id']}", "officer")
    assert (released.state, released.proposed) == ("proposed", 1)
    return qm, qn, made, released.release


def test_an_approval_binds_the_bytes_of_what_is_left(proposed):
    from hilf.node import release

    qm, qn, made, name = proposed
    assert qm.preview(qn, f"id:{made['id']}").already[0].state == "proposed"
    assert release.approve(qm.home(), name, qm.keys[SECOND], SOON).state == "queued"
    carry(qm, qn, SOON)
    assert held(qn, made) == [(0, left(made), content_id(made), qm.node)]
    assert not qn.holds(SECRET)


def test_an_approval_dies_when_other_bytes_stand_in_the_form(proposed):
    from hilf.node import release
    from hilf.store import database

    qm, _, made, name = proposed
    qm.home()
    other = dumps({**left(made), "name": "another"})
    database.execute("UPDATE object SET body = %s WHERE stix_id = %s AND state = -1", (other, made["id"]))
    died = release.approve(qm.home(), name, qm.keys[SECOND], SOON)
    assert (died.state, died.reason) == ("died", "release.bytes-changed")


def test_an_approval_dies_when_more_may_go_than_was_signed_for(proposed):
    from hilf.node import release

    qm, qn, _, name = proposed
    whole = {
        "id": "w-1",
        "effect": "permit",
        "kinds": ["object"],
        "when": {"marking_max": "amber+strict"},
        "text": {"en": "All."},
    }
    agree(qm, qn, NOW, clauses=[whole], onward="free")
    died = release.approve(qm.home(), name, qm.keys[SECOND], SOON)
    assert died.state == "died"
    assert died.reason in ("release.accord-changed", "release.terms-changed", "release.parts-changed")


def test_an_approval_dies_when_the_full_form_is_taken_back_or_has_a_newer_version(proposed):
    from hilf.node import release

    qm, _, made, name = proposed
    qm.says({**made, "modified": "2026-11-24T09:31:00.000Z"}, at=SOON)
    died = release.approve(qm.home(), name, qm.keys[SECOND], SOON)
    assert (died.state, died.reason) == ("died", "release.object-changed")


def test_a_proposal_dies_with_the_object_that_its_form_was_made_from(proposed):
    from hilf.node import release

    qm, _, made, name = proposed
    taken_back(qm, made)
    with pytest.raises(Refusal) as refused:
        release.approve(qm.home(), name, qm.keys[SECOND], SOON)
    assert refused.value.code == "release.not-proposed"


def test_an_import_of_which_a_form_went_out_is_not_undone(nations):  # noqa: F811
    from hilf.node import sources

    qm, qn, _ = nations
    made = report(qm)
    qm.says(made)
    qm.release(qn)
    with pytest.raises(Refusal) as refused:
        sources.take_back(qm.home(), sources.newest_imports(qm.home())[0].import_id)
    assert refused.value.code == "imports.released"


def test_why_names_what_is_taken_out_and_what_went(nations):  # noqa: F811
    from hilf.node import why

    qm, qn, _ = nations
    made = report(qm)
    qm.says(made)
    qm.release(qn)
    carry(qm, qn)
    found = why.why(qm.home(), made["id"], qn.node, SOON)
    assert found.decision is not None
    assert found.decision.redact == ("description",)
    texts = [reason.text for reason in why.spoken(found.decision) if reason.rule == "accord.part-redacted"]
    assert texts == [
        "description is taken out. Clause c-2 permits only what is up to TLP:AMBER, and this is TLP:AMBER+STRICT."
    ]
    assert [(each.sha256.hex(), each.clause, each.redacted) for each in found.went] == [
        (content_id(left(made)), "c-1", True)
    ]


@pytest.fixture
def waiting_whole(nations):  # noqa: F811
    """A report that waits to go to QN whole, since its description is for the community of a second agreement."""
    from hilf.node import accord

    qm, qn, _ = nations
    first = {each.life.accord.id for each in accord.every(qm.home(), NOW)}
    second = agree(qm, qn, NOW, onward="free", retention_days=800)  # so that the first one is cited
    assert second not in first
    (life,) = [each.life for each in accord.every(qm.home(), NOW) if each.life.accord.id == second]
    limit = rel_to.marking([life.accord.community])
    made = report(qm, granular_markings=[{"selectors": ["description"], "marking_ref": limit["id"]}])
    qm.says(limit, made)
    qm.release(qn)
    return qm, qn, made, second


def test_what_waits_whole_is_dropped_and_the_rest_offered_when_a_part_may_go_no_more(waiting_whole):
    from hilf.node import accord, effects

    qm, qn, made, second = waiting_whole
    for key in qm.keys.values():
        accord.suspend(qm.home(), second, key, SOON)
    effects.settle(qm.home(), SOON)
    assert held(qm, made) == [
        (0, made, None, qm.node),
        (-1, left(made), content_id(made), qm.node),
    ]
    carry(qm, qn, SOON)
    assert held(qn, made) == [(0, left(made), content_id(made), qm.node)]
    assert not qn.holds(SECRET)


def test_an_act_that_carries_all_of_it_is_not_allowed_any_more_when_a_part_is_not(waiting_whole):
    from hilf.node import effects, life
    from hilf.store.accord import released

    qm, qn, made, second = waiting_whole
    between = life.in_force_with(qm.home(), qn.node, NOW)
    (page,) = released.waiting(qn.node)
    assert effects.no_more_allowed(qm.home(), qn.node, page, between, NOW) == []
    first = [each for each in between if each.accord.id != second]
    going = effects.no_more_allowed(qm.home(), qn.node, page, first, NOW)
    assert made["id"] in [row.stix_id for _, row in going]


def test_what_is_laid_over_travels_and_counts_at_the_partner(nations):  # noqa: F811
    from hilf.markings.pap import Pap
    from hilf.node import markings

    qm, qn, _ = nations
    made = indicator(qm, "laid-over", None)
    qm.says(made, marking="tlp:green,pap:red")
    qm.release(qn)
    carry(qm, qn)
    (there,) = markings.marked(qn.home(), made["id"], NOW)
    assert (there.asserter, there.tlp, there.pap) == (qm.node, Tlp.GREEN, Pap.RED)
    assert orjson.loads(qn.objects(qm.node)[made["id"]]) == made
