"""What follows when what is agreed changes: for what waits, for what was released, and for what is held here."""

# ruff: noqa: F401, F811  # fixtures are imported
from datetime import timedelta

import orjson
import pytest

from hilf.canonical import timestamp
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import agree, at_rest, carry, copied, indicator, made_nations, meet, relationship

HOUR = timedelta(hours=1)


@pytest.fixture(scope="session")
def made_pair(made_nations, tmp_path_factory):
    """QM and QN, met, under the default agreement, onward free."""
    from hilf.store import database

    qm, qn, _ = copied(made_nations, tmp_path_factory.mktemp("pair"))
    meet(qm, qn)
    agree(qm, qn, onward="free")
    at_rest((qm, qn))
    return [qm, qn]


@pytest.fixture
def pair(made_pair, tmp_path):
    from hilf.store import database

    yield copied(made_pair, tmp_path)
    database.use(":memory:")


def settle(nation, at=NOW):
    from hilf.node import effects

    return {each.node: each for each in effects.settle(nation.home(), at)}


def acts(nation, kind="object") -> list[tuple[str, str | None]]:
    """State and code of the reason of every act of a kind that this nation made, oldest first."""
    from hilf.store import database

    nation.home()
    rows = database.rows("SELECT state, reason FROM act WHERE outgoing AND kind = %s ORDER BY pos", (kind,))
    return [(state, orjson.loads(reason)["code"] if reason else None) for state, reason in rows]


def accord_id(nation) -> str:
    from hilf.node import accord

    return accord.every(nation.home(), NOW)[0].life.accord.id


def stop(nation, verb: str, at=NOW, id_: str | None = None) -> None:
    from hilf.node import accord

    for key in nation.keys.values():
        getattr(accord, verb)(nation.home(), id_ or accord_id(nation), key, at)


def amend(one, other, at=NOW, **changes) -> None:
    """An amendment in force on both sides."""
    from hilf.node import accord, draft

    id_ = accord_id(one)
    draft.amendment(one.home(), id_, changes, at)
    accord.propose(one.home(), id_, at)
    carry(one, other, at)
    for here, there in ((other, one), (one, other)):
        for key in here.keys.values():
            accord.sign(here.home(), id_, key, at)
        carry(here, there, at)


def given(one, other, *names: str, tlp=Tlp.GREEN, at=NOW) -> list[str]:
    """Indicators that the one says and the other has; their ids."""
    entries = [indicator(one, name, tlp) for name in names]
    one.says(*entries, at=at)
    one.release(other, at=at)
    carry(one, other, at)
    return [str(entry["id"]) for entry in entries]


def test_nothing_follows_twice(pair) -> None:
    qm, qn = pair
    assert set(settle(qm)) == {qn.node}
    assert settle(qm) == {}


def test_what_waits_under_a_version_that_is_amended_is_offered_anew_under_the_next(pair) -> None:
    qm, qn = pair
    settle(qm)
    qm.says(indicator(qm, "waits", Tlp.GREEN))
    qm.release(qn)
    amend_alone(qm, qn, retention_days=30)
    settled = settle(qm)[qn.node]
    assert (settled.dropped, settled.offered, settled.retracted) == (2, 2, 0)
    assert acts(qm) == [("dropped", "accord.amended")] * 2 + [("waiting", None)] * 2
    carry(qm, qn)
    assert indicator(qm, "waits", Tlp.GREEN)["id"] in qn.objects()


def amend_alone(one, other, **changes) -> None:
    """An amendment that is complete with the one, who has not carried anything to the other since it was signed there."""
    from hilf.accord.transition import with_signatures
    from hilf.node import accord, draft, life
    from hilf.node.home import online_key
    from hilf.seal.record import make_record
    from hilf.store.database import transaction

    id_ = accord_id(one)
    text = draft.amendment(one.home(), id_, changes, NOW).life.accord
    accord.propose(one.home(), id_, NOW)
    until = NOW + timedelta(days=9)
    records = []
    for nation in (other, one):
        home = nation.home()
        keys = [*(("officer", key) for key in nation.keys.values()), ("node", online_key(home))]
        records += [
            make_record("accord", nation.node, role, text.subject, NOW, until, key) for role, key in keys
        ]
    for nation in (other, one):
        nation.home()
        with transaction():
            lives = life.with_parties(life.of(id_), text)
            known = next((each for each in lives.all if each.accord == text), None)
            from hilf.accord.life import Life

            life.keep(with_signatures(known or Life(text, NOW), records, lives.chains, NOW), NOW)


def test_what_an_amendment_allows_no_more_is_dropped_with_the_clause_that_says_so(pair) -> None:
    qm, qn = pair
    settle(qm)
    fine, stays = indicator(qm, "fine", Tlp.CLEAR), indicator(qm, "stays", Tlp.GREEN)
    joins = relationship(qm, stays, fine, Tlp.CLEAR)
    qm.says(fine, stays, joins)
    qm.release(qn)
    clear = {
        "id": "c-1",
        "effect": "permit",
        "kinds": ["object"],
        "when": {"marking_max": "clear"},
        "text": {"en": "C"},
    }
    amend_alone(qm, qn, clauses=[clear])
    settle(qm)
    codes = [code for state, code in acts(qm) if state == "dropped"]
    assert sorted(codes) == [
        "accord.amended",
        "accord.amended",
        "accord.end-stays",
        "accord.marking-above",
    ]
    carry(qm, qn)
    assert fine["id"] in qn.objects()
    assert qn.objects().keys().isdisjoint({stays["id"], joins["id"]})


def test_what_was_released_stays_under_its_terms_when_an_amendment_only_tightens(pair) -> None:
    qm, qn = pair
    (entry,) = given(qm, qn, "given")
    clear = {
        "id": "c-1",
        "effect": "permit",
        "kinds": ["object"],
        "when": {"marking_max": "clear"},
        "text": {"en": "C"},
    }
    amend(qm, qn, clauses=[clear])
    assert settle(qm)[qn.node].retracted == 0
    carry(qm, qn)
    assert entry in qn.objects()


def test_an_end_with_deletion_takes_everything_back_from_the_other_and_from_nobody_else(pair) -> None:
    qm, qn = pair
    ours, theirs = given(qm, qn, "ours", "more"), given(qn, qm, "theirs")
    stop(qm, "end")
    assert settle(qm)[qn.node].retracted == 3
    assert carry(qm, qn)[0]["outcome"] == "applied"
    settled = settle(qn)[qm.node]
    assert settled.retracted == 2
    carry(qn, qm)
    assert qn.objects(qm.node) == {} == qm.objects(qn.node)
    assert set(ours) < set(qm.objects(qm.node))
    assert set(theirs) < set(qn.objects(qn.node))
    assert {state for state, _ in acts(qm)} == {"retracted"}


def test_who_was_told_to_let_go_confirms_and_is_asked_once(pair) -> None:
    from hilf.node import confirmed, withdrawal

    qm, qn = pair
    (entry,) = given(qm, qn, "ours")
    stop(qm, "end")
    settle(qm)
    carry(qm, qn)
    carry(qn, qm)
    (said,) = confirmed.status(qm.home(), entry, NOW)
    assert (said.reason, [(told.node, told.state) for told in said.nodes]) == (
        "expired",
        [(qn.node, "erased")],
    )
    assert settle(qm) == {}
    assert [state for state, _ in acts(qm, "retraction")] == ["applied"] * 2


def test_an_end_that_keeps_takes_nothing_back_and_stops_what_would_go_on(
    pair, made_nations, tmp_path_factory
) -> None:
    qm, qn = pair
    (qo,) = copied(made_nations[2:], tmp_path_factory.mktemp("third"))
    meet(qn, qo)
    agree(qn, qo, onward="free")
    amend(qm, qn, at_end="keep")
    (entry,) = given(qm, qn, "clear", tlp=Tlp.CLEAR)
    select = f"id:{entry}"
    assert [w.kept.stix_id for w in qn.preview(qo, select).allowed] == [entry]
    stop(qm, "end")
    carry(qm, qn)
    assert settle(qm)[qn.node].retracted == 0
    assert entry in qn.objects()
    assert [w.decision.main.rule for w in qn.preview(qo, select).withheld] == ["accord.onward-none"]


def test_what_another_accord_in_force_allows_today_is_not_taken_back(pair) -> None:
    qm, qn = pair
    (entry,) = given(qm, qn, "twice")
    first = accord_id(qm)
    agree(qm, qn, at=NOW, onward="free")
    stop(qm, "end", id_=first)
    assert settle(qm)[qn.node].retracted == 0
    carry(qm, qn)
    assert entry in qn.objects()


def test_retractions_that_an_end_demands_are_held_for_nobody_however_many_they_are(pair) -> None:
    qm, qn = pair
    names = [f"n{i}" for i in range(120)]
    given(qm, qn, *names)
    stop(qm, "end")
    assert settle(qm)[qn.node].retracted == 121
    assert {result["outcome"] for result in carry(qm, qn)} == {"applied"}
    assert qn.objects(qm.node) == {}


def test_after_a_hundred_others_those_of_an_end_are_still_applied(pair) -> None:
    from hilf.federation.retraction import RetractionReason
    from hilf.node import confirmed, withdrawal

    qm, qn = pair
    *others, _ = given(qm, qn, *(f"n{i}" for i in range(101)))
    for entry in others:
        withdrawal.retract(qm.home(), entry, RetractionReason.EXPIRED, NOW)
    assert {result["outcome"] for result in carry(qm, qn)} == {"applied"}
    stop(qm, "end")
    assert settle(qm)[qn.node].retracted == 2
    assert [result["outcome"] for result in carry(qm, qn)] == ["applied"] * 3


def test_a_hundred_of_an_end_count_for_none_of_the_others(pair) -> None:
    from hilf.federation.retraction import RetractionReason
    from hilf.node import confirmed, withdrawal

    qm, qn = pair
    given(qm, qn, *(f"n{i}" for i in range(101)))
    stop(qm, "end")
    settle(qm)
    carry(qm, qn)
    agree(qm, qn, at=NOW)
    (entry,) = given(qm, qn, "late")
    assert entry in qn.objects()
    withdrawal.retract(qm.home(), entry, RetractionReason.ERROR, NOW)
    assert [result["outcome"] for result in carry(qm, qn)] == ["applied"]


def test_more_than_a_hundred_that_no_agreement_demands_are_held(pair) -> None:
    from hilf.federation.retraction import RetractionReason
    from hilf.node import confirmed, withdrawal

    qm, qn = pair
    ids = given(qm, qn, *(f"n{i}" for i in range(102)))
    for entry in ids:
        withdrawal.retract(qm.home(), entry, RetractionReason.EXPIRED, NOW)
    outcomes = [result["outcome"] for result in carry(qm, qn)]
    assert (outcomes.count("applied"), outcomes.count("held")) == (100, 2)


def test_retractions_that_came_before_the_end_was_known_are_applied_once_it_is(
    made_nations, tmp_path
) -> None:
    qm, qn, _ = copied(made_nations, tmp_path)
    meet(qm, qn)
    until = NOW + timedelta(days=100)
    agree(qm, qn, until=timestamp(until), review=timestamp(NOW))
    given(qm, qn, *(f"n{i}" for i in range(102)))
    assert settle(qm, until)[qn.node].retracted == 103
    early = until - timedelta(seconds=30)
    outcomes = [result["outcome"] for result in carry(qm, qn, early)]
    assert (outcomes.count("applied"), outcomes.count("held")) == (100, 3)
    assert settle(qn, until)[qm.node].applied == 3
    assert qn.objects(qm.node) == {}


def test_a_period_that_is_over_at_midnight_of_a_leap_day_ends_on_both_sides_at_that_instant(
    made_nations, tmp_path
) -> None:
    from hilf.canonical import parse_timestamp

    qm, qn, _ = copied(made_nations, tmp_path)
    meet(qm, qn)
    until = parse_timestamp("2028-02-29T00:00:00.000Z", "until")
    agree(qm, qn, until="2028-02-29T00:00:00.000Z", review="2027-01-01T00:00:00.000Z")
    given(qm, qn, "leap")
    settle(qm)
    assert settle(qm, until - timedelta(milliseconds=1)) == {}
    assert settle(qm, until)[qn.node].retracted == 2


def test_what_is_in_flight_at_the_end_is_taken_back_when_its_receipt_has_come(pair) -> None:
    from hilf.node import federation
    from hilf.store.federation import stream

    qm, qn = pair
    qm.says(indicator(qm, "flies", Tlp.GREEN))
    qm.release(qn)
    position = stream.position(qn.node, outgoing=True)
    federation.next_batch(qm.home(), qn.node, position.receipted + 1, NOW)
    stop(qm, "end")
    settled = settle(qm)[qn.node]
    assert (settled.retracted, settled.finished) == (0, False)
    carry(qm, qn)
    settled = settle(qm)[qn.node]
    assert (settled.retracted, settled.finished) == (2, True)
    carry(qm, qn)
    assert qn.objects(qm.node) == {}


def test_a_suspension_takes_nothing_back(pair) -> None:
    qm, qn = pair
    (entry,) = given(qm, qn, "given")
    settle(qm)
    stop(qm, "suspend")
    assert settle(qm)[qn.node].retracted == 0
    carry(qm, qn)
    assert entry in qn.objects()
