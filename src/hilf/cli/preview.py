"""What a preview of a release says, in lines and in JSON; nothing is decided here (accord.md 3)."""

from itertools import islice
from typing import TYPE_CHECKING

import orjson

from hilf.canonical import Json, timestamp
from hilf.cli.lists import as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from hilf.accord.decision import Decision
    from hilf.cli.face import Face
    from hilf.node.approval import Bound
    from hilf.node.home import Home
    from hilf.node.preview import Already, Preview, Weighed
    from hilf.node.redacted import Shown


TAKEN_BACK_RULE = "release.taken-back"
AGAIN = (
    "Only a version that was modified later goes there again; where only the time was over, the same one does under the next"
    " agreement."
)
"""What becomes of something that a node was told to let go. Source: protocol.md 3; docs/adr/0021."""


def document(shown: "Preview") -> dict[str, object]:
    """A preview as `release preview --json` prints it; its lists are made entry by entry."""
    return {
        "to": shown.to,
        "purpose": shown.purpose,
        "allowed": map(_allowed, shown.allowed),
        "redacted": map(_redacted, taken_out(shown)),
        "withheld": (_withheld(each, shown.to) for each in shown.withheld),
        "already": map(_already, shown.already),
        "counts": counts(shown),
    }


def _already(each: "Already") -> dict[str, Json]:
    return {
        "id": each.stix_id,
        "sha256": each.sha256.hex(),
        "state": each.state,
        "accord": cited(each.accord),
        "release": each.release,
    }


def there_line(shown: "Preview") -> str:
    """How many are there already, and how many were and were taken back."""
    back = shown.taken_back
    there = f"{len(shown.already) - back} are there already"
    return f"{there}, {back} were taken back there. {AGAIN}" if back else f"{there}."


def counts(shown: "Preview") -> dict[str, Json]:
    """How many leave, stay, and are there already."""
    return {
        "allowed": len(shown.allowed),
        "redacted": len(shown.redacted),
        "withheld": len(shown.withheld),
        "already": len(shown.already),
        "taken_back": shown.taken_back,
        "needs_approval": shown.needing_approval,
        "warned": shown.warned,
    }


def _allowed(each: "Weighed") -> dict[str, Json]:
    decision = each.decision
    return {
        "id": each.kept.stix_id,
        "sha256": each.sha256.hex(),
        "marking": _marking(each),
        "redact": list(decision.redact),
        "accord": cited(decision.accord),
        "clause": decision.main.clause,
        "needs_approvals": decision.needs_approvals,
        "terms": decision.terms.json() if decision.terms else None,
        "hits": [as_json(hit) for hit in each.hits],
    }


def taken_out(shown: "Preview", most: int | None = None) -> "Iterator[Shown]":
    """What leaves without parts of it, before and after; at most so many."""
    from hilf.node import redacted

    return redacted.shown((each.kept.seq, each.decision) for each in shown.redacted[:most])


def _redacted(each: "Shown") -> dict[str, Json]:
    return {
        "id": each.stix_id,
        "selectors": list(each.selectors),
        "sha256": each.form.hex(),
        "full": each.full.hex(),
        "reasons": [
            {"rule": r.rule, "clause": r.clause, "accord": cited(r.accord), "text": r.text}
            for r in each.reasons
        ],
        "before": dict(each.before),
        "after": dict(each.after),
    }


TAKEN_OUT_HEADS = ("without", "part", "which says")
_SAID = 60


def taken_out_lines(each: "Shown") -> "Iterator[tuple[str, ...]]":
    """What is taken out of one object, a line for each place, with the beginning of what stands there."""
    from hilf.stix.selector import value_at

    for selector in each.selectors:
        said = value_at(each.before, selector)
        if said is not None:
            text = said if isinstance(said, str) else orjson.dumps(said).decode()
            yield each.stix_id, selector, text if len(text) <= _SAID else f"{text[:_SAID]}…"


_NONE = "accord.none-in-force"


def say_idle(
    face: "Face", home: "Home", to: str, decisions: "Iterable[Decision]", now: "datetime"
) -> dict[str, Json]:
    """Say which agreements with a node carry nothing now, where that is what keeps something; for `--json`, as a member."""
    if not any(reason.rule == _NONE for decision in decisions for reason in decision.reasons):
        return {"idle": []}
    from hilf.node.idle import idle

    found = idle(home, to, now)
    for each in found:
        since = "; ".join(f"{node} on {at:%Y-%m-%d %H:%M} UTC" for node, at in each.by)
        face.say(
            f"{each.id} version {each.version} with {to} is {each.state}: {each.text}{f' ({since})' if since else ''}",
            f"  {each.remedy}",
        )
    if not found:
        face.say(f"There is no agreement with {to}. Draft one: hilf accord draft --with {to}")
    return {
        "idle": [
            {
                "accord": cited((each.id, each.version)),
                "state": each.state,
                "text": each.text,
                "by": [{"node": node, "at": timestamp(at)} for node, at in each.by],
                "remedy": each.remedy,
            }
            for each in found
        ]
    }


def consent_command(stix_id: str, to: str, decision: "Decision") -> str | None:
    """The command that asks for what is missing, where that is the originator's consent and nothing before it."""
    from hilf.accord.onward import BY_CONSENT

    if decision.allowed or decision.main.rule not in BY_CONSENT:
        return None
    return f"hilf consent ask {stix_id} --to {to}"


def _withheld(each: "Weighed", to: str) -> dict[str, Json]:
    main = each.decision.main
    return {
        "id": each.kept.stix_id,
        "rule": main.rule,
        "clause": main.clause,
        "reason": main.text,
        "ask": consent_command(each.kept.stix_id, to, each.decision),
        "accord": cited(main.accord),
        "marking": _marking(each),
        "hits": [as_json(hit) for hit in each.hits],
    }


def allowed_line(each: "Weighed") -> tuple[object, ...]:
    """What leaves, as a line of the table: the accord stands last."""
    decision = each.decision
    accord = f"{decision.accord[0]} {decision.accord[1]}" if decision.accord else ""
    return (
        each.kept.stix_id,
        _marking(each),
        decision.main.clause or "",
        decision.needs_approvals or "",
        accord,
    )


_MOST = 40


def say_proposed(face: "Face", proposed: "Bound") -> None:
    """What a proposal holds, for the officer who is asked to approve it."""
    lines = [(each.kept.stix_id, _marking(each)) for each in islice(proposed, _MOST)]
    face.table(("to approve", "marking"), lines, "Nothing of it may leave now.")
    if len(proposed) > _MOST:
        face.say(f"… and {len(proposed) - _MOST} more.")


def withheld_line(each: "Weighed") -> tuple[object, ...]:
    """What stays, as a line of the table."""
    main = each.decision.main
    return each.kept.stix_id, main.rule, main.clause or "", main.text


HIT_HEADS = ("object", "list", "does", "found", "entry", "place")


def hit_lines(weighed: "Iterable[Weighed]") -> "Iterator[tuple[str, ...]]":
    """What lists say, as lines of a table."""
    for each in weighed:
        for hit in each.hits:
            yield each.kept.stix_id, hit.list, hit.action.value, hit.value, hit.entry, hit.place


def _marking(each: "Weighed") -> str:
    from hilf.markings.marking import describe

    return "; ".join(describe(each.markings))


def cited(accord: tuple[str, int] | None) -> Json:
    """An accord as JSON cites it."""
    return {"id": accord[0], "version": accord[1]} if accord else None
