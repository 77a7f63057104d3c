"""What `hilf peer show` says of a partner: its identity, what each document of it changed, evidence against it."""

from typing import TYPE_CHECKING

from hilf.cli.face import Face, iso
from hilf.cli.identity import said_of

if TYPE_CHECKING:
    from hilf.node.history import History
    from hilf.seal.identity import Document


def say(face: Face, shown: "History") -> None:
    """Print it for a person; what was never looked at is called new."""
    newest = shown.identity.newest
    face.say(
        f"{newest.node} · {next(iter(newest.name.values()))} · {newest.country} · {shown.state}"
        + (f": {shown.reason}" if shown.reason else ""),
        f"Root keys    {newest.threshold} of {len(newest.root)} sign a new document",
        f"Officers     {_officers(newest)} ({newest.officers_per_act} per act)",
        f"Gateway      {', '.join(newest.endpoints)}",
        f"Speaks as    {', '.join(shown.counting) or 'no STIX identity'}",
        *(
            f"Unverified   {each}: hilf peer verify {newest.node} --stix-identity {each} --as OFFICER"
            for each in shown.waiting
        ),
    )
    for step in shown.steps:
        document = step.document
        face.say(
            "",
            f"Document {document.seq} of {document.issued:%Y-%m-%d}, taken in {step.accepted:%Y-%m-%d %H:%M} UTC, "
            f"until {document.expires:%Y-%m-%d}{'' if step.seen else ' · NEW'}",
            *(f"  {'! ' if change.warns else ''}{change.text}" for change in step.changes),
        )
    for each in shown.evidence:
        face.say("", f"Evidence {each.number}: {each.rule} ({iso(each.when)})")
    if shown.unseen:
        face.say("", f"When you have read what is new: hilf peer seen {newest.node}")


def _officers(document: "Document") -> str:
    named = (f"{o.name} ({', '.join(o.roles) or 'everything'})" for o in document.officers.values())
    return ", ".join(named) or "none"


def as_json(shown: "History") -> dict[str, object]:
    """The same for machines, as `hilf peer show --json` prints it."""
    newest = shown.identity.newest
    return {
        **said_of(shown.identity),
        "state": str(shown.state),
        "reason": shown.reason,
        "revoked": dict(newest.revoked),
        "stix_identities": list(shown.counting),
        "stix_identities_waiting": list(shown.waiting),
        "documents": [
            {
                "document": step.document.seq,
                "issued": iso(step.document.issued),
                "expires": iso(step.document.expires),
                "accepted": iso(step.accepted),
                "seen": step.seen,
                "changes": [
                    {"change": change.word, "text": change.text, "warns": change.warns}
                    for change in step.changes
                ],
            }
            for step in shown.steps
        ],
        "evidence": [{"number": e.number, "at": iso(e.when), "rule": e.rule} for e in shown.evidence],
    }
