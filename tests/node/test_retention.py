"""Retention carried out: at the instant it goes, on both sides, with proof; a legal hold keeps it hidden."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hilf.accord.terms import end_of_retention
from hilf.markings.tlp import Tlp
from hilf.store.instant import microseconds, moment
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    SECOND,
    agree,
    agreed_nations,
    at_rest,
    carry,
    copied,
    indicator,
    made_nations,
    meet,
    nations,
)

DAYS = 30
UNTIL = datetime(2026, 12, 25, tzinfo=UTC)
"""Thirty whole days after the day of release, which is not counted."""
EVE = UNTIL - timedelta(microseconds=1)
SOON = timedelta(minutes=5)


@pytest.fixture(scope="module")
def made_neighbours(made_nations, tmp_path_factory):  # noqa: F811
    """QM — QN — QO, who agreed on thirty days, to copy."""

    qm, qn, qo = copied(made_nations, tmp_path_factory.mktemp("thirty"))
    for one, other in ((qm, qn), (qn, qo)):
        meet(one, other)
        agree(one, other, onward="free", retention_days=DAYS)
    at_rest((qm, qn, qo))
    return [qm, qn, qo]


@pytest.fixture
def neighbours(made_neighbours, tmp_path):
    """QM — QN — QO, who agreed on thirty days."""
    from hilf.store import database

    yield copied(made_neighbours, tmp_path)
    database.use(":memory:")


def carried(nation, at):
    from hilf.node import retention

    done = retention.carry_out(nation.home(), at)
    return done.hidden, done.erased, done.told


def shared(neighbours, name="for-thirty-days"):
    """An object of QM that QN holds and passed on to QO."""
    qm, qn, qo = neighbours
    entry = indicator(qm, name, Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn, f"id:{entry['id']}")
    carry(qm, qn)
    qn.release(qo, f"id:{entry['id']}")
    carry(qn, qo)
    return entry


def given(nation, at, due_only=False):
    from hilf.node import retention

    found = (
        retention.unconfirmed(nation.home(), at, 100)
        if due_only
        else retention.given(nation.home(), NOW, 100)
    )
    return [(each.stix_id.partition("--")[0], each.node, each.until, each.state) for each in found]


def received(nation, at, due_only=False):
    from hilf.node import retention

    found = (
        retention.overdue(nation.home(), at, 100) if due_only else retention.received(nation.home(), NOW, 100)
    )
    return [(each.stix_id.partition("--")[0], each.node, each.until, each.state) for each in found]


def test_what_may_be_kept_no_longer_goes_at_the_very_instant_and_not_before(neighbours):
    qm, qn, qo = neighbours
    entry = shared(neighbours)
    for nation, objects in ((qn, 2), (qo, 1)):  # QN has the identity object of QM too
        assert carried(nation, EVE)[:2] == (0, 0)
        assert entry["id"] in nation.objects()
        assert carried(nation, UNTIL)[:2] == (objects, objects)
        assert entry["id"] not in nation.objects()
        assert not nation.holds(entry["name"])
        assert carried(nation, UNTIL)[:2] == (0, 0)
    assert carried(qm, UNTIL)[:2] == (0, 0)
    assert qm.objects()[entry["id"]]


def said_otherwise(sender, receiver, until: str | None) -> None:
    """Let all that waits say something else of how long it may be kept, as no honest node would."""
    from hilf.canonical import dumps, loads
    from hilf.federation.act import read_act
    from hilf.store import database
    from hilf.store.federation.envelope import put_back, take_out

    sender.home()
    for pos, envelope, kept in database.rows(
        "SELECT a.pos, a.envelope, o.body FROM act a JOIN object o ON o.seq = a.object_seq WHERE a.state = 'waiting'"
    ):
        body = dumps(loads(bytes(kept)))
        value = loads(put_back(bytes(envelope), body))
        value["terms"]["retention_until"] = until
        act = read_act(value, sender.node, receiver.node)
        database.execute(
            "UPDATE act SET act_id = %s, envelope = %s WHERE pos = %s",
            (bytes.fromhex(act.id), take_out(act.canonical, body), pos),
        )


@pytest.mark.parametrize("until", [None, "2027-12-25T00:00:00.000Z"])
def test_the_agreement_s_own_days_count_where_the_sender_grants_more_or_says_nothing(neighbours, until):
    from hilf.node import retention

    qm, qn, _ = neighbours
    entry = indicator(qm, "for-ever", Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn, f"id:{entry['id']}")
    said_otherwise(qm, qn, until)
    carry(qm, qn)
    assert carried(qn, EVE)[:2] == (0, 0)
    assert ("indicator", qm.node, UNTIL, "kept") in received(qn, NOW)
    assert entry["id"] in qn.objects()
    retention.enforce(qn.home(), UNTIL)
    assert entry["id"] not in qn.objects()
    assert not qn.holds(entry["name"])
    assert ("indicator", qm.node, UNTIL, "erased") in received(qn, UNTIL)


def test_what_comes_again_under_fewer_days_is_kept_no_longer_than_those_whatever_its_terms_say(neighbours):
    from hilf.federation.act import make_act
    from hilf.node import intake
    from hilf.store import database

    qm, qn, _ = neighbours
    entry = shared(neighbours)
    fewer = agree(qm, qn, NOW, onward="free", retention_days=10)
    terms = {"markings": [], "onward": "free", "retention_until": None, "redacted_from": None}
    body = {"object": entry, "authorship": None}
    act = make_act(
        "object", qm.node, qn.node, NOW, "00" * 16, (fewer, 1), "network-defence", terms, body, None
    )
    home = qn.home()
    assert carried(qn, NOW)[:2] == (0, 0)
    assert ("indicator", qm.node, UNTIL, "kept") in received(qn, NOW)
    with database.transaction():
        intake.take(home, [act], NOW)
    assert ("indicator", qm.node, end_of_retention(NOW, 10), "kept") in received(qn, NOW)


def test_what_nobody_looked_at_yet_is_hidden_by_the_agreement_s_days_before_it_is_shown(neighbours):
    from hilf.node import retention

    qm, qn, _ = neighbours
    entry = indicator(qm, "never-looked-at", Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn, f"id:{entry['id']}")
    said_otherwise(qm, qn, None)
    carry(qm, qn)
    retention.enforce(qn.home(), EVE)
    assert entry["id"] in qn.objects()
    retention.enforce(qn.home(), UNTIL)
    assert entry["id"] not in qn.objects()


def test_the_sender_asks_and_the_receiver_s_confirmation_proves_that_it_went(neighbours):
    qm, qn, _ = neighbours
    entry = shared(neighbours)
    assert given(qm, UNTIL, due_only=True) == []
    assert carried(qm, EVE)[2] == 0
    assert carried(qm, UNTIL)[2] == 2
    assert ("indicator", qn.node, UNTIL, "open") in given(qm, UNTIL, due_only=True)
    carried(qn, UNTIL)
    assert {result["outcome"] for result in carry(qm, qn, UNTIL)} == {"applied"}
    carry(qn, qm, UNTIL)
    assert given(qm, UNTIL, due_only=True) == []
    assert ("indicator", qn.node, UNTIL, "erased") in given(qm, UNTIL)
    from hilf.node import confirmed

    (withdrawn,) = confirmed.status(qm.home(), entry["id"], UNTIL)
    assert (withdrawn.reason, [told.state for told in withdrawn.nodes]) == ("expired", ["erased"])
    assert carried(qm, UNTIL + SOON)[2] == 0


def test_the_sender_s_word_is_enough_where_the_receiver_did_nothing_by_itself(neighbours):
    qm, qn, _ = neighbours
    entry = shared(neighbours)
    carried(qm, UNTIL)
    carry(qm, qn, UNTIL)
    assert not qn.holds(entry["name"])
    carry(qn, qm, UNTIL)
    assert ("indicator", qn.node, UNTIL, "erased") in given(qm, UNTIL)


def test_what_was_passed_on_has_no_later_end_and_is_taken_back_over_every_hop(neighbours):
    from hilf.node import confirmed

    qm, qn, qo = neighbours
    entry = shared(neighbours)
    carried(qn, EVE)
    assert given(qn, EVE) == [("indicator", qo.node, UNTIL, "kept")]
    carried(qn, UNTIL)
    assert given(qn, UNTIL) == [("indicator", qo.node, UNTIL, "open")]
    carry(qn, qo, UNTIL)
    assert not qo.holds(entry["name"])
    carried(qm, UNTIL)
    carry(qm, qn, UNTIL)
    carry(qo, qn, UNTIL)
    assert given(qn, UNTIL) == [("indicator", qo.node, UNTIL, "erased")]
    carry(qn, qm, UNTIL)
    (told,) = confirmed.status(qm.home(), entry["id"], UNTIL)[0].nodes
    assert (told.state, [(hop["node"], hop["state"]) for hop in told.further["named"]]) == (
        "erased",
        [(qo.node, "erased")],
    )


def test_what_must_go_earlier_here_than_there_is_taken_back_there_too(neighbours):
    from hilf.store import database
    from hilf.store.intelligence import retention as store

    _, qn, qo = neighbours
    entry = shared(neighbours)
    carried(qn, NOW)
    (row,) = database.rows("SELECT seq FROM object WHERE stix_id = %s", (entry["id"],))
    sooner = UNTIL - timedelta(days=10)
    with database.transaction():
        store.note({row[0]: microseconds(sooner)})
    carried(qn, sooner)
    carry(qn, qo, sooner)
    assert entry["id"] not in qo.objects()


def test_a_hundred_and_more_in_an_hour_are_applied_without_officers_when_they_are_due(neighbours):
    qm, qn, _ = neighbours
    entries = [indicator(qm, f"many-{n}", Tlp.CLEAR) for n in range(150)]
    qm.says(*entries)
    qm.release(qn)
    carry(qm, qn)
    carried(qm, UNTIL)
    results = carry(qm, qn, UNTIL)
    assert ({result["outcome"] for result in results}, len(results)) == ({"applied"}, 151)
    assert not qn.holds("many-149")


def test_a_mass_retraction_that_only_says_expired_is_still_held(neighbours):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import withdrawal

    qm, qn, _ = neighbours
    entries = [indicator(qm, f"too-early-{n}", Tlp.CLEAR) for n in range(103)]
    qm.says(*entries)
    qm.release(qn)
    carry(qm, qn)
    for entry in entries:
        withdrawal.retract(qm.home(), entry["id"], RetractionReason.EXPIRED, NOW + SOON)
    outcomes = [result["outcome"] for result in carry(qm, qn, NOW + SOON)]
    assert (outcomes.count("applied"), outcomes.count("held")) == (100, 3)
    assert qn.holds("too-early-0")


def test_a_sender_whose_clock_is_a_little_ahead_is_believed_and_one_far_ahead_has_the_grace(neighbours):
    qm, qn, _ = neighbours
    entry = shared(neighbours)
    carried(qm, UNTIL)
    carry(qm, qn, UNTIL - timedelta(seconds=60))
    assert not qn.holds(entry["name"])


def test_far_too_early_by_our_clock_is_an_ordinary_retraction(neighbours):
    qm, qn, _ = neighbours
    entry = shared(neighbours)
    carried(qm, UNTIL)
    carry(qm, qn, UNTIL - timedelta(seconds=61))
    assert (entry["id"] in qn.objects(), qn.holds(entry["name"])) == (False, True)
    assert carried(qn, UNTIL)[1] >= 1
    assert not qn.holds(entry["name"])


@pytest.mark.parametrize(
    ("released", "days", "until"),
    [
        (datetime(2028, 2, 27, 23, 59, 59, tzinfo=UTC), 1, datetime(2028, 2, 29, tzinfo=UTC)),
        (datetime(2028, 2, 28, tzinfo=UTC), 1, datetime(2028, 3, 1, tzinfo=UTC)),
        (datetime(2027, 2, 27, 12, tzinfo=UTC), 1, datetime(2027, 3, 1, tzinfo=UTC)),
        (datetime(2027, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), 1, datetime(2028, 1, 2, tzinfo=UTC)),
        (
            datetime(2028, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=3))),
            1,
            datetime(2028, 1, 2, tzinfo=UTC),
        ),
        (
            datetime(2027, 12, 31, 20, tzinfo=timezone(timedelta(hours=-5))),
            1,
            datetime(2028, 1, 3, tzinfo=UTC),
        ),
    ],
)
def test_end_of_retention_is_midnight_in_utc_in_every_zone_and_over_leap_days(
    neighbours, released, days, until
):
    from hilf.store import database
    from hilf.store.intelligence import retention as store

    assert end_of_retention(released, days) == until
    qm, qn, _ = neighbours
    entry = shared(neighbours)
    qn.home()
    carried(qn, NOW)
    with database.transaction():
        database.execute("UPDATE retention SET until = %s", (microseconds(until),))
    assert store.is_due(microseconds(until - timedelta(microseconds=1))) is False
    carried(qn, (until - timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=14))))
    assert entry["id"] in qn.objects()
    carried(qn, until.astimezone(timezone(timedelta(hours=-11))))
    assert entry["id"] not in qn.objects()
    assert qm.objects()[entry["id"]]


def test_nothing_that_is_over_is_shown_or_passed_on_before_the_worker_came_by(neighbours):
    from hilf.node import retention

    qm, qn, qo = neighbours
    entry = indicator(qm, "late-worker", Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn, f"id:{entry['id']}")
    carry(qm, qn)
    retention.enforce(qn.home(), EVE)
    assert entry["id"] in qn.objects()
    retention.enforce(qn.home(), UNTIL)
    assert entry["id"] not in qn.objects()
    assert not qn.preview(qo, f"id:{entry['id']}", UNTIL).allowed


def test_what_waits_to_be_passed_on_leaves_no_more_and_a_proposal_dies(neighbours):
    from hilf.node import release_list

    qm, qn, qo = neighbours
    green, amber = indicator(qm, "waits", Tlp.GREEN), indicator(qm, "proposed", Tlp.CLEAR)
    qm.says(green, amber)
    qm.release(qn)
    carry(qm, qn)
    qn.release(qo, f"id:{amber['id']}")
    assert carried(qn, UNTIL)[0] == 3
    assert [result for result in carry(qn, qo, UNTIL) if result["outcome"] == "applied"][1:] == []
    assert amber["id"] not in qo.objects()
    assert [each.word for each in release_list.every(qn.home())] == ["dropped"]


def test_what_was_sent_and_not_receipted_is_hidden_and_erased_after_the_receipt(neighbours):
    from hilf.node import federation
    from hilf.store.federation import stream

    qm, qn, qo = neighbours
    entry = indicator(qm, "on-its-way", Tlp.CLEAR)
    qm.says(entry)
    qm.release(qn, f"id:{entry['id']}")
    carry(qm, qn)
    qn.release(qo, f"id:{entry['id']}")
    home = qn.home()
    position = stream.position(qo.node, outgoing=True)
    assert federation.next_batch(home, qo.node, position.receipted + 1, EVE)
    carried(qn, UNTIL)
    assert (entry["id"] in qn.objects(), qn.holds(entry["name"])) == (False, True)
    assert ("indicator", qm.node, UNTIL, "hidden") in received(qn, UNTIL, due_only=True)
    carry(qn, qo, UNTIL)
    carried(qn, UNTIL + SOON)
    assert not qn.holds(entry["name"])
    assert received(qn, UNTIL + SOON, due_only=True) == []


def test_retraction_in_its_grace_is_over_when_retention_is(neighbours):
    from hilf.federation.retraction import RetractionReason
    from hilf.node import confirmed, erasure, withdrawal

    qm, qn, _ = neighbours
    entry = shared(neighbours)
    withdrawal.retract(qm.home(), entry["id"], RetractionReason.ERROR, UNTIL - timedelta(days=1))
    carry(qm, qn, UNTIL - timedelta(days=1))
    assert qn.holds(entry["name"])
    carried(qn, UNTIL)
    assert not qn.holds(entry["name"])
    erasure.erase_due(qn.home(), UNTIL)
    carry(qn, qm, UNTIL)
    assert [told.state for told in confirmed.status(qm.home(), entry["id"], UNTIL)[0].nodes] == ["erased"]
    assert carried(qm, UNTIL)[2] == 1  # the identity object; what was taken back is not asked for twice


def test_stricter_terms_that_come_later_count(neighbours):
    qm, qn, _ = neighbours
    entry = shared(neighbours)
    carried(qn, NOW)
    from hilf.store import database
    from hilf.store.intelligence import retention as store

    qn.home()
    (row,) = database.rows(
        "SELECT seq FROM object WHERE stix_id = %s AND asserter = %s", (entry["id"], qm.node)
    )
    sooner = UNTIL - timedelta(days=10)
    with database.transaction():
        store.note({row[0]: microseconds(sooner)})
        store.note({row[0]: microseconds(UNTIL)})
    carried(qn, sooner)
    assert entry["id"] not in qn.objects()
    assert moment(microseconds(sooner)) == sooner
