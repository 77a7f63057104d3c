"""The stream from one node to another: positions and the chain that every act lengthens.

`chain_0 = H(tag("hilf/1 chain") ‖ tag(from) ‖ tag(to) ‖ epoch ‖ start)` and `chain_n = H(chain_{n-1} ‖ act id)`
(wire.md 4). Two nodes that hold the same position hold the same acts in the same order, whatever the batches were.
In epoch 1 the start is 32 zero bytes; every later epoch starts from the bytes of a state that the receiver signed
(`state.State.start`).

What a batch holds is decided in `batch`, where it belongs in the stream in `placement`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hilf.canonical import Json, integer, sha256, tag
from hilf.federation.structure import digest, members, whole

FIRST_START: Final = bytes(32)
"""What epoch 1 starts from. Source: wire.md 4."""

_MEMBERS: Final = frozenset(("epoch", "seq", "chain"))


@dataclass(frozen=True, slots=True)
class Position:
    """How far a receiver has come: the last `seq` it applied in `epoch` (0: none yet) and the chain there."""

    epoch: int
    seq: int
    chain: bytes

    def json(self) -> dict[str, Json]:
        """The position as it stands in a state."""
        return {"epoch": self.epoch, "seq": self.seq, "chain": self.chain.hex()}


def read_position(value: Json, what: str) -> Position:
    """The position that `value` is.

    Raises:
        PartnerFault: `<what>: members`, `<what>: numbers`, `<what>: chain: hex`.
    """
    fields = members(value, _MEMBERS, what)
    epoch, seq = whole(fields["epoch"], 1, f"{what}: numbers"), whole(fields["seq"], 0, f"{what}: numbers")
    return Position(epoch, seq, digest(fields["chain"], f"{what}: chain"))


def chain_start(sender: str, recipient: str, epoch: int = 1, start: bytes = FIRST_START) -> bytes:
    """The chain before the first act of an epoch. Source: wire.md 4."""
    return sha256(tag("hilf/1 chain") + tag(sender) + tag(recipient) + integer(epoch) + start)


def chain_next(chain: bytes, act_id: str) -> bytes:
    """The chain after one more act; `act_id` in hex. Source: wire.md 4."""
    return sha256(chain + bytes.fromhex(act_id))


def chain_over(chain: bytes, act_ids: Iterable[str]) -> bytes:
    """The chain after these acts, in this order."""
    for act_id in act_ids:
        chain = chain_next(chain, act_id)
    return chain


def beginning(sender: str, recipient: str) -> Position:
    """Where a receiver stands before it has received anything."""
    return Position(1, 0, chain_start(sender, recipient))
