"""Transitions: who may take which step in the life of an accord, and what it leads to.

Decides whether a step of a partner is taken (`receive`), whether this node may take one itself (`check_may_...`), and
what a life is afterwards. The states that follow are read in `accord.life`. A step that was taken already leads to the
same life again, so acts may come twice. Source: accord.md 1 ("States", "Signing"); wire.md 3.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from hilf.accord.document import Accord
from hilf.accord.life import Life, Standing, State, speakers, state_of, with_text
from hilf.accord.signature import Chains, check_full, check_signature, officers_then
from hilf.accord.step import Kind, Proposal, Signed, Step
from hilf.canonical import Json
from hilf.errors import PartnerFault, Refusal
from hilf.seal.record import AHEAD, Record, check_time, read_record, verify_records

_SEE: Final = "See: hilf accord show ID"
_OPEN: Final = (State.PROPOSED, State.SIGNED_BY_SOME)
_DEAD: Final = (State.WITHDRAWN, State.EXPIRED)


def receive(lives: Sequence[Life], step: Step, sender: str, us: str, chains: Chains, now: datetime) -> Life:
    """The life that a partner's step leads to.

    Args:
        lives: every version of the accord that is known here.
        step: as read from the act's body.
        sender: the node that sent the act.
        us: this node.
        chains: identities of the parties.
        now: aware.

    Raises:
        PartnerFault: "accord: " and the rule that keeps the step from being taken, or what is wrong with a record.
    """
    if isinstance(step, Proposal):
        return _receive_text(lives, step.accord, sender, us, now)
    life = _known(lives, step)
    match step.kind:
        case Kind.SIGNATURE:
            if _taken(life.accord, lives):
                raise PartnerFault("accord: version taken", str(life.accord.version))
            return with_signatures(life, step.records, chains, now)
        case Kind.SUSPENSION:
            return _receive_notice(life, step, sender, chains, now)
        case Kind.END:
            if len(life.accord.parties) > 2:  # noqa: PLR2004  # both of two
                raise PartnerFault("accord: leaving a community is an amendment")
            return _receive_notice(life, step, sender, chains, now)
        case Kind.WITHDRAWAL:
            if sender != life.accord.proposer:
                raise PartnerFault("accord: not the proposer", sender)
            if any(record.node == sender for record in life.of_type("accord")):
                raise PartnerFault("accord: proposer has signed")
            return with_notice(life, step.kind, step.records, sender, chains, now)


def with_signatures(life: Life, values: Sequence[Json], chains: Chains, now: datetime) -> Life:
    """A life with further signatures, by one party or several, by all their officers or some.

    The same key may sign again later, which takes the place of its earlier record (one that has expired, say).

    Args:
        life: a version that was proposed.
        values: the records; one that does not hold refuses all.
        chains: identities of the parties.
        now: aware.

    Raises:
        PartnerFault: "accord: withdrawn", "accord: proposer signed before others", "record: at ahead",
            "record: expired" (unless the set is full), "record: kid twice", or what `check_signature` refuses.
    """
    if life.complete_at is not None:
        return life
    if speakers(life, "withdrawal", chains):
        raise PartnerFault("accord: withdrawn")
    new = tuple(check_signature(life.accord, value, chains) for value in values)
    if len({record.kid for record in new}) != len(new):
        raise PartnerFault("record: kid twice")
    if any(record.at > now + AHEAD for record in new):
        raise PartnerFault("record: at ahead")
    merged = replace(life, records=_merged(life.records, new))
    _check_proposer_is_last(merged, chains)
    if _is_full(merged, chains):
        return replace(merged, complete_at=now)
    for record in new:
        check_time(record, now)
    return merged


def with_notice(
    life: Life,
    kind: Kind,
    values: Sequence[Json],
    node: str,
    chains: Chains,
    now: datetime,
    *,
    whole: bool = True,
) -> Life:
    """A life with a suspension, withdrawal or end by a party's officers.

    Args:
        life: the version that it is about.
        kind: which of the three.
        values: the records, all by officers of `node`.
        node: the party that speaks.
        chains: identities of the parties.
        now: aware.
        whole: whether the records must be enough; False while the officers of this node sign one after another.

    Raises:
        PartnerFault: "accord: no party", or what `verify_records` refuses.
    """
    chain = chains.get(node, ())
    if node not in life.accord.nodes or not chain:
        raise PartnerFault("accord: no party", node)
    new = tuple(read_record(value) for value in values)
    needed = officers_then(chain, min(record.at for record in new)) if whole and new else 1
    verify_records(kind.record_type, life.accord.hash, values, chain[-1], now, needed)
    return replace(life, records=_merged(life.records, new))


def check_may_sign(life: Life, lives: Sequence[Life], us: str, chains: Chains, now: datetime) -> None:
    """Return if this node's officers, or its node key, may sign a version now.

    Raises:
        Refusal: "accord.not-a-party", "accord.not-to-be-signed", "accord.successor-signed",
            "accord.predecessor-not-signed" or "accord.proposer-signs-last".
    """
    accord = life.accord
    if us not in accord.nodes:
        raise Refusal(
            "accord.not-a-party",
            f"This node is no party of {accord.id}.",
            "Only parties sign an accord.",
            _SEE,
        )
    standing = state_of(life, lives, chains, now)
    lapsed = standing.state is State.EXPIRED and now < accord.until and not _taken(accord, lives)
    if standing.state not in _OPEN and not lapsed:
        raise Refusal(
            "accord.not-to-be-signed",
            _title(accord, standing),
            "Only a proposed version can be signed.",
            _SEE,
        )
    rival = _rival(life, lives, us, chains, now)
    if rival is not None:
        text = (
            f"This node has signed another version {accord.version} of {accord.id} ({rival.accord.hash[:8]})."
        )
        raise Refusal(
            "accord.successor-signed", text, "A node signs at most one successor of a version.", _SEE
        )
    if accord.version > 1 and _predecessor(accord, lives) is None:
        text = f"Version {accord.version - 1} of {accord.id} with hash {accord.prev} is not signed by all."
        raise Refusal(
            "accord.predecessor-not-signed",
            text,
            "An amendment follows a version that all have signed.",
            _SEE,
        )
    missing = [s.node for s in life.signings(chains) if s.node != accord.proposer and not s.complete]
    if us == accord.proposer and missing:
        text = f"{', '.join(missing)} must sign first; this node proposed {accord.id} and signs last."
        raise Refusal(
            "accord.proposer-signs-last", text, "After the proposer nothing can be withdrawn.", _SEE
        )


def check_may_withdraw(life: Life, lives: Sequence[Life], us: str, chains: Chains, now: datetime) -> None:
    """Return if this node may take its proposal back.

    Raises:
        Refusal: "accord.not-the-proposer", "accord.proposer-has-signed" or "accord.not-to-be-withdrawn".
    """
    accord = life.accord
    if us != accord.proposer:
        raise Refusal(
            "accord.not-the-proposer",
            f"{accord.proposer} proposed {accord.id}.",
            "Only the proposer withdraws.",
            _SEE,
        )
    if any(record.node == us for record in life.of_type("accord")):
        text = f"This node has signed version {accord.version} of {accord.id}."
        raise Refusal(
            "accord.proposer-has-signed",
            text,
            "After the proposer has signed nothing can be withdrawn.",
            _SEE,
        )
    standing = state_of(life, lives, chains, now)
    if standing.state not in (*_OPEN, State.EXPIRED):
        raise Refusal(
            "accord.not-to-be-withdrawn", _title(accord, standing), "Only a proposal can be withdrawn.", _SEE
        )


def check_may_stop(life: Life, lives: Sequence[Life], us: str, chains: Chains, now: datetime) -> None:
    """Return if this node may suspend or end a version.

    Raises:
        Refusal: "accord.not-a-party" or "accord.not-in-force".
    """
    if us not in life.accord.nodes:
        raise Refusal(
            "accord.not-a-party",
            f"This node is no party of {life.accord.id}.",
            "Only parties stop an accord.",
            _SEE,
        )
    standing = state_of(life, lives, chains, now)
    if standing.state not in (State.IN_FORCE, State.SIGNED_BY_ALL, State.SUSPENDED):
        raise Refusal(
            "accord.not-in-force",
            _title(life.accord, standing),
            "Only an accord in force can be stopped.",
            _SEE,
        )


def _receive_text(lives: Sequence[Life], accord: Accord, sender: str, us: str, now: datetime) -> Life:
    for life in lives:
        if life.accord == accord:
            return with_text(life, now)
    if sender != accord.proposer:
        raise PartnerFault("accord: not the proposer", sender)
    if us not in accord.nodes:
        raise PartnerFault("accord: not for us")
    if _taken(accord, lives):
        raise PartnerFault("accord: version taken", str(accord.version))
    before = _predecessor(accord, lives)
    if accord.version > 1 and (before is None or sender not in before.accord.nodes):
        raise PartnerFault("accord: unknown predecessor", f"version {accord.version}")
    if before is not None and set(before.accord.nodes) != set(accord.nodes):
        raise PartnerFault("accord: parties changed")
    return Life(accord, proposed_at=now)


def _receive_notice(life: Life, step: Signed, sender: str, chains: Chains, now: datetime) -> Life:
    if life.complete_at is None:
        raise PartnerFault("accord: not in force")
    return with_notice(life, step.kind, step.records, sender, chains, now)


def _known(lives: Sequence[Life], step: Signed) -> Life:
    subject = (step.subject.id, step.subject.version, step.subject.hash)
    for life in lives:
        if life.proposed_at is not None and (*life.accord.key, life.accord.hash) == subject:
            return life
    raise PartnerFault("accord: unknown text", f"version {step.subject.version}")


def _predecessor(accord: Accord, lives: Sequence[Life]) -> Life | None:
    for life in lives:
        if life.accord.hash == accord.prev and life.accord.id == accord.id and life.complete_at is not None:
            return life if life.accord.version == accord.version - 1 else None
    return None


def _taken(accord: Accord, lives: Sequence[Life]) -> bool:
    """Whether another text in the same place, or a later one, has been signed by all."""
    return any(
        life.complete_at is not None and life.accord != accord and life.accord.version >= accord.version
        for life in lives
        if life.accord.id == accord.id
    )


def _rival(life: Life, lives: Sequence[Life], us: str, chains: Chains, now: datetime) -> Life | None:
    """Another text in the same place that this node has signed and that is neither withdrawn nor expired."""
    for other in lives:
        same_place = other.accord.key == life.accord.key and other.accord != life.accord
        signed = any(record.node == us for record in other.of_type("accord"))
        if same_place and signed and state_of(other, lives, chains, now).state not in _DEAD:
            return other
    return None


def _merged(held: tuple[Record, ...], new: tuple[Record, ...]) -> tuple[Record, ...]:
    by_key = {(record.type, record.kid): record for record in held}
    for record in new:
        earlier = by_key.get((record.type, record.kid))
        if earlier is None or record.at > earlier.at:
            by_key[record.type, record.kid] = record
    return tuple(by_key.values())


def _check_proposer_is_last(life: Life, chains: Chains) -> None:
    if any(record.node == life.accord.proposer for record in life.of_type("accord")):
        for signing in life.signings(chains):
            if signing.node != life.accord.proposer and not signing.complete:
                raise PartnerFault("accord: proposer signed before others", signing.node)


def _is_full(life: Life, chains: Chains) -> bool:
    try:
        check_full(life.accord, life.of_type("accord"), chains, life.proposed_at)
    except PartnerFault:
        return False
    return True


def _title(accord: Accord, standing: Standing) -> str:
    return f"Version {accord.version} of {accord.id} is {standing.state.value}: {standing.text}"
