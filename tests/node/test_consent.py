"""Consent to pass on, between real homes: QM — QN — QO — QP, neighbours agreed on the default template (ask originator)."""

import secrets
from datetime import timedelta
from itertools import pairwise

import orjson
import pytest

from hilf.accord.onward import BY_CONSENT
from hilf.errors import CallerFault, Refusal
from hilf.federation.consent import Denial, Denied, Given, Signed, Towards, Version
from hilf.markings.tlp import Tlp
from hilf.seal.record import acts_subject, make_record
from tests.conftest import NOW
from tests.nations import SECOND, Nation, agree, at_rest, carry, copied, indicator, make, meet

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def chained(tmp_path_factory) -> tuple[list[Nation], dict[str, str]]:
    """Four nations in a row, each agreed with its neighbours; and the ids of their agreements."""

    nations = make(tmp_path_factory.mktemp("chain"), ("QM", "QN", "QO", "QP"))
    ids = {}
    for one, other in pairwise(nations):
        meet(one, other)
        ids[one.country + other.country] = agree(one, other)
    at_rest(nations)
    return nations, ids


@pytest.fixture
def chain(chained, tmp_path):
    from hilf.store import database

    yield copied(chained[0], tmp_path)
    database.use(":memory:")


def written(author: Nation, name: str = "pump", tlp: Tlp = Tlp.GREEN):
    """An indicator that the author wrote and holds."""
    made = indicator(author, name, tlp)
    author.says(made)
    return made


def passed(giver: Nation, taker: Nation, made, at=NOW) -> list:
    """The giver releases an object to the taker and it arrives; what became of its acts."""
    giver.release(taker, f"id:{made['id']}", "officer", at)
    approve(giver, at)
    return carry(giver, taker, at)


def approve(nation: Nation, at=NOW) -> None:
    from hilf.node import release
    from hilf.store.release import proposal

    home = nation.home()
    for kept in proposal.every():
        if kept.state == "proposed":
            release.approve(home, kept.release_id, nation.keys[SECOND], at)


def ask(asker: Nation, made, *to: Nation, at=NOW, **more):
    from hilf.node import question

    (asked,) = question.ask(asker.home(), [made["id"]], Towards(tuple(n.node for n in to)), at, **more)
    return asked


def questioned(author: Nation, asker: Nation, to: Nation, made) -> None:
    """The asker gets an object from its author and asks to give it on; the author has the question."""
    passed(author, asker, made)
    ask(asker, made, to)
    carry(asker, author)


def consented(author: Nation, asker: Nation, to: Nation, made) -> None:
    """As `questioned`; the author gives its consent, and the asker has it."""
    questioned(author, asker, to, made)
    give(author)
    carry(author, asker)


def questions(nation: Nation, at=NOW):
    from hilf.node import consent

    return consent.listed(nation.home(), at)


def state(nation: Nation, at=NOW) -> str:
    return questions(nation, at)[0].state


def give(nation: Nation, *officers: str, at=NOW, **more):
    """The nation's officers give what it was asked last."""
    from hilf.node import answer

    answered = None
    for officer in officers or (None,):
        key = nation.keys[officer] if officer else None
        number = next(each.question.number for each in questions(nation, at) if not each.question.outgoing)
        answered = answer.give(nation.home(), number, at, key, **more)
        more = {}
    return answered


def deny(nation: Nation, code=Denial.NOT_AGREED, at=NOW):
    from hilf.node import answer

    number = next(each.question.number for each in questions(nation, at) if not each.question.outgoing)
    return answer.deny(nation.home(), number, code, at)


def rule(giver: Nation, taker: Nation, made, at=NOW) -> str:
    """What decides whether the object may go."""
    from hilf.node import why

    decision = why.why(giver.home(), made["id"], taker.node, at).decision
    assert decision is not None
    return decision.main.rule


def forge(sender: Nation, receiver: Nation, body, at=NOW):
    """Let a consent act wait that the sender's node would not make; its act."""
    from hilf.node import federation, life

    home = sender.home()
    held = life.in_force_with(home, receiver.node, at)[0].accord.key
    return federation.announce(home, receiver.node, "consent", body.json(), at, held)


def refused(results) -> list:
    return [each["reason"]["code"] if each["reason"] else each["outcome"] for each in results]


@pytest.fixture
def asked(chain):
    """QM wrote something GREEN, QN has it and asked to give it to QO; QM has the question."""
    qm, qn, qo, _ = chain
    made = written(qm)
    passed(qm, qn, made)
    question = ask(qn, made, qo)
    assert refused(carry(qn, qm)) == ["applied"]
    return qm, qn, qo, made, question


def test_without_consent_even_clear_stays_and_with_it_goes(chain):
    qm, qn, qo, _ = chain
    made = written(qm, tlp=Tlp.CLEAR)
    passed(qm, qn, made)
    assert rule(qn, qo, made) == "accord.onward-ask-originator"
    ask(qn, made, qo)
    carry(qn, qm)
    assert state(qn) == state(qm) == "asked"
    assert rule(qn, qo, made) in BY_CONSENT
    give(qm)
    carry(qm, qn)
    assert state(qn) == state(qm) == "given"
    assert rule(qn, qo, made) == "accord.permitted"
    passed(qn, qo, made)
    assert made["id"] in qo.objects(qn.node)


def test_consent_is_for_the_version_that_was_asked_about(asked):
    qm, qn, qo, made, _ = asked
    give(qm)
    carry(qm, qn)
    later = {**made, "modified": "2026-02-28T00:00:00.000Z"}
    later["modified"] = (NOW + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    qm.says(later)
    passed(qm, qn, later)
    assert rule(qn, qo, made) == "accord.onward-ask-originator"


def test_consent_is_for_the_recipients_that_were_asked_for(chain):
    qm, qn, qo, qp = chain
    meet(qn, qp)
    agree(qn, qp)
    made = written(qm, tlp=Tlp.CLEAR)
    consented(qm, qn, qo, made)
    assert rule(qn, qo, made) == "accord.permitted"
    assert rule(qn, qp, made) == "accord.onward-ask-originator"


def test_amber_goes_on_only_with_two_officers_of_the_originator(chain):
    qm, qn, qo, _ = chain
    made = written(qm, tlp=Tlp.AMBER)
    questioned(qm, qn, qo, made)
    with pytest.raises(Refusal, match="given by officers"):
        give(qm)
    assert give(qm, "officer").missing == 1
    assert state(qm) == "signing"
    assert carry(qm, qn) == []
    with pytest.raises(Refusal) as same:
        give(qm, "officer")
    assert same.value.code == "consent.same-officer"
    assert give(qm, SECOND).missing == 0
    assert refused(carry(qm, qn)) == ["applied", "applied"]
    passed(qn, qo, made)
    assert made["id"] in qo.objects(qn.node)


def test_a_consent_at_amber_that_officers_did_not_sign_counts_for_nothing(chain):
    qm, qn, qo, _ = chain
    made = written(qm, tlp=Tlp.AMBER)
    passed(qm, qn, made)
    question = ask(qn, made, qo)
    carry(qn, qm)
    version = questions(qm)[0].asked.objects
    body = Given(question.act_id.hex(), version, Towards((qo.node,)))
    forge(qm, qn, body)
    assert refused(carry(qm, qn)) == ["consent.officers"]
    # one officer's record, records for another act, and records of another nation's officers
    act_ids = (secrets.token_hex(32),)
    for keys, ids in (
        ([qm.keys["officer"]], act_ids),
        ([qo.keys["officer"], qo.keys[SECOND]], act_ids),
    ):
        records = tuple(
            make_record("approval", qm.node, "officer", acts_subject(ids), NOW, NOW + HOUR, key)
            for key in keys
        )
        forge(qm, qn, Signed(ids, records))
        (told,) = refused(carry(qm, qn))
        assert told in ("record.too-few-officers", "approval.unknown-kid")
    both = [
        make_record("approval", qm.node, "officer", acts_subject(act_ids), NOW, NOW + HOUR, key)
        for key in qm.keys.values()
    ]
    forge(qm, qn, Signed(act_ids, tuple(both)))
    forge(qm, qn, body)
    assert refused(carry(qm, qn)) == ["applied", "consent.officers"]
    assert rule(qn, qo, made) in BY_CONSENT


def test_only_the_node_that_was_asked_can_answer(asked):
    qm, qn, qo, made, question = asked
    version = questions(qm)[0].asked.objects
    forge(qo, qn, Given(question.act_id.hex(), version, Towards((qo.node,))))
    forge(qo, qn, Denied(question.act_id.hex(), Denial.LEGAL))
    assert refused(carry(qo, qn)) == ["consent.unknown", "consent.unknown"]
    assert state(qn) == "asked"
    forge(qm, qn, Given(secrets.token_hex(32), version, Towards((qo.node,))))
    assert refused(carry(qm, qn)) == ["consent.unknown"]
    assert rule(qn, qo, made) == "accord.onward-ask-originator"


def test_an_answer_to_something_else_counts_for_nothing(asked):
    qm, qn, qo, made, question = asked
    (version,) = questions(qm)[0].asked.objects
    for body, code in (
        (Given(question.act_id.hex(), (Version(version.id, version.modified, "0" * 64),), Towards((qo.node,))), "consent.other-objects"),
        (Given(question.act_id.hex(), (version,), Towards(("cert.qp.example",))), "consent.other-recipients"),
        (Given(question.act_id.hex(), (version,), Towards((qo.node,)), NOW), "consent.over"),
    ):  # fmt: skip
        forge(qm, qn, body)
        assert refused(carry(qm, qn)) == [code]
    assert rule(qn, qo, made) == "accord.onward-ask-originator"


def test_given_twice_and_given_after_denied_count_for_nothing(asked):
    qm, qn, qo, made, question = asked
    give(qm)
    carry(qm, qn)
    body = Given(question.act_id.hex(), questions(qm)[0].asked.objects, Towards((qo.node,)))
    forge(qm, qn, body)
    assert refused(carry(qm, qn)) == ["consent.given-already"]
    deny(qm)
    assert refused(carry(qm, qn)) == ["applied"]
    assert state(qn) == state(qm) == "withdrawn"
    forge(qm, qn, body)
    forge(qm, qn, Denied(question.act_id.hex(), Denial.LEGAL))
    assert refused(carry(qm, qn)) == ["consent.denied-already", "consent.denied-already"]
    assert rule(qn, qo, made) == "accord.onward-ask-originator"
    for step, code in ((give, "consent.denied-already"), (deny, "consent.denied-already")):
        with pytest.raises(Refusal) as refusal:
            step(qm)
        assert refusal.value.code == code


def test_an_act_of_consent_that_comes_again_is_a_duplicate(asked):
    qm, qn, _, _, _ = asked
    give(qm)
    assert refused(carry(qm, qn)) == ["applied"]
    from hilf.store import database
    from hilf.store.federation import inbox

    qn.home()
    ids = [
        bytes(each)
        for (each,) in database.rows(
            "SELECT act_id FROM act WHERE kind = 'consent' AND outgoing = %s", (False,)
        )
    ]
    assert inbox.known(ids) == frozenset(ids) != frozenset()


def test_the_clock_runs_out_on_both_sides_and_that_is_a_no(asked):
    qm, qn, qo, made, question = asked
    after = NOW + timedelta(days=3, minutes=1)
    assert state(qm, after - timedelta(minutes=2)) == "asked"
    assert state(qm, after) == state(qn, after) == "late"
    with pytest.raises(Refusal) as late:
        give(qm, at=after)
    assert late.value.code == "consent.too-late"
    forge(qm, qn, Given(question.act_id.hex(), questions(qm)[0].asked.objects, Towards((qo.node,))), at=after)
    assert refused(carry(qm, qn, after)) == ["consent.too-late"]
    assert rule(qn, qo, made, after) == "accord.onward-ask-originator"


def test_an_answer_in_time_counts_however_late_it_arrives(asked):
    qm, qn, qo, made, _ = asked
    give(qm, at=NOW + timedelta(days=2))
    after = NOW + timedelta(days=5)
    assert refused(carry(qm, qn, after)) == ["applied"]
    assert rule(qn, qo, made, after) == "accord.permitted"


def test_consent_ends_by_its_clock_and_what_waits_is_dropped(asked):
    from hilf.node import consent
    from hilf.store import database

    qm, qn, qo, made, _ = asked
    give(qm, until=NOW + HOUR)
    carry(qm, qn)
    qn.release(qo, f"id:{made['id']}")
    home = qn.home()
    assert consent.drop_what_ended(home, NOW + HOUR - timedelta(seconds=1)) == 0
    assert rule(qn, qo, made, NOW + HOUR) == "accord.onward-ask-originator"
    assert state(qn, NOW + HOUR) == "over"
    assert consent.drop_what_ended(qn.home(), NOW + HOUR) == 1
    found = database.rows(
        "SELECT state, reason FROM act WHERE peer = %s AND kind = 'object' AND object_seq IS NOT NULL AND state = 'dropped'",
        (qo.node,),
    )
    assert [(word, orjson.loads(why)["code"]) for word, why in found] == [("dropped", "consent.withdrawn")]


def test_taken_back_consent_stops_new_forwards_at_once(asked):
    qm, qn, qo, made, _ = asked
    give(qm)
    carry(qm, qn)
    assert qn.release(qo, f"id:{made['id']}").state == "queued"
    deny(qm, Denial.WITHDRAWN)
    carry(qm, qn)
    carry(qn, qo)
    assert made["id"] not in qo.objects(qn.node)
    assert rule(qn, qo, made) == "accord.onward-ask-originator"


def test_an_approval_of_a_forward_dies_with_the_consent(chain):
    from hilf.node import release
    from hilf.store.release import proposal

    qm, qn, qo, _ = chain
    made = written(qm, tlp=Tlp.AMBER)
    questioned(qm, qn, qo, made)
    give(qm, "officer", SECOND)
    carry(qm, qn)
    assert qn.release(qo, f"id:{made['id']}", "officer").state == "proposed"
    deny(qm, Denial.WITHDRAWN)
    carry(qm, qn)
    home = qn.home()
    (kept,) = [each for each in proposal.every() if each.peer == qo.node]
    done = release.approve(home, kept.release_id, qn.keys[SECOND], NOW)
    assert (done.state, done.reason) == ("died", "accord.onward-ask-originator")


def test_denied_is_said_with_its_code_and_nothing_goes(asked):
    qm, qn, qo, made, _ = asked
    deny(qm, Denial.RECIPIENT)
    carry(qm, qn)
    (shown,) = questions(qn)
    assert (shown.state, shown.question.code) == ("denied", "recipient")
    assert rule(qn, qo, made) == "accord.onward-ask-originator"


def test_a_partner_asks_only_about_what_it_has_from_us(chain):
    qm, qn, qo, _ = chain
    mine, theirs = written(qm, "mine", Tlp.RED), written(qn, "theirs")
    version = Version(mine["id"], mine["modified"], "0" * 64)
    from hilf.canonical import content_id
    from hilf.federation.consent import Asked

    exact = Version(mine["id"], mine["modified"], content_id(mine))
    for each in (version, exact, Version(theirs["id"], theirs["modified"], content_id(theirs))):
        forge(qn, qm, Asked((each,), Towards((qo.node,)), "defence", NOW + HOUR))
    assert refused(carry(qn, qm)) == ["consent.not-given"] * 3
    assert questions(qm) == ()


@pytest.mark.parametrize("to", ["qm", "qn"])
def test_a_question_for_the_asked_or_the_asker_itself_is_refused(asked, to):
    from hilf.federation.consent import Asked

    qm, qn, _, _, _ = asked
    node = {"qm": qm.node, "qn": qn.node}[to]
    forge(qn, qm, Asked(questions(qm)[0].asked.objects, Towards((node,)), "defence", NOW + HOUR))
    assert refused(carry(qn, qm)) == ["consent.recipients"]


def test_a_question_whose_clock_is_over_or_runs_too_long_is_refused(asked):
    from hilf.federation.consent import Asked

    qm, qn, qo, _, _ = asked
    for by in (NOW, NOW + timedelta(days=91, seconds=1), NOW + timedelta(days=91)):
        forge(qn, qm, Asked(questions(qm)[0].asked.objects, Towards((qo.node,)), "defence", by))
    assert refused(carry(qn, qm)) == ["consent.too-late", "consent.clock-too-long", "applied"]


def test_more_questions_than_people_can_read_are_refused(asked):
    from hilf.federation.consent import Asked
    from hilf.node.consent import MOST_PER_HOUR

    qm, qn, qo, _, _ = asked
    body = Asked(questions(qm)[0].asked.objects, Towards((qo.node,)), "defence", NOW + HOUR)
    for _ in range(MOST_PER_HOUR):
        forge(qn, qm, body)
    assert refused(carry(qn, qm)) == ["applied"] * (MOST_PER_HOUR - 1) + ["consent.too-many-in-an-hour"]


def test_what_is_refused_directly_is_not_consented_to(chain):
    qm, qn, qo, _ = chain
    meet(qm, qo)
    agree(
        qm,
        qo,
        clauses=[
            {"id": "f-1", "effect": "forbid", "kinds": ["object"], "when": {}, "text": {"en": "Nothing."}}
        ],
    )
    made = written(qm)
    questioned(qm, qn, qo, made)
    with pytest.raises(Refusal) as refusal:
        give(qm)
    assert refusal.value.code == "consent.refused-directly"


def test_consent_may_be_narrower_than_the_question_and_never_wider(chain):
    qm, qn, qo, qp = chain
    meet(qn, qp)
    agree(qn, qp)
    made = written(qm)
    passed(qm, qn, made)
    ask(qn, made, qo, qp)
    carry(qn, qm)
    for more in ({"nodes": ["cert.qq.example"]}, {"stix_ids": [f"{made['id'][:-1]}x"]}):
        with pytest.raises(CallerFault) as fault:
            give(qm, **more)
        assert fault.value.code == "consent.narrower"
    give(qm, nodes=[qp.node])
    carry(qm, qn)
    assert [rule(qn, each, made) for each in (qo, qp)] == ["accord.onward-ask-originator", "accord.permitted"]


def test_what_needs_no_consent_or_would_not_go_with_it_is_not_asked(chain):
    qm, qn, qo, _ = chain
    own, red, green = written(qn, "own"), written(qm, "red", Tlp.GREEN), written(qm, "green")
    passed(qm, qn, green)
    for made, to, code in ((own, qo, "consent.own"), (red, qo, "consent.unknown-object")):
        with pytest.raises((Refusal, CallerFault)) as refusal:
            ask(qn, made, to)
        assert refusal.value.code == code
    victim = indicator(qm, "victim", Tlp.GREEN, object_marking_refs=[Tlp.GREEN.marking_id])
    qm.says(victim)
    ask(qn, green, qo)
    with pytest.raises(Refusal) as again:
        ask(qn, green, qo)
    assert again.value.code == "consent.asked-already"
    with pytest.raises(CallerFault) as clock:
        ask(qn, green, qo, answer_by=NOW)
    assert clock.value.code == "consent.answer-by"


def test_a_question_that_consent_would_not_help_is_not_asked(chain):
    qm, qn, qo, _ = chain
    from hilf.markings import rel_to

    limit = rel_to.marking(["QM", "QN"])
    made = indicator(qm, "limited", Tlp.GREEN, object_marking_refs=[Tlp.GREEN.marking_id, limit["id"]])
    qm.says(limit, made)
    passed(qm, qn, made)
    with pytest.raises(Refusal) as refusal:
        ask(qn, made, qo)
    assert (refusal.value.code, "QM, QN only" in refusal.value.what) == ("consent.would-not-help", True)


def through(chain, tlp=Tlp.GREEN):
    """QM's object has come to QO by way of QN, with QM's consent; QO asks to give it to QP, and QN was asked."""
    qm, qn, qo, qp = chain
    made = written(qm, tlp=tlp)
    questioned(qm, qn, qo, made)
    give(qm, *(("officer", SECOND) if tlp >= Tlp.AMBER else ()))
    carry(qm, qn)
    passed(qn, qo, made)
    ask(qo, made, qp)
    carry(qo, qn)
    return made


def test_a_node_that_is_not_the_originator_asks_on_and_passes_the_answer_back(chain):
    qm, qn, qo, qp = chain
    made = through(chain)
    shown = questions(qn)[1]
    assert (shown.question.peer, shown.relayed, shown.state) == (qo.node, (qm.node,), "asked")
    with pytest.raises(Refusal) as not_ours:
        give(qn)
    assert not_ours.value.code == "consent.waits-for-originator"
    carry(qn, qm)
    at_qm = questions(qm)[0]
    assert (at_qm.question.peer, at_qm.asked.to.nodes) == (qn.node, (qp.node,))
    assert at_qm.asked.answer_by < shown.asked.answer_by
    give(qm, until=NOW + 2 * HOUR)
    carry(qm, qn)
    assert refused(carry(qn, qo)) == ["applied"]
    assert state(qo) == "given"
    passed(qo, qp, made)
    assert made["id"] in qp.objects(qo.node)
    from hilf.store.instant import microseconds

    assert questions(qo)[0].question.until == microseconds(NOW + 2 * HOUR)


def test_a_no_of_the_originator_comes_back_through_every_hop_and_so_does_its_change_of_mind(chain):
    qm, qn, qo, qp = chain
    made = through(chain)
    carry(qn, qm)
    give(qm)
    carry(qm, qn)
    carry(qn, qo)
    assert rule(qo, qp, made) == "accord.permitted"
    deny(qm, Denial.SOURCE_AT_RISK)
    carry(qm, qn)
    carry(qn, qo)
    assert (state(qo), rule(qo, qp, made)) == ("withdrawn", "accord.onward-ask-originator")
    assert (questions(qn)[0].question.code, questions(qo)[0].question.code) == ("source-at-risk", "withdrawn")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (Denial.SOURCE_AT_RISK, "not-agreed"),
        (Denial.LEGAL, "not-agreed"),
        (Denial.RECIPIENT, "not-agreed"),
        (Denial.OUTDATED, "outdated"),
    ],
)
def test_what_an_originator_has_against_it_is_told_to_whom_it_told_and_no_further(chain, code, told):
    qm, qn, qo, _ = chain
    through(chain)
    carry(qn, qm)
    deny(qm, code)
    carry(qm, qn)
    carry(qn, qo)
    assert (questions(qn)[0].question.code, questions(qo)[0].question.code) == (code.value, told)


def test_at_amber_the_officers_of_every_hop_stand_behind_it(chain):
    qm, qn, qo, qp = chain
    made = through(chain, Tlp.AMBER)
    carry(qn, qm)
    give(qm, "officer", SECOND)
    carry(qm, qn)
    assert carry(qn, qo) == []
    shown = questions(qn)[1]
    assert (shown.state, shown.missing) == ("signing", 2)
    give(qn, "officer", SECOND)
    assert refused(carry(qn, qo)) == ["applied", "applied"]
    passed(qo, qp, made)
    assert made["id"] in qp.objects(qo.node)


def test_a_hop_that_hears_nothing_in_time_says_no(chain):
    from hilf.node import consent

    _, qn, qo, _ = chain
    through(chain)
    after = NOW + timedelta(days=2, hours=7)
    assert consent.drop_what_ended(qn.home(), after - timedelta(hours=2)) == 0
    assert questions(qn, after)[1].state == "asked"
    consent.drop_what_ended(qn.home(), after)
    carry(qn, qo, after)
    (shown,) = questions(qo, after)
    assert (shown.state, shown.question.code) == ("denied", "expired")


@pytest.mark.parametrize(("confirmations", "via"), [("counted", ()), ("named", ("cert.qo.example",))])
def test_the_originator_hears_who_asks_only_where_its_accord_names_nodes(strangers_named, confirmations, via):
    qm, qn, qo, qp = strangers_named(confirmations)
    through((qm, qn, qo, qp))
    carry(qn, qm)
    assert questions(qm)[0].asked.via == via


@pytest.fixture
def strangers_named(tmp_path_factory):
    """Four nations in a row; the agreement of the first two names nodes further on, or counts them."""
    from hilf.store import database

    def made(confirmations):
        nations = make(tmp_path_factory.mktemp("named"), ("QM", "QN", "QO", "QP"))
        for n, (one, other) in enumerate(pairwise(nations)):
            meet(one, other)
            agree(one, other, confirmations=confirmations if n == 0 else "counted")
        return nations

    yield made
    database.use(":memory:")


def test_a_nation_without_agreement_cannot_be_asked_and_says_so_to_the_partner(chain):
    from hilf.node import accord

    qm, qn, qo, qp = chain
    made = written(qm, tlp=Tlp.CLEAR)
    consented(qm, qn, qo, made)
    passed(qn, qo, made)
    for officer in qm.keys.values():
        accord.suspend(qm.home(), questions(qm)[0].question.accord.partition(" ")[0], officer, NOW)
    carry(qm, qn)
    ask(qo, made, qp)
    carry(qo, qn)
    carry(qn, qo)
    (shown,) = questions(qo)
    assert (shown.state, shown.question.code) == ("denied", "nobody-to-ask")


def test_what_waits_for_people_is_said_in_the_status(asked):
    from hilf.node import consent

    qm, qn, qo, made, question = asked
    name = question.act_id.hex()[:16]
    (remark,) = consent.remarks(qm.home(), NOW)
    assert remark.code == "status.consent-asked"
    assert f"{qn.node} asks by" in remark.what
    assert f"{made['id']} may go on to {qo.node}" in remark.what
    assert f"hilf consent give {name}" in remark.remedy
    assert list(consent.remarks(qn.home(), NOW)) == []
    late = NOW + timedelta(days=3, minutes=1)
    for nation in (qm, qn):
        assert [each.code for each in consent.remarks(nation.home(), late)] == ["status.consent-late"]
        assert list(consent.remarks(nation.home(), late + timedelta(days=8))) == []


def answered(nation, at=NOW):
    from hilf.node import consent

    return [each for each in consent.remarks(nation.home(), at) if each.code == "status.consent-answered"]


def test_a_yes_that_came_is_said_until_it_was_used(asked):
    qm, qn, qo, made, _ = asked
    give(qm)
    assert answered(qn) == []
    carry(qm, qn)
    (remark,) = answered(qn)
    assert remark.what.startswith(f"{qm.node} consents that {made['id']} may go on to {qo.node}")
    assert f"hilf release send --to {qo.node} --select id:{made['id']}" in remark.remedy
    assert answered(qm) == []
    passed(qn, qo, made)
    assert answered(qn) == []


def test_a_no_and_a_yes_taken_back_are_said_for_a_week(asked):
    qm, qn, qo, made, _ = asked
    give(qm)
    carry(qm, qn)
    assert answered(qn, NOW + timedelta(days=8)) == []
    deny(qm, Denial.WITHDRAWN)
    carry(qm, qn)
    (remark,) = answered(qn)
    assert remark.what == (
        f"{qm.node} takes its consent back that {made['id']} may go on to {qo.node} (withdrawn)."
    )
    assert answered(qn, NOW + timedelta(days=8)) == []


def test_a_no_is_said_with_its_code(asked):
    qm, qn, *_ = asked
    deny(qm)
    carry(qm, qn)
    (remark,) = answered(qn)
    assert remark.what.startswith(f"{qm.node} does not consent that ")
    assert remark.what.endswith("(not-agreed).")


def test_what_a_partner_asks_within_an_hour_is_told_outside_as_one_thing_once_an_hour(asked):
    from hilf.node import notice
    from hilf.node.channels import Channels
    from hilf.store.instant import microseconds

    qm, qn, qo, *_ = asked

    def asks(*names, at):
        for name in names:
            made = written(qm, name)
            passed(qm, qn, made, at)
            ask(qn, made, qo, at=at)
        carry(qn, qm, at)

    def told(at):
        notice.look(qm.home(), Channels(command=("/usr/local/bin/pager",)), at)
        said = [each for each in notice.standing() if each.code == "status.consent-asked"]
        return [each.many for each in said if each.told == microseconds(at)]

    assert told(NOW) == [1]
    asks("one", "two", at=NOW)
    assert told(NOW + HOUR / 2) == []
    assert told(NOW + HOUR) == [3]
    assert told(NOW + 2 * HOUR) == []
    asks("three", "four", at=NOW + 2 * HOUR)
    assert told(NOW + 2 * HOUR) == [2]


def test_nothing_is_asked_or_given_under_an_agreement_that_is_suspended(asked):
    from hilf.federation.consent import Asked
    from hilf.node import accord

    qm, qn, qo, _, question = asked
    give(qm)
    for officer in qn.keys.values():
        accord.suspend(qn.home(), question.accord.partition(" ")[0], officer, NOW)
    assert refused(carry(qm, qn)) == ["accord.not-in-force"]
    assert state(qn) == "asked"
    again = Asked(questions(qm)[0].asked.objects, Towards((qo.node,)), "defence", NOW + HOUR)
    forge(qm, qn, again)
    assert refused(carry(qm, qn)) == ["accord.not-in-force"]
    # a no is heard all the same
    deny(qm, Denial.WITHDRAWN)
    assert refused(carry(qm, qn)) == ["applied"]
    assert state(qn) == "denied"


def test_consent_is_for_the_purpose_that_was_asked_for(chain):
    from hilf.node import why

    qm, qn, qo, _ = chain
    made = written(qm, tlp=Tlp.CLEAR)
    consented(qm, qn, qo, made)
    decided = {
        purpose: why.why(qn.home(), made["id"], qo.node, NOW, purpose).decision
        for purpose in ("defence", "aid")
    }
    assert [each.main.rule for each in decided.values()] == [
        "accord.permitted",
        "accord.onward-ask-originator",
    ]


def test_what_counted_in_the_past_can_be_asked_for_later(asked):
    from hilf.store.instant import microseconds
    from hilf.store.release import consent as store

    qm, qn, qo, _, question = asked
    give(qm, until=NOW + 5 * HOUR)
    carry(qm, qn, NOW + HOUR)
    deny(qm, at=NOW + 3 * HOUR)
    carry(qm, qn, NOW + 3 * HOUR)
    qn.home()
    (seq,) = store.objects(question.number)
    named = {seq: frozenset({(qo.node, "defence")})}
    hours = {0: {}, 1: named, 2: named, 3: {}, 6: {}}
    assert {hour: dict(store.live(microseconds(NOW + hour * HOUR))) for hour in hours} == hours


def test_a_question_that_whom_we_ask_refuses_is_a_no_for_who_asked_us(chain):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import consent, withdrawal

    qm, qn, qo, _ = chain
    made = through(chain)
    withdrawal.retract(qm.home(), made["id"], RetractionReason.ERROR, NOW)
    assert refused(carry(qn, qm))[-1] == "consent.not-given"
    assert questions(qn)[0].state == "refused"
    consent.drop_what_ended(qn.home(), NOW)
    assert refused(carry(qn, qo)) == ["applied"]
    (shown,) = questions(qo)
    assert (shown.state, shown.question.code) == ("denied", "nobody-to-ask")


def test_a_consent_that_is_taken_back_is_told_even_when_the_agreement_is_suspended_after_it(asked):
    from hilf.node import accord

    qm, qn, qo, made, question = asked
    give(qm)
    carry(qm, qn)
    deny(qm, Denial.WITHDRAWN)
    for officer in qm.keys.values():
        accord.suspend(qm.home(), question.accord.partition(" ")[0], officer, NOW)
    carry(qm, qn)
    assert state(qn) == "withdrawn"
    assert rule(qn, qo, made) == "accord.onward-ask-originator"


def test_what_an_originator_gives_after_we_said_no_is_not_passed_on(chain):
    from hilf.node import answer

    qm, qn, qo, _ = chain
    through(chain)
    carry(qn, qm)
    number = questions(qn)[1].question.number
    answer.deny(qn.home(), number, Denial.LEGAL, NOW)
    give(qm)
    carry(qm, qn)
    assert refused(carry(qn, qo)) == ["applied"]
    assert (questions(qn)[1].state, state(qo)) == ("denied", "denied")


def test_whoever_asks_us_is_not_asked_back(chain):
    from hilf.node.question import Originators
    from hilf.store.intelligence import read

    qm, qn, _, _ = chain
    passed(qm, qn, written(qm))
    home = qn.home()
    (row,) = [each for each in read.by_seq(range(20)).values() if each.type == "indicator"]
    originators = Originators(home, NOW)
    whom = originators.of(row)
    assert whom is not None
    assert whom.node == qm.node
    assert originators.of(row, never=qm.node) is None


def test_several_objects_of_one_originator_are_one_question_and_may_be_given_in_part(chain):
    from hilf.node import question

    qm, qn, qo, _ = chain
    first, second = written(qm, "first"), written(qm, "second")
    for made in (first, second):
        passed(qm, qn, made)
    (asked_once,) = question.ask(qn.home(), [first["id"], second["id"]], Towards((qo.node,)), NOW)
    assert [each.id for each in question.asked_of(asked_once).objects] == [first["id"], second["id"]]
    carry(qn, qm)
    give(qm, stix_ids=[second["id"]])
    carry(qm, qn)
    assert [rule(qn, qo, made) for made in (first, second)] == [
        "accord.onward-ask-originator",
        "accord.permitted",
    ]


def test_where_a_part_is_our_own_people_decide_once_the_originator_of_the_rest_has_answered(chain):
    from hilf.node import question

    qm, qn, qo, qp = chain
    theirs, own = through(chain), written(qn, "own")
    passed(qn, qo, own)
    (both,) = question.ask(qo.home(), [theirs["id"], own["id"]], Towards((qp.node,)), NOW, NOW + 40 * HOUR)
    carry(qo, qn)
    carry(qn, qm)
    with pytest.raises(Refusal) as waits:
        give(qn)
    assert waits.value.code == "consent.waits-for-originator"
    give(qm)
    carry(qm, qn)
    assert carry(qn, qo) == []
    give(qn)
    assert refused(carry(qn, qo)) == ["applied"]
    assert questions(qo)[0].question.number == both.number
    assert [rule(qo, qp, made) for made in (theirs, own)] == ["accord.permitted"] * 2


def test_consent_to_a_community_is_for_who_shares_it_with_us(chain):
    from hilf.node import life, question

    qm, qn, qo, _ = chain
    made = written(qm)
    passed(qm, qn, made)
    (held,) = life.in_force_with(qn.home(), qo.node, NOW)
    question.ask(qn.home(), [made["id"]], Towards(community=held.accord.community), NOW)
    carry(qn, qm)
    assert questions(qm)[0].asked.to == Towards(community=held.accord.community)
    give(qm)
    carry(qm, qn)
    assert rule(qn, qo, made) == "accord.permitted"
