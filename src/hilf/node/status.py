"""How the node is: what stops it (faults), what people should do soon (warnings), and how it goes with each peer.

Decides what is worth saying, from keys on disk, our identity, peers, and what waits in the database. Nothing is
changed here.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from hilf.errors import HilfError
from hilf.federation.outcome import Outcome
from hilf.federation.peer import PeerState
from hilf.node import consent, history, identity, incident, order, reconciled
from hilf.node.awaited import Remark, awaited
from hilf.node.home import Home, index_key, online_key, read_secret
from hilf.node.peer_list import Listed, listed
from hilf.node.proposal import FILE
from hilf.seal import certificate
from hilf.seal.identity import Document, Identity
from hilf.store.federation import inbox, retraction
from hilf.store.intelligence import fulltext, read
from hilf.store.notice import delivery

SOON: Final = timedelta(days=60)
"""How long before it expires an identity is worth a warning: root keys must be brought from where they lie."""

PARTNER_SOON: Final = timedelta(days=30)
"""How long before it expires a partner's identity is worth a warning."""

OLD_KEY: Final = timedelta(days=400)
"""After how long an online key is worth replacing: no identity document lives longer either (protocol.md 1)."""

MOST_CHANGES: Final = 5
"""Changes of a partner's identity that one line tells."""

FULL_TEXT_LAG: Final = 10_000
"""Objects that may wait for full text before it is said: one round of the worker."""

LEAST_FREE_BYTES: Final = 1024**3
"""Below this a large import may not fit."""


LATER: Final = {
    "answer.later": "it asks this node to send later",
    "reconcile.too-often": "the streams differ again within the hour, and are not compared before it is over",
}
"""Why a partner is not called before a time, where nothing is wrong with the line."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the node is.

    Attributes:
        waiting: acts that no partner has signed for yet.
        oldest_s: how long the oldest of them has waited, in seconds.
        quarantined: objects that wait for a person.
        without_text: objects that full text does not find yet.
        faults: what stops the node; empty means that it can work.
        warnings: what people should do.
    """

    identity: Identity
    peers: tuple[Listed, ...]
    waiting: int
    oldest_s: int
    quarantined: int
    without_text: int
    faults: tuple[Remark, ...]
    warnings: tuple[Remark, ...]


def status(home: Home, now: datetime) -> Status:
    """How the node is now."""
    own = identity.own(home)
    peers = listed(home, now)
    quarantined = read.count_quarantined()
    without_text = fulltext.waiting()
    warnings = (
        *_of_identity(home, own.newest, now),
        *_of_officers(home, own.newest),
        *incident.remarks(now),
        *awaited(home, now),
        *consent.remarks(home, now),
        *order.remarks(home, now),
        *(
            remark
            for each in peers
            for remark in (
                *_of_peer(each, own.newest, now),
                *_of_acts(each.node),
                *reconciled.remarks(each.node, now),
            )
        ),
        *_of_objects(quarantined, without_text),
        *_of_notices(),
        *_of_disk(home.path),
    )
    return Status(
        identity=own,
        peers=peers,
        waiting=sum(each.waiting for each in peers),
        oldest_s=max((each.lag_s for each in peers), default=0),
        quarantined=quarantined,
        without_text=without_text,
        faults=tuple(_faults(home, own.newest, now)),
        warnings=warnings,
    )


def _faults(home: Home, newest: Document, now: datetime) -> Iterator[Remark]:
    if now > newest.expires:
        yield Remark(
            "status.identity-expired",
            f"Our identity expired on {newest.expires:%Y-%m-%d}: every partner refuses us.",
            "Renew it with root keys: hilf identity propose --root-keys DIR, then hilf identity publish",
        )
    try:
        index_key(home)
        read_secret(home.keys / "tls.pem")
        if online_key(home).kid not in newest.sign:
            yield Remark(
                "status.online-key",
                "The online key in this home does not stand in our identity: partners refuse what it signs.",
                "Finish the change (hilf identity publish), or restore HOME/keys.",
            )
        if certificate.pin(read_secret(home.keys / "tls.crt")) not in newest.tls_sha256:
            yield Remark(
                "status.certificate",
                "The gateway's certificate does not stand in our identity: partners cannot connect.",
                "Finish the change (hilf identity publish), or restore HOME/keys.",
            )
    except HilfError as error:
        yield Remark(error.code, error.what, error.remedy)


def _of_identity(home: Home, newest: Document, now: datetime) -> Iterator[Remark]:
    left = newest.expires - now
    if timedelta(0) <= left < SOON:
        yield Remark(
            "status.identity-expires",
            f"Our identity expires on {newest.expires:%Y-%m-%d}, in {left.days} days.",
            "Renew it with root keys: hilf identity propose --root-keys DIR, then hilf identity publish",
        )
    since = _in_use_since(home)
    if since is not None and now - since > OLD_KEY:
        yield Remark(
            "status.online-key-old",
            f"The online key has been in use since {since:%Y-%m-%d}.",
            "Replace it: hilf identity propose --new-online-key, publish, sync; then hilf identity propose --retire",
        )
    if home.gateway_url not in newest.endpoints:
        yield Remark(
            "status.endpoint",
            f"Partners look for us at {', '.join(newest.endpoints)}; the settings say {home.gateway_url}.",
            "Tell them with the next document: hilf identity propose, then hilf identity publish",
        )
    if (home.path / FILE).exists():
        yield Remark(
            "status.proposal-open",
            f"A change of our identity is not finished: {home.path / FILE}.",
            "hilf identity sign, then hilf identity publish; or hilf identity propose --discard",
        )
    if any(home.root_keys.glob("*.pem")):
        yield Remark(
            "status.root-keys-here",
            f"Root keys lie in {home.root_keys}: who takes over this machine takes over the node's name.",
            f"Carry them away as {home.root_keys / 'README.txt'} says.",
        )


def _in_use_since(home: Home) -> datetime | None:
    """When the online key in this home was first listed; None where it is missing or in no document."""
    try:
        kid = online_key(home).kid
    except HilfError:
        return None  # a fault, said beside
    return next((each.issued for each in identity.own(home).chain if kid in each.sign), None)


def _of_officers(home: Home, newest: Document) -> Iterator[Remark]:
    if newest.officers_per_act == 1:
        yield Remark(
            "status.single-officer",
            "One officer alone can sign what should take two (--single-officer); every partner sees it.",
            "Outside of a laboratory: hilf officer add NAME, then hilf identity propose --officers-per-act 2",
        )
    if len(newest.officers) < newest.officers_per_act:
        yield Remark(
            "status.too-few-officers",
            f"Acts need {newest.officers_per_act} officers, and {home.node} has {len(newest.officers)}.",
            "Add one: hilf officer add NAME",
        )


def _of_peer(each: Listed, ours: Document, now: datetime) -> Iterator[Remark]:
    yield from _of_trust(each, ours)
    yield from _of_line(each)
    yield from _of_claims(each, now)


def _of_trust(each: Listed, ours: Document) -> Iterator[Remark]:
    """What keeps a partner from being exchanged with."""
    if each.state is PeerState.INTRODUCED:
        yield Remark(
            "status.peer-waits",
            f"{each.node} is introduced, not verified: nothing passes yet.{_half(each, ours)}",
            f"Compare fingerprints by voice: hilf peer verify {each.node} --fingerprint … --as OFFICER",
        )
    if each.state is PeerState.SUSPENDED:
        yield Remark(
            "status.peer-suspended",
            f"{each.node} is suspended: {each.reason}.{_half(each, ours)}",
            f"Find out with the partner what happened, then: hilf peer resume {each.node} --fingerprint …",
        )


def _of_line(each: Listed) -> Iterator[Remark]:
    """Why a partner is not reached."""
    if each.last_error == "clock.differs":
        yield Remark(
            "status.clock",
            f"The clocks of this node and {each.node} differ by more than signatures allow.",
            "Compare both with UTC, and mend the one that is off (chrony, ntpd).",
        )
    elif each.last_error in LATER:
        yield Remark(
            "status.peer-asks-to-wait",
            f"{each.node}: {LATER[each.last_error]}; {each.waiting} acts wait for it.",
            f"It goes on by itself. If it lasts, speak with the partner: hilf peer quota {each.node} shows our side.",
        )
    elif each.failures:
        times = "time" if each.failures == 1 else "times"
        yield Remark(
            "status.peer-fails",
            f"{each.node} was not reached {each.failures} {times} in a row ({each.last_error}); "
            f"{each.waiting} acts wait for it, the oldest for {each.lag_s} s.",
            f"It is tried again by itself. To see why: hilf sync {each.node}",
        )


def _of_claims(each: Listed, now: datetime) -> Iterator[Remark]:
    """What a partner's identity says that a person should see."""
    if each.unseen:
        yield _changed(each)
    for stix_id in each.stix_identities_waiting:
        yield Remark(
            "status.stix-identity-waits",
            f"{each.node} says that it is {stix_id}; what comes in that name is nobody's until officers verified it.",
            f"Ask {each.node}, then: hilf peer verify {each.node} --stix-identity {stix_id} --as OFFICER",
        )
    if timedelta(0) <= each.expires - now < PARTNER_SOON:
        yield Remark(
            "status.peer-expires",
            f"The identity of {each.node} expires on {each.expires:%Y-%m-%d}: then it is refused until the next comes.",
            f"Remind {each.node}: it needs its root keys for hilf identity propose.",
        )
    if now > each.expires:
        yield Remark(
            "status.peer-expired",
            f"The identity of {each.node} expired on {each.expires:%Y-%m-%d}: it is refused.",
            "Ask for its present card, then: hilf peer add FILE",
        )


def _changed(each: Listed) -> Remark:
    """What newer documents of a partner changed, until a person has looked at them."""
    found = [change for step in history.changed(each.node) for change in step.changes]
    found.sort(key=lambda change: not change.warns)
    warning = " Beware:" if any(change.warns for change in found) else ""
    texts = "; ".join(change.text for change in found[:MOST_CHANGES])
    more = f"; and {len(found) - MOST_CHANGES} more" if len(found) > MOST_CHANGES else ""
    return Remark(
        "status.identity-changed",
        f"The identity of {each.node} changed.{warning} {texts or 'It was renewed'}{more}.",
        f"Read it: hilf peer show {each.node}. When you have: hilf peer seen {each.node}",
    )


def _half(each: Listed, ours: Document) -> str:
    """Who of our officers has verified it already, where not enough have."""
    if not each.verified_by:
        return ""
    missing = max(1, ours.officers_per_act - len(each.verified_by))
    officers = "officer" if missing == 1 else "officers"
    return f" {', '.join(each.verified_by)} verified it; {missing} more {officers} must."


def _of_acts(node: str) -> Iterator[Remark]:
    """What a partner sent that waits for a person, or that nothing here acts on (protocol.md 3, 5)."""
    held = retraction.count_held(node)
    if held:
        yield Remark(
            "status.retractions-held",
            f"{held} retractions of {node} are held: there were too many in an hour without its officers.",
            f"Ask the partner whether it meant them, then: hilf retract accept {node}, or: hilf retract refuse {node}",
        )
    for kind, count in inbox.count_of(node, Outcome.NOT_UNDERSTOOD).items():
        yield Remark(
            "status.not-understood",
            f"{count} acts of kind {kind!r} from {node} are kept and not understood.",
            "A newer version of hilf may understand them.",
        )


def _of_objects(quarantined: int, without_text: int) -> Iterator[Remark]:
    if quarantined:
        yield Remark(
            "status.quarantine",
            f"{quarantined} objects are quarantined and wait for a person.",
            "See why, and decide: hilf quarantine list",
        )
    if without_text > FULL_TEXT_LAG:
        yield Remark(
            "status.full-text",
            f"{without_text} objects are not found by their text yet.",
            "The worker fills it in: hilf worker, or hilf serve",
        )


def _of_notices() -> Iterator[Remark]:
    failing = delivery.failing()
    if failing:
        messages = "message" if failing == 1 else "messages"
        yield Remark(
            "status.notice-fails",
            f"{failing} {messages} to the duty officer did not get through.",
            "See why: hilf notify list. Mend the settings, then: hilf notify test",
        )


def _of_disk(path: Path) -> Iterator[Remark]:
    free = shutil.disk_usage(path).free
    if free < LEAST_FREE_BYTES:
        yield Remark("status.disk", f"{free // 1024**2} MiB are free on the disk of {path}.", "Make room.")
