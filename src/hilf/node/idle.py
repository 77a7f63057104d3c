"""Idle: agreements with a node that carry nothing now, and what to do about each.

Decides nothing about them: where each stands, and who stopped it, is `accord/life`. Where no agreement is in force between
two nodes (`accord.none-in-force`), this is what people ask next.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hilf.accord.life import Life, Standing, State, in_force, speakers, state_of
from hilf.accord.signature import Chains
from hilf.node import life as lives_
from hilf.node.home import Home


@dataclass(frozen=True, slots=True)
class Idle:
    """One agreement with a node that is not in force between the two.

    Attributes:
        id: of the accord.
        version: the newest that all needed have signed; where there is none, the newest.
        state: where that version stands for this node, in the words of accord.md 1.
        text: why, in a sentence.
        by: parties that suspended or left, and when; empty where it is over by itself, or not signed yet.
        remedy: what to do.
    """

    id: str
    version: int
    state: str
    text: str
    by: tuple[tuple[str, datetime], ...]
    remedy: str


def idle(home: Home, node: str, now: datetime) -> tuple[Idle, ...]:
    """The agreements of this node and another that are not in force between them; withdrawn and expired ones are left aside."""
    known = lives_.every()
    of: defaultdict[str, list[Life]] = defaultdict(list)
    for life in known.all:
        of[life.accord.id].append(life)
    found = (_idle(home.node, node, lives, known.chains, now) for lives in of.values())
    return tuple(each for each in found if each is not None)


def _idle(us: str, node: str, lives: Sequence[Life], chains: Chains, now: datetime) -> Idle | None:
    if not any({us, node}.issubset(life.accord.nodes) for life in lives):
        return None
    if any(held.binds(node) for held in in_force(lives, us, chains, now)):
        return None
    life = next((each for each in reversed(lives) if each.complete_at is not None), lives[-1])
    standing = state_of(life, lives, chains, now, us)
    if standing.state in {State.WITHDRAWN, State.EXPIRED}:
        return None
    text = standing.text
    out = next((each for each in (us, node) if each not in life.accord.nodes), None)
    if out is not None:
        text = f"Version {life.accord.version} goes on without {out}."
    by = tuple(_said((*standing.paused, *standing.left), lives, chains))
    remedy = _remedy(us, node, life, standing)
    return Idle(life.accord.id, life.accord.version, standing.state.value, text, by, remedy)


def _said(nodes: Iterable[str], lives: Sequence[Life], chains: Chains) -> Iterable[tuple[str, datetime]]:
    """When each of these parties suspended or left, the last time that it did."""
    for node in nodes:
        said = [
            spoken[node]
            for life in lives
            for type_ in ("suspension", "withdrawal")
            if node in (spoken := speakers(life, type_, chains))
        ]
        if said:
            yield node, max(said)


def _remedy(us: str, node: str, life: Life, standing: Standing) -> str:
    accord_id = life.accord.id
    if standing.state is State.DRAFT:
        return f"Send it: hilf accord propose {accord_id}"
    if standing.state in {State.PROPOSED, State.SIGNED_BY_SOME}:
        return f"It waits for {', '.join(standing.waits_for)}. Read it: hilf accord show {accord_id}"
    if standing.state is State.SIGNED_BY_ALL:
        return "It begins by itself."
    if standing.paused:
        who = "this node signs" if us in standing.paused else f"{' and '.join(standing.paused)} signs"
        return f"A new version that {who} lifts it: hilf accord amend {accord_id} --from FILE"
    if standing.state is State.IN_FORCE and us in life.accord.nodes:
        return f"It goes on with others. {node} joins again by a new version: hilf accord amend {accord_id} --join {node}"
    return f"Agree anew: hilf accord draft --with {node}"
