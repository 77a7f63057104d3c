from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hilf.accord.document import Accord, read_accord
from hilf.accord.life import Life, State, in_force, state_of
from hilf.accord.permission import check_may_sign, check_may_stop, check_may_withdraw
from hilf.accord.step import Kind, Proposal, Signed, Subject
from hilf.accord.template import amendment
from hilf.accord.transition import is_taken, predecessor, receive, with_notice, with_signatures
from hilf.errors import PartnerFault, Refusal
from hilf.seal.record import make_record
from tests.accord.agreements import NOW, QM, QN, QO, Nation, agreement, chains

QM_, QN_, QO_ = Nation(QM), Nation(QN), Nation(QO)
CHAINS = chains(QM_, QN_, QO_)
HOUR = timedelta(hours=1)


def signed_step(kind: Kind, accord: Accord, records: Any) -> Signed:
    return Signed(kind, Subject(accord.id, accord.version, accord.hash), tuple(records))


def proposed(accord: Accord | None = None) -> Life:
    return Life(accord or agreement(), proposed_at=NOW)


def complete(accord: Accord | None = None, at: Any = NOW) -> Life:
    life = proposed(accord)
    life = with_signatures(life, QN_.sign(life.accord, at), CHAINS, at)
    return with_signatures(life, QM_.sign(life.accord, at), CHAINS, at)


def amended(accord: Accord, proposer: str = QM, **changes: Any) -> Accord:
    return read_accord(amendment(accord, proposer, {"retention_days": 30, **changes}))


def fault(*arguments: Any) -> str:
    with pytest.raises(PartnerFault) as raised:
        receive(*arguments, CHAINS, NOW)
    return raised.value.rule


def code(check: Any, life: Life, lives: Any = (), us: str = QN, now: Any = NOW) -> str | None:
    try:
        check(life, [life, *lives], us, CHAINS, now)
    except Refusal as refusal:
        return refusal.code
    return None


def state(life: Life, *others: Life, now: Any = NOW) -> State:
    return state_of(life, [life, *others], CHAINS, now).state


def test_a_proposal_of_the_proposer_is_taken_and_comes_again_without_effect() -> None:
    accord = agreement()
    life = receive([], Proposal(accord), QM, QN, CHAINS, NOW)
    assert life == Life(accord, proposed_at=NOW)
    assert receive([life], Proposal(accord), QM, QN, CHAINS, NOW + HOUR) is life


def test_a_proposal_of_somebody_else_or_between_others_is_refused() -> None:
    assert fault([], Proposal(agreement()), QN, QM) == "accord: not the proposer"
    assert fault([], Proposal(agreement(parties=(QM, QO))), QM, QN) == "accord: not for us"


def test_another_text_in_the_place_of_one_that_all_signed_is_refused() -> None:
    held = complete()
    other = agreement(retention_days=7)
    assert fault([held], Proposal(other), QM, QN) == "accord: version taken"
    step = signed_step(Kind.SIGNATURE, other, QN_.sign(other))
    assert fault([held, proposed(other)], step, QN, QM) == "accord: version taken"


def test_an_amendment_follows_a_version_that_all_signed() -> None:
    first = agreement()
    second = amended(first)
    assert fault([], Proposal(second), QM, QN) == "accord: unknown predecessor"
    assert fault([proposed(first)], Proposal(second), QM, QN) == "accord: unknown predecessor"
    assert receive([complete(first)], Proposal(second), QM, QN, CHAINS, NOW) == Life(second, NOW)
    skipping = read_accord({**second.json(), "version": 3})
    assert fault([complete(first)], Proposal(skipping), QM, QN) == "accord: unknown predecessor"


def test_either_party_may_propose_an_amendment_and_then_signs_last() -> None:
    first = agreement()
    second = amended(first, proposer=QN)
    assert second.nodes == (QN, QM)
    life = receive([complete(first)], Proposal(second), QN, QM, CHAINS, NOW)
    assert code(check_may_sign, life, [complete(first)], QN) == "accord.proposer-signs-last"
    assert code(check_may_sign, life, [complete(first)], QM) is None


def test_a_step_about_an_unknown_text_or_a_draft_is_refused() -> None:
    accord = agreement()
    step = signed_step(Kind.SIGNATURE, accord, QN_.sign(accord))
    assert fault([], step, QN, QM) == "accord: unknown text"
    assert fault([Life(accord)], step, QN, QM) == "accord: unknown text"
    assert fault([proposed(agreement(retention_days=7))], step, QN, QM) == "accord: unknown text"


def test_signatures_of_all_put_it_in_force_whoever_brings_them() -> None:
    accord = agreement()
    records = [*QN_.sign(accord), *QM_.sign(accord)]
    life = receive([proposed(accord)], signed_step(Kind.SIGNATURE, accord, records), QO, QN, CHAINS, NOW)
    assert (life.complete_at, len(life.records)) == (NOW, 6)
    assert [held.accord for held in in_force([life], QN, CHAINS, NOW)] == [accord]


def test_signatures_that_come_after_all_signed_change_nothing() -> None:
    life = complete()
    assert with_signatures(life, QN_.sign(life.accord, NOW + HOUR), CHAINS, NOW + HOUR) is life


def test_officers_may_sign_one_after_another() -> None:
    life = proposed()
    accord = life.accord
    life = with_signatures(life, QN_.sign(accord, officers=1, node=False), CHAINS, NOW)
    assert state_of(life, [], CHAINS, NOW).waits_for == (QM, QN)
    life = with_signatures(life, QN_.sign(accord), CHAINS, NOW)
    assert (state(life), len(life.records)) == (State.SIGNED_BY_SOME, 3)
    assert state_of(life, [], CHAINS, NOW).waits_for == (QM,)


def test_a_proposer_who_signs_before_the_others_is_refused() -> None:
    life = proposed()
    with pytest.raises(PartnerFault, match="accord: proposer signed before others"):
        with_signatures(life, QM_.sign(life.accord), CHAINS, NOW)
    assert code(check_may_sign, life, us=QM) == "accord.proposer-signs-last"
    signed = with_signatures(life, QN_.sign(life.accord), CHAINS, NOW)
    assert code(check_may_sign, signed, us=QM) is None


def test_a_signature_from_the_future_or_of_the_past_is_refused() -> None:
    life = proposed()
    ahead, expired = (QN_.sign(life.accord, at, days=1) for at in (NOW + 2 * HOUR, NOW - timedelta(days=2)))
    with pytest.raises(PartnerFault, match="record: at ahead"):
        with_signatures(life, ahead, CHAINS, NOW)
    with pytest.raises(PartnerFault, match="record: expired"):
        with_signatures(life, expired, CHAINS, NOW)


def test_clocks_may_be_a_minute_ahead_and_no_more_even_in_a_full_set() -> None:
    accord = agreement()
    for seconds, complete_at in ((60, NOW), (60.001, None)):
        at = NOW + timedelta(seconds=seconds)
        records = [*QN_.sign(accord, at), *QM_.sign(accord, at)]
        if complete_at is None:
            with pytest.raises(PartnerFault, match="record: at ahead"):
                with_signatures(proposed(accord), records, CHAINS, NOW)
        else:
            assert with_signatures(proposed(accord), records, CHAINS, NOW).complete_at == complete_at


def test_one_key_twice_in_a_step_is_refused() -> None:
    life = proposed()
    twice = [*QN_.sign(life.accord), QN_.sign(life.accord, NOW + HOUR / 100)[0]]
    with pytest.raises(PartnerFault, match="record: kid twice"):
        with_signatures(life, twice, CHAINS, NOW)


def test_an_abandoned_version_expires_and_lives_when_it_is_signed_again() -> None:
    life = proposed()
    life = with_signatures(life, QN_.sign(life.accord, days=1), CHAINS, NOW)
    later = NOW + timedelta(days=2)
    assert state(life, now=later) is State.EXPIRED
    assert code(check_may_sign, life, us=QN, now=later) is None
    again = with_signatures(life, QN_.sign(life.accord, later), CHAINS, later)
    assert (state(again, now=later), len(again.records)) == (State.SIGNED_BY_SOME, 3)
    done = with_signatures(again, QM_.sign(life.accord, later), CHAINS, later)
    assert state(done, now=later) is State.IN_FORCE


def test_once_complete_expiry_is_not_read_again() -> None:
    accord = agreement()
    life = proposed(accord)
    records = [*QN_.sign(accord, days=1), *QM_.sign(accord, days=1)]
    later = NOW + timedelta(days=30)
    assert with_signatures(life, records, CHAINS, later).complete_at == later
    assert state(with_signatures(life, records, CHAINS, NOW), now=later) is State.IN_FORCE


def test_an_older_signature_does_not_take_the_place_of_a_newer_one() -> None:
    life = proposed()
    newer, older = (
        QN_.sign(life.accord, NOW, officers=1, node=False),
        QN_.sign(life.accord, NOW - HOUR, officers=1, node=False),
    )
    assert with_signatures(with_signatures(life, newer, CHAINS, NOW), older, CHAINS, NOW).records[0].at == NOW


def test_a_party_suspends_alone_and_only_a_new_version_lifts_it() -> None:
    life = complete()
    step = signed_step(Kind.SUSPENSION, life.accord, QN_.say("suspension", life.accord))
    suspended = receive([life], step, QN, QM, CHAINS, NOW)
    assert state(suspended) is State.SUSPENDED
    assert in_force([suspended], QM, CHAINS, NOW) == ()
    assert state(suspended, now=NOW + timedelta(days=305)) is State.SUSPENDED
    second = complete(amended(life.accord), NOW + HOUR)
    assert [held.accord.version for held in in_force([suspended, second], QM, CHAINS, NOW + HOUR)] == [2]


def test_a_suspension_of_the_old_text_after_signing_the_new_one_holds_for_the_new_one() -> None:
    life = complete()
    second = complete(amended(life.accord))
    for at, expected in ((NOW - HOUR, State.IN_FORCE), (NOW, State.IN_FORCE), (NOW + HOUR, State.SUSPENDED)):
        records = QN_.say("suspension", life.accord, at)
        suspended = with_notice(life, Kind.SUSPENSION, records, QN, CHAINS, at)
        assert state(second, suspended, now=NOW + HOUR) is expected


def test_a_suspension_by_another_node_by_too_few_or_before_all_signed_is_refused() -> None:
    life = complete()
    accord = life.accord
    records = QN_.say("suspension", accord)
    assert fault([life], signed_step(Kind.SUSPENSION, accord, records), QO, QM) == "accord: no party"
    assert fault([life], signed_step(Kind.SUSPENSION, accord, records), QM, QN) == "record: node"
    assert (
        fault([life], signed_step(Kind.SUSPENSION, accord, records[:1]), QN, QM) == "record: too few officers"
    )
    withdrawal = QN_.say("withdrawal", accord)
    assert fault([life], signed_step(Kind.SUSPENSION, accord, withdrawal), QN, QM) == "record: type"
    elsewhere = QN_.say("suspension", agreement(retention_days=7))
    assert fault([life], signed_step(Kind.SUSPENSION, accord, elsewhere), QN, QM) == "record: subject"
    assert (
        fault([proposed(accord)], signed_step(Kind.SUSPENSION, accord, records), QN, QM)
        == "accord: not in force"
    )


def test_a_suspension_needs_as_many_as_counted_when_its_first_officer_spoke() -> None:
    qn, life = Nation(QN), complete()
    one = qn.say("suspension", life.accord, NOW - 2 * HOUR, officers=1)
    qn.follow(NOW - HOUR, 1)
    known = chains(QM_, qn)
    with pytest.raises(PartnerFault, match="record: too few officers"):
        with_notice(life, Kind.SUSPENSION, one, QN, known, NOW)
    now_one = qn.say("suspension", life.accord, NOW, officers=1)
    assert with_notice(life, Kind.SUSPENSION, now_one, QN, known, NOW).of_type("suspension")[0].at == NOW
    with pytest.raises(PartnerFault, match="record: too few officers"):
        with_notice(life, Kind.SUSPENSION, [], QN, known, NOW)


def test_half_a_suspension_of_our_own_suspends_nothing_yet() -> None:
    life = complete()
    one, two = QN_.say("suspension", life.accord)
    half = with_notice(life, Kind.SUSPENSION, [one], QN, CHAINS, NOW, whole=False)
    assert state(half) is State.IN_FORCE
    assert state(with_notice(half, Kind.SUSPENSION, [two], QN, CHAINS, NOW, whole=False)) is State.SUSPENDED


def test_a_party_ends_an_accord_of_two_alone_for_good() -> None:
    life = complete()
    step = signed_step(Kind.END, life.accord, QN_.say("withdrawal", life.accord))
    ended = receive([life], step, QN, QM, CHAINS, NOW)
    assert state(ended) is State.ENDED
    assert fault([proposed(life.accord)], step, QN, QM) == "accord: not in force"


def test_a_proposer_takes_its_text_back_until_it_has_signed() -> None:
    life = proposed()
    accord = life.accord
    signed = with_signatures(life, QN_.sign(accord), CHAINS, NOW)
    step = signed_step(Kind.WITHDRAWAL, accord, QM_.say("withdrawal", accord))
    withdrawn = receive([signed], step, QM, QN, CHAINS, NOW)
    assert state(withdrawn) is State.WITHDRAWN
    with pytest.raises(PartnerFault, match="accord: withdrawn"):
        with_signatures(withdrawn, QM_.sign(accord), CHAINS, NOW)
    assert fault([complete(accord)], step, QM, QN) == "accord: proposer has signed"
    others = signed_step(Kind.WITHDRAWAL, accord, QN_.say("withdrawal", accord))
    assert fault([signed], others, QN, QM) == "accord: not the proposer"


def test_who_may_withdraw_is_told_in_words() -> None:
    life = proposed()
    assert code(check_may_withdraw, life, us=QM) is None
    signed = with_signatures(life, QN_.sign(life.accord), CHAINS, NOW)
    assert code(check_may_withdraw, signed, us=QM) is None
    assert code(check_may_withdraw, life, us=QN) == "accord.not-the-proposer"
    assert code(check_may_withdraw, complete(), us=QM) == "accord.proposer-has-signed"
    assert code(check_may_withdraw, Life(life.accord), us=QM) == "accord.not-to-be-withdrawn"


def test_who_may_suspend_or_end_is_told_in_words() -> None:
    assert code(check_may_stop, complete(), us=QM) is None
    assert code(check_may_stop, complete(), us=QO) == "accord.not-a-party"
    assert code(check_may_stop, proposed(), us=QM) == "accord.not-in-force"


def test_what_may_not_be_signed_is_told_in_words() -> None:
    accord = agreement()
    assert code(check_may_sign, Life(accord)) == "accord.not-to-be-signed"
    assert code(check_may_sign, proposed(accord), us=QO) == "accord.not-a-party"
    assert code(check_may_sign, complete(accord)) == "accord.not-to-be-signed"
    assert code(check_may_sign, proposed(accord), now=accord.until) == "accord.not-to-be-signed"


def test_an_amendment_of_an_unsigned_version_is_not_signed() -> None:
    first = agreement()
    second = proposed(amended(first))
    assert code(check_may_sign, second, [proposed(first)]) == "accord.predecessor-not-signed"
    assert code(check_may_sign, second, [complete(first)]) is None


def test_a_node_signs_at_most_one_successor() -> None:
    first = complete()
    one, two = proposed(amended(first.accord)), proposed(amended(first.accord, retention_days=7))
    signed = with_signatures(one, QN_.sign(one.accord, days=1), CHAINS, NOW)
    assert code(check_may_sign, two, [first, one]) is None
    assert code(check_may_sign, two, [first, signed]) == "accord.successor-signed"
    assert code(check_may_sign, two, [first, signed], now=NOW + timedelta(days=2)) is None
    withdrawn = with_notice(signed, Kind.WITHDRAWAL, QM_.say("withdrawal", one.accord), QM, CHAINS, NOW)
    assert code(check_may_sign, two, [first, withdrawn]) is None


def test_a_draft_that_is_sent_stays_proposed_since_the_first_time() -> None:
    draft = Life(agreement())
    sent = receive([draft], Proposal(draft.accord), QM, QN, CHAINS, NOW)
    assert sent == replace(draft, proposed_at=NOW)


def test_signatures_that_a_partner_brings_again_after_all_signed_change_nothing() -> None:
    life = complete()
    step = signed_step(Kind.SIGNATURE, life.accord, QN_.sign(life.accord))
    assert receive([life], step, QN, QM, CHAINS, NOW) is life


def test_the_officers_of_the_proposer_sign_one_after_another() -> None:
    life = with_signatures(proposed(), QN_.sign(agreement()), CHAINS, NOW)
    begun = with_signatures(life, QM_.sign(life.accord, officers=1, node=False), CHAINS, NOW)
    assert state_of(begun, [begun], CHAINS, NOW).waits_for == (QM,)
    assert with_signatures(begun, QM_.sign(life.accord), CHAINS, NOW).complete_at == NOW


def test_a_party_without_an_identity_says_nothing() -> None:
    life = complete()
    with pytest.raises(PartnerFault, match="accord: no party") as fault:
        with_notice(
            life, Kind.SUSPENSION, QN_.say("suspension", life.accord), QN, chains(QM_), NOW, whole=False
        )
    assert fault.value.detail == QN


def test_an_officer_who_may_only_approve_suspends_and_ends_nothing() -> None:
    life, (document,) = complete(), chains(QN_)[QN]
    officers = {kid: replace(officer, roles=("approval",)) for kid, officer in document.officers.items()}
    known = {**CHAINS, QN: (replace(document, officers=officers),)}
    for kind in (Kind.SUSPENSION, Kind.END):
        said = QN_.say(kind.record_type, life.accord)
        assert with_notice(life, kind, said, QN, CHAINS, NOW).of_type(kind.record_type)
        with pytest.raises(PartnerFault, match=f"{kind.record_type}: role"):
            with_notice(life, kind, said, QN, known, NOW)


def test_another_accord_is_no_predecessor_and_takes_no_place() -> None:
    other = complete(agreement(number=2))
    follows = read_accord({**amendment(other.accord, QM, {}), "id": agreement().id})
    assert predecessor(follows, [other]) is None
    assert not is_taken(agreement(), [other])
    assert is_taken(agreement(), [complete(agreement(retention_days=7))])


def test_a_fault_says_which_version_or_which_node() -> None:
    first, other = complete(), agreement(retention_days=7)
    second = amended(first.accord)
    three = proposed(agreement(parties=(QM, QN, QO)))
    long = make_record("withdrawal", "n" * 120, "node", "x", NOW, NOW + HOUR, QN_.key)
    withdrawal, signature = Kind.WITHDRAWAL, Kind.SIGNATURE
    by_qn = QN_.say("withdrawal", other)

    def detail(*arguments: Any) -> str:
        with pytest.raises(PartnerFault) as raised:
            receive(*arguments, CHAINS, NOW)
        return raised.value.detail

    assert detail([first], Proposal(other), QM, QN) == "1"
    step = signed_step(signature, other, QN_.sign(other))
    assert detail([first, proposed(other)], step, QN, QM) == "1"
    assert detail([], step, QN, QM) == "version 1"
    assert detail([proposed(other)], signed_step(withdrawal, other, by_qn), QN, QM) == QN
    assert detail([three], signed_step(withdrawal, three.accord, [long]), QN, QM) == "n" * 100
    assert (
        detail([three], signed_step(withdrawal, three.accord, [long]), "cert.qp.example", QM)
        == "cert.qp.example"
    )
    assert detail([], Proposal(other), QN, QM) == QN
    assert detail([], Proposal(second), QM, QN) == "version 2"
    stranger = {"parties": [{"node": QO, "roles": ["member"]}, {"node": QM, "roles": ["member"]}]}
    assert detail([first], Proposal(read_accord({**second.json(), **stranger})), QO, QM) == QO
    assert detail([proposed(other)], signed_step(signature, other, QM_.sign(other)), QM, QN) == QN


def test_of_two_signatures_of_one_key_at_one_instant_the_first_stays() -> None:
    life = proposed()
    first, second = (QN_.sign(life.accord, officers=1, node=False, days=days) for days in (1, 2))
    held = with_signatures(with_signatures(life, first, CHAINS, NOW), second, CHAINS, NOW)
    assert [record.expires for record in held.records] == [NOW + timedelta(days=1)]


def test_a_proposer_that_asks_for_fewer_officers_later_signs_with_as_many_as_when_it_proposed() -> None:
    qm, later = Nation(QM), NOW + 2 * HOUR
    qm.follow(NOW + HOUR, 1)
    known = chains(qm, QN_)
    life = with_signatures(proposed(), QN_.sign(agreement(), later), known, later)
    begun = with_signatures(life, qm.sign(life.accord, later, officers=1), known, later)
    assert begun.complete_at is None
    assert with_signatures(begun, qm.sign(life.accord, later), known, later).complete_at == later
