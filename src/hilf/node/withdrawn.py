"""Retractions of ours as people list them: who confirmed, who is late, and what of partners is held for a person."""

from dataclasses import dataclass
from datetime import datetime

import orjson

from hilf.federation.act import read_act
from hilf.federation.retraction import Retraction, read_retraction
from hilf.node.home import Home
from hilf.store.federation import retraction as store
from hilf.store.federation.retraction import KeptConfirmation
from hilf.store.instant import moment


@dataclass(frozen=True, slots=True)
class Listed:
    """One retraction that this node made or passed on, and how far it is.

    Attributes:
        number: its number here.
        stix_id: the object.
        reason: why.
        at: when.
        deadline: when confirmations are wanted.
        told: nodes that were told.
        confirmed: those of them that hid or erased it.
        held: those that hold it for a person.
        refused: those that say they have no such thing.
        late: those that have not confirmed though the deadline is over.
        passed_on: whether it passes on what a partner took back.
    """

    number: int
    stix_id: str
    reason: str
    at: datetime
    deadline: datetime
    told: int
    confirmed: int
    held: int
    refused: int
    late: int
    passed_on: bool

    @property
    def open(self) -> int:
        """Nodes that have not confirmed, and still have the time."""
        return self.told - self.confirmed - self.held - self.refused - self.late


@dataclass(frozen=True, slots=True)
class Held:
    """A retraction of a partner that waits for a person."""

    place: int
    stix_id: str
    reason: str
    at: datetime


def page(
    home: Home, now: datetime, *, before: int | None = None, reason: str = "", limit: int = 50
) -> tuple[Listed, ...]:
    """Some retractions, the newest first.

    Args:
        home: this node.
        now: aware.
        before: number of the retraction behind which the page begins; None for the newest.
        reason: only those with this reason.
        limit: how many at most.
    """
    found = store.ours(home.node, before, limit, reason)
    said = store.confirmations_each(kept.number for kept in found)
    return tuple(_listed(kept, said.get(kept.number, ()), now) for kept in found)


def _listed(kept: store.KeptRetraction, said: tuple[KeptConfirmation, ...], now: datetime) -> Listed:
    deadline = moment(kept.deadline or kept.at)
    open_ = [each for each in said if each.state == "open"]
    refused = sum(each.act_state == "refused" for each in open_)
    return Listed(
        kept.number,
        kept.stix_id,
        kept.reason,
        moment(kept.at),
        deadline,
        told=len(said),
        confirmed=sum(each.state in ("hidden", "erased") for each in said),
        held=sum(each.state == "held" for each in said),
        refused=refused,
        late=len(open_) - refused if deadline < now else 0,
        passed_on=kept.cause is not None,
    )


def held_by_partner(home: Home) -> dict[str, int]:  # noqa: ARG001  # every verb takes its home
    """How many retractions of each partner wait for a person here."""
    return store.held_by_partner()


def held(home: Home, node: str, after: int = 0, limit: int = 50) -> tuple[Held, ...]:
    """Some retractions of a partner that wait for a person, the oldest first; those behind the place `after`."""
    found = []
    for place, canonical in store.held_after(node, after, limit):
        act = read_act(orjson.loads(canonical), node, home.node)
        body = read_retraction(act.body)
        if isinstance(body, Retraction):
            found.append(Held(place, body.object, body.reason.value, act.at))
    return tuple(found)
