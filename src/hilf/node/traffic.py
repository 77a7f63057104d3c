"""What passed between this node and its peers, as people look at it: volumes, and what was refused and why.

Decides nothing.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from hilf.node import peer
from hilf.node.home import Home
from hilf.store.federation import stream, traffic
from hilf.store.instant import moment

ON_THE_WAY = ("waiting", "sent")


@dataclass(frozen=True, slots=True)
class Refused:
    """An act that was refused.

    Attributes:
        place: where it stands in the order of all acts; what comes before it is older.
        act: its id, in hex.
        kind: of the act.
        at: aware UTC.
        code: why, as its receiver says; empty where it says nothing.
        clause: of the accord, if one spoke.
        stix_id: of the object that it carries, if one is kept here.
    """

    place: int
    act: str
    kind: str
    at: datetime
    code: str
    clause: str
    stix_id: str | None


@dataclass(slots=True)
class Volume:
    """How many acts went to a peer and came from it.

    Attributes:
        sent: that it has signed for, whatever it made of them.
        refused: of those, the ones that it refused.
        on_the_way: that it has not signed for yet.
        received: that it sent, but for the refused ones.
        turned_away: of what it sent, refused here.
    """

    sent: int = 0
    refused: int = 0
    on_the_way: int = 0
    received: int = 0
    turned_away: int = 0


@dataclass(frozen=True, slots=True)
class Volumes:
    """What is held, and what passed.

    Attributes:
        kinds: STIX type → who says it → how many objects, the most frequent type first.
        peers: node → acts.
    """

    kinds: dict[str, dict[str, int]]
    peers: dict[str, Volume] = field(default_factory=dict)


def refusals(
    home: Home,  # noqa: ARG001  # every verb takes its home
    node: str,
    *,
    ours: bool,
    before: int | None = None,
    most: int = 50,
) -> tuple[Refused, ...]:
    """What a peer refused of ours, or we of its own, newest first, from before a place on.

    Raises:
        Refusal: "peer.unknown".
    """
    peer.check_known(node)
    return tuple(_refused(kept) for kept in traffic.refusals(node, outgoing=ours, before=before, most=most))


def volumes(home: Home) -> Volumes:  # noqa: ARG001  # every verb takes its home
    """How many objects of which kind are held from whom, and how many acts passed. Reads every row of an index."""
    kinds: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for asserter, type_, count in traffic.kinds():
        kinds[type_][asserter] = count
    by_size = dict(sorted(kinds.items(), key=lambda each: (-sum(each[1].values()), each[0])))
    peers: defaultdict[str, Volume] = defaultdict(Volume)
    for node, outgoing, state, count in traffic.states():
        _count(peers[node], state, count, outgoing=outgoing)
    return Volumes(by_size, dict(peers))


def volume_of(home: Home, node: str) -> Volume:  # noqa: ARG001  # every verb takes its home
    """How many acts went to one peer and came from it."""
    volume = Volume()
    for _, outgoing, state, count in traffic.states(node):
        _count(volume, state, count, outgoing=outgoing)
    return volume


def place(home: Home, node: str) -> stream.KeptStream | None:  # noqa: ARG001  # every verb takes its home
    """How far our stream to a peer has come; None while nothing ever went."""
    return stream.position(node, outgoing=True)


def _count(volume: Volume, state: str, count: int, *, outgoing: bool) -> None:
    if not outgoing:
        if state == "refused":
            volume.turned_away += count
        else:
            volume.received += count
    elif state in ON_THE_WAY:
        volume.on_the_way += count
    elif state != "dropped":
        volume.sent += count
        volume.refused += count if state == "refused" else 0


def _refused(kept: traffic.KeptRefusal) -> Refused:
    reason = orjson.loads(kept.reason) if kept.reason else {}
    return Refused(
        kept.pos,
        kept.act_id.hex(),
        kept.kind,
        moment(kept.at),
        str(reason.get("code") or ""),
        str(reason.get("clause") or ""),
        kept.stix_id,
    )
