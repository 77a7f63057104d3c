"""`hilf notify`: messages to the duty officer, outside of the node, without content (faces.md 2)."""

from typing import TYPE_CHECKING

import click

from hilf.canonical import Json, timestamp
from hilf.cli.face import Face, command, example

if TYPE_CHECKING:
    from hilf.store.notice.delivery import KeptDelivery
    from hilf.store.notice.event import KeptEvent


@click.group(epilog=example("hilf notify test", "hilf notify list"))
def notify() -> None:
    """Tell the duty officer by mail, a command or a webhook, without content.

    Where to: below [notify] in HOME/hilf.toml, see hilf settings check. The worker sends.
    """


@notify.command(epilog=example("hilf notify test"))
@command
def test(face: Face) -> None:
    """Send a test on every channel that is set. Exit code 3 when one does not take it."""
    home = face.open()
    from hilf.node import notice
    from hilf.node.home import now
    from hilf.settings import channels_of_home

    sent = notice.test(home, channels_of_home(home.path), now())
    face.say(*(f"{each.channel}: {each.error or 'sent'}" for each in sent))
    face.finish(
        {
            "sent": [
                {"channel": each.channel, "ok": not each.error, "error": each.error or None} for each in sent
            ]
        }
    )
    if any(each.error for each in sent):
        raise SystemExit(3)


@notify.command("list", epilog=example("hilf notify list --json"))
@command
def list_(face: Face) -> None:
    """What lasts and was told, and what became of the last messages."""
    home = face.open()
    from hilf.node import notice
    from hilf.settings import channels_of_home

    channels = channels_of_home(home.path).names
    standing, newest = notice.standing(), notice.newest()
    face.say(f"Channels: {', '.join(channels) or 'none is set; below [notify] in hilf.toml'}.")
    face.table(
        ("what lasts", "count", "since", "told"),
        [
            (each.code, each.many, _shown(each.first_seen), _shown(each.told) if each.told else "not yet")
            for each in standing
        ],
        "Nothing lasts that the duty officer should know.",
    )
    face.table(
        ("message of", "by", "is", "tries", "error"),
        [(_shown(each.at), each.channel, each.state, each.attempts, each.error or "") for each in newest],
        "No message was sent yet. Try it: hilf notify test",
    )
    events: list[Json] = [_event_json(each) for each in standing]
    messages: list[Json] = [_message_json(each) for each in newest]
    face.finish({"channels": list(channels), "standing": events, "messages": messages})


def _shown(microseconds: int) -> str:
    from hilf.store.instant import moment  # late, so that --help needs no database

    return f"{moment(microseconds):%Y-%m-%d %H:%M} UTC"


def _event_json(each: "KeptEvent") -> dict[str, Json]:
    from hilf.store.instant import moment  # late, so that --help needs no database

    return {
        "code": each.code,
        "count": each.many,
        "since": timestamp(moment(each.first_seen)),
        "told": timestamp(moment(each.told)) if each.told else None,
    }


def _message_json(each: "KeptDelivery") -> dict[str, Json]:
    from hilf.store.instant import moment  # late, so that --help needs no database

    return {
        "at": timestamp(moment(each.at)),
        "channel": each.channel,
        "state": each.state,
        "attempts": each.attempts,
        "next_try": timestamp(moment(each.next_try)) if each.state == "waiting" else None,
        "error": each.error,
    }
