from dataclasses import replace
from datetime import datetime, timedelta

from hilf.accord.document import read_accord
from hilf.accord.life import (
    Life,
    Standing,
    State,
    in_force,
    parted,
    speakers,
    standing_parties,
    state_of,
    texts_to_sign,
    with_text,
)
from hilf.accord.template import amendment
from hilf.canonical import timestamp
from hilf.seal.record import read_record
from tests.accord.agreements import BEGINS, NOW, QM, QN, QO, UNTIL, Nation, agreement, chains

QM_, QN_, QO_ = Nation(QM), Nation(QN), Nation(QO)
CHAINS = chains(QM_, QN_)
ACCORD = agreement()
LIFE = Life(ACCORD, NOW, complete_at=NOW)
AMONG_THREE = chains(QM_, QN_, QO_)
OF_THREE = Life(agreement(parties=(QM, QN, QO)), NOW, complete_at=NOW)


def following(life: Life, at: datetime = NOW, **changes: object) -> Life:
    accord = read_accord(amendment(life.accord, QM, {"retention_days": 30, **changes}))  # type: ignore[dict-item]
    return Life(accord, NOW, complete_at=at)


def state(life: Life, *others: Life, now: datetime = NOW) -> State:
    return state_of(life, others, CHAINS, now).state


def test_a_draft_is_known_to_nobody_else() -> None:
    assert state_of(Life(ACCORD), [], CHAINS, NOW) == Standing(State.DRAFT, "Nobody else has it yet.", (QM,))


def test_a_proposal_waits_for_everybody() -> None:
    proposed = state_of(Life(ACCORD, NOW), [], CHAINS, NOW)
    assert proposed == Standing(State.PROPOSED, "No party has signed in full yet.", (QM, QN))


def test_it_is_in_force_from_its_first_instant_until_its_last() -> None:
    instants = (BEGINS - timedelta(microseconds=1), BEGINS, UNTIL - timedelta(microseconds=1), UNTIL)
    states = [State.SIGNED_BY_ALL, State.IN_FORCE, State.IN_FORCE, State.ENDED]
    assert [state(LIFE, now=now) for now in instants] == states
    assert [len(in_force([LIFE], QN, CHAINS, now)) for now in instants] == [0, 1, 1, 0]


def test_a_period_that_ends_before_all_signed_expires_the_text() -> None:
    assert [state(Life(ACCORD, NOW), now=now) for now in (UNTIL - timedelta(1), UNTIL)] == [
        State.PROPOSED,
        State.EXPIRED,
    ]


def test_an_accord_of_others_is_not_in_force_for_us() -> None:
    assert in_force([LIFE], QO, CHAINS, NOW) == ()


def test_the_highest_version_counts_once_its_time_has_come() -> None:
    second = following(LIFE, **{"from": timestamp(NOW + timedelta(days=1))})
    assert (state(LIFE, second), state(second, LIFE)) == (State.IN_FORCE, State.SIGNED_BY_ALL)
    later = NOW + timedelta(days=1)
    assert (state(LIFE, second, now=later), state(second, LIFE, now=later)) == (State.AMENDED, State.IN_FORCE)


def test_an_older_version_never_comes_back() -> None:
    brief = following(LIFE, until=timestamp(NOW + timedelta(days=1)), review=timestamp(NOW))
    later = NOW + timedelta(days=2)
    assert (state(brief, LIFE, now=later), state(LIFE, brief, now=later)) == (State.ENDED, State.AMENDED)
    assert in_force([LIFE, brief], QM, CHAINS, later) == ()


def test_of_two_texts_in_one_place_the_one_signed_first_stands() -> None:
    one, two = following(LIFE, NOW), following(LIFE, NOW + timedelta(seconds=1), retention_days=7)
    assert (state(one, LIFE, two), state(two, LIFE, one)) == (State.IN_FORCE, State.AMENDED)
    unsigned = replace(two, complete_at=None)
    assert state(unsigned, LIFE, one) is State.EXPIRED


def test_a_version_of_another_accord_changes_nothing() -> None:
    other = Life(agreement(number=2), NOW, complete_at=NOW)
    later = replace(other, accord=read_accord(amendment(other.accord, QM, {})))
    assert state(LIFE, later) is State.IN_FORCE


def test_speakers_are_parties_with_enough_officers_at_the_time() -> None:
    records = tuple(read_record(record) for record in QN_.say("suspension", ACCORD))
    assert speakers(replace(LIFE, records=records[:1]), "suspension", CHAINS) == {}
    assert speakers(replace(LIFE, records=records), "suspension", CHAINS) == {QN: NOW}
    assert speakers(replace(LIFE, records=records), "withdrawal", CHAINS) == {}
    assert speakers(replace(LIFE, records=records), "suspension", chains(QM_)) == {}


def test_a_party_has_spoken_when_the_last_of_its_officers_did() -> None:
    one, two = (
        QN_.say("suspension", ACCORD, NOW)[0],
        QN_.say("suspension", ACCORD, NOW + timedelta(hours=1))[1],
    )
    held = replace(LIFE, records=(read_record(two), read_record(one)))
    assert speakers(held, "suspension", CHAINS) == {QN: NOW + timedelta(hours=1)}


def test_what_counted_when_the_first_officer_spoke_counts() -> None:
    qn = Nation(QN)
    one = qn.say("suspension", ACCORD, NOW)[0]
    qn.follow(NOW + timedelta(hours=1), 1)
    two = qn.say("suspension", ACCORD, NOW + timedelta(hours=2))[1]
    alone, both = (replace(LIFE, records=tuple(map(read_record, said))) for said in ([one], [one, two]))
    assert speakers(alone, "suspension", chains(QM_, qn)) == {}
    assert list(speakers(both, "suspension", chains(QM_, qn))) == [QN]


def test_a_signature_counts_up_to_its_last_instant() -> None:
    records = tuple(read_record(record) for record in QN_.sign(ACCORD, days=1))
    life = Life(ACCORD, NOW, records)
    end = NOW + timedelta(days=1)
    assert [state(life, now=now) for now in (end, end + timedelta(microseconds=1))] == [
        State.SIGNED_BY_SOME,
        State.EXPIRED,
    ]


def test_more_officers_asked_for_later_do_not_undo_a_suspension() -> None:
    qn = Nation(QN, officers=2, needed=1)
    records = tuple(read_record(record) for record in qn.say("suspension", ACCORD, officers=1))
    qn.follow(NOW + timedelta(days=1), 2)
    assert speakers(replace(LIFE, records=records), "suspension", chains(QM_, qn)) == {QN: NOW}


def test_an_end_after_signing_the_newer_text_ends_that_too() -> None:
    said = tuple(read_record(record) for record in QN_.say("withdrawal", ACCORD, NOW + timedelta(hours=1)))
    signed = read_accord(amendment(ACCORD, QM, {"retention_days": 30}))
    records = tuple(read_record(record) for record in QN_.sign(signed))
    second = Life(signed, NOW, records, NOW)
    assert state(second, replace(LIFE, records=said)) is State.ENDED
    late = tuple(
        read_record(record) for record in QN_.sign(signed, NOW + timedelta(hours=2), officers=1, node=False)
    )
    assert state(replace(second, records=(*records, *late)), replace(LIFE, records=said)) is State.IN_FORCE
    unsigned = replace(second, records=())
    assert state(unsigned, replace(LIFE, records=said)) is State.ENDED


def test_a_text_that_is_sent_again_keeps_its_first_time() -> None:
    assert with_text(Life(ACCORD), NOW).proposed_at == NOW
    assert with_text(Life(ACCORD, BEGINS), NOW).proposed_at == BEGINS


def said(nation: Nation, type_: str, life: Life, at: datetime = NOW) -> Life:
    """A version of which one party's officers said something more."""
    records = tuple(read_record(record) for record in nation.say(type_, life.accord, at))
    return replace(life, records=(*life.records, *records))


def without_qo(life: Life, **changes: object) -> Life:
    parties = [{"node": node, "roles": ["member"]} for node in (QM, QN)]
    return Life(read_accord({**amendment(life.accord, QM, {}), "parties": parties, **changes}), NOW)  # type: ignore[dict-item]


def test_an_amendment_that_not_all_have_signed_changes_nothing() -> None:
    assert state(LIFE, replace(following(LIFE), complete_at=None)) is State.IN_FORCE


def test_a_community_says_in_words_who_left_and_who_suspended() -> None:
    four = Life(agreement(parties=(QM, QN, QO, "cert.qp.example")), NOW, complete_at=NOW)
    life = said(QN_, "suspension", said(QO_, "withdrawal", four))
    assert (
        state_of(life, [life], AMONG_THREE, NOW).text
        == f"In force until 2027-01-01. Left by {QO}. Suspended by {QN}."
    )


def test_who_suspended_and_then_left_stops_nothing_between_the_others() -> None:
    life = said(QO_, "withdrawal", said(QO_, "suspension", OF_THREE), NOW + timedelta(hours=1))
    assert state_of(life, [life], AMONG_THREE, NOW).state is State.IN_FORCE


def test_a_proposal_that_was_taken_back_ends_no_later_version_of_another_text() -> None:
    taken_back = said(QM_, "withdrawal", Life(agreement(retention_days=7), NOW), NOW + timedelta(hours=1))
    second = following(LIFE)
    assert state(taken_back, LIFE) is State.WITHDRAWN
    assert state(second, LIFE, taken_back) is State.IN_FORCE


def test_who_leaves_another_accord_stands_in_this_one() -> None:
    second = following(OF_THREE)
    elsewhere = said(
        QO_,
        "withdrawal",
        Life(agreement(parties=(QM, QN, QO), number=2), NOW, complete_at=NOW),
        NOW + timedelta(hours=1),
    )
    assert standing_parties(second, [OF_THREE, elsewhere], AMONG_THREE) == (QM, QN, QO)


def test_a_party_that_leaves_has_parted_from_the_others_and_they_from_it() -> None:
    left = said(QO_, "withdrawal", OF_THREE)
    assert [parted([left], *pair, AMONG_THREE, NOW) for pair in ((QO, QM), (QM, QO), (QM, QN))] == [
        (OF_THREE.accord,),
        (OF_THREE.accord,),
        (),
    ]
    assert parted([left], "cert.qp.example", QO, AMONG_THREE, NOW) == ()


def test_an_amendment_parts_nobody_before_all_have_signed_it_and_it_has_begun() -> None:
    unsigned = without_qo(OF_THREE)
    later = replace(without_qo(OF_THREE, **{"from": timestamp(NOW + timedelta(days=1))}), complete_at=NOW)
    assert parted([OF_THREE, unsigned], QM, QO, AMONG_THREE, NOW) == ()
    assert parted([OF_THREE, later], QM, QO, AMONG_THREE, NOW) == ()
    assert parted([OF_THREE, later], QM, QO, AMONG_THREE, NOW + timedelta(days=1)) == (OF_THREE.accord,)


def test_of_the_newest_version_each_text_can_be_signed_until_one_is_begun() -> None:
    one, two = (replace(following(LIFE, retention_days=days), complete_at=None) for days in (7, 9))
    assert texts_to_sign([LIFE, one, two], QN, CHAINS, NOW) == (one, two)
    signed = tuple(read_record(record) for record in QN_.sign(two.accord))
    begun = replace(two, records=signed)
    assert texts_to_sign([LIFE, one, begun], QN, CHAINS, NOW) == (begun,)
    assert texts_to_sign([LIFE, one, begun], QM, CHAINS, NOW) == (one, begun)


def test_a_draft_an_older_text_or_one_that_was_taken_back_cannot_be_signed() -> None:
    second = replace(following(LIFE), complete_at=None)
    assert texts_to_sign([Life(ACCORD, NOW), second], QN, CHAINS, NOW) == (second,)
    assert texts_to_sign([LIFE], QN, CHAINS, NOW) == ()
    draft, taken_back = replace(second, proposed_at=None), said(QM_, "withdrawal", second)
    assert [texts_to_sign([LIFE, life], QN, CHAINS, NOW) for life in (draft, taken_back)] == [(), ()]


def test_a_suspension_holds_for_the_newer_text_whenever_the_other_party_signs_that() -> None:
    hour = timedelta(hours=1)
    second = following(LIFE)
    signed = (*QN_.sign(second.accord, NOW), *QM_.sign(second.accord, NOW + 2 * hour))
    second = replace(second, records=tuple(map(read_record, signed)))
    assert state(second, said(QN_, "suspension", LIFE, NOW + hour)) is State.SUSPENDED


def test_what_is_said_of_a_newer_version_changes_nothing_in_the_one_in_force() -> None:
    later = replace(without_qo(OF_THREE, **{"from": timestamp(NOW + timedelta(days=1))}), complete_at=NOW)
    left = said(QN_, "withdrawal", later)
    standing = state_of(OF_THREE, [OF_THREE, left], AMONG_THREE, NOW)
    assert (standing.state, standing.left) == (State.IN_FORCE, ())


def test_of_two_texts_signed_by_all_at_one_instant_one_stands() -> None:
    one, two = sorted((following(LIFE), following(LIFE, retention_days=7)), key=lambda v: v.accord.hash)
    assert (state(one, LIFE, two), state(two, LIFE, one)) == (State.IN_FORCE, State.AMENDED)


def test_a_standing_says_who_left_and_who_suspended_and_for_whom_it_is_over() -> None:
    qp = "cert.qp.example"
    four = Life(agreement(parties=(QM, QN, QO, qp)), NOW, complete_at=NOW)
    life = said(QN_, "suspension", said(QO_, "withdrawal", four))
    seen = {us: state_of(life, [life], AMONG_THREE, NOW, us) for us in (QM, QN, QO, qp)}
    text = f"In force until 2027-01-01. Left by {QO}. Suspended by {QN}."
    going_on = Standing(State.IN_FORCE, text, left=(QO,), paused=(QN,))
    assert seen == {
        QM: going_on,
        qp: going_on,
        QN: Standing(State.SUSPENDED, f"Suspended by {QN}.", left=(QO,), paused=(QN,)),
        QO: Standing(State.ENDED, f"Ended for {QO}, which left; it goes on between the others.", left=(QO,)),
    }
    over = said(QN_, "withdrawal", said(QO_, "withdrawal", OF_THREE))
    assert state_of(over, [over], AMONG_THREE, NOW) == Standing(
        State.ENDED, f"Ended by {QN}, {QO}.", left=(QN, QO)
    )
    assert [[held.out for held in in_force([life], us, AMONG_THREE, NOW)] for us in (QM, QN, QO, qp)] == [
        [{QN, QO}],
        [],
        [],
        [{QN, QO}],
    ]


def test_a_standing_says_in_words_what_keeps_a_version_from_being_in_force() -> None:
    second = following(LIFE)
    taken_back = said(QM_, "withdrawal", Life(ACCORD, NOW))
    lapsed = Life(ACCORD, NOW, tuple(map(read_record, QN_.sign(ACCORD, days=1))))
    begun = replace(lapsed, records=lapsed.records[:1])
    said_of = [
        state_of(LIFE, [], CHAINS, NOW),
        state_of(LIFE, [second], CHAINS, NOW),
        state_of(LIFE, [], CHAINS, BEGINS - timedelta(days=1)),
        state_of(LIFE, [], CHAINS, UNTIL),
        state_of(taken_back, [], CHAINS, NOW),
        state_of(lapsed, [], CHAINS, NOW),
        state_of(begun, [], CHAINS, NOW + timedelta(days=2)),
        state_of(Life(ACCORD, NOW), [second], CHAINS, NOW),
        state_of(Life(ACCORD, NOW), [], CHAINS, UNTIL),
    ]
    assert said_of == [
        Standing(State.IN_FORCE, "In force until 2027-01-01."),
        Standing(State.AMENDED, "Version 2 stands in its place."),
        Standing(State.SIGNED_BY_ALL, "All have signed; it begins on 2026-01-01."),
        Standing(State.ENDED, "Its period was over on 2027-01-01."),
        Standing(State.WITHDRAWN, f"{QM} took its proposal back."),
        Standing(State.SIGNED_BY_SOME, f"Not signed yet by {QM}.", (QM,)),
        Standing(State.EXPIRED, f"A signature of {QN} expired before all had signed."),
        Standing(State.EXPIRED, "Another text was signed by all first."),
        Standing(State.EXPIRED, "Its period was over on 2027-01-01 before all had signed."),
    ]


def test_when_all_but_one_have_left_or_suspended_nothing_goes_on() -> None:
    life = said(QN_, "suspension", said(QO_, "withdrawal", OF_THREE))
    assert state_of(life, [life], AMONG_THREE, NOW, QM) == Standing(
        State.SUSPENDED, f"Suspended by {QN}.", left=(QO,), paused=(QN,)
    )


def test_who_left_the_version_before_stands_in_none_that_it_did_not_sign() -> None:
    left = said(QO_, "withdrawal", OF_THREE)
    assert standing_parties(following(OF_THREE), [left], AMONG_THREE) == (QM, QN)


def test_who_leaves_the_text_that_did_not_stand_is_bound_by_the_one_that_does() -> None:
    one, two = following(LIFE, NOW), following(LIFE, NOW + timedelta(seconds=1), retention_days=7)
    left = said(QN_, "withdrawal", two, NOW + timedelta(hours=1))
    assert state(one, LIFE, left) is State.IN_FORCE


def test_a_party_signs_a_text_with_as_many_as_counted_when_it_was_proposed() -> None:
    qn = Nation(QN)
    qn.follow(NOW + timedelta(hours=1), 1)
    known = chains(QM_, qn)
    assert [each.needed for each in Life(ACCORD, NOW).signings(known)] == [2, 2]
    assert [each.needed for each in Life(ACCORD, NOW + timedelta(hours=2)).signings(known)] == [2, 1]
