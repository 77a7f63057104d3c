from dataclasses import replace
from datetime import timedelta

import pytest

from hilf.canonical import timestamp
from hilf.markings.tlp import Tlp
from hilf.node import accord, draft, fresh, peer, proposal, release
from hilf.node.change import Change
from hilf.node.status import status
from hilf.store import database
from hilf.store.federation import inbox, outbox, stream
from hilf.store.federation import peer as peers
from hilf.store.instant import microseconds
from tests.conftest import NOW
from tests.nations import SECOND, agreed_nations, carry, indicator, made_nations, nations  # noqa: F401


def codes(remarks):
    return [remark.code for remark in remarks]


@pytest.fixture
def sound(two_officers):
    """A node about which nothing need be said."""
    for path in two_officers.root_keys.glob("*.pem"):
        path.unlink()
    return two_officers


def test_node_that_is_well_has_nothing_to_say(sound):
    found = status(sound, NOW)
    assert (found.faults, found.warnings, found.peers) == ((), (), ())
    assert (found.waiting, found.oldest_s, found.quarantined) == (0, 0, 0)


def test_new_node_is_told_what_to_do_first(home):
    assert codes(status(home, NOW).warnings) == ["status.root-keys-here", "status.too-few-officers"]


def test_single_officer_is_warned_of(two_officers):
    proposal.propose(two_officers, Change(officers_per_act=1), two_officers.root_keys, NOW)
    proposal.publish(two_officers, NOW)
    assert codes(status(two_officers, NOW).warnings) == ["status.root-keys-here", "status.single-officer"]


@pytest.mark.parametrize(("days", "expected"), [(304, []), (306, ["status.identity-expires"])])
def test_identity_that_expires_within_sixty_days_is_warned_of(sound, days, expected):
    assert codes(status(sound, NOW + timedelta(days=days)).warnings) == expected


def test_expired_identity_is_a_fault(sound):
    found = status(sound, NOW + timedelta(days=366))
    assert (codes(found.faults), found.warnings) == (["status.identity-expired"], ())


def test_open_proposal_is_warned_of(sound):
    proposal.propose(sound, Change(), sound.root_keys, NOW)
    assert codes(status(sound, NOW).warnings) == ["status.proposal-open"]


def test_address_that_partners_do_not_know_is_warned_of(sound):
    moved = replace(sound, gateway_url="https://gw.cert.qm.example:8443")
    assert codes(status(moved, NOW).warnings) == ["status.endpoint"]


@pytest.mark.parametrize("name", ["online.pem", "index.key", "tls.pem", "tls.crt"])
def test_missing_key_is_a_fault(sound, name):
    (sound.keys / name).unlink()
    assert codes(status(sound, NOW).faults) == ["home.key-missing"]


def test_online_key_that_stands_in_no_document_is_a_fault(sound):
    (sound.keys / "online.pem").write_bytes(fresh.key().to_pem())
    assert codes(status(sound, NOW).faults) == ["status.online-key"]


def test_certificate_that_stands_in_no_document_is_a_fault(sound, made_home):
    (sound.keys / "tls.crt").write_bytes(fresh.tls("127.0.0.1", NOW)[1])
    assert codes(status(sound, NOW).faults) == ["status.certificate"]


def test_peer_that_waits_for_people_is_warned_of(sound, qn):
    peer.add(sound, qn.card, NOW)
    assert codes(status(sound, NOW).warnings) == ["status.peer-waits"]


@pytest.fixture
def with_peer(sound, officer_keys, qn):
    """A sound node with one verified peer."""
    peer.add(sound, qn.card, NOW)
    for key in officer_keys.values():
        peer.verify(sound, qn.node, qn.fingerprint, key, NOW)
    return sound


def test_verified_peer_that_answers_needs_no_words(with_peer):
    assert status(with_peer, NOW).warnings == ()


def test_suspended_peer_is_warned_of_with_the_reason(with_peer, qn):
    with database.transaction():
        peer.stop(qn.node, "batch: chain", NOW)
    (warning,) = status(with_peer, NOW).warnings
    assert (warning.code, warning.what) == (
        "status.peer-suspended",
        "cert.qn.example is suspended: batch: chain.",
    )


def test_peer_that_fails_is_warned_of_with_what_waits_for_it(with_peer, qn):
    at = microseconds(NOW)
    with database.transaction():
        outbox.put(qn.node, [outbox.Waiting(b"1" * 32, "ping", at, b"{}", None)], None)
        stream.went_wrong(qn.node, "wire.unreachable", at)
        stream.went_wrong(qn.node, "wire.unreachable", at)
    found = status(with_peer, NOW + timedelta(seconds=90))
    assert (found.waiting, found.oldest_s) == (1, 90)
    (warning,) = found.warnings
    assert (warning.code, warning.what) == (
        "status.peer-fails",
        (
            "cert.qn.example was not reached 2 times in a row (wire.unreachable); "
            "1 acts wait for it, the oldest for 90 s."
        ),
    )


def test_what_a_partner_sent_and_nobody_acted_on_is_said(with_peer, qn):
    kinds = [
        ("retraction", "held"),
        ("retraction", "held"),
        ("retraction", "applied"),
        ("dance", "not-understood"),
    ]
    arrived = [
        inbox.Arrived(bytes([n]) * 32, kind, 1, state, None, n, b"{}", None)
        for n, (kind, state) in enumerate(kinds, 1)
    ]
    with database.transaction():
        inbox.remember(qn.node, 1, arrived)
    assert [(each.code, each.what) for each in status(with_peer, NOW).warnings] == [
        (
            "status.retractions-held",
            "2 retractions of cert.qn.example are held: there were too many in an hour without its officers.",
        ),
        ("status.not-understood", "1 acts of kind 'dance' from cert.qn.example are kept and not understood."),
    ]


def test_clocks_that_differ_are_said_to_differ(with_peer, qn):
    with database.transaction():
        stream.went_wrong(qn.node, "clock.differs", 0)
    assert codes(status(with_peer, NOW).warnings) == ["status.clock"]


def test_peer_whose_identity_expired_is_warned_of(with_peer, qn):
    warnings = status(with_peer, NOW + timedelta(days=366)).warnings
    assert codes(warnings) == ["status.peer-expired"]


def test_peer_row_holds_what_the_store_was_told(with_peer, qn):
    kept = peers.get(qn.node)
    assert (kept.state, kept.verified, kept.failures) == ("verified", microseconds(NOW), 0)


def test_a_peer_that_one_officer_verified_says_who_and_how_many_more_must(sound, officer_keys, qn):
    peer.add(sound, qn.card, NOW)
    name, key = next(iter(officer_keys.items()))
    peer.verify(sound, qn.node, qn.fingerprint, key, NOW)
    (warning,) = status(sound, NOW).warnings
    assert warning.what.endswith(f"nothing passes yet. {name} verified it; 1 more officer must.")
    (later,) = status(sound, NOW + timedelta(days=31)).warnings
    assert later.what.endswith("nothing passes yet.")


def waits(nation, at=NOW):
    """What waits for officers of a nation: (code, remedy)."""
    home = nation.home()
    return [
        (each.code, each.remedy)
        for each in status(home, at).warnings
        if each.code.endswith("-waits") and each.code != "status.peer-waits"
    ]


def test_a_draft_waits_for_us_and_a_proposal_for_who_may_sign_it_now(nations):  # noqa: F811
    qm, qn, _ = nations
    text = draft.from_template(qm.home(), [qn.node], NOW).life.accord
    accord_id = text.id
    sign = (
        f"Read it: hilf accord show {accord_id}. Sign it: hilf accord sign {accord_id} --as OFFICER "
        f"--text {text.hash[:16]}"
    )
    assert waits(qm) == [
        (
            "status.accord-waits",
            f"Read it: hilf accord show {accord_id}. Send it: hilf accord propose {accord_id}",
        )
    ]
    accord.propose(qm.home(), accord_id, NOW)
    carry(qm, qn)
    assert (waits(qm), waits(qn)) == ([], [("status.accord-waits", sign)])
    accord.sign(qn.home(), accord_id, qn.keys["officer"], NOW)
    assert "1 more officer of cert.qn.example" in status(qn.home(), NOW).warnings[-1].what
    accord.sign(qn.home(), accord_id, qn.keys[SECOND], NOW)
    carry(qn, qm)
    assert (waits(qm), waits(qn)) == ([("status.accord-waits", sign)], [])


def test_a_suspension_or_an_end_that_one_officer_signed_waits_for_the_second(nations):  # noqa: F811
    qm, _, _ = nations
    (shown,) = accord.every(qm.home(), NOW)
    accord_id = shown.life.accord.id
    accord.suspend(qm.home(), accord_id, qm.keys["officer"], NOW)
    suspend = f"Repeat it as another officer: hilf accord suspend {accord_id} --as OFFICER"
    assert waits(qm) == [("status.suspension-waits", suspend)]
    assert waits(qm, NOW + accord.NOTICE + timedelta(seconds=1)) == []
    accord.suspend(qm.home(), accord_id, qm.keys[SECOND], NOW)
    assert waits(qm) == []
    accord.end(qm.home(), accord_id, qm.keys[SECOND], NOW)
    assert [code for code, _ in waits(qm)] == ["status.end-waits"]


def test_a_release_waits_for_its_approval_until_it_has_it_or_is_dead(nations):  # noqa: F811
    qm, qn, _ = nations
    qm.says(indicator(qm, "a", Tlp.AMBER))
    released = qm.release(qn, "type:indicator", "officer")
    ((code, remedy),) = waits(qm)
    assert (code, remedy.split("Approve it: ")[1]) == (
        "status.release-waits",
        f"hilf release approve {released.release} --as OFFICER",
    )
    late = NOW + timedelta(days=8)
    ((_, dead),) = waits(qm, late)
    assert dead.startswith("Close it")
    assert release.approve(qm.home(), released.release, qm.keys[SECOND], late).state == "died"
    assert waits(qm, late) == []


def of_periods(nation, at):
    codes_ = {"status.accord-ends", "status.accord-review"}
    return [(each.code, each.what) for each in status(nation.home(), at).warnings if each.code in codes_]


def test_an_accord_that_is_over_soon_or_was_to_be_looked_at_is_said_until_all_signed_what_follows(nations):  # noqa: F811
    qm, qn, _ = nations
    (shown,) = accord.every(qm.home(), NOW)
    text = shown.life.accord
    day, reviewed = timedelta(days=1), text.review
    assert of_periods(qm, reviewed - day) == []
    review = f"{text.id} with {qn.node} was to be looked at again on {reviewed:%Y-%m-%d}."
    assert (
        of_periods(qm, reviewed) == of_periods(qm, reviewed + 29 * day) == [("status.accord-review", review)]
    )
    assert of_periods(qm, reviewed + 30 * day) == of_periods(qm, text.until - 31 * day) == []
    over = f"{text.id} with {qn.node} is over on {text.until:%Y-%m-%d %H:%M} UTC; what was shared under it is taken back then."
    assert of_periods(qm, text.until - 30 * day) == [("status.accord-ends", over)]
    assert of_periods(qm, text.until) == []
    later = {"until": timestamp(text.until + 400 * day), "review": timestamp(text.until + 200 * day)}
    draft.amendment(qm.home(), text.id, {**later, "at_end": "keep"}, NOW)
    accord.propose(qm.home(), text.id, NOW)
    carry(qm, qn)
    for officer in qn.keys.values():
        accord.sign(qn.home(), text.id, officer, NOW)
    assert of_periods(qn, text.until - day) != []
    carry(qn, qm)
    for officer in qm.keys.values():
        accord.sign(qm.home(), text.id, officer, NOW)
    assert of_periods(qm, text.until - day) == []
