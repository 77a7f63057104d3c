"""`hilf release`: preview, send, approve, why (accord.md 3, 4; faces.md 1)."""

from collections import Counter
from typing import TYPE_CHECKING

import click

from hilf.canonical import Json, timestamp
from hilf.cli import preview as preview_
from hilf.cli.face import Face, command, example
from hilf.cli.lists import as_json
from hilf.cli.order import order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hilf.accord.decision import Reason
    from hilf.node.preview import Weighed
    from hilf.node.release import Listed, Released

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.

_SHOWN = 40
_FEW = 10
_TO = click.option("--to", required=True, metavar="NODE", help="The recipient.")
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


release.add_command(order)


@release.command(
    epilog=example("hilf release preview --to cert.qn.example --select 'type:indicator marking:tlp:green'")
)
@_TO
@_SELECT
@_PURPOSE
@_DESPITE
@command
def preview(face: Face, to: str, select: str, purpose: str | None, despite: tuple[str, ...]) -> None:
    """What would leave, what stays, and which clause says so; nothing is sent."""
    home = face.open_current()
    from hilf.node import preview as previews
    from hilf.node.home import now

    shown = previews.preview(home, to, now(), select, purpose, despite)
    accords = {each.decision.accord for each in shown.allowed}
    (one,) = accords if len(accords) == 1 else (None,)
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
    parts = [each for each in shown.allowed if each.form is not None]
    if parts:
        some = preview_.taken_out(shown, _SHOWN)
        face.table(
            preview_.TAKEN_OUT_HEADS, [line for each in some for line in preview_.taken_out_lines(each)], ""
        )
        _more(face, len(parts))
    if shown.withheld:
        face.table(
            ("stays", "rule", "clause", "reason"),
            [preview_.withheld_line(each) for each in shown.withheld[:_SHOWN]],
            "",
        )
        _more(face, len(shown.withheld))
        if len(shown.withheld) > _SHOWN:
            _say_rules(face, shown.withheld)
        _say_whom_to_ask(face, to, shown.withheld)
    _say_hits(face, [*shown.allowed, *shown.withheld])
    face.say(
        f"{len(shown.allowed)} would leave to {to} ({shown.needing_approval} of them after an approval), "
        f"{len(shown.withheld)} stay, {len(shown.already)} are there already."
    )
    if not shown.allowed and not shown.withheld and not shown.already:
        face.say(
            "Nothing is selected. Bring something in (hilf import FILE), or select otherwise with --select."
        )
    face.finish(preview_.document(shown))


@release.command(
    epilog=example("hilf release send --to cert.qn.example --select type:indicator --as officer")
)
@_TO
@_SELECT
@_PURPOSE
@click.option("--as", "officer", metavar="OFFICER", help="Who proposes what needs an approval.")
@_DESPITE
@command
def send(
    face: Face, to: str, select: str, purpose: str | None, officer: str | None, despite: tuple[str, ...]
) -> None:
    """Queue what the preview shows; what needs an approval waits for a second officer.

    Ends with 1 where everything that was selected stays.
    """
    home = face.open_current()
    from hilf.node import release as verbs
    from hilf.node.approval import ROLE
    from hilf.node.home import now
    from hilf.node.preview import recipient_of
    from hilf.stix.select import parse

    key = None
    if officer:
        recipient_of(to)
        parse(select)
        key = face.signing(home, officer, ROLE)
    released = verbs.send(home, to, now(), select, purpose, key, despite)
    _tell(face, released)
    counts = preview_.counts(released.preview) if released.preview else {}
    withheld = len(released.preview.withheld) if released.preview else 0
    # Part of it there already and the rest staying is how a repeated call ends that went well the first time.
    all_stays = released.state == "nothing" and withheld and not counts["already"]
    face.finish(
        {**_released_document(released), "withheld": withheld, "counts": counts},
        released.state != "died" and not all_stays,
    )


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

    proposed = list(approval.weighed(home, approval.proposed(release_id), now()).values())
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
    from hilf.node import release as verbs
    from hilf.store.instant import moment

    every = verbs.every(home)
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


@release.command(
    epilog=example("hilf release why indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --to cert.qn.example")
)
@click.argument("object_id", metavar="OBJECT")
@_TO
@_PURPOSE
@command
def why(face: Face, object_id: str, to: str, purpose: str | None) -> None:
    """Every clause that speaks about one object and one node, and on what ground it went before."""
    home = face.open_current()
    from hilf.node import why as reasons
    from hilf.node.home import now

    found = reasons.why(home, object_id, to, now(), purpose)
    went: list[Json] = [
        {
            "at": timestamp(each.at),
            "state": each.state,
            "sha256": each.sha256.hex(),
            "accord": preview_.cited(each.accord),
            "clause": each.clause,
            "release": each.release,
            "order": each.order,
            "reason": each.refusal,
            "redacted": each.redacted,
        }
        for each in found.went
    ]
    for each in found.went:
        ground = (
            f"{each.accord[0]} version {each.accord[1]}" + (f", clause {each.clause}" if each.clause else "")
            if each.accord
            else "no accord"
        )
        face.say(
            f"Went to {to} on {each.at.date()} ({each.state}{f': {each.refusal}' if each.refusal else ''}{', parts of it taken out' if each.redacted else ''}) under {ground}{f', by {each.order}' if each.order else ''}."
        )
    decision = found.decision
    spoken = reasons.spoken(decision) if decision else ()
    if decision is not None:
        face.say(f"{object_id} {'may leave' if decision.allowed else 'stays'}:")
        face.say(*(f"  {reason.text} [{reason.rule}]{_where(reason)}" for reason in spoken))
        ask = preview_.consent_command(object_id, to, decision)
        face.say(*([f"Ask for consent: {ask}"] if ask else []))
    else:
        face.say(f"Nobody asserts {object_id} here any more.")
    document: dict[str, Json] = {
        "object": object_id,
        "to": to,
        "purpose": found.purpose,
        "allowed": decision.allowed if decision else False,
        "accord": preview_.cited(decision.accord) if decision else None,
        "clause": decision.main.clause if decision else None,
        "rule": decision.main.rule if decision else None,
        "needs_approvals": decision.needs_approvals if decision else 0,
        "terms": decision.terms.json() if decision and decision.terms else None,
        "redact": list(decision.redact) if decision else [],
        "reasons": [_reason(reason) for reason in spoken],
        "ask": preview_.consent_command(object_id, to, decision) if decision else None,
        "assertions": [
            {"by": each.kept.asserter, "sha256": each.kept.sha256.hex(), "allowed": each.decision.allowed}
            for each in found.weighed
        ],
        "sent": went,
    }
    face.finish(document)


def _say_hits(face: Face, weighed: "Sequence[Weighed]") -> None:
    """What lists say of these: each hit where there are few, else of how many objects each list speaks."""
    lines = list(preview_.hit_lines(weighed))
    if 0 < len(lines) <= _FEW:
        face.table(preview_.HIT_HEADS, lines, "")
    elif lines:
        objects = Counter((name, does) for _, name, does in {line[:3] for line in lines})
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
        _say_rules(face, released.preview.withheld)
        face.say(f"See each with its reason: hilf release preview --to {released.to}, with the same --select")


def _say_whom_to_ask(face: Face, to: str, withheld: "Sequence[Weighed]") -> None:
    """Where the originator's consent is what is missing, the command that asks for it."""
    commands = [preview_.consent_command(each.kept.stix_id, to, each.decision) for each in withheld]
    asking = [each for each in commands if each]
    if asking:
        face.say(
            f"{len(asking)} of these may go with their originator's consent. Ask for it:", f"  {asking[0]}"
        )


def _say_rules(face: Face, withheld: "Sequence[Weighed]") -> None:
    """How many stay by which rule."""
    rules = Counter(each.decision.main.rule for each in withheld)
    face.say(
        f"Staying: {', '.join(f'{count} by {rule}' for rule, count in rules.most_common())}.",
    )


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


def _reason(reason: "Reason") -> dict[str, Json]:
    return {
        "rule": reason.rule,
        "says": reason.says.value,
        "text": reason.text,
        "accord": preview_.cited(reason.accord),
        "clause": reason.clause,
    }


def _where(reason: "Reason") -> str:
    return f" ({reason.accord[0]} version {reason.accord[1]})" if reason.accord else ""


def _more(face: Face, count: int) -> None:
    if count > _SHOWN:
        face.say(f"… and {count - _SHOWN} more; --json lists all.")
