"""Everything that is known of one object: who says what of it, what it is tied to, where it came from and where it went.

Decides nothing; it puts together what stands in the store. What the reader may see of it is the console's question
(`access.role`), so each part says its level.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hilf.accord.placing import ObjectState
from hilf.node import confirmed, search
from hilf.node.confirmed import Withdrawn
from hilf.node.home import Home, index_key
from hilf.node.search import Shown, name_of
from hilf.node.why import Went, why
from hilf.node.withheld import Withheld, withheld
from hilf.store.federation import retraction
from hilf.store.instant import moment
from hilf.store.intelligence import imports, label, read
from hilf.store.intelligence import search as found
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.imports import ImportRecord, Noted
from hilf.store.intelligence.label import OwnLabel
from hilf.store.release import sent

MOST_PEERS: Final = 12
"""Of so many partners the clause under which it went is looked up at once."""
_JOINS: Final = ("source_ref", "target_ref")


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie to another object.

    Attributes:
        word: what ties them: a relationship's type, or the property that points there.
        outward: whether this object points to the other.
        stix_id: the other object.
        via: the relationship that says so; empty where a property does.
        other: the other object as it counts here; None where nothing of it is known.
        level: the stricter level of the relationship, None where none is stated.
    """

    word: str
    outward: bool
    stix_id: str
    via: str = ""
    other: Kept | None = None
    level: int | None = None

    @property
    def type(self) -> str:
        """The other object's type."""
        return self.stix_id.partition("--")[0]

    @property
    def name(self) -> str:
        """What a reader calls the other object; empty where it is not known."""
        return name_of(self.other.object) if self.other else ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What went to one partner; `went` is empty where it was not looked up."""

    peer: str
    went: tuple[Went, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an object.

    Attributes:
        kind: said, created, modified, received, found, sent, retracted, confirmed, sighted, labelled.
        who: the node or person.
        what: a word or sentence more; empty where there is none.
    """

    at: datetime
    kind: str
    who: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that is known of one object.

    Attributes:
        shown: what is said of it, with every version.
        ties: to what it is tied, without sightings.
        sightings: (the sighting, its name) that say that it was seen.
        sent: to whom it went.
        withdrawn: retractions of ours, with what each node confirmed.
        retracted: retractions that others made: (who, why, when).
        findings: what was found wrong with it.
        imports: those that brought it, by number.
        labels: of ours.
        withheld: why something of it is not shown.
    """

    shown: Shown
    ties: tuple[Tie, ...]
    sightings: tuple[Kept, ...]
    sent: tuple[Sent, ...]
    withdrawn: tuple[Withdrawn, ...]
    retracted: tuple[tuple[str, str, datetime], ...]
    findings: tuple[Noted, ...]
    imports: dict[int, ImportRecord]
    labels: tuple[OwnLabel, ...]
    withheld: tuple[Withheld, ...]

    @property
    def level(self) -> int | None:
        """The strictest level that any version of it has; None where none states any."""
        levels = [each.tlp for each in self.shown.assertions if each.tlp is not None]
        return max(levels, default=None)


def of(home: Home, stix_id: str, now: datetime) -> Dossier:
    """Everything that is known of an object.

    Raises:
        Refusal: code "intelligence.unknown": nobody says anything of it.
    """
    shown, key = search.show(home, stix_id, versions=True), index_key(home)
    pointing = shown.pointing if shown.best else found.pointing_to(stix_id, key)
    brought = {each.import_id for each in shown.assertions if each.import_id is not None}
    records = {n: record for n in brought if (record := imports.get(n)) is not None}
    return Dossier(
        shown,
        _ties(shown, pointing, key),
        tuple(each for prop, each in pointing if prop == "sighting_of_ref"),
        _sent(home, shown, now),
        _withdrawn(home, stix_id, now),
        tuple(
            (kept.by, kept.reason, moment(kept.at))
            for kept in retraction.about(stix_id)
            if kept.act_id is not None
        ),
        imports.findings_of(stix_id),
        records,
        label.of([stix_id], key),
        withheld(home, stix_id),
    )


def timeline(dossier: Dossier) -> tuple[Event, ...]:
    """What happened to an object, the newest first."""
    events = [event for kept in dossier.shown.assertions for event in _said(kept, dossier.imports)]
    events += (Event(moment(each.at), "found", each.peer or "", each.rule) for each in dossier.findings)
    events += (Event(act.at, "sent", to.peer, act.state) for to in dossier.sent for act in to.went)
    for each in dossier.withdrawn:
        events.append(Event(each.at, "retracted", each.cause or "", each.reason))
        events += (
            Event(told.at, "confirmed", told.node, told.state) for told in each.nodes if told.state != "open"
        )
    events += (Event(at, "retracted", who, reason) for who, reason, at in dossier.retracted)
    events += (Event(moment(each.received), "sighted", each.asserter) for each in dossier.sightings)
    events += (Event(moment(each.at), "labelled", each.by, each.label) for each in dossier.labels)
    return tuple(sorted(events, key=lambda event: event.at, reverse=True))


def _said(kept: Kept, records: dict[int, ImportRecord]) -> Iterable[Event]:
    brought = records.get(kept.import_id) if kept.import_id is not None else None
    yield Event(moment(kept.received), "received", brought.source if brought else kept.asserter)
    if kept.state is ObjectState.ERASED:
        return
    if kept.modified is not None and kept.modified != kept.created:
        yield Event(moment(kept.modified), "modified", kept.owner)
    elif kept.created is not None:
        yield Event(moment(kept.created), "created", kept.owner)


def _ties(shown: Shown, pointing: Sequence[tuple[str, Kept]], key: bytes) -> tuple[Tie, ...]:
    ties = [
        Tie(prop.removesuffix("_ref").removesuffix("_refs"), True, target)
        for prop, target in shown.pointed_to
    ]
    if shown.best is not None and shown.best.created_by:
        ties.append(Tie("created_by", True, shown.best.created_by))
    for prop, each in pointing:
        if prop == "sighting_of_ref":
            continue
        if each.type == "relationship" and prop in _JOINS:
            body = each.object
            outward = prop == "source_ref"
            other = str(body.get("target_ref" if outward else "source_ref", ""))
            ties.append(
                Tie(str(body.get("relationship_type", "")), outward, other, each.stix_id, level=each.tlp)
            )
        else:
            ties.append(Tie(prop.removesuffix("_ref").removesuffix("_refs"), False, each.stix_id, other=each))
    known = read.definitions((tie.stix_id for tie in ties if tie.other is None), key)
    return tuple(
        tie
        if tie.other
        else Tie(
            tie.word, tie.outward, tie.stix_id, tie.via, (known.get(tie.stix_id) or (None,))[0], tie.level
        )
        for tie in dict.fromkeys(ties)
    )


def _sent(home: Home, shown: Shown, now: datetime) -> tuple[Sent, ...]:
    peers = list(dict.fromkeys(act.peer for act in sent.of_rows(each.seq for each in shown.assertions)))
    return tuple(
        Sent(node, why(home, shown.stix_id, node, now).went if n < MOST_PEERS else ())
        for n, node in enumerate(peers)
    )


def _withdrawn(home: Home, stix_id: str, now: datetime) -> tuple[Withdrawn, ...]:
    if not any(kept.act_id is None for kept in retraction.about(stix_id)):
        return ()
    return confirmed.status(home, stix_id, now)
