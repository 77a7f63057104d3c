"""Analysts' cases: the questions and answers in tests/cases/accord, whose README explains the format."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from hilf.accord.clause import MARKINGS
from hilf.accord.decide import decide
from hilf.accord.decision import Decision
from hilf.accord.document import Accord, InForce
from hilf.accord.profile import Arrival, Profile
from hilf.accord.terms import Onward
from hilf.markings.marking import Granular, Markings
from tests.accord.agreements import (
    COMMUNITY,
    NOW,
    OTHER_COMMUNITY,
    QM,
    QN,
    QO,
    agreement,
    arrival,
    clause,
    marked,
    ours,
    recipient,
)

FOLDER = Path(__file__).parent.parent / "cases" / "accord"
NODES = {"QM": QM, "QN": QN, "QO": QO}
COMMUNITIES = {"same community": COMMUNITY, "other community": OTHER_COMMUNITY}
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.yml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
FIELDS = {"name", "why", "agreement", "object", "to", "purpose", "answer"}


def agreements(given: Any) -> list[Accord]:
    if given == "none":
        return []
    changes = {} if given == "default" else dict(given)
    second = changes.pop("and", None)
    numbered = [changes] if second is None else [changes, second]
    return [agreement(number=i + 1, **written(each)) for i, each in enumerate(numbered)]


def written(changes: dict[str, Any]) -> dict[str, Any]:
    clauses = {"clauses": [spelled(each) for each in changes["clauses"]]} if "clauses" in changes else {}
    return {**changes, **clauses}


def spelled(line: dict[str, Any]) -> dict[str, Any]:
    when = dict(line)
    effect = next(word for word in ("permit", "forbid", "require") if word in when)
    id_, kinds, duty = when.pop(effect), when.pop("kinds", ["object"]), when.pop("duty", None)
    return clause(id_, effect, tuple(kinds), when=when, **({} if duty is None else {"require": duty}))


def markings(given: dict[str, Any]) -> Markings:
    stated = given.pop("marking", "green")
    rel_to = given.pop("rel_to", None)
    return marked(
        None if stated == "none" else MARKINGS[stated],
        rel_to=None if rel_to is None else frozenset(COMMUNITIES.get(name, name) for name in rel_to),
        originator_control=given.pop("originator_control", False),
        unknown=("marking-definition--unread",) if given.pop("unreadable", False) else (),
        granular=tuple(
            Granular((f"part{i}",), marked(MARKINGS[part])) for i, part in enumerate(given.pop("parts", ()))
        ),
    )


def came(given: dict[str, Any]) -> Arrival:
    until = given.get("kept_until")
    return arrival(
        onward=Onward(given["onward"]),
        community=COMMUNITY if given.get("community", "same") == "same" else OTHER_COMMUNITY,
        parties=frozenset(NODES[name] for name in given.get("listed", ["QM", "QO"])),
        retention_until=None if until is None else datetime.combine(until, time.min, UTC),
        consents=frozenset(consenting(name) for name in given.get("consent", [])),
    )


def consenting(name: str) -> str:
    """A node, or a community, as a consent names it."""
    return f"community:{COMMUNITIES[name]}" if name in COMMUNITIES else NODES[name]


def profile(given: dict[str, Any]) -> Profile:
    given = dict(given)
    received = given.pop("received", None)
    sets = {name: frozenset(given.pop(name)) for name in ("labels", "sectors", "languages") if name in given}
    about = {"markings": markings(given), **sets, **given}
    if received is None:
        return ours(**about)
    origin = {} if received == "unknown" else {"arrival": came(received), "author": received.get("author")}
    return ours(**{**about, "asserter": QO, "own": False, **origin})


def decided(case: dict[str, Any]) -> Decision:
    to = dict(case.get("to", {}))
    nation = to.pop("nation", "QN")
    to |= {"communities": frozenset(to["communities"])} if "communities" in to else {}
    held = [InForce(each, QM) for each in agreements(case.get("agreement", "default"))]
    return decide(
        profile(case.get("object", {})),
        recipient(node=NODES[nation], country=nation, **to),
        held,
        case.get("purpose", "defence"),
        NOW,
    )


def answered(decision: Decision, asked: dict[str, Any]) -> dict[str, Any]:
    """The decision in the words of an answer, as far as the case asks."""
    found: dict[str, Any] = {"leaves": decision.allowed, "rule": decision.main.rule}
    if decision.main.clause is not None:
        found["clause"] = decision.main.clause
    if decision.needs_approvals:
        found["approvals"] = decision.needs_approvals
    if decision.terms is not None:
        until = decision.terms.retention_until
        midnight = datetime.combine(NOW.date() + timedelta(days=1), time.min, UTC)
        found |= {
            "onward": decision.terms.onward.value,
            "kept_days": None if until is None else (until - midnight).days,
        }
    found["also"] = [
        rule for rule in asked.get("also", []) if rule in {reason.rule for reason in decision.reasons}
    ]
    optional = {"onward", "kept_days", "also"} - asked.keys()
    return {name: value for name, value in found.items() if name not in optional}


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    assert set(case) - FIELDS == set()
    assert case["why"]
    assert answered(decided(case), case["answer"]) == case["answer"]


def test_cases_have_names_of_their_own() -> None:
    names = [parameter.values[0]["name"] for parameter in CASES]
    assert len(set(names)) == len(names) >= 60
