"""Signatures of an accord: whose officers and whose node signed which text, and whether that is everybody.

Decides by accord.md 1 ("Signing") and wire.md 3: each party signs with as many officers as its identity demands and with
its node key; the proposer, first of the parties, signs last; no `expires` in a full set lies before the latest `at` in it,
and once a set is full expiry is not read again. Whose signatures make a set full is decided in `accord.community`. A set verifies on its own, whoever brings it. Single records are judged
in `seal.record`; what follows from a full set in `accord.life`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TypeAlias

from hilf.accord.community import Quorum, everybody
from hilf.accord.document import Accord
from hilf.canonical import Json, content_id
from hilf.errors import PartnerFault
from hilf.seal import role
from hilf.seal.document import Document
from hilf.seal.record import AHEAD, Record, check_record, read_record

Chains: TypeAlias = Mapping[str, Sequence[Document]]
"""Node → its identity documents from the first to the newest, one at least (`Identity.chain`)."""


@dataclass(frozen=True, slots=True)
class Signing:
    """How far one party has signed.

    Attributes:
        node: the party.
        officers: kids of officers who signed.
        needed: officers that it takes.
        by_node: whether its node key signed as well.
    """

    node: str
    officers: tuple[str, ...]
    needed: int
    by_node: bool

    @property
    def complete(self) -> bool:
        """Whether the party has signed."""
        return self.by_node and len(self.officers) >= self.needed


def check_signature(accord: Accord, value: Json, chains: Chains) -> Record:
    """One signature of this very text by a key of one of its parties; its times are not judged.

    Args:
        accord: the text.
        value: the record.
        chains: identities of the parties.

    Raises:
        PartnerFault: "record: type", "record: subject", "accord: no party", "accord: unknown kid", "accord: signature",
            or what `read_record` refuses.

    Source: wire.md 3 ("Officers' acts").
    """
    record = _check_form(accord, value)
    _check_signer(accord, record, chains)
    return record


def _check_form(accord: Accord, value: Json) -> Record:
    record = read_record(value)
    if record.type != "accord":
        raise PartnerFault("record: type", record.type)
    if content_id(record.subject) != content_id(accord.subject):
        raise PartnerFault("record: subject")
    return record


def _check_signer(accord: Accord, record: Record, chains: Chains) -> None:
    if record.node not in accord.nodes:
        raise PartnerFault("accord: no party", record.node[:100])
    check_against_chain(record, "accord", chains)


def check_against_chain(record: Record, type_: str, chains: Chains) -> None:
    """Return if a key that its node listed when the record was made signed it, and is not revoked since.

    An officer who left keeps what he signed before, as an online key does (wire.md 2).

    Raises:
        PartnerFault: "<type>: unknown kid", "<type>: signature" or "<type>: role".
    """
    chain = chains.get(record.node, ())
    if not chain:
        raise PartnerFault(f"{type_}: unknown kid", f"no identity of {record.node[:100]}")
    newest = chain[-1]
    listing = newest
    for document, following in pairwise(chain):
        if record.kid in document.keys and record.kid not in newest.keys and record.at <= following.issued:
            listing = document
    if record.kid in newest.revoked:
        raise PartnerFault(f"{type_}: unknown kid", f"{record.kid[:40]} is revoked")
    check_record(record, type_, listing)
    if record.role == "officer":
        role.check(listing, record.kid, type_)


def officers_needed(chain: Sequence[Document], since: datetime | None = None) -> int:
    """How many officers of a node it takes for one act.

    Args:
        chain: the node's identity documents.
        since: when the act was proposed; what counted then or came later counts, whichever is more, because lowering
            it never touches what was already proposed (wire.md 2). None: what counts now.
    """
    counting = [
        document
        for document, following in zip(chain, (*chain[1:], None), strict=True)
        if following is None or (since is not None and following.issued > since)
    ]
    return max(document.officers_per_act for document in counting)


def officers_then(chain: Sequence[Document], at: datetime) -> int:
    """How many officers of a node it took for one act at that time; what comes later changes nothing about it."""
    before = [document for document in chain if document.issued <= at]
    return (before[-1] if before else chain[0]).officers_per_act


def signings(
    accord: Accord, records: Iterable[Record], chains: Chains, since: datetime | None = None
) -> tuple[Signing, ...]:
    """How far each party has signed, in the order of the parties; what a revoked key signed counts no more.

    Args:
        accord: the text.
        records: signatures of it that were verified when they came.
        chains: identities of the parties; a party without one needs one officer at least, whom nobody can verify.
        since: when it was proposed.
    """
    held = tuple(record for record in records if not _is_revoked(record, chains))
    return tuple(
        Signing(
            node,
            tuple(dict.fromkeys(r.kid for r in held if r.node == node and r.role == "officer")),
            officers_needed(chains[node], since) if chains.get(node) else 1,
            any(record.node == node and record.role == "node" for record in held),
        )
        for node in accord.nodes
    )


def _is_revoked(record: Record, chains: Chains) -> bool:
    chain = chains.get(record.node, ())
    return bool(chain) and record.kid in chain[-1].revoked


def check_set(
    accord: Accord, values: Sequence[Json], chains: Chains, since: datetime | None = None
) -> tuple[Record, ...]:
    """The records of a full set: every party has signed this text.

    Args:
        accord: the text.
        values: all records; one that does not hold refuses the set.
        chains: identities of the parties.
        since: when it was proposed; None where that is not known.

    Raises:
        PartnerFault: "record: kid twice", "accord: too few officers of <node>", "accord: no node signature of <node>",
            "accord: a signature had expired", "accord: proposer signed before others", or what `check_signature`
            refuses.

    Source: accord.md 1; wire.md 3.
    """
    records: list[Record] = []
    for value in values:
        record = _check_form(accord, value)
        if any(record.kid == earlier.kid for earlier in records):
            raise PartnerFault("record: kid twice", record.kid[:40])
        _check_signer(accord, record, chains)
        records.append(record)
    check_full(accord, records, chains, since)
    return tuple(records)


def check_full(
    accord: Accord,
    records: Sequence[Record],
    chains: Chains,
    since: datetime | None = None,
    quorum: Quorum | None = None,
) -> None:
    """Return if verified signatures make a full set.

    Args:
        accord: the text.
        records: verified signatures of it.
        chains: identities of the parties.
        since: when it was proposed.
        quorum: whose signatures it takes; None for those of each party.

    Raises:
        PartnerFault: as `check_set`, or "accord: too few parties".
    """
    needed = quorum or everybody(accord)
    done = signings(accord, records, chains, since)
    for signing in done:
        if signing.node in needed.each and len(signing.officers) < signing.needed:
            raise PartnerFault(f"accord: too few officers of {signing.node}", str(len(signing.officers)))
        if signing.node in needed.each and not signing.by_node:
            raise PartnerFault(f"accord: no node signature of {signing.node}")
    signed = {signing.node for signing in done if signing.complete}
    if not needed.met_by(signed):
        raise PartnerFault("accord: too few parties", f"{len(signed)}")
    _check_times(accord, [record for record in records if record.node in signed])


def _check_times(accord: Accord, counting: Sequence[Record]) -> None:
    """Of parties that signed in full; what another party began to sign binds nobody."""
    latest = max(record.at for record in counting)
    if any(record.expires < latest for record in counting):
        raise PartnerFault("accord: a signature had expired")
    others = max((record.at for record in counting if record.node != accord.proposer), default=latest)
    if any(record.at + AHEAD < others for record in counting if record.node == accord.proposer):
        raise PartnerFault("accord: proposer signed before others")
