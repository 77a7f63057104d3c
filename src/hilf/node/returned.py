"""Objects of our own acts that a partner gave back: asserted again, or kept until their author sends them again (wire.md 6).

Decides whose word such an object is. What we wrote, or what nobody wrote, is our own word again, under every marking that it
left with. What another node wrote we had passed on: it waits in quarantine as that node's word until that node sends it
again, so that its retraction finds it. What we retracted is hidden in the same transaction. Writing is `node/intake`'s.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import orjson

from hilf.accord.placing import ObjectState
from hilf.canonical import Json, dumps
from hilf.federation.act import Act
from hilf.federation.retraction import Assertion as Said
from hilf.federation.retraction import Retraction, read_retraction
from hilf.node import intake
from hilf.node.author import known_authors
from hilf.node.claim import Claims, Coming, Prepared
from hilf.node.home import Home, index_key
from hilf.node.tally import NOT_ACCEPTED, Notes
from hilf.stix.finding import Finding
from hilf.stix.read import Read, read
from hilf.store.federation import retraction as retractions
from hilf.store.instant import microseconds
from hilf.store.intelligence import erase, imports, tombstone
from hilf.store.intelligence.index import id_key

_PASSED_ON = (
    "intake.passed-on",
    "This node had passed it on for its author and lost it; it counts once its author sends it again.",
)


def assert_again(home: Home, acts: Sequence[Act], now: datetime) -> tuple[int | None, ...]:
    """Keep objects of acts of ours that a partner gave back, in the caller's transaction; the row of each, if any.

    What we wrote, or what nobody wrote, is our own word again, under every marking that it left with. What another node
    wrote we had passed on: it waits in quarantine as that node's word until that node sends it again, so that its
    retraction finds it. What we retracted does not come back.
    """
    at, key = microseconds(now), index_key(home)
    claims = Claims(home.node, known_authors(home), at)
    notes = Notes(None, home.node, at)
    ready: list[tuple[int, Prepared]] = []
    retracted: set[int] = set()
    for n, act in enumerate(acts):
        found = read(dumps(act.body["object"]), f"act {act.id}", now)
        if found.outcome != "refused" and not found.upgraded:
            if _retracted(home, act, found):
                retracted.add(n)
            prepared = claims.prepare(found, f"act {act.id}", _coming_back(home, act))
            if prepared.assertion.asserter != home.node:
                waits = prepared.assertion._replace(state=ObjectState.QUARANTINED)
                why = Finding(waits.stix_id, prepared.place, *_PASSED_ON)
                prepared = prepared._replace(assertion=waits, findings=(*prepared.findings, why))
            ready.append((n, prepared))
    rows: dict[int, int] = {}
    for (n, each), (became, finding) in zip(
        ready, intake.write(claims, [each for _, each in ready], key), strict=True
    ):
        rows[n] = became.seq
        if NOT_ACCEPTED.get(became.outcome):
            notes.add((*each.findings, finding), NOT_ACCEPTED[became.outcome], None)
    erase.hide(rows[n] for n in sorted(retracted & rows.keys()))
    imports.note(notes.kept)
    return tuple(rows.get(n) for n in range(len(acts)))


def _coming_back(home: Home, act: Act) -> Coming:
    author, coming = _author(act), intake.coming(act)
    if isinstance(author, str) and author != home.node:
        return replace(coming, asserter=author, said_at=None)  # it is an old act, and none of the author's
    return Coming(home.node, coming.overlay, exercise=act.exercise)


def _author(act: Act) -> Json:
    """Who wrote the object of an act of ours, by the proof that went with it."""
    authorship = act.body["authorship"]
    signed = authorship.get("signed") if isinstance(authorship, dict) else None
    return signed.get("node") if isinstance(signed, dict) else None


def _retracted(home: Home, act: Act, found: Read) -> bool:
    """Whether a retraction of ours withdraws what an act of ours carried."""
    modified = found.object.get("modified") if found.object else None
    said = Said(home.node, found.id, modified if isinstance(modified, str) else None, found.sha256)
    for kept in retractions.about(found.id):
        body = read_retraction(orjson.loads(kept.body)) if kept.by == home.node else None
        covers = isinstance(body, Retraction) and body.withdraws(act.sender, said)
        if isinstance(body, Retraction) and body.is_of_one and _author(act) == home.node:
            continue
        if covers and kept.at >= microseconds(act.at):  # what was said again after it stands
            return True
    key = id_key(
        found.id, index_key(home)
    )  # the retraction may be lost with the database, its tombstone is not
    return tombstone.word_of(key, bytes.fromhex(found.sha256), home.node, microseconds(act.at)) is not None
