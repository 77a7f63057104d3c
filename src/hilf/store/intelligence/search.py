"""Find assertions: by what they join, by selection and by text, newest first.

Only what is current is found; what is hidden, erased, quarantined or older is not. Pages are keyset pages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hilf.accord.placing import ObjectState
from hilf.stix.reference import references
from hilf.stix.select import Term
from hilf.store import database
from hilf.store.intelligence import fulltext, read
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.index import id_key
from hilf.store.intelligence.selection import Selection, compile_terms

COUNTED = 10_000
"""So many are counted; counting a million takes seconds, and nobody pages through them."""
_CURRENT = f"o.state = {int(ObjectState.CURRENT)}"


@dataclass(frozen=True, slots=True)
class Found:
    """Objects newest first.

    Attributes:
        total: how many there are in all, as far as they are counted.
        objects: the page.
        waiting: how many wait for the full text; 0 without a text.
        is_at_least: there are more than `total`, which is as many as are counted then.
    """

    total: int
    objects: tuple[Kept, ...]
    waiting: int = 0
    is_at_least: bool = False


def pointing_to(stix_id: str, index_key: bytes, limit: int = 100) -> tuple[tuple[str, Kept], ...]:
    """(property, assertion) for everything that points to an id, newest first: relationships, reports, sightings."""
    found = database.rows(  # without bodies, which would be sorted too
        "SELECT r.prop, r.seq FROM reference r CROSS JOIN object o"
        f" WHERE r.target_key = %s AND o.seq = r.seq AND {_CURRENT} ORDER BY r.seq DESC, r.prop LIMIT %s",
        (id_key(stix_id, index_key), limit),
    )
    whole = read.by_seq(seq for _, seq in found)
    pairs = ((prop, whole[seq]) for prop, seq in found if seq in whole)
    return tuple((prop, each) for prop, each in pairs if (prop, stix_id) in references(each.object))


def pointed_to(each: Kept) -> tuple[tuple[str, str], ...]:
    """(property, id) of everything that an assertion points to."""
    return references(each.object)


def find(
    terms: Sequence[Term],
    index_key: bytes,
    text: str = "",
    limit: int = 50,
    before_seq: int | None = None,
    counted: int = COUNTED,
    oldest_first: bool = False,
) -> Found:
    """One page of what a selection and the words of a text find, newest first.

    Args:
        terms: `hilf.stix.select.parse`.
        index_key: `node.home.index_key`.
        text: words that must all be in the object; empty is no condition.
        limit: objects in the page.
        before_seq: only rows before this one: the last `seq` of the page before.
        counted: so many are counted.
        oldest_first: the other way round; `before_seq` is then the row behind which the page begins.
    """
    selection = compile_terms(terms, index_key)
    words = fulltext.condition(text) if text.strip() else None
    if text.strip() and words is None:
        return Found(0, ())
    asked = _Asked(selection, words, counted, oldest_first)
    waits = fulltext.waiting() if words is not None or any(term.field == "text" for term in terms) else 0
    total, is_at_least = asked.total()
    return Found(total, tuple(asked.newest(limit, before_seq)), waits, is_at_least)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A selection, and the words that must be in the text: then the index of words leads, newest first."""

    selection: Selection
    words: tuple[str, str] | None
    counted: int = COUNTED
    oldest_first: bool = False

    def _rows(self, columns: str, page: int, before_seq: int | None) -> list[tuple]:
        tables, conditions, parameters = (
            "object o",
            [self.selection.condition],
            list(self.selection.parameters),
        )
        seq = "o.seq"
        if self.words is not None:
            seq, match = fulltext.LEADS[database.is_postgresql()]
            tables = "fulltext CROSS JOIN object o"
            conditions = [match, f"o.seq = {seq}", *conditions]
            parameters = [self.words[1], *parameters]
        if before_seq is not None:
            conditions.append(f"{seq} {'>' if self.oldest_first else '<'} {int(before_seq)}")
        return database.rows(
            f"SELECT {columns} FROM {tables} WHERE {' AND '.join(conditions)} ORDER BY {seq} {'ASC' if self.oldest_first else 'DESC'} LIMIT %s",
            (*parameters, page),
        )

    def newest(self, limit: int, before_seq: int | None) -> Iterator[Kept]:
        while limit > 0:
            page = max(limit, read.PAGE) if self.selection.checks else limit
            # Rows are found in the indexes first: to look for them among rows would read the whole file.
            seqs = [seq for (seq,) in self._rows("o.seq", page, before_seq)]
            whole = read.by_seq(seqs)
            for seq in seqs:
                before_seq = seq
                each = whole.get(seq)
                if each is not None and self.selection.holds(each):
                    yield each
                    limit -= 1
                    if limit == 0:
                        return
            if len(seqs) < page:
                return

    def total(self) -> tuple[int, bool]:
        if self.selection.checks:
            found = sum(1 for _ in self.newest(self.counted + 1, None))
        else:
            found = len(self._rows("o.seq", self.counted + 1, None))
        return min(found, self.counted), found > self.counted
