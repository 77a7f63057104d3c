"""The life of an accord: from draft to end, which of its versions is in force, and between whom.

Decides by accord.md 1 which step may follow which, taken by whom:

    draft -> proposed -> signed by some -> signed by all -> in force -> amended
                 |             |                               |
                 +- withdrawn  +- expired                      +- suspended -> ended

* The proposer, first of the parties, sends the text; it signs last, and can take the text back until it has.
* A version is in force when all parties have signed it and its `from` has come, until `until`. The highest such version
  of an accord is the one that counts; an older one never comes back.
* A node signs at most one successor of a version. Of two amendments the one that is fully signed first stands.
* A party suspends alone, and leaves alone, each by its officers. Either holds at once and is not undone by an `expires`:
  only a later version that the party itself signs lifts its suspension or lets it back in. What a party says about an
  older version after it signed the newer one, or without having signed it, holds for the newer one too.
* Between the others the accord goes on, as long as two are left: a suspension stops only what goes to and comes from
  the party that suspended (docs/adr/0010).

A `Life` holds records that were verified when they came; what is stored, sent or asked of people is the business of the
node. Who must sign a text that lets parties join or leave is decided in `accord.community`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final

from hilf.accord.community import Quorum, everybody
from hilf.accord.document import Accord, InForce
from hilf.accord.signature import Chains, Signing, officers_then, signings
from hilf.seal.record import Record


class State(Enum):
    """Where a version of an accord stands. Source: accord.md 1."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    SIGNED_BY_SOME = "signed by some"
    SIGNED_BY_ALL = "signed by all"
    IN_FORCE = "in force"
    AMENDED = "amended"
    SUSPENDED = "suspended"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Life:
    """One version of an accord and what happened to it so far.

    Attributes:
        accord: the text.
        proposed_at: when it was sent, or came; None for a draft.
        records: verified records of types accord, suspension and withdrawal; of each type a kid stands once.
        complete_at: when its signatures were first a full set; None until then.
        quorum: whose signatures make a full set; None for those of each party.
    """

    accord: Accord
    proposed_at: datetime | None = None
    records: tuple[Record, ...] = ()
    complete_at: datetime | None = None
    quorum: Quorum | None = None

    def of_type(self, type_: str) -> tuple[Record, ...]:
        """Its records of one type."""
        return tuple(record for record in self.records if record.type == type_)

    def signings(self, chains: Chains) -> tuple[Signing, ...]:
        """How far each party has signed, the proposer first."""
        return signings(self.accord, self.of_type("accord"), chains, self.proposed_at)

    def missing(self, chains: Chains, already: Iterable[str] = ()) -> tuple[str, ...]:
        """Parties whose signatures are needed or would help, in order; those in `already` are taken to have signed."""
        signed = {signing.node for signing in self.signings(chains) if signing.complete}
        missing = (self.quorum or everybody(self.accord)).missing(signed.union(already))
        return tuple(node for node in self.accord.nodes if node in missing)


@dataclass(frozen=True, slots=True)
class Standing:
    """A state and why.

    Attributes:
        state: where the version stands.
        text: one sentence for people.
        waits_for: nodes whose signature is missing; empty when it waits for nobody.
        left: parties that left, or were never bound by it, while the others go on.
        paused: parties that suspended it alone, while the others go on.
    """

    state: State
    text: str
    waits_for: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    paused: tuple[str, ...] = ()


def state_of(life: Life, lives: Iterable[Life], chains: Chains, now: datetime, us: str = "") -> Standing:
    """Where a version stands.

    Args:
        life: the version.
        lives: every version of the same accord that is known; others are left aside, `life` itself may be among them.
        chains: identities of the parties.
        now: aware.
        us: the party that looks: where it left or suspended, the accord is ended or suspended for it.

    Source: accord.md 1 ("States").
    """
    others = [other for other in lives if other.accord.id == life.accord.id and other.accord != life.accord]
    if life.complete_at is None:
        return _before_completion(life, others, chains, now)
    over = _over(life, others, chains, now, us)
    if over is not None:
        return over
    if now < life.accord.begins:
        return Standing(State.SIGNED_BY_ALL, f"All have signed; it begins on {_day(life.accord.begins)}.")
    left, paused = _left(life, others, chains), _heard(life, others, "suspension", chains)
    text = f"In force until {_day(life.accord.until)}."
    text += f" Left by {', '.join(left)}." if left else ""
    text += f" Suspended by {', '.join(paused)}." if paused else ""
    return Standing(State.IN_FORCE, text, left=left, paused=paused)


def in_force(lives: Iterable[Life], us: str, chains: Chains, now: datetime) -> tuple[InForce, ...]:
    """The accords that are in force for a node, one version of each.

    Args:
        lives: every version of every accord that is known.
        us: the node; accords of others are left out.
        chains: identities of the parties.
        now: aware.
    """
    known = tuple(lives)
    of = _by_id(known)
    held = []
    for life in known:
        if us in life.accord.nodes and life.complete_at is not None:
            standing = state_of(life, of[life.accord.id], chains, now, us)
            if standing.state is State.IN_FORCE:
                held.append(InForce(life.accord, us, frozenset((*standing.left, *standing.paused))))
    return tuple(held)


def standing_parties(life: Life, lives: Iterable[Life], chains: Chains) -> tuple[str, ...]:
    """The parties of a version that all needed have signed, without those that left it."""
    others = [other for other in lives if other.accord.id == life.accord.id and other.accord != life.accord]
    left = _left(life, others, chains)
    return tuple(node for node in life.accord.nodes if node not in left)


def parted(lives: Iterable[Life], one: str, other: str, chains: Chains, now: datetime) -> tuple[Accord, ...]:
    """The accords that bound two nodes and bind them no more: ended, left, taken out, or past their `until`.

    A suspension parts nobody. Of each accord it is the last version that bound both: its `at_end` counts.

    Args:
        lives: every version of every accord that is known.
        one: a node.
        other: another.
        chains: identities of the parties.
        now: aware.
    """
    found = []
    for versions in _by_id(lives).values():
        begun = [v for v in versions if v.complete_at is not None and v.accord.begins <= now]
        both = [v for v in begun if {one, other}.issubset(v.accord.nodes)]
        if both:
            stands = next(v for v in begun if not any(_follows(w, v) for w in begun if w is not v))
            together = {one, other}.issubset(standing_parties(stands, versions, chains))
            if not together or now >= stands.accord.until:
                found.append(max(both, key=lambda v: v.accord.version).accord)
    return tuple(found)


def _by_id(lives: Iterable[Life]) -> dict[str, list[Life]]:
    of: dict[str, list[Life]] = {}
    for life in lives:
        of.setdefault(life.accord.id, []).append(life)
    return of


def texts_to_sign(lives: Sequence[Life], us: str, chains: Chains, now: datetime) -> tuple[Life, ...]:
    """The texts of an accord's newest version that can be signed: the one that `us` has begun to sign, else all.

    There may be several: each party may propose an amendment, and a proposer another text while the first is read.

    Args:
        lives: every version of one accord that is known, in order; at least one.
        us: the node whose officers sign.
        chains: identities of the parties.
        now: aware.
    """
    newest = [life for life in lives if life.accord.version == lives[-1].accord.version]
    standings = [(life, state_of(life, lives, chains, now).state) for life in newest]
    open_ = tuple(life for life, state in standings if state in {State.PROPOSED, State.SIGNED_BY_SOME})
    begun = tuple(life for life in open_ if any(each.node == us for each in life.of_type("accord")))
    return begun or open_


def speakers(life: Life, type_: str, chains: Chains) -> dict[str, datetime]:
    """The parties of which enough officers signed a suspension or withdrawal, and when the last of them did.

    Args:
        life: the version that the records are about.
        type_: "suspension" or "withdrawal".
        chains: identities of the parties.
    """
    spoken = {}
    for node in life.accord.nodes:
        records = [record for record in life.of_type(type_) if record.node == node]
        if records and chains.get(node):
            needed = officers_then(chains[node], min(record.at for record in records))
            if len({record.kid for record in records}) >= needed:
                spoken[node] = max(record.at for record in records)
    return spoken


def _before_completion(life: Life, others: Sequence[Life], chains: Chains, now: datetime) -> Standing:
    dead = _dead(life, others, chains, now)
    if dead is not None:
        return dead
    if life.proposed_at is None:
        return Standing(State.DRAFT, "Nobody else has it yet.", (life.accord.proposer,))
    missing = life.missing(chains)
    if not any(signing.complete for signing in life.signings(chains)):
        return Standing(State.PROPOSED, "No party has signed in full yet.", missing)
    return Standing(State.SIGNED_BY_SOME, f"Not signed yet by {', '.join(missing)}.", missing)


def _dead(life: Life, others: Sequence[Life], chains: Chains, now: datetime) -> Standing | None:
    """Why a version that not all have signed cannot be signed any more; None if it can."""
    accord = life.accord
    if speakers(life, "withdrawal", chains):
        return Standing(State.WITHDRAWN, f"{accord.proposer} took its proposal back.")
    if any(other.complete_at is not None and other.accord.version >= accord.version for other in others):
        return Standing(State.EXPIRED, "Another text was signed by all first.")
    if now >= accord.until:
        return Standing(State.EXPIRED, f"Its period was over on {_day(accord.until)} before all had signed.")
    lapsed = [record.node for record in life.of_type("accord") if record.expires < now]
    if lapsed:
        return Standing(State.EXPIRED, f"A signature of {lapsed[0]} expired before all had signed.")
    return None


def _over(life: Life, others: Sequence[Life], chains: Chains, now: datetime, us: str) -> Standing | None:
    """What keeps a version that all have signed from being in force; None if nothing does."""
    accord = life.accord
    if now >= accord.until:
        return Standing(State.ENDED, f"Its period was over on {_day(accord.until)}.")
    left = _left(life, others, chains)
    if len(accord.nodes) - len(left) < _TWO:
        return Standing(State.ENDED, f"Ended by {', '.join(left)}.", left=left)
    for other in others:
        if other.complete_at is not None and other.accord.begins <= now and _follows(other, life):
            return Standing(State.AMENDED, f"Version {other.accord.version} stands in its place.")
    if us in left:
        return Standing(State.ENDED, f"Ended for {us}, which left; it goes on between the others.", left=left)
    paused = tuple(node for node in _heard(life, others, "suspension", chains) if node not in left)
    if us in paused or len(accord.nodes) - len(left) - len(paused) < _TWO:
        return Standing(State.SUSPENDED, f"Suspended by {', '.join(paused)}.", left=left, paused=paused)
    return None


_TWO: Final = 2
"""Below two parties there is no accord."""


def _left(life: Life, others: Sequence[Life], chains: Chains) -> tuple[str, ...]:
    return _heard(life, others, "withdrawal", chains)


def _heard(life: Life, others: Sequence[Life], type_: str, chains: Chains) -> tuple[str, ...]:
    """Parties that said this about the version, or about an older one after they had signed this one or without it."""
    heard = set(speakers(life, type_, chains))
    for older in others:
        if older.complete_at is not None and older.accord.version < life.accord.version:
            for node, at in speakers(older, type_, chains).items():
                signed = [record.at for record in life.of_type("accord") if record.node == node]
                if not signed or at > max(signed):
                    heard.add(node)
    return tuple(node for node in life.accord.nodes if node in heard)


def _follows(other: Life, life: Life) -> bool:
    """Whether `other` stands in the place of `life`: a higher version, or the same one signed by all earlier."""
    if other.accord.version != life.accord.version or other.complete_at is None or life.complete_at is None:
        return other.accord.version > life.accord.version
    return (other.complete_at, other.accord.hash) < (life.complete_at, life.accord.hash)


def _day(at: datetime) -> str:
    return at.date().isoformat()


def with_text(life: Life, proposed_at: datetime) -> Life:
    """A draft that has been sent, or a text that came again; the first time stays."""
    return life if life.proposed_at is not None else replace(life, proposed_at=proposed_at)
