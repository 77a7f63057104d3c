"""`hilf release`: preview, send, approve, why (accord.md 3, 4; faces.md 1)."""

from collections import Counter
from typing import TYPE_CHECKING

import click

from hilf.canonical import Json, timestamp
from hilf.cli import preview as preview_
from hilf.cli.decline import decline
from hilf.cli.face import Face, command, example
from hilf.cli.lists import as_json
from hilf.cli.order import order
from hilf.cli.why import why

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hilf.node.preview import Preview, Weighed
    from hilf.node.release import Released
    from hilf.node.release_list import Listed

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.

_SHOWN = 40
_FEW = 10
_TO = click.option(
    "--to",
    multiple=True,
    metavar="NODE",
    help="The recipient; several with --to each, every verified node with --to all.",
)
_ACCORD = click.option("--accord", metavar="ID", help="Every other party of this agreement in force.")
_SELECT = click.option(
    "--select",
    default="",
    metavar="TEXT",
    help="Which objects, e.g. 'type:indicator label:energy' (default: what this node asserts and has not released there).",
)
_PURPOSE = click.option("--purpose", metavar="WORD", help="Of the acts (default: the accord's first).")
_DESPITE = click.option(
    "--despite",
    multiple=True,
    metavar="LIST",
    help="Let this list stop nothing this time; what it would stop needs a second officer.",
)


@click.group(
    epilog=example(
        "hilf release preview --to cert.qn.example",
        "hilf release send --to cert.qn.example --select type:indicator --as officer",
        "hilf release approve release--… --as second",
    )
)
def release() -> None:
    """Preview, send, approve, why."""


for each_ in (order, why, decline):
    release.add_command(each_)


@release.command(
    epilog=example(
        "hilf release preview --to cert.qn.example --select 'type:indicator marking:tlp:green'",
        "hilf release preview --to all --select type:indicator",
    )
)
@_TO
@_ACCORD
@_SELECT
@_PURPOSE
@_DESPITE
@command
def preview(
    face: Face,
    to: tuple[str, ...],
    accord: str | None,
    select: str,
    purpose: str | None,
    despite: tuple[str, ...],
) -> None:
    """What would leave, what stays, and which clause says so; nothing is sent.

    For several recipients one line each, from one reading of the objects.
    """
    home = face.open_current()
    from hilf.node import preview as previews
    from hilf.node.home import now
    from hilf.node.recipients import named

    nodes = named(home, to, accord, now())
    if len(nodes) > 1:
        _preview_each(
            face, (shown for _, shown in previews.previews(home, nodes, now(), select, purpose, despite))
        )
        return
    shown = previews.preview(home, nodes[0], now(), select, purpose, despite)
    _show_leaving(face, shown)
    _show_staying(face, shown)
    _say_hits(face, shown.heard)
    face.say(
        f"{len(shown.allowed)} would leave to {shown.to} ({shown.needing_approval} of them after an approval), "
        f"{len(shown.withheld)} stay, {preview_.there_line(shown)}"
    )
    if not shown.allowed and not shown.withheld and not shown.already:
        face.say(
            "Nothing is selected. Bring something in (hilf import FILE), or select otherwise with --select."
        )
    idle = preview_.say_idle(face, home, shown.to, shown.refusals, now())
    face.finish({**preview_.document(shown), **idle})


def _show_leaving(face: Face, shown: "Preview") -> None:
    (one,) = shown.accords if len(shown.accords) == 1 else (None,)
    if one:
        face.say(f"Under {one[0]} version {one[1]}:")
    heads = ("leaves", "marking", "clause", "approvals", "accord")
    columns = slice(-1) if one else slice(None)
    face.table(
        heads[columns],
        [preview_.allowed_line(each)[columns] for each in shown.allowed[:_SHOWN]],
        "Nothing would leave.",
    )
    _more(face, len(shown.allowed))
    if shown.redacted:
        some = preview_.taken_out(shown, _SHOWN)
        face.table(
            preview_.TAKEN_OUT_HEADS, [line for each in some for line in preview_.taken_out_lines(each)], ""
        )
        _more(face, len(shown.redacted))


def _show_staying(face: Face, shown: "Preview") -> None:
    if not shown.withheld:
        return
    face.table(
        ("stays", "rule", "clause", "reason"),
        [preview_.withheld_line(each) for each in shown.withheld[:_SHOWN]],
        "",
    )
    _more(face, len(shown.withheld))
    if len(shown.withheld) > _SHOWN:
        _say_rules(face, shown)
    _say_whom_to_ask(face, shown)


def _preview_each(face: Face, previews: "Iterable[Preview]") -> None:
    """One line and one entry for each recipient; no list of objects, which a preview for one of them gives."""
    each: list[dict[str, Json]] = [
        {
            "to": shown.to,
            "purpose": shown.purpose,
            "counts": preview_.counts(shown),
            "rules": {**shown.rules},
        }
        for shown in previews
    ]
    lines = [(entry["to"], entry["counts"], entry["rules"]) for entry in each]
    face.table(
        ("to", "leave", "after an approval", "stay", "there already", "staying by"),
        [
            (
                to,
                counts["allowed"],
                counts["needs_approval"],
                counts["withheld"],
                counts["already"],
                ", ".join(f"{count} {rule}" for rule, count in rules.items()),
            )
            for to, counts, rules in lines
            if isinstance(counts, dict) and isinstance(rules, dict)
        ],
        "",
    )
    face.say(
        "What leaves to one of them, object by object: hilf release preview --to NODE, with the same --select"
    )
    face.finish({"recipients": each})


@release.command(
    epilog=example(
        "hilf release send --to cert.qn.example --select type:indicator --as officer",
        "hilf release send --to cert.qn.example --to cert.qo.example --select 'marking:tlp:clear'",
    )
)
@_TO
@_ACCORD
@_SELECT
@_PURPOSE
@click.option("--as", "officer", metavar="OFFICER", help="Who proposes what needs an approval.")
@_DESPITE
@command
def send(
    face: Face,
    to: tuple[str, ...],
    accord: str | None,
    select: str,
    purpose: str | None,
    officer: str | None,
    despite: tuple[str, ...],
) -> None:
    """Queue what the preview shows; what needs an approval waits for a second officer.

    Each of several recipients has a release of its own. Ends with 1 where everything that was selected stays.
    """
    home = face.open_current()
    from hilf.node import release as verbs
    from hilf.node.approval import ROLE
    from hilf.node.home import now
    from hilf.node.recipients import named
    from hilf.stix.select import parse

    nodes = named(home, to, accord, now())
    parse(select)
    key = face.signing(home, officer, ROLE) if officer else None
    if len(nodes) == 1:
        released = verbs.send(home, nodes[0], now(), select, purpose, key, despite)
        _tell(face, released)
        face.finish(_sent_document(released), _went_well(released))
        return
    documents, well = [], False
    for released in verbs.send_to_each(home, nodes, now(), select, purpose, key, despite):
        face.heading(released.to)
        _tell(face, released)
        documents.append(_sent_document(released))
        well = well or _went_well(released)
    face.finish({"releases": documents}, well)


def _went_well(released: "Released") -> bool:
    """Part of it there already and the rest staying is how a repeated call ends that went well the first time."""
    shown = released.preview
    all_stays = released.state == "nothing" and shown is not None and shown.withheld and not shown.already
    return released.state != "died" and not all_stays


def _sent_document(released: "Released") -> dict[str, Json]:
    counts = preview_.counts(released.preview) if released.preview else {}
    return {**_released_document(released), "withheld": counts.get("withheld", 0), "counts": counts}


@release.command(
    epilog=example("hilf release approve release--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --as second")
)
@click.argument("release_id", metavar="ID")
@click.option("--as", "officer", required=True, metavar="OFFICER", help="Who approves; not the proposer.")
@command
def approve(face: Face, release_id: str, officer: str) -> None:
    """Approve a proposal as a different officer; it is decided again, and sent as it was signed for."""
    home = face.open_current()
    from hilf.node import approval
    from hilf.node import release as verbs
    from hilf.node.home import now

    def check(kid: str) -> None:
        approval.check_new(approval.proposed(release_id), kid)

    proposed = approval.Bound(home, approval.proposed(release_id), now())
    preview_.say_proposed(face, proposed)
    _say_hits(face, proposed)
    key = face.signing(home, officer, approval.ROLE, check)
    released = verbs.approve(home, release_id, key, now())
    _tell(face, released)
    hits: list[Json] = [{"id": each.kept.stix_id, **as_json(hit)} for each in proposed for hit in each.hits]
    face.finish({**_released_document(released), "hits": hits}, released.state != "died")


@release.command("list", epilog=example("hilf release list --json"))
@command
def list_(face: Face) -> None:
    """Releases, the newest first: which wait for an approval, what became of those that went, which died.

    A release is proposed, queued, going (some of it went), applied or refused (all of it), settled (partly this, partly
    that), or it died.
    """
    home = face.open()
    from hilf.node import release_list
    from hilf.store.instant import moment

    every = release_list.every(home)
    face.table(
        ("release", "to", "is", "acts", "approvals", "select", "why not"),
        [
            (
                r.kept.release_id,
                r.kept.peer,
                r.word,
                _acts(r),
                r.kept.needs_approvals,
                r.kept.selection,
                r.kept.reason or ", ".join(r.reasons),
            )
            for r in every
        ],
        "Nothing was released yet. See what may leave: hilf release preview --to NODE",
    )
    releases: list[Json] = [
        {
            "release": kept.release_id,
            "order": kept.order_id,
            "to": kept.peer,
            "state": kept.state,
            "select": kept.selection,
            "purpose": kept.purpose,
            "proposed": timestamp(moment(kept.proposed)),
            "proposed_by": kept.proposed_by,
            "waiting": listed.unapproved,
            "needs_approvals": kept.needs_approvals if kept.state == "proposed" else 0,
            "reason": kept.reason,
            "despite": [*kept.despite.split()],
            "is": listed.word,
            "acts": {**listed.acts},
            "reasons": {**listed.reasons},
        }
        for listed in every
        for kept in (listed.kept,)
    ]
    face.finish({"releases": releases})


def _say_hits(face: Face, weighed: "Iterable[Weighed]") -> None:
    """What lists say of these: each hit where there are few, else of how many objects each list speaks."""
    few, objects = list[tuple[str, ...]](), Counter[tuple[str, str]]()
    for each in weighed:
        lines = list(preview_.hit_lines([each]))
        few += lines[: max(0, _FEW + 1 - len(few))]
        objects.update({(name, does) for _, name, does, *_ in lines})
    if 0 < len(few) <= _FEW:
        face.table(preview_.HIT_HEADS, few, "")
    elif few:
        said = ", ".join(f"{name} ({does}) of {count}" for (name, does), count in objects.most_common())
        face.say(f"Lists speak of objects here: {said}. Where: hilf lists check OBJECT; --json lists all.")


def _tell(face: Face, released: "Released") -> None:
    if released.state == "died":
        face.say(
            f"The proposal died: {released.reason}.",
            "What was signed for is not what would leave now.",
            f"Look again: hilf release preview --to {released.to}",
        )
    elif released.state == "nothing":
        stays = (
            ""
            if released.preview and released.preview.withheld
            else f": nothing is selected that {released.to} does not have"
        )
        face.say(f"Nothing leaves{stays}.")
    else:
        if released.queued:
            face.say(f"Queued for {released.to}: {released.queued}. Sent with the next round: hilf sync")
        if released.state == "proposed":
            face.say(
                f"Waiting for the approval of {released.needs_approvals} more officer(s): {released.proposed}",
                f"  hilf release approve {released.release} --as OTHER",
            )
    if released.preview and released.preview.withheld:
        _say_rules(face, released.preview)
        face.say(f"See each with its reason: hilf release preview --to {released.to}, with the same --select")


def _say_whom_to_ask(face: Face, shown: "Preview") -> None:
    """Where the originator's consent is what is missing, the command that asks for it."""
    asking = shown.for_consent
    for first in asking[:1]:
        command = preview_.consent_command(first.kept.stix_id, shown.to, first.decision)
        face.say(
            f"{len(asking)} of these may go with their originator's consent. Ask for it:", f"  {command}"
        )


def _say_rules(face: Face, shown: "Preview") -> None:
    """How many stay by which rule."""
    said = ", ".join(f"{count} by {rule}" for rule, count in shown.rules.items())
    face.say(f"Staying: {said}.")


def _released_document(released: "Released") -> dict[str, Json]:
    return {
        "release": released.release or None,
        "to": released.to,
        "state": released.state,
        "queued": released.queued,
        "proposed": released.proposed,
        "needs_approvals": released.needs_approvals,
        "reason": released.reason,
    }


def _acts(listed: "Listed") -> str:
    """How many of its acts became what, such as "12 applied, 1 refused"."""
    counted = {"unapproved": listed.unapproved, **listed.acts}
    return ", ".join(f"{count} {state}" for state, count in counted.items() if count)


def _more(face: Face, count: int) -> None:
    if count > _SHOWN:
        face.say(f"… and {count - _SHOWN} more; --json lists all.")
