"""Effects: what follows for everything released and queued when what is agreed with a node changes (accord.md 1).

Decides, whenever an accord comes into force, is amended, suspended, left or ended, or its period is over, what becomes of
what waits for the nodes concerned and of what they have from us (docs/adr/0013); and whenever our lists change, of what waits:

* What waits is decided again. What may not leave any more is dropped; what may, but cites a version that stands no more,
  is dropped and offered anew under the one that does, as far as nobody must approve it.
* What was released stays, under the terms with which it went, as long as both nodes stand in the accord. When they have
  parted and the accord has held data deleted at its end, the node is told to let it go, unless another accord in force
  would let it go there today. What it let go of, then or when its time was over, may go there again under the next one
  (docs/adr/0021).
* Retractions of the node that were held here as too many, and were due anyway, are applied.

`settle` does it for whoever it has not been done for, in small transactions: it can be cut anywhere and goes on the next
time. Suspension and end stop what waits at once (`node/accord`). What a step would do is told before by `node/foresight`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from hilf.accord.document import InForce
from hilf.accord.life import in_force, parted
from hilf.errors import Refusal
from hilf.federation.outcome import Reason
from hilf.federation.retraction import Retraction, RetractionReason
from hilf.node import life as lives_
from hilf.node import lists, mass, recall, release
from hilf.node.approval import officers_beside
from hilf.node.home import Home
from hilf.node.life import Lives
from hilf.node.owed import ended, over
from hilf.node.preview import Weighed, Weighing, cited
from hilf.node.recall import ANSWER
from hilf.store.accord import released, standing
from hilf.store.accord.released import Act
from hilf.store.database import transaction
from hilf.store.federation import stream
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import taken

AMENDED = "accord.amended"
_DEFINITION = "marking-definition"


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of what one node has, or would get, from us.

    Attributes:
        node: whom it concerns.
        dropped: acts that waited and leave no more, those offered anew among them.
        offered: acts that wait now in the place of those that cited a version that stands no more.
        retracted: objects that the node was told to let go.
        applied: its retractions that were held here and were due anyway.
        finished: False while acts to it have no receipt yet: then it goes on the next time.
    """

    node: str
    dropped: int = 0
    offered: int = 0
    retracted: int = 0
    applied: int = 0
    finished: bool = True


def settle(home: Home, now: datetime) -> tuple[Settled, ...]:
    """Do what follows from what has changed since the last time, node by node; own transactions."""
    lives, before = lives_.signed_by_all(), standing.every()
    nodes = {node for each in lives.all for node in each.accord.nodes} - {home.node}
    done = []
    for node in sorted(nodes):
        stands = _standing(home, node, lives, now)
        if before.get(node, "") != stands:
            settled = _settle(home, node, now)
            if settled.finished:
                with transaction():
                    standing.put(node, stands)
            done.append(settled)
    return tuple(done)


def _standing(home: Home, node: str, lives: Lives, now: datetime) -> str:
    """What is agreed with a node, what was, and our lists, as a text; empty where there was never anything agreed."""
    about = [each for each in lives.all if node in each.accord.nodes and home.node in each.accord.nodes]
    ids = {each.accord.id for each in about}
    versions = [each for each in lives.all if each.accord.id in ids]
    held = in_force(versions, home.node, lives.chains, now)
    return " ".join(
        [
            *sorted(each.accord.hash for each in held if each.binds(node)),
            *sorted(f"-{each.hash}" for each in parted(versions, home.node, node, lives.chains, now)),
            *([lists.state()] if about else []),
        ]
    )


def _settle(home: Home, node: str, now: datetime) -> Settled:
    dropped = offered = 0
    # Relations come after all else: whether they leave depends on what the node still gets of what they join.
    for relations in (False, True):
        stale, gone = _decide_again(home, node, now, relations=relations)
        dropped += gone
        offered += sum(_offer(home, node, purpose, ids, now) for purpose, ids in stale.items())
    retracted, finished = _let_go(home, node, now)
    applied = mass.apply_owed(home, node, now)
    return Settled(node, dropped, offered, retracted, applied, finished)


def _decide_again(
    home: Home, node: str, now: datetime, *, relations: bool
) -> tuple[dict[str, list[str]], int]:
    """Drop what waits and would not be queued like this now: what may be offered anew, by purpose, and how many in all."""
    offer: dict[str, list[str]] = {}
    dropped = 0
    weighings: dict[tuple[str, str], Weighing] = {}
    for page in released.waiting(node):
        rows = objects.by_seq(act.object_seq for act in page)
        stale: defaultdict[Reason, list[bytes]] = defaultdict(list)
        for (purpose, despite), acts in _by_purpose(page).items():
            weighing = weighings.get((purpose, despite)) or Weighing(home, node, purpose, now)
            weighing.set_aside(despite.split())
            weighings[purpose, despite] = weighing
            for act, weighed in _weighed(weighing, acts, rows):
                reason = _why_stale(weighed, act, weighing)
                if bool(weighed.ends) is not relations or reason is None:
                    continue
                stale[reason].append(act.act_id)
                if reason.code == AMENDED and not officers_beside(home, weighed.decision.needs_approvals):
                    offer.setdefault(purpose, []).append(act.stix_id)
        if stale:
            with transaction():
                dropped += sum(stream.drop_unsent(node, why.text(), ids) for why, ids in stale.items())
    return offer, dropped


def _weighed(
    weighing: Weighing, acts: Sequence[Act], rows: Mapping[int, Kept]
) -> Iterator[tuple[Act, Weighed]]:
    """Each act with the decision on what it carries; two versions of one object are decided one after the other."""
    rest = list(acts)
    while rest:
        once = {act.stix_id: act for act in reversed(rest)}
        decided = weighing.weigh_together(rows[act.object_seq] for act in once.values())
        yield from ((act, decided[act.object_seq]) for act in once.values())
        taken = {act.pos for act in once.values()}
        rest = [act for act in rest if act.pos not in taken]


def _why_stale(weighed: Weighed, act: Act, weighing: Weighing) -> Reason | None:
    """Why an act that waits would not be queued like this now; None if it would."""
    decision = weighed.decision
    if (
        weighed.kept.type == _DEFINITION
    ):  # it went along with something, and says nothing to who does not get that
        keys = {held.accord.key for held in weighing.cache.accords}
        return None if cited(act.envelope) in keys else Reason(AMENDED)
    if not decision.allowed:
        return Reason(decision.main.rule, decision.main.clause)
    if weighed.form is not None:  # all of it waits, and parts of it may not go any more
        return Reason(AMENDED)
    return None if decision.accord == cited(act.envelope) else Reason(AMENDED)


def _offer(home: Home, node: str, purpose: str, stix_ids: Sequence[str], now: datetime) -> int:
    offered = 0
    for n in range(0, len(stix_ids), released.PAGE):
        selection = "id:" + ",".join(stix_ids[n : n + released.PAGE])
        try:
            offered += release.send(home, node, now, selection, purpose).queued
        except (
            Refusal
        ):  # something that goes along needs an approval now: it stays dropped, and a person releases it
            continue
    return offered


def _let_go(home: Home, node: str, now: datetime) -> tuple[int, bool]:
    """Tell a node to let go of what it has under accords that ended with deletion: how many, and whether that is all."""
    told, finished = 0, True
    with transaction():  # first, so that nothing is taken back a second time after it was given again
        for accord in ended(home, node, now):
            released.put_retracted(taken.let_go_under(node, accord.id))
    between = lives_.in_force_with(home, node, now)
    for accord_id in over(home, node, now):
        for page in released.under(node, accord_id):
            with transaction():
                going = no_more_allowed(home, node, page, between, now)
                for _, row in going:
                    _tell_to_let_go(home, node, row, now)
                released.put_retracted([act.act_id for act, _ in going])
                told += len(going)
        finished = finished and not released.in_flight(node, accord_id)
    return told, finished


def _tell_to_let_go(home: Home, node: str, row: Kept, now: datetime) -> None:
    """A retraction to this node alone, which names the version; we go on saying it to others."""
    body = Retraction(row.stix_id, (row.sha256.hex(),), RetractionReason.EXPIRED, now + ANSWER)
    recall.tell(home, recall.keep(home, body, now), node, body, now)


def no_more_allowed(
    home: Home, node: str, page: Sequence[Act], between: Sequence[InForce], now: datetime
) -> list[tuple[Act, Kept]]:
    """Of acts to a node, those whose objects none of these accords would let go there, each with its row.

    Definitions of markings are not among them: they tell of nothing, and what stays there is read by them.

    Args:
        home: this node.
        node: the recipient.
        page: the acts.
        between: accords in force with it, or as they would be.
        now: aware.
    """
    rows = objects.by_seq(act.object_seq for act in page)
    allowed: set[int] = set()
    for (purpose, despite), acts in _by_purpose(page).items() if between else ():
        weighing = Weighing(home, node, purpose, now, accords=between)
        weighing.set_aside(despite.split())
        weighed = _weighed(weighing, acts, rows)
        allowed |= {act.object_seq for act, each in weighed if each.decision.allowed and each.form is None}
    told = ((act, rows[act.object_seq]) for act in page if act.object_seq not in allowed)
    return [(act, row) for act, row in told if row.type != _DEFINITION]


def _by_purpose(page: Iterable[Act]) -> dict[tuple[str, str], list[Act]]:
    """The acts by what they are for, and by the lists that officers set aside for them."""
    of: dict[tuple[str, str], list[Act]] = {}
    for act in page:
        of.setdefault((orjson.loads(act.envelope)["purpose"], act.despite), []).append(act)
    return of
