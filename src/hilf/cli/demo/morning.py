"""The last chapter of the demo: what people find on their consoles in the morning, so that no room is empty."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from hilf.cli.demo import content
from hilf.cli.demo.chapters import Steps, check
from hilf.cli.demo.nation import Nation
from hilf.node.home import now

LANGUAGES = {"QM": "ar", "QN": "en", "QO": "fr"}
"""Of each nation's people."""


def morning(nations: Sequence[Nation]) -> Steps:
    """Each nation brings in what the night brought; some goes, some waits for a person, an approval or an answer."""
    qm, qn, qo = nations
    partners = {qm.node: qn, qn.node: qo, qo.node: qn}
    for nation in nations:
        yield (
            f"{nation.country} brings in a feed of the night; not all of it is sound",
            partial(_feed, nation),
        )
    for nation in nations:
        to = partners[nation.node]
        yield (
            f"{nation.country} releases to {to.country}; AMBER waits for an approval",
            partial(_release, nation, to),
        )
        yield f"{nation.country} has a standing order, and one that waits", partial(_orders, nation, to)
    yield "QN tells QM what it saw of QM's indicator", partial(_sighting, qn, qm)
    yield "QN asks QO whether an indicator may go on to QM", partial(_ask, qn, qo, qm)
    for one, other in ((qn, qm), (qn, qo)):
        yield f"{one.country} proposes to {other.country} to amend their accord", partial(_amend, one, other)
    for nation in nations:
        yield (
            f"{nation.country} drafts an accord for an exercise",
            partial(_draft, nation, partners[nation.node]),
        )
    for nation in nations:
        yield f"people of {nation.country} have accounts", partial(_people, nation)


def _feed(nation: Nation) -> str:
    file = nation.home.parent / f"{nation.country.lower()}-night.json"
    file.write_bytes(content.bundle(content.night(nation.country, nation.author(), now())))
    counts = nation.hilf("import", str(file), "--source", "night", expect=1).document
    check(
        (counts["accepted"], counts["quarantined"], counts["refused"]) == (10, 1, 1),
        "what is sound is taken, what is of tomorrow waits, what is broken is refused",
    )
    return "10 accepted, 1 waits for a person (it is of the future), 1 refused (its time is none)"


def _release(nation: Nation, to: Nation) -> str:
    sent = nation.send(to, "source:night")
    check(sent["needs_approvals"] > 0, "AMBER waits")
    nation.hilf("sync", to.node)
    return f"queued {sent['queued']}, waits {sent['needs_approvals']}"


def _orders(nation: Nation, to: Nation) -> str:
    until = (now() + timedelta(days=60)).date().isoformat()
    made = []
    for select in (
        "type:indicator label:water marking:tlp:clear",
        "type:indicator marking:tlp:clear,tlp:green",
    ):
        words = ("--select", select, "--to", to.node, "--every", "1h", "--until", until, "--as", "officer")
        made.append(nation.hilf("release", "order", "add", *words, officer="officer").document["order"])
    nation.hilf("release", "order", "approve", made[0], "--as", "second", officer="second")
    return f"{made[0]} runs, {made[1]} waits for the second officer"


def _sighting(one: Nation, other: Nation) -> str:
    seen = next(each for each in content.objects(other.country, "", now()) if each["type"] == "indicator")
    entry = content.sighting(one.country, one.author(), seen, now())
    file = one.home.parent / "sighting.json"
    file.write_bytes(content.bundle([entry]))
    one.hilf("import", str(file), "--source", "own")
    one.send(other, f"id:{entry['id']}")
    one.hilf("sync", other.node)
    (held,) = other.hilf("show", str(entry["id"])).document["assertions"]
    check(held["asserter"] == one.node, "the sighting has arrived")
    return f"{other.country} holds the sighting of {seen['id']}"


def _ask(one: Nation, author: Nation, to: Nation) -> str:
    identifier = str(content.night(author.country, "", now())[0]["id"])
    words = ("consent", "ask", identifier, "--to", to.node, "--why", "They run the same pumps.")
    asked = one.hilf(*words).document
    one.hilf("sync", author.node)
    questions = author.hilf("consent", "list").document["questions"]
    check(
        any(each["state"] == "asked" and not each["outgoing"] for each in questions),
        f"{author.country} has a question to answer",
    )
    return f"to be answered by {asked['questions'][0]['answer_by']}"


def _amend(one: Nation, other: Nation) -> str:
    accord = next(
        each["id"]
        for each in one.hilf("accord", "list").document["accords"]
        if set(each["parties"]) == {one.node, other.node} and each["state"] == "in force"
    )
    terms = one.home.parent / "amended.json"
    terms.write_text(json.dumps({"purposes": ["defence", "exercise"]}), encoding="utf-8")
    one.hilf("accord", "amend", accord, "--from", str(terms))
    one.hilf("accord", "propose", accord)
    one.hilf("sync", other.node)
    return f"version 2 of {accord} waits for the officers of both"


def _draft(one: Nation, other: Nation) -> str:
    drafted = one.hilf("accord", "draft", "--with", other.node, "--template", "exercise").document
    return f"{drafted['id']}: nobody else sees it before it is proposed"


def _people(nation: Nation) -> str:
    nation.give_accounts(LANGUAGES[nation.country])
    return ", ".join(each["name"] for each in nation.people)


CHAPTERS: Sequence[tuple[str, Callable[[Sequence[Nation]], Steps]]] = (("8. The next morning", morning),)
