"""A selection of objects as a file: STIX for machines, CSV for tables; read page by page, never held whole.

Kept bytes leave as they came, but for markings that this node laid over them: those are joined, or the copy would be looser
than the object. A cell that a spreadsheet would take for a formula gets an apostrophe (CSV injection, CWE-1236).
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final
from uuid import uuid4

import orjson

from hilf.canonical import timestamp
from hilf.markings.tlp import WHERE_MISSING, Tlp
from hilf.node import mark
from hilf.node.home import Home, index_key
from hilf.node.search import name_of
from hilf.stix.select import Term
from hilf.store.instant import moment
from hilf.store.intelligence import search
from hilf.store.intelligence.assertion import Kept

PAGE: Final = 500
COLUMNS: Final = (
    "id", "type", "name", "value", "marking", "owner", "created", "modified", "received", "confidence", "labels", "own labels",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_LONGEST_CELL: Final = 32_000
"""A spreadsheet holds 32,767 characters in a cell."""


def pages(home: Home, terms: Sequence[Term], words: str = "") -> Iterator[Sequence[Kept]]:
    """Everything that a selection and words find, newest first, page by page; what counts is read once at its time."""
    before = None
    while True:
        found = search.find(terms, index_key(home), words, PAGE, before, counted=0).objects
        if found:
            yield found
            before = found[-1].seq
        if len(found) < PAGE:
            return


def as_stix(found: Iterator[Sequence[Kept]]) -> Iterator[bytes]:
    """A bundle, piece by piece."""
    yield orjson.dumps({"type": "bundle", "id": f"bundle--{uuid4()}"})[:-1] + b',"objects":['
    is_first = True
    for page in found:
        bodies = [body for each in page if (body := _marked(each)) is not None]
        if bodies:
            yield (b"" if is_first else b",\n") + b",\n".join(bodies)
            is_first = False
    yield b"]}\n"


def as_csv(home: Home, found: Iterator[Sequence[Kept]]) -> Iterator[bytes]:
    """A table in UTF-8 with a byte-order mark, as spreadsheets want it, piece by piece."""
    yield "\ufeff".encode() + _lines([COLUMNS])
    for page in found:
        labels = mark.labels_of(home, (each.stix_id for each in page))
        yield _lines([_cells(each, labels.get(each.stix_id, ())) for each in page])


def safe(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    text = cell.replace("\0", "")[:_LONGEST_CELL]
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _marked(each: Kept) -> bytes | None:
    if each.body is None or not each.overlay:
        return each.body
    stix_object = each.object
    refs = stix_object.get("object_marking_refs")
    stix_object["object_marking_refs"] = sorted({*(refs if isinstance(refs, list) else ()), *each.overlay})
    return orjson.dumps(stix_object)


def _cells(each: Kept, labels: Sequence[str]) -> list[str]:
    stix_object = each.object
    listed = stix_object.get("labels")
    value = next((stix_object[m] for m in ("value", "pattern") if isinstance(stix_object.get(m), str)), "")
    level = WHERE_MISSING if each.tlp is None else Tlp(each.tlp)
    times = (
        "" if at is None else timestamp(moment(at)) for at in (each.created, each.modified, each.received)
    )
    confidence = "" if each.confidence is None else str(each.confidence)
    words = " ".join(word for word in listed if isinstance(word, str)) if isinstance(listed, list) else ""
    cells = (
        each.stix_id, each.type, name_of(stix_object), str(value), level.label, each.owner, *times, confidence, words,
        " ".join(labels),
    )  # fmt: skip
    return [safe(cell) for cell in cells]


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(errors="replace")
