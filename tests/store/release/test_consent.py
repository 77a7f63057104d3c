"""On SQLite and PostgreSQL: questions and answers are kept, and what counts is found as of any time."""

import json

from hilf.store.database import execute
from hilf.store.release import consent

QM, QO, QP = "cert.qm.example", "cert.qo.example", "cert.qp.example"
COMMUNITY = "7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c00ff"
ONE, TWO = b"1" * 32, b"2" * 32


def ask(act=b"a", objects=((5, ONE), (6, TWO)), outgoing=True, at=10, purpose="defence", **more):
    return consent.put(
        outgoing=outgoing, peer=QM, act_id=act * 32, accord="accord--1 1", asked=json.dumps({"purpose": purpose}),
        at=at, answer_by=100, objects=objects, **more,
    )  # fmt: skip


def give(number, to=None, at=20, until=None, content_ids=(ONE, TWO)):
    consent.give(number, json.dumps({"to": to or {"nodes": [QO]}}), at, until, content_ids)


def test_a_question_is_kept_as_it_was_asked(store):
    number = ask()
    kept = consent.get(number)
    assert kept == consent.KeptConsent(
        number, True, QM, b"a" * 32, "accord--1 1", '{"purpose": "defence"}', 10, 100,
        None, None, None, None, None, None, None,
    )  # fmt: skip
    assert consent.objects(number) == {5: ONE, 6: TWO}
    assert consent.by_act(QM, b"a" * 32, outgoing=True) == kept
    assert consent.by_act(QM, b"a" * 32, outgoing=False) is None
    assert consent.by_act(QO, b"a" * 32, outgoing=True) is None
    assert consent.get(number + 1) is None


def test_questions_that_pass_another_on_are_found_by_it(store):
    theirs = ask(outgoing=False)
    first, second = ask(b"b", cause=theirs), ask(b"c", cause=theirs)
    assert [each.number for each in consent.passing_on(theirs)] == [first, second]
    assert [each.number for each in consent.every()] == [second, first, theirs]


def test_what_was_given_counts_from_then_until_it_ends_or_is_denied(store):
    open_, ended, denied = ask(), ask(b"b", [(7, ONE)]), ask(b"c", [(8, ONE)])
    give(open_)
    give(ended, until=40)
    give(denied)
    consent.deny(denied, "withdrawn", 30)
    named = frozenset({(QO, "defence")})
    counts = {at: set(consent.live(at)) for at in (19, 20, 29, 30, 39, 40)}
    assert counts == {19: set(), 20: {5, 6, 7, 8}, 29: {5, 6, 7, 8}, 30: {5, 6, 7}, 39: {5, 6, 7}, 40: {5, 6}}
    assert set(consent.live(20).values()) == {named}


def test_consents_for_one_row_add_up_each_for_its_purpose(store):
    give(ask(), {"nodes": [QO, QP]}, content_ids=[ONE])
    give(ask(b"b", purpose="aid"), {"community": COMMUNITY}, content_ids=[ONE])
    named = {(QO, "defence"), (QP, "defence"), (f"community:{COMMUNITY}", "aid")}
    assert consent.live(50) == {5: frozenset(named)}


def test_what_we_give_counts_for_nothing_here(store):
    give(ask(outgoing=False))
    assert consent.live(50) == {}


def test_a_question_is_unanswered_until_it_is_given_or_denied(store):
    first, second, third = ask(), ask(b"b"), ask(b"c", outgoing=False)
    consent.put_pending(third, b"act")
    assert [each.number for each in consent.unanswered()] == [first, second, third]
    give(first)
    consent.deny(second, "legal", 30)
    assert [(each.number, each.pending) for each in consent.unanswered()] == [(third, b"act")]
    give(third)
    assert [each.pending for each in consent.every()] == [None, None, None]


def test_questions_of_a_partner_are_counted(store):
    ask(outgoing=False, at=10)
    ask(b"b", outgoing=False, at=20)
    ask(b"c", at=20)
    assert [consent.count_since(QM, at) for at in (10, 11, 21)] == [2, 1, 0]
    assert consent.count_since(QO, 0) == 0


def test_what_waits_under_an_ended_consent_is_found(store):
    give(ask(objects=[(5, ONE)]), until=40)
    give(ask(b"b", [(6, TWO)]))
    for seq, state in ((5, "waiting"), (6, "waiting"), (5, "sent")):
        execute(
            "INSERT INTO act (act_id, outgoing, peer, kind, at, state, envelope, object_seq)"
            " VALUES (%s, %s, %s, 'object', 1, %s, %s, %s)",
            (bytes([seq]) * 31 + state[:1].encode(), True, QO, state, b"{}", seq),
        )
    assert consent.waiting_after_end(39) == ()
    assert consent.waiting_after_end(40) == (5,)


def test_what_became_of_the_act_that_asks_is_known(store):
    number = ask()
    execute(
        "INSERT INTO act (act_id, outgoing, peer, kind, at, state, envelope)"
        " VALUES (%s, %s, %s, 'consent', 1, 'refused', %s)",
        (b"a" * 32, True, QM, b"{}"),
    )
    kept = consent.get(number)
    assert kept is not None
    assert kept.act_state == "refused"
