"""What waits for officers of this node: releases to approve, accords to propose, sign, look at again or renew, stops signed by half.

Beside it, what partners did to an accord alone or without us: nobody else tells people here.

Decides which of it a person here can do now; what waits for a partner is left aside. Nothing is changed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hilf.accord.life import Life, State, in_force, speakers, state_of, texts_to_sign
from hilf.accord.permission import check_may_sign, check_may_stop, check_may_withdraw, rival
from hilf.accord.signature import Chains
from hilf.errors import Refusal
from hilf.node import approval, identity
from hilf.node import life as lives_
from hilf.node.home import Home
from hilf.node.life import Lives
from hilf.store.release import proposal

SOON: Final = timedelta(days=30)
"""How long before an accord is over it is said, and for how long that the day of its review has come."""

TOLD: Final = timedelta(days=7)
"""For how long it is said that partners suspended, ended or left an accord, or go on without us."""

Check = Callable[[Life, Sequence[Life], str, Chains, datetime], None]
"""A rule that raises a Refusal where a step may not be taken."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing worth saying, with what to do about it.

    Attributes:
        group: what it is told outside together with, under its code; empty where it is told by itself.
    """

    code: str
    what: str
    remedy: str
    group: str = ""


def awaited(home: Home, now: datetime) -> tuple[Remark, ...]:
    """Everything that waits for officers of this node, the releases first."""
    known = lives_.every()
    by_id: dict[str, list[Life]] = defaultdict(list)
    for life in known.all:
        by_id[life.accord.id].append(life)
    accords = [Lives(tuple(each), known.chains) for each in by_id.values()]
    return (
        *_releases(home, now),
        *(
            remark
            for each in accords
            for remark in (
                *_accord(home, each, now),
                *_rivals(home, each, now),
                *_stops(home, each, now),
                *_told(home, each, now),
                *_periods(home, each, now),
            )
        ),
    )


def _releases(home: Home, now: datetime) -> Iterator[Remark]:
    counts = proposal.counts()
    for kept in reversed(proposal.every()):
        if kept.state != proposal.PROPOSED:
            continue
        standing = approval.standing(home, kept, now)
        what = f"{kept.release_id} to {kept.peer} ({_many(counts.get(kept.release_id, 0), 'act')})"
        approve = f"hilf release approve {kept.release_id} --as OFFICER"
        if standing.died is not None:
            yield Remark(
                "status.release-waits",
                f"{what} can be approved no longer: {standing.died}.",
                f"Close it, then release anew: {approve}",
            )
            continue
        yield Remark(
            "status.release-waits",
            f"{what} waits for the approval of {_many(standing.missing, 'more officer')}.",
            f"What it holds is shown before it is signed. Approve it: {approve}",
        )


def _accord(home: Home, lives: Lives, now: datetime) -> Iterator[Remark]:
    """The newest version, where it is ours to propose, or where officers of ours may sign it now."""
    newest = lives.all[-1]
    accord_id, others = newest.accord.id, _others(home, newest)
    if state_of(newest, lives.all, lives.chains, now).state is State.DRAFT:
        yield Remark(
            "status.accord-waits",
            f"{accord_id} with {others} is a draft that only this node has.",
            f"Read it: hilf accord show {accord_id}. Send it: hilf accord propose {accord_id}",
        )
        return
    for life in texts_to_sign(lives.all, home.node, lives.chains, now):
        missing = lives_.own_signature_needed(home, life, lives.chains)
        if missing and _may(check_may_sign, home, life, lives, now):
            yield Remark(
                "status.accord-waits",
                f"{accord_id} with {others} (version {life.accord.version}, text {life.accord.hash[:16]}) "
                f"waits for the signature of {_many(missing, 'more officer')} of {home.node}.",
                f"Read it: hilf accord show {accord_id}. Sign it: hilf accord sign {accord_id} --as OFFICER "
                f"--text {life.accord.hash[:16]}",
            )


def _rivals(home: Home, lives: Lives, now: datetime) -> Iterator[Remark]:
    """Texts that cannot be signed here because this node signed another one in their place, which is not signed by all."""
    for life in lives.all:
        accord = life.accord
        signed = rival(life, lives.all, home.node, lives.chains, now)
        state = state_of(life, lives.all, lives.chains, now).state
        if (
            home.node not in accord.nodes
            or signed is None
            or signed.complete_at is not None
            or state not in (State.PROPOSED, State.SIGNED_BY_SOME)
        ):
            continue
        ours = max(record.expires for record in signed.of_type("accord") if record.node == home.node)
        stuck = sorted(_signers(life) - _signers(signed))
        neither = (
            f" {', '.join(stuck)} signed that one instead, so neither can be signed by all." if stuck else ""
        )
        withdraw = f"hilf accord withdraw {accord.id} --as OFFICER"
        if _may(check_may_withdraw, home, life, lives, now):
            remedy = f"If the other one is to stand, take ours back: {withdraw}"
        else:
            remedy = (
                f"Speak with {' and '.join(dict.fromkeys((signed.accord.proposer, accord.proposer)))}: "
                f"one of the texts is taken back by who proposed it, with {withdraw}"
            )
        yield Remark(
            "status.accord-rivals",
            f"Of {accord.id} version {accord.version} this node signed text {signed.accord.hash[:16]} of "
            f"{signed.accord.proposer}. Text {accord.hash[:16]} of {accord.proposer} waits, and cannot be signed here "
            f"until the first is taken back, or our signature ends on {ours:%Y-%m-%d}.{neither}",
            f"Compare them: hilf accord show {accord.id}. {remedy}",
        )


def _signers(life: Life) -> set[str]:
    return {record.node for record in life.of_type("accord")}


def _stops(home: Home, lives: Lives, now: datetime) -> Iterator[Remark]:
    """Suspensions, ends and withdrawals that some of our officers signed, and not enough of them."""
    own = identity.own(home).newest
    for life in lives.all:
        ended = ("end", check_may_stop) if life.complete_at else ("withdraw", check_may_withdraw)
        for type_, (command, check) in (
            ("suspension", ("suspend", check_may_stop)),
            ("withdrawal", ended),
        ):
            kids = {
                record.kid
                for record in life.of_type(type_)
                if record.node == home.node and record.expires >= now
            }
            if (
                not kids
                or home.node in speakers(life, type_, lives.chains)
                or not _may(check, home, life, lives, now)
            ):
                continue
            names = ", ".join(sorted(own.officers[kid].name if kid in own.officers else kid for kid in kids))
            missing = max(1, own.officers_per_act - len(kids))
            yield Remark(
                "status.suspension-waits" if type_ == "suspension" else "status.end-waits",
                f"{names} signed to {command} {life.accord.id} with {_others(home, life)}; nothing happens until "
                f"{_many(missing, 'more officer')} did.",
                f"Repeat it as another officer: hilf accord {command} {life.accord.id} --as OFFICER",
            )


def _told(home: Home, lives: Lives, now: datetime) -> Iterator[Remark]:
    """What partners did to the newest version that all signed, or that it goes on without us."""
    signed = [life for life in lives.all if life.complete_at is not None]
    if not signed:
        return
    life, bound = signed[-1], any(home.node in each.accord.nodes for each in signed)
    accord_id = life.accord.id
    said = f"See what was taken back: hilf release list. It is said for {TOLD.days} days."
    if bound and home.node not in life.accord.nodes and life.complete_at and now < life.complete_at + TOLD:
        yield Remark(
            "status.accord-stopped",
            f"{accord_id} goes on without {home.node} since {life.complete_at:%Y-%m-%d %H:%M} UTC, between "
            f"{_others(home, life)}.",
            f"Read it: hilf accord show {accord_id}. {said}",
        )
    if home.node not in life.accord.nodes:
        return
    for type_, word in (("suspension", "suspended"), ("withdrawal", "ended or left")):
        for node, at in speakers(life, type_, lives.chains).items():
            if node != home.node and now < at + TOLD:
                yield Remark(
                    "status.accord-stopped",
                    f"{node} {word} {accord_id} on {at:%Y-%m-%d %H:%M} UTC.",
                    f"Read it: hilf accord show {accord_id}. {said}",
                )


def _periods(home: Home, lives: Lives, now: datetime) -> Iterator[Remark]:
    """That an accord in force is over soon, or was to be looked at again; nothing once all have signed what follows."""
    newest = max((life.accord.version for life in lives.all if life.complete_at is not None), default=0)
    for held in in_force(lives.all, home.node, lives.chains, now):
        accord = held.accord
        others = ", ".join(node for node in accord.nodes if held.binds(node))
        renew = f"hilf accord amend {accord.id} --from FILE"
        if accord.version == newest and accord.until - now <= SOON:
            then = "; what was shared under it is taken back then" if accord.at_end == "delete" else ""
            yield Remark(
                "status.accord-ends",
                f"{accord.id} with {others} is over on {accord.until:%Y-%m-%d %H:%M} UTC{then}.",
                f"If it is to go on, agree on a later `until` before: {renew}",
            )
        elif accord.version == newest and accord.review <= now < accord.review + SOON:
            yield Remark(
                "status.accord-review",
                f"{accord.id} with {others} was to be looked at again on {accord.review:%Y-%m-%d}.",
                f"Read it: hilf accord show {accord.id}. Change it: {renew}",
            )


def _may(check: Check, home: Home, life: Life, lives: Lives, now: datetime) -> bool:
    try:
        check(life, lives.all, home.node, lives.chains, now)
    except Refusal:
        return False
    return True


def _others(home: Home, life: Life) -> str:
    return ", ".join(node for node in life.accord.nodes if node != home.node)


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
