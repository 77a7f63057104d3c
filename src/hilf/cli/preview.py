"""What a preview of a release says, in lines and in JSON; nothing is decided here (accord.md 3)."""

from typing import TYPE_CHECKING

from hilf.canonical import Json

if TYPE_CHECKING:
    from hilf.node.preview import Preview, Weighed


def document(shown: "Preview") -> dict[str, Json]:
    """A preview as `release preview --json` prints it."""
    already: list[Json] = [
        {
            "id": each.stix_id,
            "sha256": each.sha256.hex(),
            "state": each.state,
            "accord": cited(each.accord),
            "release": each.release,
        }
        for each in shown.already
    ]
    return {
        "to": shown.to,
        "purpose": shown.purpose,
        "allowed": [_allowed(each) for each in shown.allowed],
        "redacted": [],
        "withheld": [_withheld(each) for each in shown.withheld],
        "already": already,
        "counts": counts(shown),
    }


def counts(shown: "Preview") -> dict[str, Json]:
    """How many leave, stay, and are there already."""
    return {
        "allowed": len(shown.allowed),
        "redacted": 0,
        "withheld": len(shown.withheld),
        "already": len(shown.already),
        "needs_approval": shown.needing_approval,
    }


def _allowed(each: "Weighed") -> dict[str, Json]:
    decision = each.decision
    return {
        "id": each.kept.stix_id,
        "sha256": each.kept.sha256.hex(),
        "marking": _marking(each),
        "accord": cited(decision.accord),
        "clause": decision.main.clause,
        "needs_approvals": decision.needs_approvals,
        "terms": decision.terms.json() if decision.terms else None,
    }


def _withheld(each: "Weighed") -> dict[str, Json]:
    main = each.decision.main
    return {
        "id": each.kept.stix_id,
        "rule": main.rule,
        "clause": main.clause,
        "reason": main.text,
        "accord": cited(main.accord),
        "marking": _marking(each),
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


def withheld_line(each: "Weighed") -> tuple[object, ...]:
    """What stays, as a line of the table."""
    main = each.decision.main
    return each.kept.stix_id, main.rule, main.clause or "", main.text


def _marking(each: "Weighed") -> str:
    from hilf.markings.marking import describe

    return "; ".join(describe(each.markings))


def cited(accord: tuple[str, int] | None) -> Json:
    """An accord as JSON cites it."""
    return {"id": accord[0], "version": accord[1]} if accord else None
