"""Receipts: the receiver's signed word on what became of every act of a batch.

A receipt stands for exactly one header (`batch` is H of its signed bytes) and holds one result per act, in order
(wire.md 4). Both sides keep it; a batch sent again gets the stored receipt, byte for byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hilf.canonical import Json, parse_timestamp, timestamp
from hilf.errors import PartnerFault
from hilf.federation.batch import Header
from hilf.federation.outcome import Result, read_result
from hilf.federation.structure import array, first_version, members
from hilf.seal.key import PrivateKey, PublicKey
from hilf.seal.signed import sign, verify

NAME: Final = "hilf/1 receipt"
_MEMBERS: Final = frozenset(
    ["v", "by", "for", "epoch", "first", "last", "chain", "root", "batch", "at", "results", "kid", "value"]
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A verified receipt; `value` is the structure as it was signed."""

    by: str
    to: str
    epoch: int
    first: int
    last: int
    at: datetime
    results: tuple[Result, ...]
    value: dict[str, Json]


def _about(header: Header) -> dict[str, Json]:
    """What a receipt repeats of the batch that it stands for."""
    return {
        "by": header.recipient,
        "for": header.sender,
        "epoch": header.epoch,
        "first": header.first,
        "last": header.last,
        "chain": header.chain.hex(),
        "root": header.root.hex(),
        "batch": header.digest.hex(),
    }


def make_receipt(header: Header, results: Sequence[Result], at: datetime, key: PrivateKey) -> dict[str, Json]:
    """The signed receipt for a batch, ready to be sent; one result per act, in order.

    Raises:
        ValueError: there are more or fewer results than acts.

    Source: wire.md 4.
    """
    if len(results) != header.count:
        raise ValueError(f"{len(results)} results for {header.count} acts")
    listed: list[Json] = [result.json() for result in results]
    return sign(NAME, {"v": 1, **_about(header), "at": timestamp(at), "results": listed}, key)


def read_receipt(
    value: Json, header: Header, act_ids: Sequence[str], keys: Mapping[str, PublicKey]
) -> Receipt:
    """The receipt that the recipient signed for the batch with this header and these acts.

    Args:
        value: the answer of the partner.
        header: the header that we sent.
        act_ids: the ids that we sent under it, in order.
        keys: the keys of the recipient that may sign now, by kid.

    Raises:
        PartnerFault: `receipt: members`, `receipt: v`, `receipt: unknown kid`, `receipt: signature`,
            `receipt: other batch`, `receipt: results`, `receipt: outcome`, `receipt: reason: members`, ….

    Source: wire.md 4.
    """
    fields = members(value, _MEMBERS, "receipt")
    first_version(fields["v"], "receipt")
    at = parse_timestamp(fields["at"], "receipt")
    verify(NAME, fields, keys, "receipt")
    for name, expected in _about(header).items():
        if type(fields[name]) is not type(expected) or fields[name] != expected:
            raise PartnerFault("receipt: other batch", name)
    results = tuple(read_result(each, "receipt") for each in array(fields["results"], "receipt: results"))
    if tuple(result.id for result in results) != tuple(act_ids):
        raise PartnerFault("receipt: results")
    return Receipt(
        header.recipient, header.sender, header.epoch, header.first, header.last, at, results, fields
    )
