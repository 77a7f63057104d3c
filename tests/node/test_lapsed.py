"""What an agreement's end took back goes there again under a new one; what was retracted for any other reason never does."""

# ruff: noqa: F401, F811  # fixtures are imported
from datetime import UTC, datetime, timedelta

import pytest

from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.stix.deterministic import expected_id
from tests.conftest import NOW
from tests.nations import (
    agree,
    agreed_nations,
    back_up,
    carry,
    indicator,
    made_nations,
    meet,
    meet_again,
    nations,
    put_back,
)
from tests.node.test_effects import HOUR, acts, amend, made_pair, pair, settle, stop
from tests.node.test_taken_back import let_go

DAY = timedelta(days=1)
EXPIRED = RetractionReason.EXPIRED
ENDED, AGREED, AGAIN, LATER = (NOW + n * HOUR for n in range(1, 5))


def address(value: str = "192.0.2.77"):
    """An observable: it has one version only."""
    made = {"type": "ipv4-addr", "spec_version": "2.1", "value": value}
    return {**made, "id": expected_id(made), "object_marking_refs": [Tlp.GREEN.marking_id]}


def send(qm, qn, ids, at):
    from hilf.node import release

    sent = release.send(qm.home(), qn.node, at, "id:" + ",".join(sorted(ids)))
    return sent.queued, carry(qm, qn, at)


def outcomes(results):
    return [(each["outcome"], each["reason"] and each["reason"]["code"]) for each in results]


def part(qm, qn, at=ENDED):
    """The agreement ends with deletion, and QN has confirmed that everything of it is gone."""
    from hilf.node import life

    (held,) = life.in_force_with(qm.home(), qn.node, at)
    stop(qm, "end", at, held.accord.id)
    settle(qm, at)
    carry(qm, qn, at)
    carry(qn, qm, at)


@pytest.fixture
def shared(pair):
    """QN has an observable, an indicator and QM's identity object from QM: both nations, and the three ids."""
    qm, qn = pair
    entry = indicator(qm, "shared", Tlp.GREEN)
    qm.says(address(), entry)
    queued, results = send(qm, qn, [address()["id"], entry["id"]], NOW)
    assert queued == len(results) == 3
    return qm, qn, {address()["id"], entry["id"], qm.author}


@pytest.fixture
def parted(shared):
    qm, qn, ids = shared
    part(qm, qn)
    assert qn.objects(qm.node) == {}
    return qm, qn, ids


@pytest.fixture
def agreed(parted):
    qm, qn, ids = parted
    agree(qm, qn, at=AGREED, onward="free")
    return qm, qn, ids


def confirmed(qm, stix_id):
    from hilf.node import confirmed, withdrawal

    return [told.state for each in confirmed.status(qm.home(), stix_id, LATER) for told in each.nodes]


def test_two_nations_that_agree_again_share_the_same_versions_again(agreed):
    qm, qn, ids = agreed
    bodies = {i: body for i, body in qm.objects(qm.node).items() if i in ids}
    assert [confirmed(qm, each) for each in sorted(ids)] == [["erased"]] * 3
    assert send(qm, qn, ids, AGAIN)[0] == 3
    assert {i: body for i, body in qn.objects(qm.node).items() if i in ids}.keys() == bodies.keys()
    assert acts(qm) == [("retracted", None)] * 3 + [("applied", None)] * 3


def test_what_came_again_is_found_by_value_by_words_and_by_what_it_refers_to(agreed):
    from hilf.node import search

    qm, qn, ids = agreed
    send(qm, qn, ids, AGAIN)
    home = qn.home()

    def found(text="", **options):
        return {each.stix_id for each in search.find(home, search.terms_of(**options), text).objects}

    assert found(value=address()["value"]) == {address()["id"]}
    assert found("shared") == {each for each in ids if each.startswith("indicator")}
    assert found(selection=f"partner:{qm.node}") == ids


def test_it_is_held_under_the_new_agreement_beside_what_went_under_the_old_one(agreed):
    from hilf.node import life
    from hilf.store import database

    qm, qn, ids = agreed
    send(qm, qn, ids, AGAIN)
    (held,) = life.in_force_with(qn.home(), qm.node, AGAIN)
    rows = database.rows(
        "SELECT state, accord, body IS NULL, facts_id IS NULL FROM object WHERE asserter = %s ORDER BY seq",
        (qm.node,),
    )
    old, new = rows[:3], rows[3:]
    assert [(state, bool(empty), bool(decided)) for state, _, empty, decided in old] == [(4, True, True)] * 3
    assert [(state, bool(empty), bool(decided)) for state, _, empty, decided in new] == [
        (0, False, False)
    ] * 3
    assert {accord for _, accord, _, _ in new} == {f"{held.accord.id} {held.accord.version}"}
    assert {accord for _, accord, _, _ in old}.isdisjoint({accord for _, accord, _, _ in new})


def test_without_a_selection_a_release_offers_again_what_the_end_took_back(agreed):
    qm, qn, ids = agreed
    assert {each.kept.stix_id for each in qm.preview(qn, at=AGAIN).allowed} == ids


def test_both_ends_tell_the_story(agreed):
    from hilf.node.why import why
    from hilf.node.withheld import withheld

    qm, qn, ids = agreed
    send(qm, qn, ids, AGAIN)
    for each in ids:
        told = why(qm.home(), each, qn.node, AGAIN)
        assert [(went.state, went.at) for went in told.went] == [("retracted", NOW), ("applied", AGAIN)]
        assert not told.taken_back
        (gone,) = withheld(qn.home(), each)
        assert (gone.asserter, gone.state, gone.reason) == (qm.node, "erased", "expired")
        came = why(qn.home(), each, qm.node, AGAIN)
        assert [row.kept.asserter for row in came.weighed] == [qm.node]


def test_it_is_taken_back_and_shared_as_often_as_the_two_part_and_agree(agreed):
    from hilf.node.withheld import withheld

    qm, qn, ids = agreed
    send(qm, qn, ids, AGAIN)
    part(qm, qn, LATER + 10 * DAY)
    assert qn.objects(qm.node) == {}
    assert [confirmed(qm, each) for each in sorted(ids)] == [["erased"] * 2] * 3
    assert not qn.holds("shared")
    for each in ids:
        days = [gone.text for gone in withheld(qn.home(), each)]
        assert sorted(days) == [
            f"{qm.node} took it back on {day} (expired); its body is erased"
            for day in ("2026-11-24", "2026-12-04")
        ]
    agree(qm, qn, at=LATER + 11 * DAY, onward="free")
    assert outcomes(send(qm, qn, ids, LATER + 12 * DAY)[1]) == [("applied", None)] * 3
    assert qn.objects(qm.node).keys() == ids


def words(nation):
    """What the journal says of each version, in order."""
    from hilf.store.intelligence import tombstone

    nation.home()
    tombstone.complete()
    said = {}
    for each in tombstone.read(nation.path / "tombstones", 0):
        said.setdefault(each.sha256, []).append(each.word)
    return sorted(said.values())


def test_the_journal_says_that_a_version_was_lifted(agreed):
    qm, qn, ids = agreed
    send(qm, qn, ids, AGAIN)
    assert words(qn) == [["hidden", "erased", "lifted"]] * 3
    send(qm, qn, ids, LATER)
    assert words(qn) == [["hidden", "erased", "lifted"]] * 3


def test_a_line_that_says_lifted_hides_nothing(shared):
    qm, qn, ids = shared
    copy = back_up(qn)
    part(qm, qn)
    agree(qm, qn, at=AGREED, onward="free")
    send(qm, qn, ids, AGAIN)
    journal = qn.path / "tombstones"
    journal.write_text("".join(line for line in journal.read_text().splitlines(True) if " lifted " in line))
    put_back(qn, copy)
    assert qn.objects(qm.node).keys() == ids


def meet_until_done(qm, qn, at):
    for n in range(3):
        meet_again(qn, qm, at + 2 * n * HOUR)
        meet_again(qm, qn, at + (2 * n + 1) * HOUR)


@pytest.mark.parametrize(
    "when", ["before it was given", "before the end", "after the end", "after the next agreement"]
)
def test_a_partner_that_is_put_back_holds_in_the_end_what_was_given_again(pair, when):
    qm, qn = pair
    copies = {"before it was given": back_up(qn, "0")}
    entry = indicator(qm, "shared", Tlp.GREEN)
    ids = {address()["id"], entry["id"], qm.author}
    qm.says(address(), entry)
    send(qm, qn, [address()["id"], entry["id"]], NOW)
    copies["before the end"] = back_up(qn, "1")
    part(qm, qn)
    copies["after the end"] = back_up(qn, "2")
    agree(qm, qn, at=AGREED, onward="free")
    copies["after the next agreement"] = back_up(qn, "3")
    send(qm, qn, ids, AGAIN)
    put_back(qn, copies[when])
    assert qn.objects(qm.node) == {}
    meet_until_done(qm, qn, LATER)
    assert qn.objects(qm.node).keys() == ids
    assert acts(qm)[-3:] == [("applied", None)] * 3


def test_a_partner_that_is_put_back_after_it_was_given_again_keeps_it(agreed):
    qm, qn, ids = agreed
    send(qm, qn, ids, AGAIN)
    copy = back_up(qn)
    qn.says(indicator(qn, "since", Tlp.GREEN), at=LATER)  # the database is older than the node now
    put_back(qn, copy)
    assert qn.objects(qm.node).keys() == ids
    part(qm, qn, LATER)
    put_back(qn, copy)
    assert qn.objects(qm.node) == {}


def test_a_partner_that_moves_to_postgresql_with_a_backup_from_before_the_end(shared, postgresql, tmp_path):
    from hilf.node import backup, restore
    from hilf.store import database

    qm, qn, ids = shared
    settings = {"node": qn.node, "gateway_url": "https://127.0.0.1:18444"}
    made = backup.make(qn.home(), tmp_path / "qn.hilf", settings, NOW, lambda *_: None)
    part(qm, qn)
    agree(qm, qn, at=AGREED, onward="free")
    send(qm, qn, ids, AGAIN)
    name = f"moved_{abs(hash(tmp_path))}"
    postgresql.psql(f"CREATE DATABASE {name}")
    url = postgresql.get_uri(database=name)
    home = qn.home()
    database.clean()
    restore.restore(home, url, made.path, LATER, lambda *_: None)
    with (qn.path / "hilf.toml").open("a") as file:
        file.write(f'database_url = "{url}"\n')
    assert qn.objects(qm.node) == {}
    assert database.is_postgresql()
    meet_until_done(qm, qn, LATER)
    assert qn.objects(qm.node).keys() == ids
    part(qm, qn, LATER + 10 * HOUR)
    assert qn.objects(qm.node) == {}
    agree(qm, qn, at=LATER + 11 * HOUR, onward="free")
    assert outcomes(send(qm, qn, ids, LATER + 12 * HOUR)[1]) == [("applied", None)] * 3
    assert qn.objects(qm.node).keys() == ids


def forget(qm):
    """QM does not know any more that it ever took anything back, and offers everything again."""
    from hilf.store import database
    from hilf.store.database import transaction

    qm.home()
    with transaction():
        database.execute("DELETE FROM confirmation")
        database.execute("DELETE FROM retraction")
        database.execute("UPDATE object SET state = 0 WHERE state = 3")
        database.execute(
            "UPDATE act SET state = 'retracted' WHERE outgoing AND kind = 'object' AND state = 'applied'"
        )


REASONS = ["error", "consent-withdrawn", "legal", "source-at-risk"]


@pytest.mark.parametrize("reason", REASONS)
def test_what_was_retracted_for_another_reason_stays_dead_whoever_sends_it_again(shared, reason):
    from hilf.node import confirmed, withdrawal

    qm, qn, ids = shared
    for each in sorted(ids):
        withdrawal.retract(qm.home(), each, RetractionReason(reason), ENDED)
    carry(qm, qn, ENDED)
    forget(qm)
    assert outcomes(send(qm, qn, ids, AGAIN)[1]) == [("refused", "intake.retracted")] * 3
    assert qn.objects(qm.node) == {}
    assert all("lifted" not in each for each in words(qn))


@pytest.mark.parametrize("first", ["expired", "error"])
def test_what_an_end_and_another_reason_took_back_stays_dead(shared, first):
    from hilf.node import confirmed, withdrawal

    qm, qn, ids = shared

    def correct(at):
        for each in sorted(ids):
            withdrawal.retract(qm.home(), each, RetractionReason.ERROR, at)
        carry(qm, qn, at)
        forget(qm)

    if first == "error":
        correct(ENDED - HOUR / 2)
    part(qm, qn)
    agree(qm, qn, at=AGREED, onward="free")
    if first == "expired":
        assert outcomes(send(qm, qn, ids, AGREED)[1]) == [("applied", None)] * 3
        correct(AGREED + HOUR / 2)
    assert outcomes(send(qm, qn, ids, AGAIN)[1]) == [("refused", "intake.retracted")] * 3
    assert qn.objects(qm.node) == {}


def old_acts(qm, qn):
    """The object acts that QM sent first, as they were."""
    from hilf.canonical import dumps, loads
    from hilf.federation.act import read_act
    from hilf.store import database
    from hilf.store.federation.envelope import put_back as whole

    qm.home()
    rows = database.rows(
        "SELECT a.envelope, o.body FROM act a JOIN object o ON o.seq = a.object_seq WHERE a.outgoing AND a.at = %s",
        (int(NOW.timestamp() * 1_000_000),),
    )
    from hilf.canonical import dumps, loads
    from hilf.store.federation.envelope import canonical_of

    return [
        read_act(loads(whole(bytes(envelope), dumps(loads(bytes(body))))), qm.node, qn.node)
        for envelope, body in rows
    ]


@pytest.mark.parametrize("again_first", [False, True])
def test_an_old_act_that_is_replayed_brings_nothing_back(agreed, again_first):
    from hilf.node import intake
    from hilf.store.database import transaction

    qm, qn, ids = agreed
    acts_ = old_acts(qm, qn)
    assert len(acts_) == 3
    if again_first:  # and is taken back again
        send(qm, qn, ids, AGAIN)
        part(qm, qn, LATER)
    home = qn.home()
    with transaction():
        taken = intake.take(home, acts_, LATER)
    assert [(each.outcome, each.code) for each in taken] == [("refused", "intake.retracted")] * 3
    assert qn.objects(qm.node) == {}


def test_what_a_person_dropped_stays_dropped(agreed):
    from hilf.store.database import transaction
    from hilf.store.intelligence import tombstone

    qm, qn, ids = agreed
    qn.home()
    with transaction():  # as `bury` leaves it: dropped from quarantine, then taken back by the end
        tombstone.put(tombstone.DROPPED, "state = 4")
    assert outcomes(send(qm, qn, ids, AGAIN)[1]) == [("refused", "intake.retracted")] * 3


def test_under_a_legal_hold_nothing_comes_back_until_it_is_lifted(shared):
    from hilf.node import hold

    qm, qn, ids = shared
    keys = list(qn.keys.values())
    court = hold.set_(qn.home(), "", sorted(ids), "a judge asked", keys[0], NOW)
    part(qm, qn)
    agree(qm, qn, at=AGREED, onward="free")
    assert outcomes(send(qm, qn, ids, AGAIN)[1]) == [("refused", "intake.retracted")] * 3
    for key in keys:
        hold.lift(qn.home(), court.name, key, AGAIN)
    assert outcomes(send(qm, qn, ids, LATER)[1]) == [("applied", None)] * 3
    assert qn.objects(qm.node).keys() == ids


def test_what_is_hidden_and_not_erased_yet_is_erased_first_and_confirmed(shared):
    from hilf.node import erasure
    from hilf.store import database

    qm, qn, ids = shared
    let_go(qm, qn, EXPIRED, ENDED)  # nothing demands it, so a grace runs
    carry(qm, qn, ENDED)
    qn.home()
    assert database.rows("SELECT DISTINCT state FROM object WHERE asserter = %s", (qm.node,)) == [(3,)]
    assert outcomes(send(qm, qn, ids, AGAIN)[1]) == [("applied", None)] * 3
    assert qn.objects(qm.node).keys() == ids
    assert words(qn) == [["hidden", "erased", "lifted"]] * 3
    assert erasure.erase_due(qn.home(), LATER) == 0
    carry(qn, qm, LATER)
    assert [confirmed(qm, each) for each in sorted(ids)] == [["erased"]] * 3
    assert erasure.erase_due(qn.home(), NOW + timedelta(days=9)) == 0
    assert qn.objects(qm.node).keys() == ids


def test_what_is_let_go_and_given_again_in_one_batch_is_there(shared):
    qm, qn, ids = shared
    let_go(qm, qn, EXPIRED, ENDED)
    queued, results = send(qm, qn, ids, AGAIN)
    assert (queued, outcomes(results)) == (3, [("applied", None)] * 6)
    assert qn.objects(qm.node).keys() == ids
    assert words(qn) == [["hidden", "erased", "lifted"]] * 3


def test_what_stands_is_owed_by_what_it_came_under_and_not_by_what_went_before(pair):
    qm, qn = pair
    amend(qm, qn, at_end="keep")
    entry = indicator(qm, "shared", Tlp.GREEN)
    qm.says(entry)
    send(qm, qn, [entry["id"]], NOW)
    let_go(qm, qn, EXPIRED, NOW)
    part(qm, qn)
    agree(qm, qn, at=AGREED, onward="free")
    send(qm, qn, [entry["id"]], AGAIN)
    part(qm, qn, LATER)
    assert states(qn, entry["id"]) == [(qm.node, 4)] * 2  # at once, with no grace


def test_what_is_hidden_and_does_not_come_again_keeps_its_grace(shared):
    from hilf.node import erasure

    qm, qn, _ = shared
    let_go(qm, qn, EXPIRED, ENDED)
    carry(qm, qn, ENDED)
    send(qm, qn, [address()["id"]], AGAIN)
    assert erasure.erase_due(qn.home(), LATER) == 0
    assert erasure.erase_due(qn.home(), NOW + timedelta(days=9)) == 2


def test_over_two_hops_what_was_let_go_at_both_is_given_again_to_both(nations):
    from hilf.node import release

    qm, qn, qo = nations
    entry = indicator(qm, "shared", Tlp.CLEAR)
    qm.says(entry)
    send(qm, qn, [entry["id"]], NOW)
    send(qn, qo, [entry["id"]], NOW)
    part(qm, qn)
    carry(qn, qo, ENDED)
    assert (qn.objects(qm.node), qo.objects(qn.node)) == ({}, {})
    agree(qm, qn, at=AGREED, onward="free")
    send(qm, qn, [entry["id"]], AGAIN)
    assert outcomes(send(qn, qo, [entry["id"]], LATER)[1]) == [("applied", None)]
    assert entry["id"] in qo.objects(qn.node)


@pytest.fixture
def triangle(nations):
    """QM and QO have met and agreed too."""
    qm, qn, qo = nations
    meet(qm, qo)
    agree(qm, qo, onward="free")
    return qm, qn, qo


def states(nation, stix_id):
    from hilf.store import database

    nation.home()
    return sorted(database.rows("SELECT asserter, state FROM object WHERE stix_id = %s", (stix_id,)))


def test_what_another_nation_passes_on_lifts_nothing_of_the_author_s(triangle):
    qm, qn, qo = triangle
    entry = indicator(qm, "shared", Tlp.CLEAR)
    qm.says(entry)
    send(qm, qn, [entry["id"]], NOW)
    send(qm, qo, [entry["id"]], NOW)
    part(qm, qo)
    assert states(qo, entry["id"]) == [(qm.node, 4)]
    assert outcomes(send(qn, qo, [entry["id"]], AGAIN)[1])[-1:] == [("applied", None)]
    assert states(qo, entry["id"]) == [(qm.node, 4), (qn.node, 0)]
    assert "lifted" not in {word for each in words(qo) for word in each}


def test_what_is_on_its_way_to_a_third_nation_stays_gone_until_that_has_it(triangle):
    from hilf.node import federation, release
    from hilf.store.federation import stream

    qm, qn, qo = triangle
    entry = indicator(qm, "shared", Tlp.CLEAR)
    qm.says(entry)
    send(qm, qn, [entry["id"]], NOW)
    release.send(qn.home(), qo.node, NOW, f"id:{entry['id']}")
    receipted = stream.position(qo.node, outgoing=True).receipted
    assert (
        federation.next_batch(qn.home(), qo.node, receipted + 1, NOW) is not None
    )  # sent, and the answer is lost
    part(qm, qn)
    agree(qm, qn, at=AGREED, onward="free")
    assert outcomes(send(qm, qn, [entry["id"]], AGAIN)[1])[-1:] == [("refused", "intake.retracted")]
    carry(qn, qo, AGAIN)
    assert outcomes(send(qm, qn, [entry["id"]], LATER)[1])[-1:] == [("applied", None)]


DAYS = 30
UNTIL = datetime(2026, 12, 25, tzinfo=UTC)
"""Thirty whole days after the day of release, which is not counted."""
AFTER = UNTIL + HOUR


def test_the_time_of_what_was_given_first_takes_nothing_away_that_was_given_again(pair):
    from hilf.node import retention

    qm, qn = pair
    amend(qm, qn, retention_days=DAYS)
    entry = indicator(qm, "shared", Tlp.GREEN)
    qm.says(entry)
    send(qm, qn, [entry["id"]], NOW)
    retention.carry_out(qm.home(), NOW)
    retention.carry_out(qn.home(), NOW)
    part(qm, qn)
    agree(qm, qn, at=AGREED, onward="free", retention_days=3 * DAYS)
    send(qm, qn, [entry["id"]], AGAIN)
    for nation in (qm, qn):
        retention.carry_out(nation.home(), UNTIL)
    carry(qm, qn, UNTIL)
    assert entry["id"] in qn.objects(qm.node)
    given = [(each.stix_id, each.state) for each in retention.given(qm.home(), NOW, 100)]
    assert sorted(given) == sorted(
        (i, state) for i in (entry["id"], qm.author) for state in ("retracted", "kept")
    )


def test_what_went_here_by_our_own_clock_comes_back_with_a_new_act_only(pair):
    from hilf.node import effects, intake, retention
    from hilf.store.database import transaction

    qm, qn = pair
    amend(qm, qn, retention_days=DAYS)
    entry = indicator(qm, "shared", Tlp.GREEN)
    qm.says(entry)
    send(qm, qn, [entry["id"]], NOW)
    old = old_acts(qm, qn)
    retention.carry_out(qn.home(), UNTIL)
    assert qn.objects(qm.node) == {}
    home = qn.home()
    with transaction():
        assert {each.code for each in intake.take(home, old, UNTIL)} == {"intake.retracted"}
    retention.carry_out(qm.home(), UNTIL)
    carry(qm, qn, UNTIL)
    assert (
        qm.preview(qn, f"id:{entry['id']}", at=UNTIL).taken_back == 1
    )  # the agreement stands: an order gives it no more
    part(qm, qn, UNTIL + HOUR)
    agree(qm, qn, at=UNTIL + 2 * HOUR, onward="free")
    assert outcomes(send(qm, qn, [entry["id"]], UNTIL + 3 * HOUR)[1])[-1:] == [("applied", None)]
    assert entry["id"] in qn.objects(qm.node)


@pytest.mark.parametrize(
    ("made", "outcome"), [(UNTIL - HOUR, ("refused", "intake.retracted")), (AFTER, ("applied", None))]
)
def test_by_our_own_clock_alone_it_lapsed_when_its_time_was_over(pair, made, outcome):
    from hilf.node import retention
    from hilf.store import database
    from hilf.store.database import transaction

    qm, qn = pair
    amend(qm, qn, retention_days=DAYS)
    entry = indicator(qm, "shared", Tlp.GREEN)
    qm.says(entry)
    send(qm, qn, [entry["id"]], NOW)
    retention.carry_out(qn.home(), UNTIL)
    qm.home()
    with transaction():
        database.execute("UPDATE act SET state = 'retracted' WHERE outgoing AND kind = 'object'")
    assert outcomes(send(qm, qn, [entry["id"]], made)[1]) == [outcome] * 2
    assert (entry["id"] in qn.objects(qm.node)) is (made is AFTER)


@pytest.mark.parametrize("noticed", ["before the end", "after the end"])
def test_what_was_kept_at_the_end_and_went_in_time_goes_there_again_under_the_next_agreement(pair, noticed):
    from hilf.node import retention

    qm, qn = pair
    amend(qm, qn, retention_days=DAYS, at_end="keep")
    entry = indicator(qm, "shared", Tlp.GREEN)
    qm.says(entry)
    send(qm, qn, [entry["id"]], NOW)
    ended = UNTIL + HOUR if noticed == "before the end" else UNTIL - HOUR
    verbs = [lambda: retention.carry_out(qm.home(), UNTIL), lambda: part(qm, qn, ended)]
    for verb in verbs if noticed == "before the end" else reversed(verbs):
        verb()
    carry(qm, qn, UNTIL + HOUR)
    assert qn.objects(qm.node) == {}
    agree(qm, qn, at=UNTIL + 2 * HOUR, onward="free")
    settle(qm, UNTIL + 2 * HOUR)
    assert outcomes(send(qm, qn, [entry["id"]], UNTIL + 3 * HOUR)[1])[-1:] == [("applied", None)]
    assert entry["id"] in qn.objects(qm.node)


def test_a_redacted_form_goes_there_again_and_so_does_the_full_one(nations):
    from tests.node.test_redacted import held, left, report

    qm, qn, _ = nations
    made = report(qm)
    qm.says(made)
    assert send(qm, qn, [made["id"]], NOW)[0] == 2
    part(qm, qn)
    agree(qm, qn, at=AGREED, onward="free")
    assert outcomes(send(qm, qn, [made["id"]], AGAIN)[1])[-1:] == [("applied", None)]
    assert [(state, body) for state, body, _, _ in held(qn, made)] == [(4, None), (0, left(made))]


def test_what_one_partner_let_go_is_ours_again_when_another_gives_it_back(triangle):
    qm, qn, qo = triangle
    copy = back_up(qm)
    entry = indicator(qm, "shared", Tlp.CLEAR)
    qm.says(entry)
    for other in (qn, qo):
        send(qm, other, [entry["id"]], NOW)
    part(qm, qn)
    put_back(qm, copy)
    meet_again(qm, qn, AGREED)
    meet_again(qm, qo, AGREED)
    assert entry["id"] in qm.objects(qm.node)


@pytest.mark.parametrize("when", ["before the end", "after the end"])
@pytest.mark.parametrize("again", [False, True])
def test_a_sender_that_is_put_back_gives_again_what_it_took_back_and_takes_back_nothing_twice(
    shared, when, again
):
    qm, qn, ids = shared
    copies = {"before the end": back_up(qm, "1")}
    part(qm, qn)
    copies["after the end"] = back_up(qm, "2")
    agree(qm, qn, at=AGREED, onward="free")
    if again:
        send(qm, qn, ids, AGAIN)
    put_back(qm, copies[when])
    meet_until_done(qm, qn, LATER)
    settle(qm, LATER + 6 * HOUR)
    assert outcomes(send(qm, qn, ids, LATER + 7 * HOUR)[1]) == ([] if again else [("applied", None)] * 3)
    assert qn.objects(qm.node).keys() == qm.objects(qm.node).keys() == ids
