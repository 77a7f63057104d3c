"""The one door in: bodies of partners pass the guard, files and objects are judged here and kept (house.md 1).

Nothing else calls the guard, and nothing else lets foreign objects into the store. Each object is judged alone: one
that is wrong is refused or quarantined with its bytes and every fault, the others go on. A file is kept in transactions
of whole chunks, each with the count of its import, so that a crash leaves whole chunks and running the same command
again only counts what is known (faces.md 1, "Counting an import"). Objects of partners come in acts and are kept in the
transaction of their batch; what becomes of each stands in the receipt.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import orjson

from hilf.canonical import Json, dumps
from hilf.errors import OperatorFault
from hilf.federation import guard
from hilf.federation.act import Act
from hilf.markings import tlp
from hilf.node.author import known_authors
from hilf.node.claim import Claims, Coming, microseconds
from hilf.node.home import Home, index_key
from hilf.node.material import look_at, opened
from hilf.node.tally import NOT_ACCEPTED, ImportResult, Notes
from hilf.stix.finding import Finding
from hilf.stix.read import Read, read
from hilf.stix.split import Piece, split
from hilf.store.database import transaction
from hilf.store.intelligence import imports
from hilf.store.intelligence.assertion import Outcome
from hilf.store.intelligence.write import CHUNK, find_known, write_assertions

CHUNK_BYTES = 16 << 20
"""A chunk ends here too: parsed objects take about ten times their bytes in memory."""
UNNAMED_SOURCE = "unnamed"
EQUIVOCATION = "intake.equivocation"
RETRACTED = "intake.retracted"
_MESSAGES = {
    Outcome.EQUIVOCATION: (EQUIVOCATION, "The same version (id and modified) is held with other bytes; both are kept as evidence."),
    Outcome.RETRACTED: (RETRACTED, "This version was retracted, and what was retracted does not come back."),
}  # fmt: skip

Progress = Callable[[int], None]
"""Called with the bytes that were taken in since the last call."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the object of an act: applied, refused or held for a person, with a code for the receipt.

    `seq` is the row that holds it; None where nothing was kept.
    """

    outcome: Literal["applied", "refused", "held"]
    code: str | None = None
    seq: int | None = None


def open_body(data: bytes, content_encoding: str) -> Json:
    """The value that a partner's body holds, if the guard lets it pass.

    Args:
        data: as it came over the wire, its digest and signature verified.
        content_encoding: "identity" or "zstd".

    Raises:
        PartnerFault: "body: too large", "zstd: …", "json: …": the rule that failed first.
    """
    return guard.open_body(data, content_encoding)


def import_files(
    home: Home,
    files: Sequence[str],
    marking: str | None,
    source: str | None,
    now: datetime,
    progress: Progress = lambda _: None,
    chunk: int = CHUNK,
) -> ImportResult:
    """Take in STIX files of any size, in bounded memory; each file is one import.

    Args:
        home: an open home.
        files: paths, `-` for standard input.
        marking: TLP laid over every object ("tlp:green"), joined with its own; None for the source's default.
        source: name of where they come from; None for "unnamed".
        now: aware UTC.
        progress: told of every chunk.
        chunk: objects in a transaction, at most.

    Raises:
        CallerFault: a file is missing, empty or no JSON, or the marking is none; nothing was written.
        OperatorFault: disk or database fail; whole chunks before that are kept.
    """
    if marking is not None:
        tlp.parse(marking)
    look_at(tuple(files))
    whole = ImportResult()
    with _undisturbed():
        for name in files:
            whole = whole.plus(
                _import_file(home, name, (marking, source or UNNAMED_SOURCE), now, progress, chunk)
            )
    return whole


def _import_file(
    home: Home,
    name: str,
    described: tuple[str | None, str],
    now: datetime,
    progress: Progress,
    size: int,
) -> ImportResult:
    marking, source = described
    with opened(name) as material:
        at = microseconds(now) or 0
        with transaction():
            known_source = imports.source(source)
            laid_over = marking or (known_source.marking if known_source else None)
            import_id = imports.start(name, source, laid_over, at)
        overlay = (tlp.parse(laid_over).marking_id,) if laid_over else ()
        claims = Claims(home.node, known_authors(home), at)
        coming = Coming(home.node, overlay, import_id)
        run = _Run(index_key(home), claims, coming, at, ImportResult([import_id]))
        done_bytes = 0
        try:
            for chunk in _chunks(split(material.pieces), size):
                run.keep(
                    [(each, None if each.finding else read(each.raw, each.place, now)) for each in chunk]
                )
                upto = chunk[-1].offset + len(chunk[-1].raw)
                progress(upto - done_bytes)
                done_bytes = upto
            with transaction():
                imports.record(import_id, run.result.counts(), "done", at)
        except OperatorFault:
            with suppress(OperatorFault), transaction():
                imports.record(import_id, run.result.counts(), "failed", at)
            raise
    return run.result


def _chunks(pieces: Iterable[Piece], size: int) -> Iterator[list[Piece]]:
    chunk: list[Piece] = []
    held = 0
    for piece in pieces:
        chunk.append(piece)
        held += len(piece.raw)
        if len(chunk) >= size or held >= CHUNK_BYTES:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


@dataclass(slots=True)
class _Run:
    """One import while it runs; `result` counts what is committed."""

    index_key: bytes
    claims: Claims
    coming: Coming
    at: int
    result: ImportResult

    def keep(self, chunk: Sequence[tuple[Piece, Read | None]]) -> None:
        """Keep a chunk and count it, in one transaction."""
        counted, notes = ImportResult(), Notes(self.coming.import_id, None, self.at)
        usable: list[tuple[Read, str, Coming]] = []
        for piece, found in chunk:
            if found is None or found.canonical is None or found.outcome == "refused":
                became = "refused" if found is None else found.outcome
                notes.add((piece.finding,) if found is None else found.findings, became, piece.raw)
                counted.count(became)
            else:
                usable.append((found, piece.place, self.coming))
        with transaction():
            written = _write(self.claims, usable, self.index_key)
            for (found, _, _), (outcome, finding, _) in zip(usable, written, strict=True):
                counted.count(NOT_ACCEPTED.get(outcome, outcome.value))
                if finding is not None or found.findings:
                    notes.add((*found.findings, finding), NOT_ACCEPTED.get(outcome, "accepted"), found.raw)
            notes.tell(counted)
            so_far = self.result.plus(counted)
            imports.note(notes.kept)
            imports.record(self.coming.import_id or 0, so_far.counts())
        self.result = so_far


def _write(
    claims: Claims, usable: Sequence[tuple[Read, str, Coming]], key: bytes
) -> list[tuple[Outcome, Finding | None, int]]:
    """Keep objects that can be kept; for each what became of it, why it does not count, and its row."""
    known = find_known((found.id for found, _, _ in usable), key)
    made = claims.assertions(usable, known)
    written = write_assertions([assertion for assertion, _ in made], key, known)
    results = []
    for (found, place, _), (_, finding), each in zip(usable, made, written, strict=True):
        if each.outcome in _MESSAGES:
            finding = Finding(found.id, place, *_MESSAGES[each.outcome])  # noqa: PLW2901 what the store found instead
        results.append((each.outcome, finding, each.seq))
    return results


def take(home: Home, acts: Sequence[Act], now: datetime) -> tuple[Taken, ...]:
    """Keep the objects that a partner sent in acts, in the caller's transaction; one result for each, in order.

    The sender is the asserter; what it says of itself is judged by `accord.ownership`, the object by the same rules as
    those in a file. Whether the accord allows the act is judged before.

    Args:
        home: an open home.
        acts: of kind `object`, from one batch, each seen for the first time.
        now: aware UTC.
    """
    at, key = microseconds(now) or 0, index_key(home)
    claims = Claims(home.node, known_authors(home), at)
    taken: list[Taken | None] = []
    usable: list[tuple[Read, str, Coming]] = []
    notes = Notes(None, acts[0].sender if acts else None, at)
    for act in acts:
        canonical = dumps(act.body["object"])
        found = read(canonical, f"act {act.id}", now)
        if found.outcome == "refused" or found.upgraded:
            notes.add(found.findings, "refused", canonical)
            taken.append(Taken("refused", _first_rule(found)))
        else:
            usable.append((found, f"act {act.id}", _coming(act)))
            taken.append(None)
    results = iter(zip(usable, _write(claims, usable, key), strict=True))
    for n, each in enumerate(taken):
        if each is None:
            (found, _, _), (outcome, finding, seq) = next(results)
            taken[n] = _taken(found, outcome, finding, seq)
            notes.add((*found.findings, finding), NOT_ACCEPTED.get(outcome, "accepted"), found.raw)
    imports.note(notes.kept)
    return tuple(each for each in taken if each is not None)


def _coming(act: Act) -> Coming:
    markings = act.terms.get("markings")
    laid_over = (
        sorted(each for each in markings if isinstance(each, str)) if isinstance(markings, list) else ()
    )
    return Coming(
        asserter=act.sender,
        overlay=tuple(laid_over),
        accord=f"{act.accord[0]} {act.accord[1]}" if act.accord else None,
        purpose=act.purpose,
        exercise=act.exercise,
        terms=orjson.dumps(act.terms).decode(),
        authorship=act.body["authorship"],
    )


def _taken(found: Read, outcome: Outcome, finding: Finding | None, seq: int) -> Taken:
    code = finding.rule if finding else _first_rule(found)
    if outcome is Outcome.RETRACTED:
        return Taken("refused", code)
    if outcome in NOT_ACCEPTED:
        return Taken("held", code, seq)
    return Taken("applied", None, seq)


def _first_rule(found: Read) -> str | None:
    return next((each.rule for each in found.findings if each.severity == "error"), "stix.version-2.0")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the garbage collector from walking over everything again and again: it costs a third of the speed."""
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
