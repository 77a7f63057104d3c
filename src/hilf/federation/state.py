"""States: what a node says, signed, about where both streams with a peer stand.

A state answers `GET state` and comes with every 409 (wire.md 5). It has two uses: the sender finds in it the seq to
resume from (protocol.md 4), and its signed bytes become the start of the next epoch when the two do not agree
(wire.md 4). How acts that only one side has are found again is reconciliation, wire.md 6, and not decided here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from hilf.canonical import Json, parse_timestamp, sha256, timestamp
from hilf.errors import PartnerFault
from hilf.federation.stream import Position, read_position
from hilf.federation.structure import digest, first_version, members, whole
from hilf.seal.key import PrivateKey, PublicKey
from hilf.seal.signed import sign, signed_bytes, verify

NAME: Final = "hilf/1 state"
_MEMBERS: Final = frozenset(["v", "node", "peer", "in", "out", "at", "kid", "value"])
_OUT: Final = frozenset(("epoch", "next", "chain", "receipted"))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A sender's side of its stream: `next` seq to give, the chain before it, and the last seq that was receipted."""

    epoch: int
    next: int
    chain: bytes
    receipted: int

    def json(self) -> dict[str, Json]:
        """The outgoing side as it stands in a state."""
        return {
            "epoch": self.epoch,
            "next": self.next,
            "chain": self.chain.hex(),
            "receipted": self.receipted,
        }


@dataclass(frozen=True, slots=True)
class State:
    """One signed state of `node` about its streams from and to `peer`; `value` is the structure as it was signed."""

    node: str
    peer: str
    incoming: Position
    outgoing: Outgoing
    at: datetime
    value: dict[str, Json]

    @property
    def start(self) -> bytes:
        """What an epoch opened from this state starts from: H of the bytes that were signed. Source: wire.md 4."""
        return sha256(signed_bytes(NAME, self.value))


def make_state(
    node: str, peer: str, incoming: Position, outgoing: Outgoing, at: datetime, key: PrivateKey
) -> dict[str, Json]:
    """The signed state of `node`, ready to be sent. Source: wire.md 4."""
    state: dict[str, Json] = {
        "v": 1,
        "node": node,
        "peer": peer,
        "in": incoming.json(),
        "out": outgoing.json(),
        "at": timestamp(at),
    }
    return sign(NAME, state, key)


def read_state(value: Json, node: str, peer: str, keys: Mapping[str, PublicKey]) -> State:
    """The state that `node` signed about its streams with `peer`.

    Raises:
        PartnerFault: `state: members`, `state: v`, `state: node/peer`, `state: in: …`, `state: out: …`,
            `state: time form`, `state: unknown kid`, `state: signature`.

    Source: wire.md 4.
    """
    fields = members(value, _MEMBERS, "state")
    first_version(fields["v"], "state")
    if fields["node"] != node or fields["peer"] != peer:
        raise PartnerFault("state: node/peer")
    incoming, outgoing = read_position(fields["in"], "state: in"), _outgoing(fields["out"])
    at = parse_timestamp(fields["at"], "state")
    verify(NAME, fields, keys, "state")
    return State(node, peer, incoming, outgoing, at, fields)


def _outgoing(value: Json) -> Outgoing:
    fields = members(value, _OUT, "state: out")
    epoch, following = (
        whole(fields["epoch"], 1, "state: out: numbers"),
        whole(fields["next"], 1, "state: out: numbers"),
    )
    receipted = whole(fields["receipted"], 0, "state: out: numbers")
    if receipted >= following:
        raise PartnerFault("state: out: numbers", "receipted what was not sent")
    return Outgoing(epoch, following, digest(fields["chain"], "state: out: chain"), receipted)


class Standing(Enum):
    """What a sender does after it has read its peer's state."""

    RESUME = "resume"
    NOTHING = "nothing"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Resumption:
    """Where to go on sending.

    Attributes:
        standing: RESUME from `seq`; NOTHING, all that was stamped is there and receipted; DIFFERS, reconcile first.
        seq: the first seq that is not there or not receipted, 0 where the streams differ. What goes out is the batch
            that holds it, byte for byte as it was first sent.
        applied: the peer's own position in our epoch, 0 where the streams differ. Where boundaries are drawn anew
            (after 413), no batch may hold acts from both sides of it: it would straddle.
        restored: the peer stands before what it receipted, so it lost what it had: it was restored from a backup.
    """

    standing: Standing
    seq: int
    applied: int
    restored: bool = False


def resume(
    state: State, out: Outgoing, chain_at: Callable[[int], bytes], opened_from: Position | None = None
) -> Resumption:
    """Where the sender of `out` goes on, by what its peer has signed.

    What the peer has applied but we hold no receipt for is sent again, since the receipt was lost on the way; the
    peer answers with the stored one.

    Args:
        state: the peer's state, read and verified.
        out: our side of our stream to that peer.
        chain_at: our chain after a seq of the current epoch, for 0 to `out.next - 1`.
        opened_from: the peer's position in the state that opened our current epoch; None in epoch 1. The peer stands
            there until it has the first batch of the epoch.

    Source: protocol.md 4 ("on connecting, both compare state").
    """
    there = state.incoming
    if there == opened_from and not out.receipted:
        return Resumption(Standing.RESUME if out.next > 1 else Standing.NOTHING, 1, 0)
    if there.epoch != out.epoch or there.seq >= out.next or chain_at(there.seq) != there.chain:
        return Resumption(Standing.DIFFERS, 0, 0)
    seq = min(there.seq, out.receipted) + 1
    standing = Standing.NOTHING if seq == out.next else Standing.RESUME
    return Resumption(standing, seq, there.seq, restored=there.seq < out.receipted)
