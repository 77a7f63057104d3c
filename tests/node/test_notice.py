"""Notices: who is told what, when, how often, and that nothing of the content goes along."""

import json
from datetime import timedelta

import pytest

from hilf.errors import CallerFault
from hilf.node import notice
from hilf.node.channels import Channels, Mail, Webhook
from hilf.store.federation import stream
from hilf.store.instant import microseconds
from tests.conftest import NOW
from tests.nations import Tlp, agreed_nations, indicator, made_nations, nations  # noqa: F401
from tests.receivers import hook, mail_server, program

HOUR = timedelta(hours=1)


@pytest.fixture
def qm(nations):  # noqa: F811
    """QM with a release to QN that waits for an approval."""
    qm, qn, _ = nations
    qm.says(indicator(qm, "a very secret name", Tlp.AMBER))
    qm.release(qn, officer="officer")
    qm.home()
    return qm


@pytest.fixture
def received(tmp_path):
    """A webhook that takes everything, and the channel to it."""
    with hook() as server:
        (tmp_path / "shared").write_text("shared\n")
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        server.channels = Channels(
            webhook=Webhook(url, tmp_path / "shared"), link="https://console.qm.example/"
        )
        yield server


def round_(nation, received, at=NOW):
    """One look and one delivery; what arrived by it, code by code."""
    before = len(received.posts)
    notice.look(nation.home(), received.channels, at)
    notice.deliver(received.channels, at)
    return [
        [(each["code"], each["count"]) for each in json.loads(body)["notices"]]
        for _, _, body in received.posts[before:]
    ]


WAITS = [[("status.release-waits", 1)]]


def test_what_waits_is_told_once_and_again_while_it_lasts(qm, received):
    assert round_(qm, received) == WAITS
    assert round_(qm, received, NOW + HOUR) == []
    assert round_(qm, received, NOW + 23 * HOUR) == []
    assert round_(qm, received, NOW + 24 * HOUR) == WAITS
    assert round_(qm, received, NOW + 25 * HOUR) == []


def test_another_thing_of_the_same_kind_is_told_by_itself(qm, nations, received):  # noqa: F811
    round_(qm, received)
    qm.says(indicator(qm, "another", Tlp.AMBER))
    qm.release(nations[1], officer="officer")
    assert round_(qm, received) == WAITS
    assert [(each.code, each.many) for each in notice.standing()] == [("status.release-waits", 1)] * 2


def test_what_is_over_is_told_no_more_and_counts_anew_later(qm, nations, received):  # noqa: F811
    from hilf.node import release
    from hilf.store.release import proposal

    round_(qm, received)
    (waiting,) = proposal.every()
    release.approve(qm.home(), waiting.release_id, qm.keys["amal"], NOW)
    assert round_(qm, received, NOW + 24 * HOUR) == []
    assert notice.standing() == ()


def test_nothing_of_what_it_is_about_is_told(qm, received):
    notice.look(qm.home(), received.channels, NOW)
    notice.deliver(received.channels, NOW)
    ((_, _, body),) = received.posts
    told = json.loads(body)
    assert told == {
        "type": "hilf-notice",
        "v": 1,
        "node": qm.node,
        "at": told["at"],
        "notices": [
            {
                "code": "status.release-waits",
                "count": 1,
                "since": told["at"],
                "text": "releases wait for an approval",
            }
        ],
        "link": "https://console.qm.example/",
    }
    assert all(word not in body.decode() for word in ("qn", "secret", "release--", "indicator"))


def test_the_mail_says_the_same(qm):
    with mail_server() as server:
        mail = Mail(
            ("duty@qm.example",), "node@qm.example", "127.0.0.1", server.server_address[1], "none", "", None
        )
        notice.look(qm.home(), Channels(mail=mail), NOW)
        assert notice.deliver(Channels(mail=mail), NOW) == (notice.Sent("mail", ""),)
    (text,) = server.mails
    assert f"Subject: [{qm.node}] releases wait for an approval" in text
    assert "Auto-Submitted: auto-generated" in text
    assert "qn" not in text
    assert "release--" not in text


def test_a_line_that_breaks_is_told_when_it_stays_broken(qm, received):
    qm.home()
    round_(qm, received)
    stream.went_wrong("cert.qn.example", "wire.unreachable", microseconds(NOW))
    assert round_(qm, received, NOW) == []
    assert round_(qm, received, NOW + timedelta(minutes=29)) == []
    assert round_(qm, received, NOW + timedelta(minutes=30)) == [[("status.peer-fails", 1)]]


def test_what_grows_is_told_before_its_time(qm, nations, received, tmp_path):  # noqa: F811
    qn = nations[1]
    names = (f"claimed {n}" for n in range(9))

    def quarantine(count):
        from hilf.node import intake
        from tests.stix_objects import bundle

        file = tmp_path / "claimed.json"
        file.write_bytes(bundle(*(indicator(qn, next(names), Tlp.GREEN) for _ in range(count))))
        intake.import_files(qm.home(), [str(file)], None, "test", NOW)

    round_(qm, received)
    quarantine(2)
    assert round_(qm, received) == [[("status.quarantine", 2)]]
    quarantine(1)
    assert round_(qm, received) == []
    quarantine(1)
    assert round_(qm, received) == [[("status.quarantine", 4)]]


def test_what_does_not_get_through_is_kept_and_tried_with_growing_pauses(qm, received):
    received.answer = 503
    notice.look(qm.home(), received.channels, NOW)
    tried, at = [], NOW
    for _ in range(150):
        if notice.deliver(received.channels, at):
            tried.append(int((at - NOW).total_seconds() // 60))
        at += timedelta(minutes=1)
    assert tried == [0, 1, 3, 7, 15, 31, 63, 123]
    (kept,) = notice.newest()
    assert (kept.state, kept.attempts, kept.error) == (
        "waiting",
        8,
        "The webhook did not take the message: it answered 503.",
    )
    received.answer = 200
    assert notice.deliver(received.channels, at + HOUR) == (notice.Sent("webhook", ""),)
    assert notice.deliver(received.channels, at + 9 * HOUR) == ()


def test_after_a_day_a_message_is_given_up(qm, received):
    received.answer = 503
    notice.look(qm.home(), received.channels, NOW)
    notice.deliver(received.channels, NOW + timedelta(days=1))
    assert [each.state for each in notice.newest()] == ["failed"]
    assert notice.deliver(received.channels, NOW + timedelta(days=2)) == ()


def test_one_way_that_fails_holds_up_no_other(qm, received, tmp_path):
    channels = Channels(command=(str(tmp_path / "none"),), webhook=received.channels.webhook)
    notice.look(qm.home(), channels, NOW)
    assert [(each.channel, bool(each.error)) for each in notice.deliver(channels, NOW)] == [
        ("command", True),
        ("webhook", False),
    ]
    assert len(received.posts) == 1


def test_without_a_way_nothing_waits_and_nobody_counts_as_told(qm, received):
    notice.look(qm.home(), Channels(), NOW)
    assert notice.newest() == ()
    assert [each.told for each in notice.standing()] == [None]
    assert round_(qm, received) == WAITS


def test_a_test_goes_every_way_at_once(qm, received, tmp_path):
    out = tmp_path / "out"
    made = program(tmp_path, f"open({str(out)!r}, 'w').write(message)")
    channels = Channels(command=(str(made),), webhook=received.channels.webhook)
    assert [each.error for each in notice.test(qm.home(), channels, NOW)] == ["", ""]
    assert json.loads(out.read_text())["notices"][0]["code"] == "notify.test"
    with pytest.raises(CallerFault) as refused:
        notice.test(qm.home(), Channels(), NOW)
    assert refused.value.code == "notify.no-channel"


def test_each_told_code_is_one_that_status_knows():
    import re
    from pathlib import Path

    source = Path(notice.__file__).parent
    known = {
        code
        for file in source.glob("*.py")
        if file.name != "notice.py"
        for code in re.findall(r'"(status\.[a-z-]+)"', file.read_text())
    }
    assert (
        sorted((set(notice.SENTENCES) | notice.QUIET | set(notice.PATIENCE)) - known - {"notify.test"}) == []
    )


def test_status_says_when_the_duty_officer_is_not_reached(qm, received):
    from hilf.node.status import status

    def said():
        return [each.what for each in status(qm.home(), NOW).warnings if each.code == "status.notice-fails"]

    notice.look(qm.home(), received.channels, NOW)
    assert said() == []
    received.answer = 503
    notice.deliver(received.channels, NOW)
    assert said() == ["1 message to the duty officer did not get through."]
    received.answer = 200
    notice.deliver(received.channels, NOW + HOUR)
    assert said() == []
