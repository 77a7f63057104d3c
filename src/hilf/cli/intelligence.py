"""`hilf import`, `search`, `findings`, `undo`, `sources`: intelligence in, found, taken back."""

import base64
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
import orjson

from hilf.canonical import timestamp
from hilf.cli.face import Face, command, example
from hilf.errors import CallerFault, OperatorFault
from hilf.node.home import now
from hilf.store.instant import moment

if TYPE_CHECKING:
    from hilf.node.intake import Progress
    from hilf.node.tally import ImportResult
    from hilf.store.intelligence.assertion import Kept
    from hilf.store.intelligence.imports import Noted

_SHOWN = 10
_PAGE = 1000


@click.command("import", epilog=example("hilf import feed.json --marking tlp:green --source partner-feed", "curl -fsS https://cert.qm.example/feed | hilf import -"))  # fmt: skip
@click.argument("files", nargs=-1, required=True, metavar="FILE|URL|- ...")
@click.option(
    "--marking",
    help="Laid over every object, such as tlp:green or tlp:amber,pap:red; its own marking is never loosened.",
)
@click.option("--source", help="Where it comes from (default: unnamed); its default marking applies.")
@command
def import_(face: Face, files: tuple[str, ...], marking: str | None, source: str | None) -> None:
    """Take in STIX 2.1: bundles, lists, JSON lines, of any size.

    Each object is judged alone: what is wrong is refused or quarantined, with the rule and the place, the others go
    on. Running the same command again only counts what is known.
    """
    home = face.open()
    from hilf.node import intake, material

    size_bytes = material.look_at(files)
    try:
        with _progress(face, size_bytes) as advance:
            result = intake.import_files(home, files, marking, source, now(), advance)
    except KeyboardInterrupt as stopped:
        raise OperatorFault(
            "import.interrupted",
            "Interrupted: what was read so far is in, the rest is not.",
            "Objects are kept in whole chunks.",
            "Go on with the same command again, or take it back: hilf undo --list, then hilf undo IMPORT",
        ) from stopped
    _say_result(face, result)
    face.finish(
        {
            **result.counts(),
            "imports": result.imports,
            "findings": [each._asdict() for each in result.findings],
        },
        ok=not (result.refused or result.quarantined),
    )


def _say_result(face: Face, result: "ImportResult") -> None:
    face.say(
        "Read {read}: accepted {accepted} (new {new}, updated {updated}, duplicate {duplicate}), refused {refused},"
        " quarantined {quarantined}.".format(**result.counts())
    )
    if result.findings:
        face.table(
            ("Object", "Place", "Rule", "Outcome", "Message"),
            [(f.object or "-", f.place, f.rule, f.outcome, f.message) for f in result.findings[:_SHOWN]],
            "",
        )
        one, all_ = " ".join(map(str, result.imports[:1])), len(result.findings)
        face.say(f"{all_} findings in all; with the bytes: hilf findings {one} --json-lines")
    if result.quarantined:
        one = f" --import {result.imports[0]}" if len(result.imports) == 1 else ""
        face.say(f"What is quarantined waits for a person to decide: hilf quarantine list{one}")
    if result.imports:
        face.say(f"Take it back: hilf undo {' or '.join(map(str, result.imports))}")


@contextmanager
def _progress(face: Face, size_bytes: int | None) -> Iterator["Progress"]:
    """A bar on a terminal, nothing otherwise."""
    if face.as_json or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("import", total=size_bytes)
        yield lambda done: bar.advance(task, done)


@click.command(epilog=example("hilf search pegasus --type indicator", "hilf search --value evil[.]example", "hilf search --select 'label:apt -marking:red modified>=2026-11-01'"))  # fmt: skip
@click.argument("text", nargs=-1)
@click.option("--value", help="An address, domain, URL, hash, CVE or technique, defanged or not.")
@click.option("--type", "type_", help="One type, or several with commas.")
@click.option("--since", help="Came in at this time or later, such as 2026-11-24.")
@click.option("--select", "selection", default="", help="Terms of the select language.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--before", type=int, help="Go on behind this number: `next` of the page before.")
@command
def search(
    face: Face,
    text: tuple[str, ...],
    value: str | None,
    type_: str | None,
    since: str | None,
    selection: str,
    limit: int,
    before: int | None,
) -> None:
    """Find objects, newest first, by words, value, type, time or selection."""
    home = face.open_current()
    from hilf.node import search as finder

    terms = finder.terms_of(selection, value, type_, since)
    found = finder.find(home, terms, " ".join(text), limit, before)
    lines = [_line(each) for each in found.objects]
    heads = ("id", "type", "name", "modified", "owner", "marking")
    face.table(
        ("Id", "Type", "Name", "Modified", "Owner", "Marking"),
        [[line[head] or "" for head in heads] for line in lines],
        "Nothing found. Take something in with hilf import FILE, or ask for less.",
    )
    hints = finder.hints(" ".join(text), value)
    face.say(*hints)
    if lines:
        face.say(f"{len(lines)} of {'more than ' if found.is_at_least else ''}{found.total}.")
    if found.waiting:
        face.say(f"{found.waiting} objects wait for the full-text index.")
    more = found.objects[-1].seq if len(found.objects) == limit else None
    face.finish(
        {
            "total": found.total,
            "total_is_at_least": found.is_at_least,
            "objects": lines,
            "waiting": found.waiting,
            "hints": [*hints],
            "next": more,
        }
    )


def _line(each: "Kept") -> dict[str, object]:
    from hilf.node.search import name_of

    return {
        "id": each.stix_id,
        "type": each.type,
        "name": name_of(each.object),
        "modified": time_of(each.modified),
        "owner": each.owner,
        "marking": marking_of(each),
        "sha256": each.sha256.hex(),
    }


def marking_of(each: "Kept") -> str:
    """The effective level; AMBER+STRICT where none is stated, and it says so."""
    from hilf.markings.tlp import WHERE_MISSING, Tlp

    return f"{WHERE_MISSING.label} (none stated)" if each.tlp is None else Tlp(each.tlp).label


def time_of(at_us: int | None) -> str | None:
    """An instant of the store as JSON writes it."""
    return None if at_us is None else timestamp(moment(at_us))


@click.command(epilog=example("hilf findings 3", "hilf findings 3 --json-lines > wrong.jsonl"))
@click.argument("import_id", required=False, type=int, metavar="[IMPORT]")
@click.option("--peer", help="Only what was wrong with what this node sent.")
@click.option(
    "--json-lines", is_flag=True, help="Every finding as one line of JSON, with the received bytes."
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--after", type=int, default=0, help="Go on behind this number: `next` of the page before.")
@command
def findings(
    face: Face, import_id: int | None, peer: str | None, json_lines: bool, limit: int, after: int
) -> None:
    """What was found wrong: which object, where, by which rule, and what became of it."""
    face.open()
    from hilf.node import sources as verbs

    if json_lines:
        page = verbs.findings(import_id, peer, _PAGE, after)
        while page:
            sys.stdout.buffer.write(b"".join(orjson.dumps(_finding(n, f, True)) + b"\n" for n, f in page))
            page = verbs.findings(import_id, peer, _PAGE, page[-1][0])
        sys.stdout.buffer.flush()
        return
    found = verbs.findings(import_id, peer, limit, after)
    face.table(
        ("Object", "Place", "Rule", "Outcome", "Message", "From"),
        [
            (f.object or "-", f.place, f.rule, f.outcome, f.message, f.peer or f"import {f.import_id}")
            for _, f in found
        ],
        "Nothing was found wrong.",
    )
    if any(f.outcome == "quarantined" for _, f in found):
        face.say("What of it still waits for a person, and what to do: hilf quarantine list")
    more = found[-1][0] if len(found) == limit else None
    if more:
        face.say(f"There are more: hilf findings {import_id or ''} --after {more}")
    face.finish({"findings": [_finding(n, f, False) for n, f in found], "next": more})


def _finding(number: int, finding: "Noted", with_body: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "number": number,
        "import": finding.import_id,
        "peer": finding.peer,
        "at": time_of(finding.at),
        "object": finding.object,
        "place": finding.place,
        "rule": finding.rule,
        "message": finding.message,
        "outcome": finding.outcome,
    }
    if with_body and finding.body is not None:
        try:
            told["body"] = finding.body.decode()
        except UnicodeDecodeError:
            told["body_base64"] = base64.b64encode(finding.body).decode()
    return told


@click.command(epilog=example("hilf undo --list", "hilf undo 3"))
@click.argument("import_id", required=False, type=int, metavar="[IMPORT]")
@click.option("--list", "list_", is_flag=True, help="Imports, newest first.")
@command
def undo(face: Face, import_id: int | None, list_: bool) -> None:
    """Take one whole import back: what it alone brought goes, older versions return.

    Refused while something of it was released to a partner, or is proposed for one: retract that first.
    """
    home = face.open()
    from hilf.node import sources as verbs

    if list_:
        records = verbs.newest_imports(home)
        face.table(
            ("Import", "Started", "Source", "File", "Marking", "State", "Accepted", "Refused", "Quarantined"),
            [
                (
                    r.import_id, time_of(r.started), r.source, r.name, r.marking or "", r.state,
                    *(r.counts.get(name, 0) for name in ("accepted", "refused", "quarantined")),
                )
                for r in records
            ],
            "Nothing was imported yet: hilf import FILE",
        )  # fmt: skip
        face.finish(
            {
                "imports": [
                    {
                        "import": r.import_id, "started": time_of(r.started), "finished": time_of(r.finished),
                        "source": r.source, "name": r.name, "marking": r.marking, "state": r.state, **r.counts,
                    }
                    for r in records
                ]
            }
        )  # fmt: skip
        return
    if import_id is None:
        raise CallerFault("undo.which", "Which import?", "", "See them: hilf undo --list")
    undone = verbs.take_back(home, import_id)
    face.say(
        f"Import {import_id} is undone: {undone.removed} versions are gone,"
        f" {undone.kept} stay because another import brought them too."
    )
    face.finish({"import": import_id, "removed": undone.removed, "kept": undone.kept})


@click.group(epilog=example("hilf sources list"))
def sources() -> None:
    """Where imports come from: default marking, reliability and owner."""


@sources.command("list", epilog=example("hilf sources list"))
@command
def list_sources(face: Face) -> None:
    """Every source with what it is worth."""
    face.open()
    from hilf.node import sources as verbs

    listed = verbs.listed()
    face.table(
        ("Source", "Marking", "Reliability", "Owner"),
        [
            (s.name, s.marking or "", f"{s.reliability} {verbs.RELIABILITIES[s.reliability]}", s.owner or "")
            for s in listed
        ],
        "There is none yet: hilf sources set NAME, or hilf import FILE --source NAME",
    )
    face.finish(
        {
            "sources": [
                {"name": s.name, "marking": s.marking, "reliability": s.reliability, "owner": s.owner}
                for s in listed
            ]
        }
    )


@sources.command("set", epilog=example("hilf sources set partner-feed --marking tlp:green --reliability B"))
@click.argument("name")
@click.option(
    "--marking",
    help="Laid over what it brings where --marking is not given, such as tlp:green or tlp:amber,pap:red.",
)
@click.option("--reliability", type=click.Choice(list("ABCDEF")), help="Admiralty scale, A best, F unknown.")
@click.option("--owner", help="Whom to ask about it.")
@command
def set_source(
    face: Face, name: str, marking: str | None, reliability: str | None, owner: str | None
) -> None:
    """Say how a source is marked by default and what it is worth."""
    face.open()
    from hilf.node import sources as verbs

    after = verbs.describe(name, marking, reliability, owner)
    face.say(
        f"{after.name}: marking {after.marking or 'none'}, reliability {after.reliability}, owner {after.owner or '-'}"
    )
    face.finish(
        {
            "name": after.name,
            "marking": after.marking,
            "reliability": after.reliability,
            "owner": after.owner,
        }
    )
