"""`hilf consent`: ask originators whether something may go on, and answer partners that ask (accord.md 2, 4; faces.md 1)."""

from typing import TYPE_CHECKING

import click

from hilf.canonical import Json, timestamp
from hilf.cli.face import Face, command, example
from hilf.federation.consent import DENIALS, Denial
from hilf.stix.select import moment

if TYPE_CHECKING:
    from hilf.node.consent import Shown

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.

_ID = click.argument("question", metavar="ID")


@click.group(
    epilog=example(
        "hilf consent ask indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --to cert.qo.example",
        "hilf consent list",
        "hilf consent give 7d2b8b1e0c564d4e --as officer",
    )
)
def consent() -> None:
    """Whether what a nation wrote may go on to another one: ask, give, deny."""


@consent.command(
    epilog=example(
        "hilf consent ask indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --to cert.qo.example"
        " --by 2026-12-01T12:00:00Z --why 'They run the same pumps.'"
    )
)
@click.argument("objects", nargs=-1, required=True, metavar="OBJECT…")
@click.option("--to", multiple=True, metavar="NODE", help="Whom it would go to; may be repeated.")
@click.option("--community", metavar="ID", help="Instead of nodes: whoever is in this community.")
@click.option("--by", metavar="TIME", help="Until when an answer counts, ISO (default: in three days).")
@click.option("--why", metavar="TEXT", help="One sentence for the people who decide there.")
@click.option("--lang", default="en", show_default=True, metavar="TAG", help="Language of --why.")
@click.option("--purpose", metavar="WORD", help="Of the release (default: the accord's first).")
@command
def ask(  # one argument per option
    face: Face,
    objects: tuple[str, ...],
    to: tuple[str, ...],
    community: str | None,
    by: str | None,
    why: str | None,
    lang: str,
    purpose: str | None,
) -> None:
    """Ask the originator; the question goes out with the next round, and its clock runs from now."""
    if bool(to) == bool(community):
        raise click.UsageError("Say to whom: either --to NODE, or --community ID.")
    home = face.open()
    from hilf.federation.consent import Towards
    from hilf.node import consent as verbs
    from hilf.node import question
    from hilf.node.home import now

    reason = {lang: why} if why else None
    towards = Towards(to, community)
    asked = question.ask(home, objects, towards, now(), moment(by) if by else None, reason, purpose)
    for each in asked:
        until = question.asked_of(each).answer_by
        face.say(
            f"{each.peer} is asked with the next round (hilf sync) and has until {until:%Y-%m-%d %H:%M} UTC.",
            f"  question {each.act_id.hex()[:16]}; how it stands: hilf consent list",
        )
    face.finish({"questions": [_document(verbs.shown(home, each, now())) for each in asked]})


@consent.command(epilog=example("hilf consent give 7d2b8b1e0c564d4e --as officer --until 2027-01-31"))
@_ID
@click.option(
    "--as", "officer", metavar="OFFICER", help="Who gives it; at AMBER and above two officers must."
)
@click.option(
    "--until", metavar="TIME", help="When the consent ends, ISO (default: when the terms of arrival end)."
)
@click.option(
    "--object", "objects", multiple=True, metavar="OBJECT", help="Only this one of those asked about."
)
@click.option("--to", "nodes", multiple=True, metavar="NODE", help="Only to this one of those asked for.")
@command
def give(
    face: Face,
    question: str,
    officer: str | None,
    until: str | None,
    objects: tuple[str, ...],
    nodes: tuple[str, ...],
) -> None:
    """Consent to what a partner asks: for the very versions and recipients of the question."""
    home = face.open()
    from hilf.node import answer
    from hilf.node import consent as verbs
    from hilf.node.home import now

    number = answer.find(question, outgoing=False).number
    key = None
    if officer:
        key = face.signing(home, officer, answer.ROLE, lambda kid: answer.to_answer(home, number, now(), kid))
    ends = moment(until) if until else None
    answered = answer.give(home, number, now(), key, ends, objects, nodes)
    name = answered.question.act_id.hex()[:16]
    if answered.missing:
        face.say(
            f"Waiting for {answered.missing} more officer(s):",
            f"  hilf consent give {name} --as OTHER",
        )
    else:
        face.say(
            f"Given; {answered.question.peer} hears it with the next round: hilf sync",
            f"Take it back at any time: hilf consent deny {name} --code withdrawn",
        )
    face.finish(_document(verbs.shown(home, answered.question, now())))


@consent.command(
    epilog="\b\nCodes:\n"
    + "\n".join(f"  {code.value:<16}{text}" for code, text in DENIALS.items())
    + "\n\n"
    + example("hilf consent deny 7d2b8b1e0c564d4e --code recipient")
)
@_ID
@click.option(
    "--code",
    type=click.Choice([each.value for each in Denial]),
    default=Denial.NOT_AGREED.value,
    show_default=True,
    help="Why; the partner sees this word and nothing else.",
)
@command
def deny(face: Face, question: str, code: str) -> None:
    """Say no, or take back what was given: the partner passes nothing on any more from then on.

    What went on already is taken back with hilf retract OBJECT --reason consent-withdrawn.
    """
    home = face.open()
    from hilf.node import answer
    from hilf.node import consent as verbs
    from hilf.node.home import now

    number = answer.find(question, outgoing=False).number
    answered = answer.deny(home, number, Denial(code), now())
    kept = answered.question
    face.say(f"Denied ({kept.code}); {kept.peer} hears it with the next round: hilf sync")
    if kept.given is not None:
        face.say(
            "What went on before is not called back by this: hilf retract OBJECT --reason consent-withdrawn"
        )
    face.finish(_document(verbs.shown(home, kept, now())))


@consent.command(epilog=example("hilf consent show 7d2b8b1e0c564d4e"))
@_ID
@command
def show(face: Face, question: str) -> None:
    """One question: which versions, to whom, for what, why, by when, and how it stands."""
    home = face.open()
    from hilf.node import answer
    from hilf.node import consent as verbs
    from hilf.node.home import now

    found = verbs.shown(home, answer.find(question), now())
    kept, asked = found.question, found.asked
    whom = ", ".join(asked.to.nodes) or f"whoever is in the community {asked.to.community}"
    face.say(
        f"{'We ask' if kept.outgoing else ''} {kept.peer}{'' if kept.outgoing else ' asks us'}: {_state(found)}".strip(),
        f"  to        {whom}, for {asked.purpose}",
        f"  under     {kept.accord.replace(' ', ' version ')}",
        f"  answer by {asked.answer_by:%Y-%m-%d %H:%M} UTC",
        *(f"  object    {each.id} of {each.modified or 'no version'}" for each in asked.objects),
        *(f"  because   ({language}) {text}" for language, text in (asked.reason or {}).items()),
        *([f"  for       {', '.join(asked.via)}"] if asked.via else []),
        *([f"  asked on  {', '.join(found.relayed)}"] if found.relayed else []),
    )
    face.finish(_document(found))


@consent.command("list", epilog=example("hilf consent list --json"))
@command
def list_(face: Face) -> None:
    """All questions, the newest first: ours to originators, and partners' to us, with their clocks.

    A question is asked, refused (it was not taken), late (no answer in time: a no), signing (given, officers of ours must still sign), given, over
    (given, and its end came), denied, or withdrawn (denied after it was given).
    """
    home = face.open()
    from hilf.node import consent as verbs
    from hilf.node.home import now

    every = verbs.listed(home, now())
    face.table(
        ("question", "", "node", "is", "answer by", "to", "about", "asked on", "until"),
        [_line(each) for each in every],
        "Nobody was asked yet. Where consent is missing, hilf release why OBJECT --to NODE says whom to ask.",
    )
    face.finish({"questions": [_document(each) for each in every]})


def _line(each: "Shown") -> tuple[str, ...]:
    kept, asked = each.question, each.asked
    document = _document(each)
    about = asked.objects[0].id if len(asked.objects) == 1 else f"{len(asked.objects)} objects"
    return (
        kept.act_id.hex()[:16],
        "we ask" if kept.outgoing else "asks us",
        kept.peer,
        _state(each),
        f"{asked.answer_by:%Y-%m-%d %H:%M} UTC",
        ", ".join(asked.to.nodes) or f"community {asked.to.community}",
        about,
        ", ".join(each.relayed),
        str(document["until"] or ""),
    )


def _state(each: "Shown") -> str:
    state = f"{each.state} ({each.question.code})" if each.question.code else each.state
    missing = (
        f", {each.missing} officer(s) missing" if each.missing and each.state in {"asked", "signing"} else ""
    )
    return f"{state}{missing}"


def _document(each: "Shown") -> dict[str, Json]:
    from hilf.store.instant import moment as at

    kept, asked = each.question, each.asked
    return {
        "question": kept.act_id.hex(),
        "outgoing": kept.outgoing,
        "node": kept.peer,
        "state": each.state,
        "at": timestamp(at(kept.at)),
        "answer_by": timestamp(asked.answer_by),
        "accord": kept.accord.partition(" ")[0],
        "objects": [version.json() for version in asked.objects],
        "to": asked.to.json(),
        "via": [*asked.via],
        "purpose": asked.purpose,
        "reason": None if asked.reason is None else dict(asked.reason),
        "asked_on": [*each.relayed],
        "given": None if kept.given is None else timestamp(at(kept.given)),
        "until": None if kept.until is None else timestamp(at(kept.until)),
        "denied": None if kept.denied is None else timestamp(at(kept.denied)),
        "code": kept.code,
        "officers_missing": each.missing,
    }
