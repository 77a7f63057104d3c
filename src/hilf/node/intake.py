"""The one door in: bodies of partners pass the guard, files and objects are judged here and kept (house.md 1).

Nothing else calls the guard, and nothing else lets foreign objects into the store. Each object is judged alone: one
that is wrong is refused or quarantined with its bytes and every fault, the others go on. A file is kept in transactions
of whole chunks, each with the count of its import, so that a crash leaves whole chunks and running the same command
again only counts what is known (faces.md 1, "Counting an import"). Objects of partners come in acts and are kept in the
transaction of their batch; what becomes of each stands in the receipt.
"""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal

import orjson

from hilf.accord.placing import ObjectState, Outcome
from hilf.canonical import Json, dumps
from hilf.errors import OperatorFault, Refusal
from hilf.federation import guard
from hilf.federation.act import Act
from hilf.markings import overlay
from hilf.node import lapsed
from hilf.node.ahead import NOTHING, Ahead
from hilf.node.author import KnownAuthors, known_authors
from hilf.node.claim import Claims, Coming, Prepared
from hilf.node.home import Home, index_key
from hilf.node.material import look_at, opened, undisturbed
from hilf.node.sources import running
from hilf.node.tally import NOT_ACCEPTED, ImportResult, Notes, bytes_kept
from hilf.node.tightened import TOO_OFTEN, tighten
from hilf.stix.finding import Finding
from hilf.stix.read import read
from hilf.stix.split import Piece, split
from hilf.store.database import transaction
from hilf.store.instant import microseconds
from hilf.store.intelligence import imports
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Assertion, Kept, Written
from hilf.store.intelligence.write import CHUNK, Known, find_known, put_authorship, write_assertions

CHUNK_BYTES = 16 << 20
"""A chunk ends here too, however few objects it holds."""
READING_BUDGET_S = 20.0
"""Processor time that the objects of one batch may take to be read: patterns made to be slow stop here."""
UNNAMED_SOURCE = "unnamed"
EQUIVOCATION = "intake.equivocation"
RETRACTED = "intake.retracted"
DROPPED = "quarantine.dropped"
_MESSAGES = {
    Outcome.EQUIVOCATION: (EQUIVOCATION, "The same version (id and modified) is held with other bytes; both are kept as evidence."),
    Outcome.RETRACTED: (RETRACTED, "This version was retracted. Only what went because its time was over comes back, with a new act."),
    Outcome.DROPPED: (DROPPED, "This version waited in quarantine, and a person dropped it; it is not taken again."),
}  # fmt: skip

Progress = Callable[[int], None]
"""Called with the bytes that were taken in since the last call."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the object of an act: applied, refused or held for a person, with a code for the receipt.

    `seq` is the row that holds it; None where nothing was kept. `settles` is the row in which the same waited in
    quarantine until now: acts that brought that one count from now on. `renewed` are the rows whose proof this one took the
    place of, because the key under it is revoked.
    """

    outcome: Literal["applied", "refused", "held"]
    code: str | None = None
    seq: int | None = None
    settles: int | None = None
    renewed: tuple[int, ...] = ()


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
        marking: laid over every object ("tlp:green", "tlp:amber,pap:red"), joined with its own; None for the source's default.
        source: name of where they come from; None for "unnamed".
        now: aware UTC.
        progress: told of every chunk.
        chunk: objects in a transaction, at most.

    Raises:
        CallerFault: a file is missing, empty or no JSON, or the marking is none; nothing was written.
        OperatorFault: disk or database fail; whole chunks before that are kept.
    """
    if marking is not None:
        overlay.parse(marking)
    look_at(tuple(files))
    whole = ImportResult()
    with undisturbed():
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
        at = microseconds(now)
        with transaction():
            known_source = imports.source(source)
            laid_over = marking or (known_source.marking if known_source else None)
            import_id = imports.start(name, source, laid_over, at)
        over = overlay.ids(laid_over) if laid_over else ()
        claims = Claims(home.node, known_authors(home), at)
        coming = Coming(home.node, over, import_id)
        run = _Run(index_key(home), claims, coming, at, ImportResult([import_id]))
        try:
            with running(home, import_id):
                for piece in split(material.pieces):
                    run.add(piece, now)
                    if run.is_full(size):
                        progress(run.keep())
                if run.upto > run.kept_upto:
                    progress(run.keep())
                with transaction():
                    imports.record(import_id, run.result.counts(), "done", at)
        except OperatorFault:
            with suppress(OperatorFault), transaction():
                imports.record(import_id, run.result.counts(), "failed", at)
            raise
    return run.result


@dataclass(slots=True)
class _Run:
    """One import while it runs; `result` counts what is committed, the rest is the chunk that comes next."""

    index_key: bytes
    claims: Claims
    coming: Coming
    at: int
    result: ImportResult
    prepared: list[Prepared] = field(default_factory=list)
    refused: list[tuple[Sequence[Finding | None], str, bytes]] = field(default_factory=list)
    held_bytes: int = 0
    upto: int = 0
    kept_upto: int = 0

    def add(self, piece: Piece, now: datetime) -> None:
        """Read one piece; nothing of it stays parsed in memory."""
        self.held_bytes += len(piece.raw)
        self.upto = piece.offset + len(piece.raw)
        if piece.finding:
            self.refused.append(((piece.finding,), "refused", piece.raw))
            return
        found = read(piece.raw, piece.place, now)
        if found.canonical is None or found.outcome == "refused":
            self.refused.append((found.findings, found.outcome, piece.raw))
        else:
            self.prepared.append(self.claims.prepare(found, piece.place, self.coming))

    def is_full(self, size: int) -> bool:
        """Whether the chunk should be kept now."""
        return len(self.prepared) + len(self.refused) >= size or self.held_bytes >= CHUNK_BYTES

    def keep(self) -> int:
        """Keep the chunk and count it, in one transaction; how many bytes of the file it was."""
        counted, notes = ImportResult(), Notes(self.coming.import_id, None, self.at)
        for findings, became, raw in self.refused:
            notes.add(findings, became, raw)
            counted.count(became)
        with transaction():
            for each, ((outcome, _, _), finding) in zip(
                self.prepared, write(self.claims, self.prepared, self.index_key), strict=True
            ):
                counted.count(NOT_ACCEPTED.get(outcome, outcome.value))
                if finding is not None or each.findings:
                    raw = each.assertion.original or each.assertion.body
                    notes.add(
                        (*each.findings, finding),
                        NOT_ACCEPTED.get(outcome, "accepted"),
                        bytes_kept(raw, outcome),
                    )
            notes.tell(counted)
            so_far = self.result.plus(counted)
            imports.note(notes.kept)
            imports.record(self.coming.import_id or 0, so_far.counts())
        self.result = so_far
        done = self.upto - self.kept_upto
        self.prepared, self.refused, self.held_bytes, self.kept_upto = [], [], 0, self.upto
        gc.collect(0)
        return done


def write(
    claims: Claims, prepared: Sequence[Prepared], key: bytes, look: Callable[[Known], None] = lambda _: None
) -> list[tuple[Written, Finding | None]]:
    """Keep what was prepared; for each what became of it, and why it does not count.

    Args:
        claims: who may have written what.
        prepared: in the order in which they came.
        key: `node.home.index_key`.
        look: is shown what is held of their ids before anything is decided.
    """
    known = find_known((each.assertion.stix_id for each in prepared), key)
    look(known)
    settled = claims.settle(prepared, known)
    written = write_assertions([assertion for assertion, _ in settled], key, known)
    results = []
    for each, (_, finding), became in zip(prepared, settled, written, strict=True):
        if became.outcome in _MESSAGES:
            finding = Finding(each.assertion.stix_id, each.place, *_MESSAGES[became.outcome])  # noqa: PLW2901 what the store found instead
        results.append((became, finding))
    return results


def take(
    home: Home,
    acts: Sequence[Act],
    now: datetime,
    authors: KnownAuthors | None = None,
    budget_s: float = READING_BUDGET_S,
    ahead: Ahead = NOTHING,
    retracted: Mapping[str, datetime] = MappingProxyType({}),
) -> tuple[Taken, ...]:
    """Keep the objects that a partner sent in acts, in the caller's transaction; one result for each, in order.

    The sender is the asserter; what it says of itself is judged by `accord.ownership`, the object by the same rules as
    those in a file. Whether the accord allows the act is judged before.

    Args:
        home: an open home.
        acts: of kind `object`, from one batch, each seen for the first time.
        now: aware UTC.
        authors: who may be an author, where the caller has read it already.
        budget_s: processor time for reading them; what comes after it is refused, and may be sent in another batch.
        ahead: what was read of them before the transaction.
        retracted: when the retraction acts of the same batch were made, by id; those of earlier ones are remembered.
    """
    began_s = time.thread_time()
    at, key = microseconds(now), index_key(home)
    claims = Claims(home.node, authors or known_authors(home), at)
    taken: dict[int, Taken] = {}
    ready: list[tuple[int, Prepared]] = []
    notes = Notes(None, acts[0].sender if acts else None, at)
    for n, act in enumerate(acts):
        found = ahead.get(act.id)
        if found is None and (act.id in ahead or time.thread_time() - began_s > budget_s):
            taken[n] = Taken("refused", "intake.too-costly")
            continue
        found = found or read(dumps(act.body["object"]), f"act {act.id}", now)
        if found.outcome == "refused" or found.upgraded:
            notes.add(found.findings, "refused", dumps(act.body["object"]))
            taken[n] = Taken("refused", _first_rule(found.findings))
        else:
            ready.append((n, claims.prepare(found, f"act {act.id}", coming(act))))
    again: list[tuple[int, Act]] = []
    prepared = [each for _, each in ready]
    said = [each.assertion for each in prepared]
    written = write(claims, prepared, key, lambda known: lapsed.note(home, said, known, retracted, now))
    for (n, each), (became, finding) in zip(ready, written, strict=True):
        taken[n] = _taken(each.findings, became, finding)
        raw = bytes_kept(each.assertion.body, became.outcome)
        notes.add((*each.findings, finding), NOT_ACCEPTED.get(became.outcome, "accepted"), raw)
        if became.outcome is Outcome.DUPLICATE:
            again.append((became.seq, acts[n]))
    imports.note(notes.kept)
    refused = tighten(again, now)
    taken |= {n: Taken("refused", TOO_OFTEN) for n, act in enumerate(acts) if act.id in refused}
    for (n, each), (became, _) in zip(ready, written, strict=True):
        if each.proof is not None and became.outcome is Outcome.DUPLICATE:
            taken[n] = replace(taken[n], renewed=_renew(claims.authors, each, key))
    return tuple(taken[n] for n in range(len(acts)))


def _renew(authors: KnownAuthors, came: Prepared, key: bytes) -> tuple[int, ...]:
    """Let a proof take the place of those of the same bytes whose key is revoked; the rows where it did (wire.md 2)."""
    kept = came.assertion
    node = authors.proven(came.proof, came.canonical, kept.stix_id, kept.created_by)
    if node is None or not authors.revoked.get(node):
        return ()
    rows = [
        row.seq
        for row in objects.assertions_of(kept.stix_id, key)
        if (row.author, row.sha256) == (node, kept.sha256)
        and row.authorship is not None
        and authors.revoked_signer(orjson.loads(row.authorship)) == node
    ]
    put_authorship(rows, orjson.dumps(came.proof))
    return tuple(rows)


def coming(act: Act) -> Coming:
    """How the object of an act comes: who says it, under which accord, terms and markings, with which proof."""
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
        said_at=microseconds(act.at),
    )


def _taken(findings: Sequence[Finding], became: Written, finding: Finding | None) -> Taken:
    code = finding.rule if finding else _first_rule(findings)
    what = NOT_ACCEPTED.get(became.outcome)
    if what == "refused":
        return Taken("refused", code)
    if what is not None:
        return Taken("held", code, became.seq)
    return Taken("applied", None, became.seq, became.settles)


def reconsider(home: Home, waiting: Kept, now: datetime) -> tuple[Assertion, Finding | None]:
    """A version in quarantine as a person may let it count, and what speaks against it now, None if nothing does.

    Content and ownership are judged anew: a proof may hold by now that did not when it came. An author that is still
    not shown, and one to whom the id does not belong, is none: it is the word of the node that says it.

    Raises:
        Refusal: "quarantine.wrong", the rules of today refuse its content.
    """
    found = read(waiting.original or waiting.body or b"", "quarantine", now)
    if found.canonical is None or found.outcome == "refused" or bytes.fromhex(found.sha256) != waiting.sha256:
        raise Refusal(
            "quarantine.wrong",
            f"{waiting.stix_id} is wrong by the rules of today: {_first_rule(found.findings)}.",
            "A person may let wait or count what is right in itself, and nothing else.",
            f"Drop it: hilf quarantine drop {waiting.stix_id} --reason TEXT",
        )
    coming = Coming(
        waiting.asserter,
        waiting.overlay,
        waiting.import_id,
        waiting.accord,
        waiting.purpose,
        waiting.exercise,
        orjson.dumps(dict(waiting.terms)).decode() if waiting.terms else None,
        orjson.loads(waiting.authorship) if waiting.authorship else None,
    )
    claims = Claims(home.node, known_authors(home), waiting.received)
    prepared = claims.prepare(found, "quarantine", coming)
    ((assertion, finding),) = claims.settle([prepared], find_known([waiting.stix_id], index_key(home)))
    if finding is not None:
        assertion = assertion._replace(author=None, authorship=None)
    against = finding or next((each for each in found.findings if each.severity == "error"), None)
    return assertion._replace(state=ObjectState.CURRENT), against


def _first_rule(findings: Sequence[Finding]) -> str:
    return next((each.rule for each in findings if each.severity == "error"), "stix.version-2.0")
