"""Batches: acts in order under one signed header (wire.md 4), and single acts given back from one (wire.md 6).

Decides what a batch proves by itself: that its header is closed, goes from this node to that one and is signed by a
key that may sign now; that the acts are as many as the header says and give its chain and its root; and, in the first
batch of an epoch after the first, that the epoch was opened from a state that the receiver itself signed.

Where a proven batch belongs in the receiver's stream is decided in `placement`; size and depth were judged by the
guard before any of it was parsed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hilf.canonical import Json, dumps, parse_timestamp, sha256, timestamp
from hilf.errors import PartnerFault
from hilf.federation.act import Act, read_act
from hilf.federation.state import State, read_state
from hilf.federation.stream import FIRST_START, Position, chain_over, chain_start
from hilf.federation.structure import array, digest, first_version, hexadecimal, members, whole
from hilf.ledger import tree
from hilf.seal.key import PrivateKey, PublicKey
from hilf.seal.signed import sign, signed_bytes, verify

NAME: Final = "hilf/1 batch"
MAX_ACTS: Final = 10_000
"""The most acts that one batch may hold. Source: wire.md 5."""

_HEADER: Final = frozenset(
    ["v", "from", "to", "epoch", "first", "count", "prev_chain", "chain", "root", "at", "kid", "value"]
)
_OPENING: Final = _HEADER | {"opened_by", "withdrawn"}
_BATCH: Final = frozenset(("header", "acts"))
_GIVEN_BACK: Final = frozenset(("header", "index", "path", "act"))


@dataclass(frozen=True, slots=True)
class Header:
    """A signed header. `value` is the structure as it was signed, `digest` H of its signed bytes."""

    sender: str
    recipient: str
    epoch: int
    first: int
    count: int
    prev_chain: bytes
    chain: bytes
    root: bytes
    at: datetime
    withdrawn: tuple[str, ...]
    digest: bytes
    value: dict[str, Json]

    @property
    def last(self) -> int:
        """The seq of the last act."""
        return self.first + self.count - 1

    @property
    def end(self) -> Position:
        """Where the receiver stands once it has applied the batch."""
        return Position(self.epoch, self.last, self.chain)


@dataclass(frozen=True, slots=True)
class Batch:
    """A header with its acts; `opening` is the state that the epoch was opened from, in its first batch."""

    header: Header
    acts: tuple[Act, ...]
    opening: State | None

    @property
    def ids(self) -> tuple[str, ...]:
        """The act ids, in order."""
        return tuple(act.id for act in self.acts)

    @property
    def canonical(self) -> bytes:
        """The batch as it goes over the wire, from the canonical forms that the acts already have."""
        acts = b",".join(act.canonical for act in self.acts)
        return b'{"acts":[' + acts + b'],"header":' + dumps(self.header.value) + b"}"


@dataclass(frozen=True, slots=True)
class GivenBack:
    """An act of our own that a partner still has, with its place in the stream and the header that it came under."""

    act: Act
    epoch: int
    seq: int
    header: Header


def make_batch(
    acts: Sequence[Act],
    after: Position,
    at: datetime,
    key: PrivateKey,
    opening: State | None = None,
    withdrawn: Sequence[str] = (),
) -> Batch:
    """The next batch of a stream, signed.

    Args:
        acts: 1 to MAX_ACTS acts from one sender to one recipient, in order.
        after: where the stream stands; with `opening` only its epoch counts, and the batch opens the next one.
        at: when the batch is first sent.
        key: a key that stands in `sign[]` of the sender's newest identity document.
        opening: the recipient's signed state that a new epoch starts from.
        withdrawn: ids sent in earlier epochs and not carried over; only with `opening`.

    Raises:
        ValueError: the acts are none, too many or not all of one pair.

    Source: wire.md 4.
    """
    pairs = {(act.sender, act.recipient) for act in acts}
    if len(pairs) != 1 or len(acts) > MAX_ACTS:
        raise ValueError("a batch holds 1 to 10,000 acts of one sender to one recipient")
    ((sender, recipient),) = pairs
    if opening is not None:
        after = Position(after.epoch + 1, 0, chain_start(sender, recipient, after.epoch + 1, opening.start))
    header: dict[str, Json] = {
        "v": 1,
        "from": sender,
        "to": recipient,
        "epoch": after.epoch,
        "first": after.seq + 1,
        "count": len(acts),
        "prev_chain": after.chain.hex(),
        "chain": chain_over(after.chain, (act.id for act in acts)).hex(),
        "root": batch_root([act.id for act in acts]).hex(),
        "at": timestamp(at),
    }
    if opening is not None:
        header |= {"opened_by": opening.value, "withdrawn": list(withdrawn)}
    signed = sign(NAME, header, key)
    return Batch(read_header(signed, sender, recipient, {key.kid: key.public}), tuple(acts), opening)


def batch_leaves(act_ids: Sequence[str]) -> list[bytes]:
    """The leaf hashes of a batch: the ids are leaf data. Source: wire.md 4."""
    return [tree.leaf_hash(bytes.fromhex(act_id)) for act_id in act_ids]


def batch_root(act_ids: Sequence[str]) -> bytes:
    """The RFC 6962 root over act ids. Source: wire.md 4."""
    return tree.root(batch_leaves(act_ids))


def read_header(value: Json, sender: str, recipient: str, keys: Mapping[str, PublicKey]) -> Header:
    """The header that `sender` signed for `recipient`; what it says of the acts is not checked yet.

    Raises:
        PartnerFault: `header: members`, `header: v`, `header: from/to`, `header: numbers`, `header: time form`,
            `batch: unknown kid`, `batch: base64url`, `batch: signature`.

    Source: wire.md 4.
    """
    opens = type(value) is dict and value.get("first") == 1 and value.get("epoch") != 1
    fields = members(value, _OPENING if opens else _HEADER, "header")
    first_version(fields["v"], "header")
    if fields["from"] != sender or fields["to"] != recipient:
        raise PartnerFault("header: from/to")
    epoch, first, count = (whole(fields[name], 1, "header: numbers") for name in ("epoch", "first", "count"))
    prev_chain, chain, root = (
        digest(fields[name], f"header: {name}") for name in ("prev_chain", "chain", "root")
    )
    at = parse_timestamp(fields["at"], "header")
    withdrawn = array(fields["withdrawn"], "withdrawn") if opens else []
    ids = tuple(hexadecimal(each, 32, "withdrawn") for each in withdrawn)
    verify(NAME, fields, keys, "batch")
    signed = sha256(signed_bytes(NAME, fields))
    return Header(sender, recipient, epoch, first, count, prev_chain, chain, root, at, ids, signed, fields)


def read_batch(
    value: Json,
    sender: str,
    recipient: str,
    keys: Mapping[str, PublicKey],
    own_keys: Mapping[str, PublicKey],
) -> Batch:
    """The batch that `value` is, proven by itself.

    Args:
        value: the body, already through the guard.
        sender: whom the connection belongs to.
        recipient: this node.
        keys: the keys of the sender that may sign now, by kid.
        own_keys: this node's keys, which signed the state that a new epoch starts from.

    Raises:
        PartnerFault: `batch: members`, `header: …`, `batch: count`, `batch: signature`, `act: …`, `state: …`,
            `batch: epoch`, `withdrawn: twice or sent`, `batch: chain`, `batch: root` and what else the vectors name.

    Source: wire.md 4.
    """
    fields = members(value, _BATCH, "batch")
    header = read_header(fields["header"], sender, recipient, keys)
    acts = array(fields["acts"], "batch: acts")
    if len(acts) != header.count:
        raise PartnerFault("batch: count", f"{len(acts)} for {header.count}")
    if header.count > MAX_ACTS:
        raise PartnerFault("batch: too many acts", str(header.count))
    opening = _opening(header, own_keys)
    batch = Batch(header, tuple(read_act(act, sender, recipient) for act in acts), opening)
    ids = batch.ids
    if len({*header.withdrawn, *ids}) != len(header.withdrawn) + len(set(ids)):
        raise PartnerFault("withdrawn: twice or sent")
    if header.first == 1:
        start = opening.start if opening else FIRST_START
        if header.prev_chain != chain_start(sender, recipient, header.epoch, start):
            raise PartnerFault("batch: chain", "start")
    if chain_over(header.prev_chain, ids) != header.chain:
        raise PartnerFault("batch: chain")
    if batch_root(ids) != header.root:
        raise PartnerFault("batch: root")
    return batch


def _opening(header: Header, own_keys: Mapping[str, PublicKey]) -> State | None:
    if "opened_by" not in header.value:
        return None
    state = read_state(header.value["opened_by"], header.recipient, header.sender, own_keys)
    if header.epoch != state.incoming.epoch + 1:
        raise PartnerFault("batch: epoch", f"{header.epoch} after {state.incoming.epoch}")
    return state


def give_back(header: Header, act_ids: Sequence[str], index: int, act: Act) -> dict[str, Json]:
    """One act of a batch, with what proves that its sender signed it. `act_ids` are those of the whole batch."""
    path: list[Json] = [step.hex() for step in tree.path(index, batch_leaves(act_ids))]
    return {"header": header.value, "index": index, "path": path, "act": act.json()}


def read_given_back(value: Json, asker: str, giver: str, keys: Mapping[str, PublicKey]) -> GivenBack:
    """The act that `asker`, who lost it, once signed for `giver`.

    Args:
        value: `{header, index, path, act}`.
        asker: this node, the sender of the act.
        giver: the partner that received it and gives it back.
        keys: every key that this node ever listed and did not revoke, by kid.

    Raises:
        PartnerFault: `given back: members`, `given back: index`, `given back: root`, `batch: unknown kid`,
            `batch: signature`, `act: …`.

    Source: wire.md 6.
    """
    fields = members(value, _GIVEN_BACK, "given back")
    header = read_header(fields["header"], asker, giver, keys)
    act = read_act(fields["act"], asker, giver)
    index = whole(fields["index"], 0, "given back: index")
    path = [digest(step, "given back: path") for step in array(fields["path"], "given back: path")]
    leaf = tree.leaf_hash(bytes.fromhex(act.id))
    if tree.root_from_path(leaf, index, header.count, path, "given back") != header.root:
        raise PartnerFault("given back: root")
    return GivenBack(act, header.epoch, header.first + index, header)
