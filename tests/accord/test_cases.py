"""Analysts' cases: the questions and answers in tests/cases/accord, whose README explains the format."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from hilf.accord.clause import MARKINGS, PAPS
from hilf.accord.decide import decide
from hilf.accord.decision import Decision, Reason, Says
from hilf.accord.document import InForce
from hilf.accord.explain import RULES
from hilf.accord.profile import Arrival, Profile
from hilf.accord.template import DEFAULT, TEMPLATES, frame
from hilf.accord.terms import Onward
from hilf.markings.control import ACS_ID, CUI_ID
from hilf.markings.iep import EXTENSION_ID as IEP
from hilf.markings.label import of_labels
from hilf.markings.marking import Granular, Markings, join
from hilf.markings.read import of_definition
from hilf.markings.tlp import Tlp
from tests.accord.agreements import (
    BEGINS,
    COMMUNITY,
    ID,
    NOW,
    OTHER_COMMUNITY,
    QM,
    QN,
    QO,
    UNTIL,
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
EXTENSIONS = {"iep": IEP, "acs": ACS_ID, "cui": CUI_ID}
OF_SEVERAL_OBJECTS = {
    "accord.end-stays",
    "accord.end-held-narrower",
    "accord.definition-alone",
    "accord.definition-along",
    "accord.redaction-impossible",
}
"""Rules about relations, definitions and what is left of an object's bytes: tests/accord/test_relation.py, test_redaction.py."""
OF_THE_NODE = {
    "accord.actions-limited": Says.NOTES,
    "accord.arrival-unknown": Says.REFUSES,
    "accord.classified": Says.REFUSES,
    "accord.control-marking": Says.NOTES,
    "accord.encrypted-in-transit": Says.NOTES,
    "accord.exercise-material": Says.REFUSES,
    "accord.granular-withheld": Says.REFUSES,
    "accord.iep-outside-period": Says.NOTES,
    "accord.marked-not-onward": Says.REFUSES,
    "accord.marking-unreadable": Says.REFUSES,
    "accord.nobody-notified": Says.NOTES,
    "accord.none-in-force": Says.REFUSES,
    "accord.provider-not-named": Says.REFUSES,
    "accord.recipient-not-verified": Says.REFUSES,
    "accord.rel-to": Says.REFUSES,
    "accord.revoked": Says.NOTES,
    "accord.second-officer": Says.REQUIRES,
    "accord.tlp-missing": Says.NOTES,
}
"""Rules that stand in no agreement, and what they do."""
OF_ARRIVAL = {
    "accord.amber-not-onward": Says.REFUSES,
    "accord.amber-strict-not-onward": Says.REFUSES,
    "accord.green-outside-community": Says.REFUSES,
    "accord.onward-ask-originator": Says.REFUSES,
    "accord.onward-consented": Says.NOTES,
    "accord.onward-listed": Says.REFUSES,
    "accord.onward-none": Says.REFUSES,
    "accord.onward-open": Says.NOTES,
    "accord.originator-control": Says.REFUSES,
    "accord.red-named-people": Says.REFUSES,
    "accord.retention-over": Says.REFUSES,
}
"""Rules on what was received: they cite the agreement that it came under."""
OF_AN_AGREEMENT = {
    "accord.kind-not-covered": {Says.REFUSES},
    "accord.personal-data-forbidden": {Says.REFUSES},
    "accord.personal-data-redacted": {Says.REQUIRES, Says.NOTES},
    "accord.personal-data-withheld": {Says.REFUSES},
    "accord.purpose-not-agreed": {Says.REFUSES},
}
"""Rules of an agreement with the recipient that no single clause says."""
OF_A_CLAUSE = {"accord.permitted": {Says.PERMITS, Says.NOTES}, "accord.duty": {Says.REQUIRES, Says.NOTES}}
"""Where another agreement is cited, what this one says is noted; every other word of a clause refuses."""
SENTENCE = re.compile(r"[^\n]*[^ .]\.")
FIELDS = {"name", "why", "agreement", "object", "to", "purpose", "answer"}


def agreements(given: Any) -> list[InForce]:
    if given == "none":
        return []
    changes = {} if given == "default" else dict(given)
    others = changes.pop("and", [])
    numbered = [changes, *(others if isinstance(others, list) else [others])]
    return [seen_by_us(i + 1, dict(each)) for i, each in enumerate(numbered)]


def seen_by_us(number: int, changes: dict[str, Any]) -> InForce:
    """One agreement as it binds us: with whom, and without those who left or suspended it."""
    parties = tuple(NODES[name] for name in changes.pop("parties", ("QM", "QN")))
    out = frozenset(NODES[name] for name in (*changes.pop("left", ()), *changes.pop("suspended_by", ())))
    template = TEMPLATES[changes.pop("template", DEFAULT)](frame(parties, ID, COMMUNITY, BEGINS, UNTIL))
    texts = {name: template[name] for name in template.keys() - {"id", "parties", "version", "prev"}}
    for name in ("from", "until"):
        if name in changes:
            changes[name] = f"{changes[name]}T00:00:00.000Z"
    return InForce(agreement(parties=parties, number=number, **{**texts, **written(changes)}), QM, out)


def written(changes: dict[str, Any]) -> dict[str, Any]:
    clauses = {"clauses": [spelled(each) for each in changes["clauses"]]} if "clauses" in changes else {}
    community = {"community": COMMUNITIES[changes["community"]]} if "community" in changes else {}
    return {**changes, **clauses, **community}


def spelled(line: dict[str, Any]) -> dict[str, Any]:
    when = dict(line)
    effect = next(word for word in ("permit", "forbid", "require") if word in when)
    id_, kinds, duty = when.pop(effect), when.pop("kinds", ["object"]), when.pop("duty", None)
    return clause(id_, effect, tuple(kinds), when=when, **({} if duty is None else {"require": duty}))


def markings(given: dict[str, Any]) -> Markings:
    """What the case says of the whole object, and of its parts: "part 1", "part 2", …"""
    mapped = {name.lower(): MARKINGS[word] for name, word in given.pop("mapped", {}).items()}
    parts = [each if isinstance(each, dict) else {"marking": each} for each in given.pop("parts", ())]
    granular = tuple(
        Granular(
            () if each.pop("unnamed", False) else (each.pop("place", f"part {i + 1}"),),
            one(each, "none", mapped),
        )
        for i, each in enumerate(dict(part) for part in parts)
    )
    return join(one(given, "green", mapped), Markings(granular=granular))


def one(given: dict[str, Any], missing: str, mapped: dict[str, Tlp]) -> Markings:
    stated, rel_to, pap = given.pop("marking", missing), given.pop("rel_to", None), given.pop("pap", None)
    joined = marked(
        None if stated == "none" else MARKINGS[stated],
        rel_to=None if rel_to is None else frozenset(COMMUNITIES.get(name, name) for name in rel_to),
        originator_control=given.pop("originator_control", False),
        no_onward=given.pop("not_onward", False),
        unknown=("marking-definition--unread",) if given.pop("unreadable", False) else (),
        pap=None if pap is None else PAPS[pap],
    )
    for definition in definitions(given):
        joined = join(joined, of_definition(definition, mapped))
    return join(joined, of_labels(given.get("labels", ()), mapped))


def definitions(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The marking-definitions that a case names, as they stand in STIX."""
    for name, extension in EXTENSIONS.items():
        if name in given:
            body = {"extension_type": "property-extension", **given.pop(name)}
            yield {
                "type": "marking-definition",
                "id": "marking-definition--case",
                "extensions": {extension: body},
            }
    if "statement" in given:
        text = {"statement": given.pop("statement")}
        yield {"type": "marking-definition", "id": "x", "definition_type": "statement", "definition": text}


def came(given: dict[str, Any]) -> Arrival:
    until = given.get("kept_until")
    return arrival(
        onward=Onward(given["onward"]),
        community=COMMUNITY if given.get("community", "same") == "same" else OTHER_COMMUNITY,
        parties=frozenset(NODES[name] for name in given.get("listed", ["QM", "QO"])),
        retention_until=None if until is None else datetime.combine(until, time.min, UTC),
        consents=frozenset(
            (consenting(name), given.get("consent_for", "defence")) for name in given.get("consent", [])
        ),
    )


def consenting(name: str) -> str:
    """A node, or a community, as a consent names it."""
    return f"community:{COMMUNITIES[name]}" if name in COMMUNITIES else NODES[name]


def profile(given: dict[str, Any]) -> Profile:
    given = dict(given)
    received, markings_ = given.pop("received", None), markings(given)
    sets = {name: frozenset(given.pop(name)) for name in ("labels", "sectors", "languages") if name in given}
    about = {"markings": markings_, **sets, **given}
    if received is None:
        return ours(**about)
    origin = {} if received == "unknown" else {"arrival": came(received), "author": received.get("author")}
    return ours(**{**about, "asserter": QO, "own": False, **origin})


def decided(case: dict[str, Any]) -> Decision:
    to = dict(case.get("to", {}))
    nation = to.pop("nation", "QN")
    to |= {"communities": frozenset(to["communities"])} if "communities" in to else {}
    held = agreements(case.get("agreement", "default"))
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
    if decision.redact:
        found["redacted"] = list(decision.redact)
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


def cites_rightly(reason: Reason, keys: set[tuple[str, int]]) -> bool:
    """Whether a reason does what its rule does, and says in which agreement and clause that stands."""
    rule, stands = reason.rule, (reason.says, reason.accord, reason.clause)
    if rule == "accord.part-redacted":  # whoever takes it out may be any of these
        return reason.says is Says.REQUIRES
    if rule in OF_THE_NODE:
        return stands == (OF_THE_NODE[rule], None, None)
    if rule in OF_ARRIVAL:
        return stands == (OF_ARRIVAL[rule], arrival().accord, None)
    if rule in OF_AN_AGREEMENT:
        return reason.says in OF_AN_AGREEMENT[rule] and reason.accord in keys and reason.clause is None
    says = OF_A_CLAUSE.get(rule, {Says.REFUSES})
    return reason.says in says and reason.accord in keys and isinstance(reason.clause, str)


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    assert set(case) - FIELDS == set()
    assert case["why"]
    decision = decided(case)
    assert answered(decision, case["answer"]) == case["answer"]
    keys = {held.accord.key for held in agreements(case.get("agreement", "default"))}
    assert [reason for reason in decision.reasons if not cites_rightly(reason, keys)] == []
    assert [reason for reason in decision.reasons if not SENTENCE.fullmatch(reason.text)] == []


def test_cases_have_names_of_their_own() -> None:
    names = [parameter.values[0]["name"] for parameter in CASES]
    assert len(set(names)) == len(names) >= 150


def test_every_rule_that_a_decision_on_one_object_can_say_is_the_answer_of_a_case() -> None:
    answers = [parameter.values[0]["answer"] for parameter in CASES]
    answered_ = {rule for answer in answers for rule in (answer["rule"], *answer.get("also", ()))}
    assert sorted({rule.slug for rule in RULES} - answered_) == sorted(OF_SEVERAL_OBJECTS)
