"""`hilf release why`: every clause that speaks, what went before, and what was to be decided at an earlier instant."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from hilf.canonical import Json, timestamp
from hilf.cli import preview as preview_
from hilf.cli.face import Face, command, example
from hilf.errors import CallerFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hilf.accord.decision import Decision, Reason
    from hilf.node.candidate import Weighed
    from hilf.node.past import Past, Then
    from hilf.node.why import Went, Why


@click.command(
    epilog=example(
        "hilf release why indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --to cert.qn.example",
        "hilf release why indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --to cert.qn.example --at 2026-03-14",
        "hilf release why --select type:indicator --to cert.qn.example --json",
    )
)
@click.argument("object_id", metavar="[OBJECT]", required=False)
@click.option("--to", required=True, metavar="NODE", help="The recipient.")
@click.option(
    "--at", metavar="TIME", help="An earlier instant: what was to be decided then, e.g. 2026-03-14T09:30:00Z."
)
@click.option("--select", metavar="TEXT", help="Every object of a selection instead of one.")
@click.option("--purpose", metavar="WORD", help="Of the acts (default: the accord's first).")
@command
def why(
    face: Face, object_id: str | None, to: str, at: str | None, select: str | None, purpose: str | None
) -> None:
    """Why an object may leave to a node, or why not: every clause that speaks, and on what ground it went before.

    With --at, what was to be decided at that time, as far as it is kept: which agreements were in force, which version
    of the object counted, what went, and who proposed and approved it.
    """
    home = face.open_current()
    from hilf.node import why as reasons
    from hilf.node.home import now

    if (object_id is None) == (select is None) or (select is not None and at is not None):
        raise CallerFault(
            "release.why-what",
            "Name one object, or a selection; a time for one object only.",
            "",
            "For example: hilf release why indicator--… --to NODE, or --select type:indicator --to NODE",
        )
    if select is not None:
        _tell_each(face, to, reasons.why_each(home, select, to, now(), purpose))
        return
    today = now()
    found = reasons.why(home, object_id or "", to, today, purpose, _instant(at, today))
    for went in found.went:
        face.say(*_went_lines(to, went))
    if found.past is not None:
        face.say(*_past_lines(found))
    face.say(*_today_lines(found))
    idle = preview_.say_idle(face, home, to, (found.decision,) if found.decision else (), today)
    face.finish({**_document(found), **idle})


def _instant(text: str | None, now: datetime) -> datetime | None:
    """The time that a person names; a day means its end, for by then all of it had happened, and today means now."""
    if text is None:
        return None
    from hilf.stix.select import moment

    at = moment(text)
    if len(text) > len("2026-03-14"):
        return at
    end = at + timedelta(days=1) - timedelta(milliseconds=1)
    return now if at <= now < end else end


def _tell_each(face: Face, to: str, weighed: "Iterator[Weighed]") -> None:
    if face.as_json:
        face.finish({"to": to, "objects": map(_line, weighed)})
        return
    face.table(
        ("object", "leaves", "rule", "clause", "reason"),
        [
            (e.kept.stix_id, "yes" if e.decision.allowed else "no", m.rule, m.clause or "", m.text)
            for e in weighed
            for m in (e.decision.main,)
        ],
        "Nothing is selected that it does not have.",
    )


def _line(each: "Weighed") -> dict[str, Json]:
    from hilf.node.why import spoken

    reasons: list[Json] = [_reason(reason) for reason in spoken(each.decision)]
    return {"object": each.kept.stix_id, **_decided(each.decision), "reasons": reasons}


def _went_lines(to: str, went: "Went") -> "Iterator[str]":
    ground = "no accord"
    if went.accord:
        ground = f"{went.accord[0]} version {went.accord[1]}"
        ground += f", clause {went.clause}" if went.clause else ""
    became = f"{went.state}: {went.refusal}" if went.refusal else went.state
    parts = ", parts of it taken out" if went.redacted else ""
    by = f", by {went.order}" if went.order else ""
    yield f"Went to {to} on {went.at.date()} ({became}{parts}) under {ground}{by}."
    for each in went.people:
        yield f"  {'Proposed' if each.proposed else 'Approved'} by {each.name} on {timestamp(each.at)} (key {each.kid})."
    if went.consents:
        yield f"  Its originator had consented to {', '.join(went.consents)}."


def _past_lines(found: "Why") -> "Iterator[str]":
    past = found.past
    if past is None:
        return
    yield f"On {timestamp(past.at)}, for {past.purpose}:"
    named = ", ".join(f"{each.id} version {each.version}" for each in past.accords)
    yield f"  In force with {found.to}: {named or 'no agreement'}."
    for each in past.said:
        yield f"  {each.kept.asserter} said version {each.kept.sha256.hex()[:16]}…, here since {_came(each)}."
        if each.decision is None:
            yield f"    {each.lost}"
        else:
            yield f"    It {'could leave' if each.decision.allowed else 'had to stay'}:"
            yield from (f"      {line}" for line in _reason_lines(each.decision))
    if not past.said:
        yield "  Nobody asserted it here."
    yield from (f"  {note}" for note in past.notes)


def _today_lines(found: "Why") -> "Iterator[str]":
    decision = found.decision
    if decision is None:
        yield f"Nobody asserts {found.stix_id} here any more."
        return
    if found.taken_back:
        yield f"{found.stix_id} stays: {found.to} was told to let it go. [{preview_.TAKEN_BACK_RULE}]"
        yield f"  {preview_.AGAIN}"
        yield f"A later version {'may leave' if decision.allowed else 'stays'}, as it is marked now:"
    else:
        yield f"{found.stix_id} {'may leave' if decision.allowed else 'stays'}:"
    yield from (f"  {line}" for line in _reason_lines(decision))
    ask = preview_.consent_command(found.stix_id, found.to, decision)
    if ask:
        yield f"Ask for consent: {ask}"


def _reason_lines(decision: "Decision") -> "Iterator[str]":
    """Every reason in order, then what would have to change."""
    from hilf.accord.past import to_change
    from hilf.node.why import spoken

    for reason in spoken(decision):
        where = f" ({reason.accord[0]} version {reason.accord[1]})" if reason.accord else ""
        yield f"{reason.text} [{reason.rule}]{where}"
    change = to_change(decision)
    if change:
        clause = next((f"clause {each.clause}" for each in change if each.clause), "")
        near = f"; the nearest is {clause}" if clause else ""
        yield f"It would leave if this were otherwise: {', '.join(each.rule for each in change)}{near}."


def _document(found: "Why") -> dict[str, Json]:
    from hilf.node.why import spoken

    decision = found.decision
    return {
        "object": found.stix_id,
        "to": found.to,
        "purpose": found.purpose,
        **_decided(decision),
        **({"allowed": False, "rule": preview_.TAKEN_BACK_RULE} if found.taken_back else {}),
        "taken_back": found.taken_back,
        "needs_approvals": decision.needs_approvals if decision else 0,
        "terms": decision.terms.json() if decision and decision.terms else None,
        "redact": list(decision.redact) if decision else [],
        "reasons": [_reason(reason) for reason in spoken(decision)] if decision else [],
        "ask": preview_.consent_command(found.stix_id, found.to, decision) if decision else None,
        "assertions": [
            {"by": each.kept.asserter, "sha256": each.kept.sha256.hex(), "allowed": each.decision.allowed}
            for each in found.weighed
        ],
        "sent": [_went(each) for each in found.went],
        "then": None if found.past is None else _past(found.past),
    }


def _decided(decision: "Decision | None") -> dict[str, Json]:
    from hilf.accord.past import to_change

    if decision is None:
        return {"allowed": False, "accord": None, "clause": None, "rule": None, "to_change": []}
    return {
        "allowed": decision.allowed,
        "accord": preview_.cited(decision.accord),
        "clause": decision.main.clause,
        "rule": decision.main.rule,
        "to_change": [_reason(each) for each in to_change(decision)],
    }


def _went(each: "Went") -> dict[str, Json]:
    return {
        "at": timestamp(each.at),
        "state": each.state,
        "sha256": each.sha256.hex(),
        "accord": preview_.cited(each.accord),
        "clause": each.clause,
        "release": each.release,
        "order": each.order,
        "reason": each.refusal,
        "redacted": each.redacted,
        "people": [
            {"name": p.name, "kid": p.kid, "at": timestamp(p.at), "proposed": p.proposed} for p in each.people
        ],
        "consents": list(each.consents),
    }


def _past(past: "Past") -> dict[str, Json]:
    from hilf.node.why import spoken

    return {
        "at": timestamp(past.at),
        "purpose": past.purpose,
        "accords": [preview_.cited(each.key) for each in past.accords],
        "assertions": [
            {
                "by": each.kept.asserter,
                "sha256": each.kept.sha256.hex(),
                "received": _came(each),
                "lost": each.lost,
                **_decided(each.decision),
                "reasons": [_reason(r) for r in spoken(each.decision)] if each.decision else [],
            }
            for each in past.said
        ],
        "notes": list(past.notes),
    }


def _came(each: "Then") -> str:
    from hilf.store.instant import moment

    return timestamp(moment(each.kept.received))


def _reason(reason: "Reason") -> dict[str, Json]:
    return {
        "rule": reason.rule,
        "says": reason.says.value,
        "text": reason.text,
        "accord": preview_.cited(reason.accord),
        "clause": reason.clause,
    }
