"""Notices: what a person of this nation should look at now, told outside of the node, without content.

Decides what is worth a message, when it is told again, and when a message that did not get through is tried again. What lasts is
what `hilf status` warns of. A message holds codes, counts and how long it lasts, our own node's name and a link: no name of a
partner, no object, no text of one, since mail, SMS and pagers are read by others.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final

import orjson

from hilf.canonical import timestamp
from hilf.errors import CallerFault, HilfError, OperatorFault
from hilf.node.awaited import Remark
from hilf.node.channels import Channels, Mail
from hilf.node.home import Home
from hilf.node.status import Status, status
from hilf.store.database import transaction
from hilf.store.instant import microseconds, moment
from hilf.store.notice import delivery, event
from hilf.store.notice.delivery import FAILED, SENT, WAITING, KeptDelivery
from hilf.store.notice.event import KeptEvent
from hilf.wire import mail, program, webhook

SENTENCES: Final[Mapping[str, str]] = {
    "status.release-waits": "releases wait for an approval",
    "status.accord-waits": "agreements wait for a signature",
    "status.accord-rivals": "texts of agreements keep each other from being signed",
    "status.accord-ends": "agreements are over soon",
    "status.accord-stopped": "agreements were suspended, ended or left by partners",
    "status.suspension-waits": "suspensions wait for another officer",
    "status.end-waits": "ends of agreements wait for another officer",
    "status.consent-asked": "questions for consent wait for an answer",
    "status.consent-answered": "partners have answered on consent",
    "status.consent-late": "answers on consent are late, or their time runs out",
    "status.order-waits": "standing orders wait for an approval",
    "status.order-died": "standing orders have died",
    "status.order-leaves": "standing orders leave objects to a person",
    "status.peer-waits": "partners wait to be verified",
    "status.peer-asks-to-wait": "partners ask us to wait",
    "status.identity-changed": "identities of partners have changed",
    "status.stix-identity-waits": "names of partners wait to be verified",
    "status.reconciling": "streams are being reconciled",
    "status.partner-holds": "partners hold what this node has lost",
    "status.peer-fails": "partners cannot be reached",
    "status.peer-suspended": "partners are suspended",
    "status.peer-expires": "identities of partners expire soon",
    "status.peer-expired": "identities of partners have expired",
    "status.clock": "clocks differ from a partner's",
    "status.quarantine": "objects wait in quarantine",
    "status.retractions-held": "partners have retractions that are held",
    "status.identity-expires": "our identity expires soon",
    "status.identity-expired": "our identity has expired",
    "status.online-key-old": "the online key is old",
    "status.online-key": "the online key is not in our identity",
    "status.certificate": "the certificate is not in our identity",
    "status.last-copies-gone": "objects have no copy left anywhere",
    "status.restored": "the node was restored and compares with partners",
    "status.was-restored": "the node was restored",
    "status.disk": "the disk fills up",
    "notify.test": "this is a test",
}
"""What each code means, for people who read the message on a telephone; every other code is named as it is."""

QUIET: Final = frozenset(
    {
        "status.full-text", "status.endpoint", "status.proposal-open", "status.root-keys-here", "status.single-officer",
        "status.accord-review", "status.too-few-officers", "status.not-understood", "status.notice-fails", "status.reconciled",
    }
)  # fmt: skip
"""Warnings that wait until somebody looks by himself."""

PATIENCE: Final[Mapping[str, timedelta]] = {
    "status.peer-fails": timedelta(minutes=30),
    "status.clock": timedelta(minutes=30),
    "status.peer-asks-to-wait": timedelta(minutes=30),
    "status.reconciling": timedelta(minutes=30),
}
"""How long something must last before it is told: most lines that break come back by themselves."""

LOOK_S: Final = 60.0
"""How often the worker looks what lasts."""

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVEN_UP: Final = timedelta(days=1)
"""After which a message is given up; what lasts is told anew by then."""

REMEMBERED: Final = timedelta(hours=1)
"""How long something that is over counts as the same when it comes back."""

GATHERED: Final = frozenset({"status.consent-asked", "status.consent-answered", "status.consent-late"})
GATHERING: Final = timedelta(hours=1)
"""How long more of the same partner and hour is gathered before it is told: a partner that asks much rings no bell each time."""

KEPT: Final = timedelta(days=30)
GROWN: Final = 2
"""Told again at once where there is so many times as much of it."""

_TRY: Final = timedelta(minutes=5)
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one message on one channel; `error` is empty where it went."""

    channel: str
    error: str


def look(home: Home, channels: Channels, now: datetime) -> int:
    """Note what lasts, and let one message wait on every channel for what a person was not told; of how many events."""
    at = microseconds(now)
    with transaction():
        event.hold()
        seen = _seen(status(home, now), at)
        held = {each.key: each for each in event.every()}
        events = [_merged(each, held.get(each.key)) for each in seen]
        due = [each for each in events if _is_due(each, channels, now)] if channels.names else []
        told = {each.key for each in due}
        event.put(
            each._replace(told=at, told_count=each.many) if each.key in told else each for each in events
        )
        over = held.keys() - {each.key for each in events}
        event.put(held[key]._replace(standing=False) for key in over)
        event.forget(microseconds(now - REMEMBERED))
        if due:
            delivery.put(at, channels.names, message(home, channels, due, now))
        delivery.forget(microseconds(now - KEPT))
    return len(due)


def deliver(channels: Channels, now: datetime) -> tuple[Sent, ...]:
    """Send what waits and is due; what does not go is kept, and tried again after growing pauses."""
    done = []
    for each in delivery.due(microseconds(now)):
        with transaction():
            if not delivery.claim(each.id, microseconds(now), microseconds(now + _TRY)):
                continue
        error = _tried(channels, each, now)
        with transaction():
            delivery.settle(each.id, *_next(each, error, now), error or None)
        done.append(Sent(each.channel, error))
    return tuple(done)


def test(home: Home, channels: Channels, now: datetime) -> tuple[Sent, ...]:
    """Send a message that says that it is a test, on every channel, at once.

    Raises:
        CallerFault: "notify.no-channel".
    """
    if not channels.names:
        raise CallerFault(
            "notify.no-channel",
            "No way to the duty officer is set.",
            "The settings name neither a mail address, nor a command, nor a webhook.",
            f'Set one below [notify] in {home.path / "hilf.toml"}, for example: command = ["PROGRAM"]',
        )
    at = microseconds(now)
    text = message(home, channels, [KeptEvent("", "notify.test", 1, at, at, True, at, 1)], now)
    return tuple(
        Sent(name, _tried(channels, KeptDelivery(0, at, name, text, WAITING, 0, at, None, None), now))
        for name in channels.names
    )


def standing() -> tuple[KeptEvent, ...]:
    """What lasts, as the worker saw it last."""
    return tuple(each for each in event.every() if each.standing)


def newest() -> tuple[KeptDelivery, ...]:
    """The last messages with what became of them, the newest first."""
    return delivery.newest(_SHOWN)


def message(home: Home, channels: Channels, events: Iterable[KeptEvent], now: datetime) -> str:
    """The message as JSON: codes and counts, and nothing that the events are about."""
    counts: Counter[str] = Counter()
    since: dict[str, int] = {}
    for each in events:
        counts[each.code] += each.many
        since[each.code] = min(since.get(each.code, each.first_seen), each.first_seen)
    return orjson.dumps(
        {
            "type": "hilf-notice",
            "v": 1,
            "node": home.node,
            "at": timestamp(now),
            "notices": [
                {
                    "code": code,
                    "count": count,
                    "since": timestamp(moment(since[code])),
                    "text": SENTENCES.get(code, "see hilf status"),
                }
                for code, count in counts.items()
            ],
            "link": channels.link,
        }
    ).decode()


def mail_of(settings: Mail, text: str, now: datetime) -> EmailMessage:
    """The message as mail."""
    told = orjson.loads(text)
    lines = [
        f"{each['count']} · {each['text']} [{each['code']}], since {each['since']}"
        for each in told["notices"]
    ]
    made = EmailMessage()
    made["From"], made["To"] = settings.sender, ", ".join(settings.to)
    made["Subject"] = f"[{told['node']}] {', '.join(each['text'] for each in told['notices'][:3])}"
    made["Date"], made["Auto-Submitted"] = format_datetime(now), "auto-generated"
    look_at = told["link"] or f"On the node: hilf status ({told['node']})"
    made.set_content("\n".join([*lines, "", look_at]) + "\n")
    return made


def _seen(found: Status, at: int) -> list[KeptEvent]:
    """What lasts now, one event for each thing: what it is about is told apart by its group, or by what there is to do."""
    counts = Counter(_key(each) for each in (*found.faults, *found.warnings) if each.code not in QUIET)
    codes = {_key(each): each.code for each in (*found.faults, *found.warnings)}
    amounts = {"status.quarantine": found.quarantined}
    return [
        KeptEvent(key, codes[key], amounts.get(codes[key], count), at, at, True, None, 0)
        for key, count in counts.items()
    ]


def _key(remark: Remark) -> str:
    return hashlib.sha256(f"{remark.code}\0{remark.group or remark.remedy}".encode()).hexdigest()


def _merged(seen: KeptEvent, held: KeptEvent | None) -> KeptEvent:
    if held is None:
        return seen
    return seen._replace(first_seen=held.first_seen, told=held.told, told_count=held.told_count)


def _is_due(each: KeptEvent, channels: Channels, now: datetime) -> bool:
    if each.told is None:
        return now - moment(each.first_seen) >= PATIENCE.get(each.code, timedelta(0))
    passed = now - moment(each.told)
    if each.code in GATHERED and each.many > each.told_count:
        return passed >= GATHERING
    return passed >= timedelta(hours=channels.repeat_hours) or each.many >= GROWN * each.told_count


def _next(each: KeptDelivery, error: str, now: datetime) -> tuple[str, int]:
    """The state of a message after a try, and when that was or when it is tried again."""
    if not error:
        return SENT, microseconds(now)
    if now - moment(each.at) >= GIVEN_UP:
        return FAILED, microseconds(now)
    pause = min(FIRST_PAUSE * 2 ** min(each.attempts, 10), LONGEST_PAUSE)
    return WAITING, microseconds(now + pause)


def _tried(channels: Channels, each: KeptDelivery, now: datetime) -> str:
    """Send one message; what went wrong, or nothing."""
    try:
        _send(channels, each, now)
    except HilfError as error:
        return error.what
    return ""


def _send(channels: Channels, each: KeptDelivery, now: datetime) -> None:
    body = each.message.encode()
    if each.channel == "mail" and channels.mail is not None:
        to = channels.mail
        password = _secret(to.password_file) if to.password_file and to.user else ""
        server = mail.Server(to.host, to.port, to.tls, to.user, password)
        mail.send(server, mail_of(to, each.message, now), to.to)
    elif each.channel == "command" and channels.command:
        program.run(channels.command, body)
    elif each.channel == "webhook" and channels.webhook is not None:
        file = channels.webhook.secret_file
        secret = _secret(file).encode() if file else None
        webhook.post(channels.webhook.url, body, secret, int(now.timestamp()))
    else:
        raise OperatorFault("notify.channel-gone", f"No {each.channel} is set any more.", "", "Set it again.")


def _secret(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise OperatorFault(
            "notify.secret-file",
            f"The file of a secret cannot be read: {why}.",
            "notify_smtp_password_file or notify_webhook_key_file names it.",
            "Mend the setting, then: hilf notify test",
        ) from error
