"""Withheld: why something that is known here is shown to nobody (protocol.md 3, 5).

Decides nothing: what was taken back, by whom and why, stands in the retractions; that its time was over, in the retention;
what waits, in the findings of the intake; and which legal holds keep a body from being erased, in the holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from hilf.accord.placing import ObjectState
from hilf.node.home import Home, index_key
from hilf.node.quarantine import NOT_NOTED
from hilf.store.federation import retraction
from hilf.store.instant import moment
from hilf.store.intelligence import hold, imports, read, retention
from hilf.store.intelligence.assertion import Kept


@dataclass(frozen=True, slots=True)
class Withheld:
    """One version that is shown to nobody.

    Attributes:
        asserter: the node that says it.
        sha256: content id, in hex.
        state: hidden, erased, dropped or quarantined.
        reason: a word of `RetractionReason` for what was taken back ("expired" also where its time was over), the rule by
            which it waits, or "dropped".
        text: the same in words.
        holds: legal holds that keep its body.
    """

    asserter: str
    sha256: str
    state: str
    reason: str
    text: str
    holds: tuple[str, ...] = ()


def withheld(home: Home, stix_id: str) -> tuple[Withheld, ...]:
    """Every version of an object that is shown to nobody, in the order in which they came."""
    rows = [
        row
        for row in read.assertions_of(stix_id, index_key(home))
        if row.state in (ObjectState.QUARANTINED, ObjectState.HIDDEN, ObjectState.ERASED, ObjectState.DROPPED)
    ]
    if not rows:
        return ()
    holds = hold.names_of(stix_id)
    return tuple(_withheld(home, row, holds) for row in rows)


def _withheld(home: Home, row: Kept, holds: tuple[str, ...]) -> Withheld:
    kept_by: tuple[str, ...] = ()
    if row.state == ObjectState.QUARANTINED:
        reason, text = _waits(row)
    elif row.state == ObjectState.DROPPED:
        reason, text = "dropped", "a person here dropped it from quarantine"
    else:
        reason, text = _gone(home, row)
        if row.state == ObjectState.HIDDEN and holds:
            kept_by, text = holds, f"{text}; kept from being erased by {', '.join(holds)}"
        elif row.state == ObjectState.ERASED:
            text = f"{text}; its body is erased"
    return Withheld(row.asserter, row.sha256.hex(), row.state.name.lower(), reason, text, kept_by)


def _waits(row: Kept) -> tuple[str, str]:
    noted = [each for each in imports.why_quarantined([row.stix_id]) if each.peer in (None, row.asserter)]
    if not noted:
        return NOT_NOTED, f"it waits in quarantine by rule {NOT_NOTED}"
    return noted[-1].rule, f"it waits in quarantine: {noted[-1].message} (rule {noted[-1].rule})"


def _gone(home: Home, row: Kept) -> tuple[str, str]:
    said = [kept for kept in retraction.about(row.stix_id) if kept.by == row.asserter]
    named = [kept for kept in said if _names(kept.body, row.sha256)]
    since = [kept for kept in named if kept.at >= row.received]  # it may have gone before, and come again
    for kept in (since or named or said)[:1]:
        who = "this node" if kept.by == home.node else kept.by
        return kept.reason, f"{who} took it back on {moment(kept.at):%Y-%m-%d} ({kept.reason})"
    over = retention.of_row(row.seq)
    if over is not None and over.done is not None:
        return "expired", f"it could be kept until {moment(over.until):%Y-%m-%d} (expired)"
    return "unknown", "it was taken back"


def _names(body: str, sha256: bytes) -> bool:
    versions = orjson.loads(body)["versions"]
    return versions is None or sha256.hex() in versions


def lines(found: tuple[Withheld, ...]) -> Iterator[str]:
    """The same for people."""
    for each in found:
        yield f"Not shown, as {each.asserter} says it ({each.state}, version {each.sha256[:16]}…): {each.text}."
