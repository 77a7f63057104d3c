"""Quotas: what one partner may use of this node in an hour, and of its disk; beyond it the answer is 429 (protocol.md 4).

Decides which limit counts: the settings of this node, made tighter or wider for one peer by a person (`hilf peer quota`),
and made tighter, never wider, by the accords in force with it. What it used in this hour is counted beside.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final

from hilf.errors import CallerFault
from hilf.node import life, peer
from hilf.node.door import Problem
from hilf.node.home import Home
from hilf.store.database import transaction
from hilf.store.federation import inbox
from hilf.store.federation import quota as store
from hilf.store.federation.quota import KeptQuota

TOO_MUCH: Final = 429
COUNTERS: Final = "inbox "
DISK: Final = "disk "
ATTEMPTS: Final = 12
"""Reconciliations that may begin for each that may end: links break."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What one peer may use.

    Attributes:
        acts: sent in an hour.
        unpacked_bytes: sent, or asked for in reconciling, in an hour.
        processor_s: of this node, in an hour.
        disk_bytes: what all that it sent occupies here; None for no limit.
        reconciles: reconciliations in an hour.
    """

    acts: int = 10_000_000
    unpacked_bytes: int = 20 * 2**30
    processor_s: int = 1800
    disk_bytes: int | None = None
    reconciles: int = 1


def of(home: Home, node: str, usual: Quota, now: datetime) -> Quota:
    """The limits that count for one peer now: the settings, or what a person set for it, and never more than an accord says.

    Args:
        home: of this node.
        node: the peer.
        usual: as the settings say.
        now: aware UTC.
    """
    allowed = _set(node, usual)
    for held in life.in_force_with(home, node, now):
        agreed = held.accord.quotas
        allowed = replace(
            allowed,
            acts=min(allowed.acts, agreed.get("acts_per_hour", allowed.acts)),
            unpacked_bytes=min(allowed.unpacked_bytes, agreed.get("bytes_per_hour", allowed.unpacked_bytes)),
            disk_bytes=_least(allowed.disk_bytes, agreed.get("disk_bytes")),
        )
    return allowed


def _least(mine: int | None, agreed: int | None) -> int | None:
    return min((each for each in (mine, agreed) if each is not None), default=None)


def _set(node: str, usual: Quota) -> Quota:
    own = store.get(node)
    if own is not None:
        usual = Quota(
            usual.acts if own.acts_per_hour is None else own.acts_per_hour,
            usual.unpacked_bytes if own.bytes_per_hour is None else own.bytes_per_hour,
            usual.processor_s if own.processor_s_per_hour is None else own.processor_s_per_hour,
            usual.disk_bytes if own.disk_bytes is None else own.disk_bytes,
            usual.reconciles if own.reconciles_per_hour is None else own.reconciles_per_hour,
        )
    return usual


def count(node: str, what: str, amount: int, now: datetime) -> int:
    """Count what a peer used, in the caller's transaction; all of it in this hour."""
    return inbox.count(_counter(node, what, now), amount)


def check(node: str, allowed: Quota, now: datetime) -> None:
    """Pass while a peer may still use this node in this hour, in the caller's transaction.

    Raises:
        Problem: 429 "peer.quota", "peer.disk".
    """
    if allowed.disk_bytes is not None and disk(node) >= allowed.disk_bytes:
        raise Problem(TOO_MUCH, "peer.disk", retry_after_s=3600)
    over = (
        count(node, "acts", 0, now) > allowed.acts,
        count(node, "bytes", 0, now) > allowed.unpacked_bytes,
        count(node, "processor", 0, now) > allowed.processor_s * 1000,
    )
    if any(over):
        raise Problem(TOO_MUCH, "peer.quota", retry_after_s=rest_of_hour_s(now))


def check_processor(node: str, allowed: Quota, now: datetime) -> None:
    """Pass while a peer has processor time left in this hour; nothing is written or held for the question.

    Raises:
        Problem: 429 "peer.quota".
    """
    if inbox.counts([_counter(node, "processor", now)])[0] > allowed.processor_s * 1000:
        raise Problem(TOO_MUCH, "peer.quota", retry_after_s=rest_of_hour_s(now))


def disk(node: str) -> int:
    """Bytes that all that a peer sent occupies here, in the caller's transaction: counted once, then with each batch."""
    found = inbox.beginning_with(DISK + node)
    if node in found:
        return found[node]
    return inbox.count(DISK + node, store.occupied_by_all().get(node, 0))


def occupy(node: str, size_bytes: int) -> None:
    """Count what came of a peer to stay, in the caller's transaction."""
    if inbox.counts([DISK + node])[0]:  # else it is counted when it is asked for the first time
        inbox.count(DISK + node, size_bytes)


def recount() -> None:
    """Count anew what peers occupy, in the caller's transaction: something may have been erased. Reads every row."""
    found = store.occupied_by_all()
    for node, had in inbox.beginning_with(DISK).items():
        inbox.count(DISK + node, found.get(node, 0) - had)


def check_reconcile(node: str, allowed: Quota, now: datetime) -> None:
    """Pass while a peer may still begin to reconcile in this hour, and count that it does, in the caller's transaction.

    Raises:
        Problem: 429 "reconcile.too-often".
    """
    ended = count(node, "reconcile", 0, now)
    if ended >= allowed.reconciles or count(node, "begun", 1, now) > allowed.reconciles * ATTEMPTS:
        raise Problem(TOO_MUCH, "reconcile.too-often", retry_after_s=rest_of_hour_s(now))


def rest_of_hour_s(now: datetime) -> int:
    """Seconds until the hour is over, in which a peer used what it may."""
    return 3600 - now.minute * 60 - now.second


def forget(now: datetime) -> None:
    """Forget what peers used in hours that are over, in the caller's transaction."""
    inbox.forget_counts(COUNTERS, f"{COUNTERS}{now:%Y-%m-%dT%H}")


def _counter(node: str, what: str, now: datetime) -> str:
    return f"{COUNTERS}{now:%Y-%m-%dT%H} {what} {node}"


def put(home: Home, node: str, change: KeptQuota) -> KeptQuota:  # noqa: ARG001  # every verb takes its home
    """Set what one peer may use, where it differs from the settings; what is left out stays. What counts from now on.

    Raises:
        Refusal: "peer.unknown".
        CallerFault: "quota.negative".
    """
    peer.check_known(node)
    given = {name: value for name, value in asdict(change).items() if value is not None}
    if any(value < 0 for value in given.values()):
        raise CallerFault(
            "quota.negative", "A quota is a whole number, 0 or more.", "", "0 means nothing at all."
        )
    with transaction():
        kept = replace(store.get(node) or KeptQuota(), **given)
        store.put(node, kept)
    return kept


def kept(home: Home, node: str) -> KeptQuota:  # noqa: ARG001  # every verb takes its home
    """What a person set for one peer; nothing where the settings count.

    Raises:
        Refusal: "peer.unknown".
    """
    peer.check_known(node)
    return store.get(node) or KeptQuota()


def used(node: str, now: datetime) -> dict[str, int]:
    """What a peer used in this hour, and of the disk: acts, bytes, processor seconds, disk bytes."""
    found = inbox.counts([_counter(node, what, now) for what in ("acts", "bytes", "processor", "reconcile")])
    acts, size, processor_ms, reconciles = found
    return {
        "acts": acts,
        "bytes": size,
        "processor_s": processor_ms // 1000,
        "disk_bytes": inbox.counts([DISK + node])[0],
        "reconciles": reconciles,
    }


def forget_own(home: Home, node: str) -> None:  # noqa: ARG001  # every verb takes its home
    """Let the settings count for a peer again.

    Raises:
        Refusal: "peer.unknown".
    """
    peer.check_known(node)
    with transaction():
        store.forget(node)
