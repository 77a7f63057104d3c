"""Communities: who signs what changes them, who stands in them, and what a partner cannot do to them."""

from datetime import timedelta, timezone
from typing import Any

import pytest

from hilf.accord.community import Quorum, only_members_change, quorum
from hilf.accord.document import Accord, read_accord
from hilf.accord.history import read_history, told_of
from hilf.accord.life import Life, State, in_force, parted, standing_parties, state_of
from hilf.accord.permission import check_may_sign, check_may_stop
from hilf.accord.step import Kind, Past, Proposal, Signed, Subject
from hilf.accord.template import amendment
from hilf.accord.transition import receive, with_signatures
from hilf.canonical import parse_timestamp
from hilf.errors import PartnerFault, Refusal
from hilf.seal.record import make_record
from tests.accord.agreements import NOW, QM, QN, QO, Nation, agreement, chains

QP, QR = "cert.qp.example", "cert.qr.example"
NATIONS = {node: Nation(node) for node in (QM, QN, QO, QP, QR)}
CHAINS = chains(*NATIONS.values())
HOUR = timedelta(hours=1)
THREE = (QM, QN, QO)
FOUR = (QM, QN, QO, QP)


def community(*parties: str, membership: str | None = None, **changes: Any) -> Accord:
    return agreement(parties=parties, **({} if membership is None else {"membership": membership}), **changes)


def following(accord: Accord, *parties: str, **changes: Any) -> Accord:
    entries = [{"node": node, "roles": ["member"]} for node in parties]
    return read_accord({**amendment(accord, parties[0], changes), "parties": entries})


def signed_by(life: Life, *nodes: str, at: Any = NOW, days: float = 30) -> Life:
    for node in nodes:
        life = with_signatures(life, NATIONS[node].sign(life.accord, at, days=days), CHAINS, at)
    return life


def complete(accord: Accord, at: Any = NOW) -> Life:
    return signed_by(Life(accord, at), *accord.nodes[1:], accord.proposer, at=at)


def noticed(life: Life, kind: Kind, node: str, sender: str = "", at: Any = NOW) -> Life:
    records = NATIONS[node].say(kind.record_type, life.accord, at)
    step = Signed(kind, Subject(life.accord.id, life.accord.version, life.accord.hash), records)
    return receive([life], step, sender or node, QM, CHAINS, at)


def proposed(accord: Accord, *lives: Life, sender: str = "", us: str = QM) -> Life:
    return receive(lives, Proposal(accord), sender or accord.proposer, us, CHAINS, NOW)


def bound(life: Life, us: str, *lives: Life, now: Any = NOW) -> set[str]:
    return {
        node for held in in_force([life, *lives], us, CHAINS, now) for node in NATIONS if held.binds(node)
    }


def fault(*arguments: Any) -> str:
    with pytest.raises(PartnerFault) as raised:
        receive(*arguments, CHAINS, NOW)
    return raised.value.rule


def test_a_community_is_in_force_between_each_two_once_all_have_signed() -> None:
    life = signed_by(Life(community(*FOUR), NOW), QN, QO, QP)
    assert state_of(life, [life], CHAINS, NOW).waits_for == (QM,)
    life = signed_by(life, QM)
    assert {node: bound(life, node) for node in FOUR} == {node: set(FOUR) - {node} for node in FOUR}
    assert bound(life, QR) == set()


def test_a_suspension_alone_stops_only_what_goes_to_and_from_that_party() -> None:
    life = noticed(complete(community(*FOUR)), Kind.SUSPENSION, QO)
    assert {node: bound(life, node) for node in FOUR} == {
        QM: {QN, QP},
        QN: {QM, QP},
        QO: set(),
        QP: {QM, QN},
    }
    assert state_of(life, [life], CHAINS, NOW, QO).state is State.SUSPENDED
    standing = state_of(life, [life], CHAINS, NOW, QN)
    assert (standing.state, standing.paused) == (State.IN_FORCE, (QO,))


def test_when_all_but_one_have_suspended_nothing_goes_on() -> None:
    life = noticed(noticed(complete(community(*THREE)), Kind.SUSPENSION, QO), Kind.SUSPENSION, QN)
    assert state_of(life, [life], CHAINS, NOW).state is State.SUSPENDED


def test_who_leaves_alone_is_out_and_the_others_go_on() -> None:
    life = noticed(complete(community(*FOUR)), Kind.END, QO)
    assert standing_parties(life, [life], CHAINS) == (QM, QN, QP)
    assert {node: bound(life, node) for node in FOUR} == {
        QM: {QN, QP},
        QN: {QM, QP},
        QO: set(),
        QP: {QM, QN},
    }
    assert state_of(life, [life], CHAINS, NOW, QO).state is State.ENDED
    with pytest.raises(Refusal) as refused:
        check_may_stop(life, [life], QO, CHAINS, NOW)
    assert refused.value.code == "accord.not-in-force"


def test_when_only_one_is_left_the_accord_is_over() -> None:
    life = noticed(noticed(complete(community(*THREE)), Kind.END, QO), Kind.END, QN)
    assert state_of(life, [life], CHAINS, NOW).text == f"Ended by {QN}, {QO}."


def test_in_a_community_any_party_brings_what_another_one_signed_and_nobody_else_does() -> None:
    life = complete(community(*THREE))
    assert state_of(noticed(life, Kind.SUSPENSION, QO, QN), [], CHAINS, NOW, QO).state is State.SUSPENDED
    records = NATIONS[QO].say("suspension", life.accord)
    step = Signed(Kind.SUSPENSION, Subject(life.accord.id, 1, life.accord.hash), records)
    assert fault([life], step, QR, QM) == "accord: no party"
    of_two = complete(agreement())
    swapped = Signed(Kind.SUSPENSION, Subject(of_two.accord.id, 1, of_two.accord.hash), records)
    assert fault([of_two], swapped, QN, QM) == "record: subject"


def test_a_text_of_a_community_is_taken_from_any_party_and_of_two_from_the_proposer() -> None:
    accord = community(*THREE)
    assert proposed(accord, sender=QO).accord == accord
    assert fault([], Proposal(accord), QR, QM) == "accord: not the proposer"
    assert fault([], Proposal(agreement()), QN, QM) == "accord: not the proposer"


def test_who_joins_signs_and_so_does_everybody_where_the_rule_is_all() -> None:
    first = complete(community(*THREE))
    second = proposed(following(first.accord, *FOUR), first)
    assert second.quorum is None
    life = signed_by(second, QN, QO)
    assert state_of(life, [first, life], CHAINS, NOW).waits_for == (QM, QP)
    with pytest.raises(PartnerFault, match="accord: proposer signed before others"):
        signed_by(life, QM)
    assert state_of(signed_by(life, QP, QM), [first], CHAINS, NOW).state is State.IN_FORCE


def test_two_thirds_of_those_who_stand_let_a_party_in_and_it_signs_itself() -> None:
    first = complete(community(*FOUR, membership="two thirds"))
    second = proposed(following(first.accord, *FOUR, QR), first)
    assert second.quorum == Quorum(frozenset({QM, QR}), frozenset(FOUR), 3)
    for signers, missing in (((QN, QO), QR), ((QN, QR), QO)):
        with pytest.raises(PartnerFault, match="accord: proposer signed before others") as raised:
            signed_by(second, *signers, QM)
        assert raised.value.detail == missing
    done = signed_by(second, QN, QO, QR, QM)
    assert done.complete_at == NOW
    assert bound(done, QP, first) == {QM, QN, QO, QR}


def test_two_thirds_take_a_party_out_which_signs_nothing() -> None:
    first = complete(community(*THREE, membership="two thirds"))
    second = proposed(following(first.accord, QM, QN), first)
    done = signed_by(second, QN, QM)
    assert (bound(done, QM, first), bound(done, QO, first)) == ({QN}, set())
    assert proposed(second.accord, first, us=QO).accord == second.accord


def test_a_quorum_takes_each_that_must_sign_and_enough_of_the_others() -> None:
    needed = Quorum(frozenset({QM}), frozenset({QN, QO, QP}), 2)
    signed = ({QM, QN, QO}, {QN, QO, QP}, {QM, QN})
    assert [needed.met_by(each) for each in signed] == [True, False, False]


def test_two_thirds_is_rounded_up() -> None:
    for count, least in ((2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (60, 40)):
        parties = tuple(f"n{i}.example" for i in range(count))
        before = community(*parties, membership="two thirds")
        needed = quorum(following(before, *parties, "new.example"), before, parties)
        assert needed is not None
        assert needed.least == least


def test_who_left_does_not_count_among_the_two_thirds_and_comes_back_by_signing() -> None:
    first = noticed(complete(community(*FOUR, membership="two thirds")), Kind.END, QP)
    back = proposed(following(first.accord, *FOUR), first)
    assert back.quorum == Quorum(frozenset({QM, QP}), frozenset(THREE), 2)
    done = signed_by(back, QN, at=NOW + HOUR)
    done = signed_by(signed_by(done, QP, at=NOW + HOUR), QM, at=NOW + HOUR)
    assert bound(done, QP, first, now=NOW + HOUR) == set(THREE)


def test_what_changes_more_than_who_is_a_party_is_signed_by_each() -> None:
    before = community(*THREE, membership="two thirds")
    for changes in ({"retention_days": 7}, {"membership": "all"}, {"later": 1}, {"onward": "free"}):
        assert quorum(following(before, *FOUR, **changes), before, THREE) is None
    entries = [{"node": node, "roles": ["leader"]} for node in THREE]
    assert not only_members_change(before, read_accord({**amendment(before, QM, {}), "parties": entries}))
    assert quorum(following(community(*THREE), *FOUR), community(*THREE), THREE) is None


def test_a_minority_is_not_bound_where_it_leaves_or_suspends_after_it_was_outvoted() -> None:
    first = complete(community(*FOUR, membership="two thirds"))
    second = signed_by(proposed(following(first.accord, *FOUR, QR), first), QN, QO, QR, QM)
    left = noticed(first, Kind.END, QP, at=NOW + HOUR)
    assert bound(second, QP, left, now=NOW + HOUR) == set()
    assert bound(second, QR, left, now=NOW + HOUR) == {QM, QN, QO}


def test_only_who_stands_in_a_version_proposes_the_next() -> None:
    first = noticed(complete(community(*THREE)), Kind.END, QO)
    assert (
        fault([first], Proposal(following(first.accord, QO, QM, QN)), QO, QM)
        == "accord: proposer is no party"
    )
    assert (
        fault([first], Proposal(following(first.accord, QP, QM, QN)), QP, QM)
        == "accord: proposer is no party"
    )


def test_a_party_that_joins_learns_what_came_before_and_checks_it() -> None:
    first = noticed(complete(community(*FOUR, membership="two thirds")), Kind.END, QP)
    second = following(first.accord, QM, QN, QO, QR)
    life = proposed(second, first)
    (told,) = told_of(life, [first])
    history = [Past(told[0], tuple(told[1]))]
    (learnt,) = read_history(second, history, CHAINS, NOW)
    assert (learnt.accord, learnt.complete_at, standing_parties(learnt, [learnt], CHAINS)) == (
        first.accord,
        NOW,
        THREE,
    )
    assert receive([learnt], Proposal(second), QM, QR, CHAINS, NOW).quorum == life.quorum


def test_a_history_that_does_not_hold_is_refused() -> None:
    first = complete(community(*THREE, membership="two thirds"))
    second = following(first.accord, *FOUR)
    records = tuple(dict(record.body) for record in first.records)
    stranger = NATIONS[QR].say("withdrawal", first.accord)
    elsewhere = NATIONS[QN].say("withdrawal", community(*THREE))
    for history, rule in (
        ([], "accord: history"),
        ([Past(community(*THREE), records)], "record: subject"),
        ([Past(first.accord, records[3:])], f"accord: too few officers of {QN}"),
        ([Past(first.accord, (*records, *stranger))], "accord: no party"),
        ([Past(first.accord, (*records, *elsewhere))], "record: subject"),
        ([Past(second, records)], "record: subject"),
    ):
        with pytest.raises(PartnerFault) as raised:
            read_history(second, history, CHAINS, NOW)
        assert raised.value.rule == rule


def test_a_history_is_a_chain_up_to_the_amendment() -> None:
    first = complete(community(*THREE, membership="two thirds"))
    second = complete(following(first.accord, *THREE))
    third = following(second.accord, *FOUR)
    other = complete(community(*THREE, membership="two thirds", retention_days=7))

    def told(*lives: Life) -> list[Past]:
        return [Past(each.accord, tuple(dict(r.body) for r in each.records)) for each in lives]

    assert len(read_history(third, told(first, second), CHAINS, NOW)) == 2
    for lives in ((other, second), (second, first), (first,), (other,)):
        with pytest.raises(PartnerFault, match="accord: history"):
            read_history(third, told(*lives), CHAINS, NOW)


def test_a_leave_in_a_history_that_another_key_signed_is_refused() -> None:
    first = complete(community(*THREE, membership="two thirds"))
    records = [dict(record.body) for record in first.records]
    (left, _) = NATIONS[QN].say("withdrawal", first.accord)
    forged = make_record("withdrawal", QN, "officer", first.accord.hash, NOW, NOW + HOUR, NATIONS[QR].key)
    accord = following(first.accord, *FOUR)
    assert read_history(accord, [Past(first.accord, (*records, left))], CHAINS, NOW)
    with pytest.raises(PartnerFault, match="withdrawal: unknown kid"):
        read_history(accord, [Past(first.accord, (*records, forged))], CHAINS, NOW)


def test_what_an_outvoted_party_began_to_sign_holds_nobody_up() -> None:
    first = complete(community(*FOUR, membership="two thirds"))
    second = proposed(following(first.accord, *FOUR, QR), first)
    begun = NATIONS[QP].sign(second.accord, officers=1, node=False, days=1)
    later = NOW + timedelta(days=3)
    life = signed_by(with_signatures(second, begun, CHAINS, NOW), QN, QO, QR, QM, at=later)
    assert life.complete_at == later


def test_of_two_amendments_the_one_that_is_signed_first_stands_and_the_other_is_taken_no_more() -> None:
    first = complete(community(*THREE))
    one = following(first.accord, QM, QN, QO, retention_days=7)
    two = following(first.accord, QN, QM, QO, retention_days=9)
    stands = signed_by(proposed(one, first), QN, QO, QM)
    late = Life(two, NOW)
    step = Signed(Kind.SIGNATURE, Subject(two.id, 2, two.hash), NATIONS[QO].sign(two))
    assert fault([first, stands, late], step, QO, QN) == "accord: version taken"
    assert state_of(late, [first, stands, late], CHAINS, NOW).state is State.EXPIRED


def test_two_amendments_that_wait_for_each_other_are_freed_by_a_withdrawal_or_by_time() -> None:
    first = complete(community(QM, QN))
    ours, theirs = following(first.accord, QM, QN, retention_days=7), following(first.accord, QN, QM)
    one, two = signed_by(Life(ours, NOW), QN, days=2), signed_by(Life(theirs, NOW), QM, days=2)
    with pytest.raises(Refusal) as refused:
        check_may_sign(one, [first, one, two], QM, CHAINS, NOW)
    assert refused.value.code == "accord.successor-signed"
    withdrawn = noticed(one, Kind.WITHDRAWAL, QM)
    check_may_sign(two, [first, withdrawn, two], QN, CHAINS, NOW)
    later = NOW + timedelta(days=3)
    with pytest.raises(Refusal) as refused:
        check_may_sign(one, [first, one, two], QM, CHAINS, later)
    assert refused.value.code == "accord.proposer-signs-last"
    check_may_sign(one, [first, one, two], QN, CHAINS, later)
    again = signed_by(one, QN, at=later)
    check_may_sign(again, [first, again, two], QM, CHAINS, later)
    assert signed_by(again, QM, at=later).complete_at == later


def test_a_forked_amendment_gets_no_second_full_set() -> None:
    first = complete(community(*THREE))
    one, two = (following(first.accord, QM, QN, QO, retention_days=days) for days in (7, 9))
    stands = signed_by(proposed(one, first), QN, QO, QM)
    for forked in (two, following(first.accord, QM, QN, QO, onward="none")):
        assert fault([first, stands], Proposal(forked), QM, QN) == "accord: version taken"


def test_nodes_that_have_parted_are_told_with_the_last_text_that_bound_both() -> None:
    first = complete(community(*THREE, at_end="keep"))
    assert parted([first], QM, QO, CHAINS, NOW) == ()
    left = noticed(first, Kind.END, QO)
    assert [parted([left], QM, node, CHAINS, NOW) for node in (QN, QO, QR)] == [(), (first.accord,), ()]
    suspended = noticed(first, Kind.SUSPENSION, QO)
    assert parted([suspended], QM, QO, CHAINS, NOW) == ()
    assert parted([first], QM, QO, CHAINS, first.accord.until) == (first.accord,)
    assert parted([first], QM, QO, CHAINS, first.accord.until - timedelta(milliseconds=1)) == ()


def test_a_party_that_an_amendment_takes_out_has_parted_and_the_last_version_with_it_counts() -> None:
    first = complete(community(*THREE))
    second = signed_by(proposed(following(first.accord, QM, QN, QO, at_end="keep"), first), QN, QO, QM)
    third = signed_by(proposed(following(second.accord, QM, QN), first, second), QN, QM)
    assert parted([first, second, third], QM, QO, CHAINS, NOW) == (second.accord,)
    assert parted([first, second, third], QM, QN, CHAINS, NOW) == ()


@pytest.mark.parametrize(
    ("until", "still", "over"),
    [
        ("2028-02-29T00:00:00.000Z", "2028-02-28T23:59:59.999Z", "2028-02-29T00:00:00.000Z"),
        ("2028-03-01T00:00:00.000Z", "2028-02-29T23:59:59.999Z", "2028-03-01T00:00:00.000Z"),
        ("2027-03-01T00:00:00.000Z", "2027-02-28T23:59:59.999Z", "2027-03-01T00:00:00.000Z"),
        ("2026-12-31T23:59:59.999Z", "2026-12-31T23:59:59.998Z", "2026-12-31T23:59:59.999Z"),
    ],
)
def test_a_period_ends_for_all_parties_at_one_instant(until: str, still: str, over: str) -> None:
    life = complete(community(*THREE, until=until, review="2026-06-01T00:00:00.000Z"))
    before, after = (parse_timestamp(each, "time") for each in (still, over))
    # An instant is the same whichever zone a clock shows it in.
    zones = [timezone(timedelta(hours=hours)) for hours in (-12, 0, 14)]
    for node in THREE:
        others = set(THREE) - {node}
        assert all(bound(life, node, now=before.astimezone(zone)) == others for zone in zones)
        assert all(bound(life, node, now=after.astimezone(zone)) == set() for zone in zones)


@pytest.mark.parametrize(
    "time", ["2026-03-01T00:00:00.000+01:00", "2026-03-01T00:00:00.000", "2026-02-29T00:00:00.000Z"]
)
def test_a_time_with_another_zone_with_none_or_on_a_day_that_there_is_not_is_refused(time: str) -> None:
    with pytest.raises(PartnerFault, match="accord: time form"):
        community(*THREE, until=time)
