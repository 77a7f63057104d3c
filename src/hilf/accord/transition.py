"""Transitions: who may take which step in the life of an accord, and what it leads to.

Decides whether a step of a partner is taken (`receive`) and what a life is afterwards. Which steps this node may take
itself is decided in `accord.permission`; the states that follow are read in `accord.life`. A step that was taken already leads to the
same life again, so acts may come twice.

Between two parties each speaks for itself. In a community what one party signed may be brought by any other, for not all
need have met: records verify on their own, and a text binds nobody until it is signed. Source: accord.md 1 ("States", "Signing"); wire.md 3.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from hilf.accord.community import quorum
from hilf.accord.document import Accord
from hilf.accord.life import Life, speakers, standing_parties, with_text
from hilf.accord.signature import Chains, check_full, check_signature, officers_needed
from hilf.accord.step import Kind, Proposal, Signed, Step
from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.seal import role
from hilf.seal.record import AHEAD, Record, check_time, read_record, verify_records

_TWO: Final = 2


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
        return _receive_text(lives, step.accord, sender, us, chains, now)
    life = _known(lives, step)
    if step.kind is Kind.SIGNATURE:
        if is_taken(life.accord, lives):
            raise PartnerFault("accord: version taken", str(life.accord.version))
        return with_signatures(life, step.records, chains, now)
    speaker = _speaker(life, step, sender)
    if step.kind is Kind.WITHDRAWAL:
        if speaker != life.accord.proposer:
            raise PartnerFault("accord: not the proposer", speaker[:100])
        if any(record.node == speaker for record in life.of_type("accord")):
            raise PartnerFault("accord: proposer has signed")
    elif life.complete_at is None:
        raise PartnerFault("accord: not in force")
    return with_notice(life, step.kind, step.records, speaker, chains, now)


def life_of(
    accord: Accord, lives: Sequence[Life], chains: Chains, proposed_at: datetime | None = None
) -> Life:
    """The life of a text that is new here, with those whose signatures it takes.

    Args:
        accord: the text.
        lives: every version of the accord that is known here.
        chains: identities of the parties.
        proposed_at: when it was sent or came; None for a draft.
    """
    before = predecessor(accord, lives)
    standing = () if before is None else standing_parties(before, lives, chains)
    needed = quorum(accord, before.accord if before else None, standing)
    return Life(accord, proposed_at, quorum=needed)


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
    # Whoever signs says when: none may choose a day on which fewer were enough than today.
    needed = officers_needed(chain, min(record.at for record in new)) if whole and new else 1
    # An expiry bounds how long one officer waits for the next; what enough said holds, however late it arrives.
    then = min(now, max((record.at for record in new), default=now))
    for kid in verify_records(kind.record_type, life.accord.hash, values, chain[-1], then, needed):
        role.check(chain[-1], kid, kind.record_type)
    return replace(life, records=_merged(life.records, new))


def _receive_text(
    lives: Sequence[Life], accord: Accord, sender: str, us: str, chains: Chains, now: datetime
) -> Life:
    for life in lives:
        if life.accord == accord:
            return with_text(life, now)
    before = predecessor(accord, lives)
    involved = {*accord.nodes, *(before.accord.nodes if before else ())}
    if sender != accord.proposer and (len(involved) == _TWO or sender not in involved):
        raise PartnerFault("accord: not the proposer", sender)
    if us not in involved:
        raise PartnerFault("accord: not for us")
    if is_taken(accord, lives):
        raise PartnerFault("accord: version taken", str(accord.version))
    if accord.version > 1 and before is None:
        raise PartnerFault("accord: unknown predecessor", f"version {accord.version}")
    if before is not None and accord.proposer not in standing_parties(before, lives, chains):
        raise PartnerFault("accord: proposer is no party", accord.proposer)
    return life_of(accord, lives, chains, now)


def _speaker(life: Life, step: Signed, sender: str) -> str:
    """The party that a notice is of: the sender, or in a community whoever signed it."""
    if len(life.accord.parties) == _TWO:
        return sender
    if sender not in life.accord.nodes:
        raise PartnerFault("accord: no party", sender)
    return read_record(step.records[0]).node


def _known(lives: Sequence[Life], step: Signed) -> Life:
    subject = (step.subject.id, step.subject.version, step.subject.hash)
    for life in lives:
        if life.proposed_at is not None and (*life.accord.key, life.accord.hash) == subject:
            return life
    raise PartnerFault("accord: unknown text", f"version {step.subject.version}")


def predecessor(accord: Accord, lives: Sequence[Life]) -> Life | None:
    """The version that a text follows, if all needed have signed it; None for a first version too."""
    for life in lives:
        if life.accord.hash == accord.prev and life.accord.id == accord.id and life.complete_at is not None:
            return life if life.accord.version == accord.version - 1 else None
    return None


def is_taken(accord: Accord, lives: Sequence[Life]) -> bool:
    """Whether another text in the same place, or a later one, has been signed by all."""
    return any(
        life.complete_at is not None and life.accord != accord and life.accord.version >= accord.version
        for life in lives
        if life.accord.id == accord.id
    )


def _merged(held: tuple[Record, ...], new: tuple[Record, ...]) -> tuple[Record, ...]:
    by_key = {(record.type, record.kid): record for record in held}
    for record in new:
        earlier = by_key.get((record.type, record.kid))
        if earlier is None or record.at > earlier.at:
            by_key[record.type, record.kid] = record
    return tuple(by_key.values())


def _check_proposer_is_last(life: Life, chains: Chains) -> None:
    proposer = life.accord.proposer
    if any(record.node == proposer for record in life.of_type("accord")):
        missing = life.missing(chains, (proposer,))
        if missing:
            raise PartnerFault("accord: proposer signed before others", missing[0])


def _is_full(life: Life, chains: Chains) -> bool:
    try:
        check_full(life.accord, life.of_type("accord"), chains, life.proposed_at, life.quorum)
    except PartnerFault:
        return False
    return True
