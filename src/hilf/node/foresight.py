"""Foresight: what a step in the life of an accord would change, told before anybody signs for it (accord.md 1).

Decides nothing: it asks the same rules about accords as they would stand after the step (`accord/life`), for what this
node itself asserts, for what others said and it may pass on (`node/passing`), for what waits, and for what was released
(`node/effects`). Objects are decided by the facts that
they share, so that a hundred thousand of them take no memory. Relations are counted as themselves, without what they join.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Final, TypeAlias

from hilf.accord.decide import DecisionCache
from hilf.accord.document import Accord, InForce
from hilf.accord.life import Life, in_force, parted
from hilf.accord.order import changed, read_order
from hilf.accord.profile import Profile
from hilf.accord.relevant import relevant
from hilf.accord.step import Kind
from hilf.node import accord as accords
from hilf.node import effects, peer
from hilf.node import life as lives_
from hilf.node.held import Held
from hilf.node.home import Home, index_key
from hilf.node.life import Lives
from hilf.node.owed import DELETE
from hilf.node.passing import Passed, Place, passed
from hilf.node.preview import recipient_of
from hilf.node.profile import Profiles
from hilf.seal.record import Record
from hilf.store.accord import grouped, released
from hilf.store.release import order as orders
from hilf.store.release import taken

CONSENTED: Final = "accord.onward-consented"
EXAMPLES: Final = 20
"""Objects that are named of each kind."""


@dataclass(slots=True)
class Counted:
    """How many objects, and some of them."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, count: int, names: Iterable[str]) -> None:
        """Count more of them."""
        self.count += count
        self.examples.extend(list(names)[: EXAMPLES - len(self.examples)])


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a step would change for one node.

    Attributes:
        node: the node.
        opens: what we assert that may not leave to it now, and might then.
        closes: what we assert that may leave to it now, and might not then.
        dropped: acts that wait for it and would leave no more.
        retracted: what it has from us and would be told to let go.
        taken_back: what would open if the node had not been told to let it go: only a later version goes there again.
        onward_opens: what others say and we do not, that may not be passed on to it now, and might then, as it came.
        onward_closes: what others say and we do not, that may be passed on to it now, and might not then.
        consent_opens, consent_closes: the same of what is passed on because its originator consented, and not otherwise.
    """

    node: str
    opens: Counted = field(default_factory=Counted)
    closes: Counted = field(default_factory=Counted)
    dropped: Counted = field(default_factory=Counted)
    retracted: Counted = field(default_factory=Counted)
    taken_back: Counted = field(default_factory=Counted)
    onward_opens: Counted = field(default_factory=Counted)
    onward_closes: Counted = field(default_factory=Counted)
    consent_opens: Counted = field(default_factory=Counted)
    consent_closes: Counted = field(default_factory=Counted)

    @property
    def changes(self) -> bool:
        """Whether anything of it changes."""
        return any(getattr(self, each.name).count for each in fields(self) if each.name != "node")


@dataclass(frozen=True, slots=True)
class Foresight:
    """What a step would change.

    Attributes:
        accord: the version that it is about.
        kind: the step.
        nodes: for each party that is known here.
        orders: standing orders that would end, because agreements that they were approved under change.
    """

    accord: Accord
    kind: Kind
    nodes: tuple[Foreseen, ...]
    orders: tuple[str, ...] = ()


_Groups: TypeAlias = Mapping[Profile, Sequence[grouped.Group]]
"""What accords see of objects, with the groups that look like that."""


@dataclass(frozen=True, slots=True)
class _Worlds:
    """What is in force as it is, and as it would be.

    Attributes:
        parted: node → the accords that would bind us and it no more.
        deleted: those of them that have held data deleted then.
    """

    now: Sequence[InForce]
    then: Sequence[InForce]
    parted: Mapping[str, tuple[str, ...]]
    deleted: Mapping[str, tuple[str, ...]]
    at: datetime


def foresee(
    home: Home, accord_id: str, now: datetime, kind: Kind = Kind.SIGNATURE, text: str = ""
) -> Foresight:
    """What a step would change.

    Args:
        home: this node.
        accord_id: the accord.
        now: aware.
        kind: SIGNATURE: a text is signed by all; SUSPENSION or END by this node.
        text: how the hash of the text begins; needed where several can be signed.

    Raises:
        CallerFault: "accord.unknown".
        Refusal: "accord.which-text".
    """
    life, of_one = accords.meant(home, accord_id, kind, now, text)
    lives = lives_.signed_by_all()
    known = Lives(lives.all, {**lives.chains, **of_one.chains})
    worlds = (
        _after_signing(home, life, known, now)
        if kind is Kind.SIGNATURE
        else _after_stopping(home, life, known, kind, now)
    )
    involved = {node for version in (*of_one.all, life) for node in version.accord.nodes} - {home.node}
    nodes = sorted(node for node in involved if peer.identity_of(node) is not None)
    others = {node for held in worlds.now for node in held.accord.nodes} - {home.node} - involved
    groups = _groups(home, worlds)
    onward = passed(home, relevant((*worlds.now, *worlds.then)), worlds.at, worlds.parted)
    concerned = [_foreseen(home, node, worlds, groups, onward) for node in nodes]
    # Nothing changes between us and the others, but of what came under an accord that ends, nothing goes on to them.
    further = [Foreseen(node) for node in sorted(others)] if any(worlds.parted.values()) else []
    for each in further:
        _count_onward(home, each, worlds, onward)
    return Foresight(
        life.accord,
        kind,
        (*concerned, *(each for each in further if each.changes)),
        tuple(_orders_that_end(worlds)),
    )


def _orders_that_end(worlds: _Worlds) -> Iterator[str]:
    for kept in orders.every():
        if kept.state in (orders.PROPOSED, orders.RUNS):
            order = read_order(kept.document)
            lives = [
                changed(order, {to.node: _between(held, to.node) for to in order.to}, worlds.at) is None
                for held in (worlds.now, worlds.then)
            ]
            if lives == [True, False]:
                yield kept.order_id


def _between(held: Sequence[InForce], node: str) -> list[InForce]:
    return [each for each in held if each.binds(node)]


def _after_signing(home: Home, life: Life, lives: Lives, now: datetime) -> _Worlds:
    """As if all parties had signed the text, and its `from` had come."""
    at = max(now, life.accord.begins)
    signed = tuple(
        Record("accord", node, "node", node, at, at, life.accord.subject, {}) for node in life.accord.nodes
    )
    complete = replace(life, records=signed, proposed_at=now, complete_at=now)
    others = tuple(each for each in lives.all if each.accord != life.accord)
    gone: dict[str, list[Accord]] = {}
    for node in {node for each in others for node in each.accord.nodes} - {home.node}:
        before = {each.id for each in parted(others, home.node, node, lives.chains, at)}
        after = parted((*others, complete), home.node, node, lives.chains, at)
        gone[node] = [each for each in after if each.id not in before]
    return _Worlds(
        in_force(lives.all, home.node, lives.chains, at),
        in_force((*others, complete), home.node, lives.chains, at),
        {node: tuple(each.id for each in accords) for node, accords in gone.items()},
        {node: tuple(e.id for e in accords if e.at_end == DELETE) for node, accords in gone.items()},
        at,
    )


def _after_stopping(home: Home, life: Life, lives: Lives, kind: Kind, now: datetime) -> _Worlds:
    held = in_force(lives.all, home.node, lives.chains, now)
    ended = dict.fromkeys(life.accord.nodes, (life.accord.id,)) if kind is Kind.END else {}
    deleted = ended if life.accord.at_end == DELETE else {}
    return _Worlds(held, [each for each in held if each.accord.id != life.accord.id], ended, deleted, now)


def _groups(home: Home, worlds: _Worlds) -> _Groups:
    """What we assert, in groups that all these accords decide alike."""
    groups = list(grouped.of(home.node))
    abouts = Profiles(home, worlds.at).of((each.seq, each.facts_id, each.confidence) for each in groups)
    asked = relevant((*worlds.now, *worlds.then))
    alike: dict[Profile, list[grouped.Group]] = {}
    for each in groups:
        if each.seq in abouts:
            alike.setdefault(asked.of(abouts[each.seq].profile), []).append(each)
    return alike


def _foreseen(home: Home, node: str, worlds: _Worlds, groups: _Groups, onward: Sequence[Passed]) -> Foreseen:
    opens, closes, taken_back = Counted(), Counted(), Counted()
    before, after = (_Gate(node, held, worlds.at) for held in (worlds.now, worlds.then))
    gone = _taken_back(home, node)
    for profile, alike in groups.items():
        now, then = before.lets(profile), after.lets(profile)
        for group in alike if now is not then else ():
            back = gone.get((group.facts_id, group.confidence), {})
            if group.facts_id is None:
                back = {seq: name for seq, name in back.items() if seq == group.seq}
            counted = opens if then else closes
            missing = EXAMPLES - len(counted.examples) if group.size > len(back) else 0
            names = grouped.examples(home.node, group, missing, back) if missing else ()
            counted.add(group.size - len(back), names)
            if then:
                taken_back.add(len(back), back.values())
    between = _between(worlds.then, node)
    dropped, retracted = Counted(), Counted()
    for page in released.waiting(node):
        going = effects.no_more_allowed(home, node, page, between, worlds.at)
        dropped.add(len(going), (act.stix_id for act, _ in going))
    for accord_id in worlds.deleted.get(node, ()):
        for page in released.under(node, accord_id):
            going = effects.no_more_allowed(home, node, page, between, worlds.at)
            retracted.add(len(going), (act.stix_id for act, _ in going))
    found = Foreseen(node, opens, closes, dropped, retracted, taken_back)
    _count_onward(home, found, worlds, onward)
    return found


def _count_onward(home: Home, found: Foreseen, worlds: _Worlds, onward: Sequence[Passed]) -> None:
    """Count what others say, and we may pass on to a node now or might then, as it came or by consent."""
    node = found.node
    before, after = (_Gate(node, held, worlds.at) for held in (worlds.now, worlds.then))
    taken_: dict[str, dict[int, Place]] = {}
    back = _back(home, node)
    for each in onward:
        now, then = before.passes(each.before), after.passes(each.after)
        if each.asserter == node or (now is None) is (then is None):
            continue
        if each.asserter not in taken_:
            taken_[each.asserter] = dict(grouped.places(each.asserter, back, home.node))
        count, without = each.still(taken_[each.asserter])
        by = now or then
        counted = getattr(found, f"{by}_{'opens' if now is None else 'closes'}")
        if count:
            counted.add(count, each.examples(home, EXAMPLES - len(counted.examples), without))


def _taken_back(home: Home, node: str) -> dict[Place, dict[int, str]]:
    """What we assert and a node was told to let go, group by group: row → id."""
    back = _back(home, node)
    found: dict[Place, dict[int, str]] = {}
    for seq, place in grouped.places(home.node, back):
        found.setdefault(place, {})[seq] = back[seq]
    return found


def _back(home: Home, node: str) -> dict[int, str]:
    """What a node was told to let go: row → id."""
    back = Held([node], index_key(home)).known(taken.objects_of(node)).taken(node)
    return {seq: each.stix_id for seq, each in back.items()}


class _Gate:
    """Whether something may leave to a node for any purpose that is agreed."""

    def __init__(self, node: str, held: Sequence[InForce], at: datetime) -> None:
        between = _between(held, node)
        purposes = sorted({purpose for each in between for purpose in each.accord.purposes})
        recipient = recipient_of(node)
        self._caches = [DecisionCache(recipient, between, purpose, at) for purpose in purposes]

    def passes(self, profile: Profile) -> str | None:
        """How something that another node said goes on there: "onward" as it came, "consent" by consent, None if it stays."""
        going = [each for each in (cache.decide(profile) for cache in self._caches) if each.allowed]
        by_consent = [any(reason.rule == CONSENTED for reason in each.reasons) for each in going]
        return None if not going else "consent" if all(by_consent) else "onward"

    def lets(self, profile: Profile) -> bool:
        return any(cache.decide(profile).allowed for cache in self._caches)
