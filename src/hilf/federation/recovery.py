"""Recovery: a partner gives back what a restored node has lost of its own acts, and a new epoch begins (protocol.md 4).

    asker ─ POST reconcile {want: [ids]} ─▶ giver
          ◀─ {given: [{header, index, path, act}], gone: [{header, index, path, id}], receipts, answered} ─┘

Only what carries the asker's own valid signature is taken (`batch.read_given_back`). Of an act whose object was
retracted or erased only the id is given, with the same proof: nothing retracted comes back, and the asker knows that
there was one. The receipts are those that the giver signed for the batches of these acts.

Decides too what becomes of acts that the partner has not: they are sent again where they may still leave, else their
ids stand in `withdrawn` of the first batch of the next epoch.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hilf.canonical import Json
from hilf.errors import PartnerFault
from hilf.federation.batch import Header, batch_leaves, read_header
from hilf.federation.reconcile import answer_for, answered_of
from hilf.federation.state import Resumption, Standing, State
from hilf.federation.stream import Position, chain_start
from hilf.federation.structure import array, digest, first_version, hexadecimal, members, whole
from hilf.ledger import tree
from hilf.seal.key import PublicKey

MOST_WANTED: Final = 500
"""Acts asked back in one question."""

MOST_WITHDRAWN: Final = 10_000
"""Ids in `withdrawn`: they stand in a header, and a header stands beside each act that is given back (0.7 MB)."""

_WANT: Final = frozenset(("v", "from", "to", "want"))
_GIVEN: Final = frozenset(("v", "by", "for", "given", "gone", "receipts", "answered"))
_GONE: Final = frozenset(("header", "index", "path", "id"))


@dataclass(frozen=True, slots=True)
class Want:
    """A question: give these acts of mine back."""

    ids: tuple[str, ...]

    def json(self, asker: str, giver: str) -> dict[str, Json]:
        """The question as it is sent."""
        return {"v": 1, "from": asker, "to": giver, "want": list(self.ids)}


@dataclass(frozen=True, slots=True)
class Gone:
    """An act of ours that the partner received and may not give back, with its place in the stream."""

    id: str
    epoch: int
    seq: int
    header: Header


def read_want(value: Json, asker: str, giver: str) -> Want:
    """The acts of its own that a partner asks back.

    Raises:
        PartnerFault: `reconcile: members`, `reconcile: v`, `reconcile: from/to`, `reconcile: want`,
            `reconcile: want: hex`.
    """
    fields = members(value, _WANT, "reconcile")
    first_version(fields["v"], "reconcile")
    if fields["from"] != asker or fields["to"] != giver:
        raise PartnerFault("reconcile: from/to")
    listed = array(fields["want"], "reconcile: want")
    if not 1 <= len(listed) <= MOST_WANTED:
        raise PartnerFault("reconcile: want", str(len(listed)))
    return Want(tuple(hexadecimal(each, 32, "reconcile: want") for each in listed))


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to `Want`, each part still as it came: to be read one by one with the keys that count."""

    given: tuple[Json, ...]
    gone: tuple[Json, ...]
    receipts: tuple[Json, ...]
    answered: int


def give(
    asker: str,
    giver: str,
    given: Sequence[Json],
    gone: Sequence[Json],
    receipts: Sequence[Json],
    answered: int,
) -> dict[str, Json]:
    """The giver's answer to `Want`: acts, ids of acts that it may not give back, and the receipts it signed for them."""
    return {
        "v": 1,
        "by": giver,
        "for": asker,
        "given": list(given),
        "gone": list(gone),
        "receipts": list(receipts),
        "answered": answered,
    }


def read_given(value: Json, wanted: int, asker: str, giver: str) -> Given:
    """The answer to `Want`.

    Raises:
        PartnerFault: `reconcile: answer: …`.
    """
    fields = members(value, _GIVEN, "reconcile: answer")
    answer_for(fields, asker, giver)
    given, gone, receipts = (
        tuple(array(fields[name], f"reconcile: answer: {name}")) for name in ("given", "gone", "receipts")
    )
    if len(given) + len(gone) > wanted or len(receipts) > wanted:
        raise PartnerFault("reconcile: answer: given", str(len(given) + len(gone)))
    return Given(given, gone, receipts, answered_of(fields["answered"], wanted))


def give_id(header: Header, act_ids: Sequence[str], index: int) -> dict[str, Json]:
    """The id of an act whose object may not be given back, with what proves that its sender signed it."""
    path: list[Json] = [step.hex() for step in tree.path(index, batch_leaves(act_ids))]
    return {"header": header.value, "index": index, "path": path, "id": act_ids[index]}


def read_gone(value: Json, asker: str, giver: str, keys: Mapping[str, PublicKey]) -> Gone:
    """The act of ours that the giver received and gives no more.

    Args:
        value: `{header, index, path, id}`.
        asker: this node.
        giver: the partner.
        keys: every key that this node ever listed and did not revoke, by kid.

    Raises:
        PartnerFault: `gone: …`, `batch: signature`.
    """
    fields = members(value, _GONE, "gone")
    header = read_header(fields["header"], asker, giver, keys)
    act_id = hexadecimal(fields["id"], 32, "gone: id")
    index = whole(fields["index"], 0, "gone: index")
    path = [digest(step, "gone: path") for step in array(fields["path"], "gone: path")]
    if (
        tree.root_from_path(tree.leaf_hash(bytes.fromhex(act_id)), index, header.count, path, "gone")
        != header.root
    ):
        raise PartnerFault("gone: root")
    return Gone(act_id, header.epoch, header.first + index, header)


def goes_on(
    found: Resumption, *, sent: bool, cut: bool, erased: bool, retracted: bool, restored: bool = False
) -> bool:
    """Whether the sender goes on in its epoch after it compared; else it reconciles and opens the next one.

    Args:
        found: what comparing showed.
        sent: whether what follows was sent before.
        cut: whether a batch begins at that place and none goes across the peer's position; else boundaries were drawn
            anew, and the peer would be sent a batch that straddles.
        erased: whether something from there on cannot be sent again, since its object is erased.
        retracted: whether something from there on carries an object that was retracted since. A peer that never had it
            gets the retraction behind it in the same stream; one that lost it must not get it back.
        restored: whether this node was restored, so that it does not know what the peer had.
    """
    if found.standing is not Standing.RESUME:
        return found.standing is Standing.NOTHING
    if not sent:
        return True
    return cut and not erased and not (retracted and (found.restored or restored))


@dataclass(frozen=True, slots=True)
class Missing:
    """An act of ours that the partner has not.

    Attributes:
        id: its id.
        refused: whether the partner refused it once: it is not offered again.
        leaves: whether it may leave now: its object is neither retracted nor erased, its accord is in force.
    """

    id: str
    refused: bool
    leaves: bool


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What becomes of acts that the partner has not: sent `again` in the new epoch, or `withdrawn`, in order."""

    again: tuple[str, ...]
    withdrawn: tuple[str, ...]


def carry_over(missing: Iterable[Missing]) -> CarriedOver:
    """What of the acts that the partner has not goes into the next epoch. Source: wire.md 4, 6."""
    again: list[str] = []
    withdrawn: list[str] = []
    for each in missing:
        (again if each.leaves and not each.refused else withdrawn).append(each.id)
    return CarriedOver(tuple(again), tuple(withdrawn))


def next_epoch(state: State) -> Position:
    """Where the epoch begins that is opened from a state that the receiver signed: its last one plus 1, bound to it.

    Source: wire.md 4.
    """
    epoch = state.incoming.epoch + 1
    return Position(epoch, 0, chain_start(state.peer, state.node, epoch, state.start))
