"""The last chapter of the demo: what people find on their consoles in the morning, so that no room is empty."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from hilf.canonical import Json, timestamp
from hilf.cli.demo import content
from hilf.cli.demo.chapters import Steps, check
from hilf.cli.demo.nation import Nation
from hilf.errors import OperatorFault
from hilf.markings.tlp import Tlp
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


def _author(nation: Nation) -> str:
    return str(nation.hilf("identity", "show").document["stix_identities"][0])


def _night(nation: Nation, author: str, key: str, tlp: Tlp, **members: Json) -> dict[str, Any]:
    at = timestamp(now())
    name = uuid.uuid5(content.NAMESPACE, f"{nation.country} night {key}")
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{name}",
        "created_by_ref": author,
        "created": at,
        "modified": at,
        "name": f"Seen in the night at a water utility ({key})",
        "indicator_types": ["malicious-activity"],
        "pattern": f"[domain-name:value = 'night-{key}.{nation.country.lower()}.example']",
        "pattern_type": "stix",
        "valid_from": at,
        "object_marking_refs": [tlp.marking_id],
        "labels": ["water"],
        **members,
    }


def _feed(nation: Nation) -> str:
    author = _author(nation)
    later = timestamp(now() + timedelta(days=400))
    entries = [
        *(_night(nation, author, f"green-{n}", Tlp.GREEN) for n in range(6)),
        *(_night(nation, author, f"amber-{n}", Tlp.AMBER) for n in range(4)),
        _night(nation, author, "of-tomorrow", Tlp.GREEN, modified=later),
        _night(nation, author, "broken", Tlp.GREEN, valid_from="last night"),
    ]
    file = nation.home.parent / f"{nation.country.lower()}-night.json"
    file.write_bytes(content.bundle(entries))
    counts = nation.hilf("import", str(file), "--source", "night", expect=1).document
    check(
        (counts["accepted"], counts["quarantined"], counts["refused"]) == (10, 1, 1),
        "what is sound is taken, what is of tomorrow waits, what is broken is refused",
    )
    return "10 accepted, 1 waits for a person (it is of the future), 1 refused (its time is none)"


def _release(nation: Nation, to: Nation) -> str:
    words = ("release", "send", "--to", to.node, "--select", "source:night", "--as", "officer")
    sent = nation.hilf(*words, officer="officer").document
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
        words = (
            "release",
            "order",
            "add",
            "--select",
            select,
            "--to",
            to.node,
            "--every",
            "1h",
            "--until",
            until,
        )
        made.append(nation.hilf(*words, "--as", "officer", officer="officer").document["order"])
    nation.hilf("release", "order", "approve", made[0], "--as", "second", officer="second")
    return f"{made[0]} runs, {made[1]} waits for the second officer"


def _sighting(one: Nation, other: Nation) -> str:
    author = _author(one)
    seen = next(each for each in content.objects(other.country, "", now()) if each["type"] == "indicator")[
        "id"
    ]
    at = timestamp(now())
    entry: dict[str, Json] = {
        "type": "sighting",
        "spec_version": "2.1",
        "id": f"sighting--{uuid.uuid5(content.NAMESPACE, f'{one.country} saw {seen}')}",
        "created_by_ref": author,
        "created": at,
        "modified": at,
        "sighting_of_ref": seen,
        "count": 3,
        "object_marking_refs": [Tlp.CLEAR.marking_id],
    }
    file = one.home.parent / "sighting.json"
    file.write_bytes(content.bundle([entry]))
    one.hilf("import", str(file), "--source", "own")
    words = ("release", "send", "--to", other.node, "--select", f"id:{entry['id']}", "--as", "officer")
    one.hilf(*words, officer="officer")
    one.hilf("sync", other.node)
    (held,) = other.hilf("show", str(entry["id"])).document["assertions"]
    check(held["asserter"] == one.node, "the sighting has arrived")
    return f"{other.country} holds the sighting of {seen}"


def _ask(one: Nation, author: Nation, to: Nation) -> str:
    identifier = _night(author, "", "green-0", Tlp.GREEN)["id"]
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
    done = subprocess.run(
        [sys.executable, "-m", "hilf.cli.demo.people", LANGUAGES[nation.country]],
        env=nation.environment(None),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise OperatorFault(
            "demo.people", f"{nation.country}: no accounts.", done.stderr[-800:], "Report it."
        )
    told = json.loads(done.stdout)
    nation.people, nation.totp_secret = told["people"], told["totp_secret"]
    return ", ".join(each["name"] for each in nation.people)


CHAPTERS: Sequence[tuple[str, Callable[[Sequence[Nation]], Steps]]] = (("8. The next morning", morning),)
