"""Quotas: what one partner may use of this node in an hour, and of its disk; beyond it the answer is 429 (protocol.md 4).

Decides which limit counts: the settings of this node, made tighter or wider for one peer by a person (`hilf peer quota`),
and made tighter, never wider, by the accords in force with it. What it used in this hour is counted beside.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hilf.node.door import Problem
from hilf.node.home import Home
from hilf.store.federation import inbox
from hilf.store.federation import quota as store

TOO_MUCH: Final = 429
COUNTERS: Final = "inbox "
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


def of(home: Home, node: str, usual: Quota, now: datetime) -> Quota:  # noqa: ARG001  # accords in force with it will tighten it
    """The limits that count for one peer now."""
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
        Problem: 429 "peer.quota".
    """
    over = (
        count(node, "acts", 0, now) > allowed.acts,
        count(node, "bytes", 0, now) > allowed.unpacked_bytes,
        count(node, "processor", 0, now) > allowed.processor_s * 1000,
    )
    if any(over):
        raise Problem(TOO_MUCH, "peer.quota", retry_after_s=rest_of_hour_s(now))


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
