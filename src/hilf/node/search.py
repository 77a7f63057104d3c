"""Find and show what is kept: our own word first, then that of others, with what differs (protocol.md 3).

What is hidden, erased or quarantined is listed as such and never shown. The full text is filled by the worker; a
search by text first fills one batch itself, so that a small node finds what it just took in.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_network

from hilf.accord.placing import ObjectState
from hilf.canonical import Json
from hilf.errors import OperatorFault, Refusal
from hilf.markings.tlp import Tlp
from hilf.node.home import Home, index_key
from hilf.stix import select
from hilf.stix.select import Term
from hilf.stix.value import refang
from hilf.store import database
from hilf.store.intelligence import fulltext, read, search
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.search import Found

_PROPERTY = re.compile(r"-?([A-Za-z][A-Za-z_-]*)(:|[<>]=?)")
_SCHEMES = re.compile(r"tlp:|[a-f]{1,4}:|[a-z]{2,20}://|cpe:|urn:|mailto:", re.IGNORECASE)
"""Values that have a colon behind their first word."""

_NAMES = (
    "name",
    "value",
    "pattern",
    "abstract",
    "content",
    "path",
    "key",
    "number",
    "subject",
    "command_line",
    "opinion",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that is said of one id.

    Attributes:
        stix_id: the id.
        assertions: current ones, our own first; with `versions` also older, quarantined and retracted ones.
        best: the one that counts for a reader; None where nothing may be shown.
        pointed_to: (property, id) that the best one points to.
        pointing: (property, assertion) for what points to it.
    """

    stix_id: str
    assertions: tuple[Kept, ...]
    best: Kept | None
    pointed_to: tuple[tuple[str, str], ...]
    pointing: tuple[tuple[str, Kept], ...]


def terms_of(
    selection: str = "", value: str | None = None, type_: str | None = None, since: str | None = None
) -> tuple[Term, ...]:
    """The terms that the options of a search mean; `since` is when an object came in.

    Raises:
        CallerFault: codes "select.syntax", "select.time".
    """
    terms = list(select.parse(selection))
    if value:
        terms.append(Term("value", ":", (value,)))
    if type_:
        terms.append(Term("type", ":", tuple(each.strip() for each in type_.split(","))))
    if since:
        select.moment(since)
        terms.append(Term("received", ">=", (since,)))
    return tuple(terms)


def hints(text: str, value: str | None = None) -> tuple[str, ...]:
    """What a search does not do although it looks as if it did, and what to ask instead."""
    ranges = [word for word in (*text.split(), *([value] if value else [])) if _is_range(word)]
    told = [
        f"{word} finds objects that name this very range, not the addresses in it. One address: --value ADDRESS"
        for word in ranges
    ]
    for word in text.split():
        field = _PROPERTY.match(word)
        if field is None or word in ranges:
            continue
        if field[1].lower() in select.FIELDS:
            told.append(f"{word} was looked for as words. By a property: hilf search --select '{word}'")
        elif field[2] != ":" or not _SCHEMES.match(word):
            told.append(
                f"{word} was looked for as words: {field[1]} is no property. "
                f"Properties for --select: {', '.join(select.FIELDS)}"
            )
    return tuple(told)


def _is_range(word: str) -> bool:
    if "/" not in word:
        return False
    try:
        ip_network(refang(word), strict=False)
    except ValueError:
        return False
    return True


def find(
    home: Home,
    terms: Sequence[Term],
    text: str = "",
    limit: int = 50,
    before_seq: int | None = None,
    counted: int = search.COUNTED,
    filled: int = fulltext.BATCH,
    oldest_first: bool = False,
) -> Found:
    """One page of current objects, newest first.

    Args:
        home: an open home.
        terms: `terms_of`.
        text: words that must all be in the object.
        limit: objects in the page.
        before_seq: go on behind the last `seq` of the page before.
        counted: so many are counted at most; what there is beyond is "more than".
        filled: the full text is filled first where no more than this waits for it; a page cannot wait for the worker's work.
        oldest_first: the other way round.
    """
    if (text or any(term.field == "text" for term in terms)) and (
        filled >= fulltext.BATCH or fulltext.waiting() <= filled
    ):
        with suppress(OperatorFault):  # somebody else writes: the page says how many wait
            fill_text()
    return search.find(terms, index_key(home), text, limit, before_seq, counted, oldest_first)


def fill_text(limit: int = fulltext.BATCH) -> int:
    """Fill the full text by one batch; how many assertions were looked at. The worker calls it until it is 0."""
    if not fulltext.waiting():
        return 0
    with database.transaction():
        return fulltext.fill(limit)


def show(home: Home, stix_id: str, versions: bool = False) -> Shown:
    """What is said of an id.

    Raises:
        Refusal: code "intelligence.unknown": nobody says anything of it.
    """
    key = index_key(home)
    every = sorted(read.assertions_of(stix_id, key), key=lambda each: _rank(each, home.node))
    if not every:
        raise Refusal(
            "intelligence.unknown",
            f"Nothing is known of {stix_id[:100]}.",
            "",
            "Look for it: hilf search TEXT.",
        )
    current = tuple(each for each in every if each.state == ObjectState.CURRENT)
    best = current[0] if current else None
    return Shown(
        stix_id,
        tuple(every) if versions else current,
        best,
        search.pointed_to(best) if best else (),
        search.pointing_to(stix_id, key) if best else (),
    )


def raw(home: Home, stix_id: str) -> bytes:
    """Exactly the bytes that were received, of the assertion that counts for a reader.

    Raises:
        Refusal: codes "intelligence.unknown", "intelligence.not-shown".
    """
    shown = show(home, stix_id, versions=True)
    if shown.best is None or shown.best.body is None:
        words = {
            ObjectState.QUARANTINED: "it waits for a person",
            ObjectState.HIDDEN: "it was retracted",
            ObjectState.ERASED: "it was retracted and erased",
            ObjectState.DROPPED: "it waited in quarantine and was dropped",
        }
        state = shown.assertions[0].state
        raise Refusal(
            "intelligence.not-shown",
            f"{stix_id} is not shown: {words.get(state, 'no version of it counts')}.",
            "Nobody sees what was retracted or quarantined.",
            "See what waits and decide: hilf quarantine list"
            if state is ObjectState.QUARANTINED
            else f"See what is known: hilf show {stix_id} --versions.",
        )
    return shown.best.original or shown.best.body


def name_of(stix_object: Mapping[str, Json]) -> str:
    """What a reader calls an object: its name, value or pattern, or what it joins; empty where it has none of them."""
    for member in _NAMES:
        value = stix_object.get(member)
        if isinstance(value, str | int) and str(value).strip():
            return str(value)
    if stix_object.get("type") == "relationship":
        return " ".join(
            str(stix_object.get(m, "")) for m in ("source_ref", "relationship_type", "target_ref")
        )
    hashes = stix_object.get("hashes")
    if isinstance(hashes, dict) and hashes:
        return str(next(iter(hashes.values())))
    return str(stix_object.get("sighting_of_ref", ""))


@dataclass(frozen=True, slots=True)
class Joined:
    """What relationships join, by row: name of the source, how, name of the target; and what of it is RED."""

    names: Mapping[int, tuple[str, str, str]]
    red: tuple[Kept, ...]


def joined(home: Home, rows: Sequence[Kept], *, with_red: bool) -> Joined:
    """What relationships join, by the names of both ends; by their ids where no name is known or may be told."""
    bodies = {each.seq: each.object for each in rows if each.type == "relationship"}
    ends = {str(body.get(end, "")) for body in bodies.values() for end in ("source_ref", "target_ref")}
    known = read.definitions(ends, index_key(home)) if ends else {}
    red = {stix_id for stix_id, held in known.items() if any(each.tlp == Tlp.RED for each in held)}
    names = {
        stix_id: name_of(held[0].object) for stix_id, held in known.items() if with_red or stix_id not in red
    }

    def name(stix_id: str) -> str:
        return names.get(stix_id) or stix_id

    told = {
        seq: (
            name(str(b.get("source_ref", ""))),
            str(b.get("relationship_type", "")),
            name(str(b.get("target_ref", ""))),
        )
        for seq, b in bodies.items()
    }
    return Joined(told, tuple(row for stix_id in red for row in known[stix_id]) if with_red else ())


def _rank(each: Kept, me: str) -> tuple[int, bool, int, int]:
    """What counts first, our own word before others', the newest before older ones."""
    return each.state, each.asserter != me, -(each.modified or 0), each.seq
