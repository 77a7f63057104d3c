from copy import deepcopy
from typing import Any

import pytest

from hilf.accord.decision import Decision, Reason, Says
from hilf.accord.redaction import carry_out, redact
from hilf.accord.terms import Onward, Terms
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp
from hilf.stix.deterministic import expected_id
from tests.accord.agreements import ID
from tests.stix.objects import IDENTITY, MALWARE, TIME, faults, indicator, sco, sdo

RED, GREEN = Tlp.RED.marking_id, Tlp.GREEN.marking_id


UUID = "00000000-0000-4000-8000-000000000001"


def part(*selectors: str, ref: str = RED) -> dict[str, Any]:
    return {"selectors": list(selectors), "marking_ref": ref}


def report(**members: Any) -> dict[str, Any]:
    return sdo(
        "report",
        **{
            "name": "Campaign",
            "published": TIME,
            "object_refs": [MALWARE],
            "description": "The minister was hit",
            "created_by_ref": IDENTITY,
            "object_marking_refs": [GREEN],
            "external_references": [
                {"source_name": "a", "url": "https://a.example"},
                {"source_name": "b", "url": "https://b.example", "description": "found by"},
                {"source_name": "c", "external_id": "C-1"},
            ],
            **members,
        },
    )


def without(made: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name not in names}


def test_a_member_is_taken_out_with_its_marking_and_all_else_stays() -> None:
    made = report(granular_markings=[part("description"), part("name", ref=GREEN)])
    before = deepcopy(made)
    left = redact(made, ["description"])
    assert left == {**without(made, "description"), "granular_markings": [part("name", ref=GREEN)]}
    assert made == before


def test_where_no_granular_marking_is_left_the_member_goes_too() -> None:
    made = report(granular_markings=[part("description"), {"selectors": ["description"], "lang": "fr"}])
    assert redact(made, ["description"]) == without(made, "description", "granular_markings")


def test_an_entry_of_a_list_is_taken_out_and_the_selectors_behind_it_move_up() -> None:
    made = report(
        granular_markings=[
            part("external_references.[0]", "external_references.[2].source_name"),
            part("external_references.[1].url", ref=GREEN),
            part("external_references", "object_refs.[0]", ref=GREEN),
        ]
    )
    left = redact(made, ["external_references.[0]"])
    assert left is not None
    assert [each["source_name"] for each in left["external_references"]] == ["b", "c"]
    assert left["granular_markings"] == [
        part("external_references.[1].source_name"),
        part("external_references.[0].url", ref=GREEN),
        part("external_references", "object_refs.[0]", ref=GREEN),
    ]


def test_several_entries_and_members_inside_them_are_taken_out_at_once() -> None:
    made = report(granular_markings=[part("external_references.[2]", ref=GREEN)])
    left = redact(
        made,
        ["external_references.[0]", "external_references.[1].description", "external_references.[0].url"],
    )
    assert left is not None
    assert left["external_references"] == [
        {"source_name": "b", "url": "https://b.example"},
        {"source_name": "c", "external_id": "C-1"},
    ]
    assert left["granular_markings"] == [part("external_references.[1]", ref=GREEN)]


def test_what_is_left_empty_goes_too() -> None:
    refs = [f"external_references.[{n}]" for n in range(3)]
    assert redact(report(), refs) == without(report(), "external_references")
    one = sco(
        "file",
        name="a.exe",
        hashes={"MD5": "0" * 32, "SHA-1": "0" * 40},
        granular_markings=[part("hashes.MD5", "hashes")],
    )
    assert redact(one, ["hashes.MD5", "hashes.SHA-1"]) == without(one, "hashes", "granular_markings")
    both = redact(one, ["hashes.MD5"])
    assert both == {**one, "hashes": {"SHA-1": "0" * 40}, "granular_markings": [part("hashes")]}


def test_a_selector_inside_another_that_goes_needs_nothing_more() -> None:
    made = report(granular_markings=[part("external_references.[1].url"), part("external_references")])
    left = redact(made, ["external_references", "external_references.[1].url"])
    assert left == without(made, "external_references", "granular_markings")


@pytest.mark.parametrize(
    "member",
    ["name", "published", "object_refs.[0]", "type", "spec_version", "id", "created", "modified", "created_by_ref", "revoked",
     "lang", "object_marking_refs", "granular_markings"],
)  # fmt: skip
def test_what_the_standard_requires_or_what_says_who_and_when_is_not_taken_out(member: str) -> None:
    made = report(revoked=False, lang="en", granular_markings=[part("name")])
    assert redact(made, [member]) is None
    assert redact(made, [member, "description"]) is None


def test_a_sighting_keeps_its_summary_and_a_relation_the_end_of_its_time() -> None:
    """Without `summary` each of many counts as one more; without `stop_time` it goes on for good."""
    about = {
        "spec_version": "2.1",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
    }
    malware, tool = f"malware--{UUID}", f"tool--{UUID}"
    sighting = {
        "type": "sighting",
        "id": f"sighting--{UUID}",
        "sighting_of_ref": malware,
        "summary": True,
        "count": 7,
        **about,
    }
    relation = {
        "type": "relationship", "id": f"relationship--{UUID}", "relationship_type": "uses", "source_ref": malware,
        "target_ref": tool, "start_time": "2026-01-01T00:00:00.000Z", "stop_time": "2027-01-01T00:00:00.000Z", **about,
    }  # fmt: skip
    assert [redact(sighting, ["summary"]), redact(relation, ["stop_time"])] == [None, None]
    assert redact(sighting, ["count"]) == without(sighting, "count")
    assert redact(relation, ["start_time"]) == without(relation, "start_time")


def test_an_indicator_keeps_its_pattern_and_the_end_of_its_validity() -> None:
    made = indicator(
        valid_until="2027-01-01T00:00:00.000Z",
        description="x",
        kill_chain_phases=[{"kill_chain_name": "k", "phase_name": "p"}],
    )
    assert redact(made, ["pattern"]) is None
    assert redact(made, ["valid_until"]) is None
    assert redact(made, ["kill_chain_phases.[0].phase_name"]) == without(made, "kill_chain_phases")
    assert redact(made, ["kill_chain_phases"]) == without(made, "kill_chain_phases")


@pytest.mark.parametrize(
    "selector",
    ["", "descriptions", "external_references.[3]", "external_references[0]",
     "external_references.0", "description.[0]", "name.x", "external_references.[-1]"],
)  # fmt: skip
def test_a_selector_that_leads_to_nothing_keeps_all_of_it(selector: str) -> None:
    assert redact(report(), [selector]) is None
    assert redact(report(), ["description", selector]) is None


def test_a_place_in_a_list_may_be_written_with_zeros() -> None:
    made = report(
        granular_markings=[part("external_references.[00]"), part("external_references.[01].url", ref=GREEN)]
    )
    left = redact(made, ["external_references.[00]"])
    assert left is not None
    assert left["granular_markings"] == [part("external_references.[0].url", ref=GREEN)]


def test_personal_data_may_be_absent() -> None:
    address = sco(
        "email-addr",
        value="a@b.example",
        display_name="A. Person",
        belongs_to_ref="user-account--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02",
    )
    both = ("belongs_to_ref", "display_name")
    assert redact(address, both) == without(address, *both)
    assert redact(without(address, "belongs_to_ref"), both) == without(address, *both)
    assert redact(report(), ("display_name",)) is None


def test_a_label_that_marks_is_not_taken_out() -> None:
    made = report(labels=["apt", "PAP:RED", "victim"])
    assert redact(made, ["labels.[1]"]) is None
    assert redact(made, ["labels"]) is None
    left = redact(made, ["labels.[0]", "labels.[2]"])
    assert left == {**made, "labels": ["PAP:RED"]}
    assert redact(report(labels=["apt"]), ["labels"]) == report()


def test_an_id_that_follows_from_what_would_go_keeps_it() -> None:
    made: dict[str, Any] = {
        "type": "file",
        "spec_version": "2.1",
        "name": "a.exe",
        "hashes": {"MD5": "0" * 32, "SHA-1": "0" * 40},
        "size": 7,
    }
    named = {**made, "id": expected_id(made)}
    assert redact(named, ["name"]) is None
    assert redact(named, ["hashes.MD5"]) is None
    assert redact(named, ["hashes.SHA-1"]) == {**named, "hashes": {"MD5": "0" * 32}}
    assert redact(named, ["size"]) == without(named, "size")
    assert redact(sco("file", name="a.exe", size=7), ["size"]) == sco("file", name="a.exe")


def test_an_extension_that_makes_the_type_stays_and_another_goes() -> None:
    new = "extension-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a09"
    made = sdo("x-treaty", name="a", extensions={new: {"extension_type": "new-sdo"}})
    assert redact(made, ["extensions"]) is None
    other = report(extensions={new: {"extension_type": "property-extension", "secret": "x"}})
    assert redact(other, [f"extensions.{new}"]) == without(other, "extensions")
    assert redact(other, [f"extensions.{new}.secret"]) == {
        **other,
        "extensions": {new: {"extension_type": "property-extension"}},
    }


def test_a_marking_is_not_redacted() -> None:
    from hilf.markings.pap import marking

    assert redact(marking(Pap.RED), ["name"]) is None


def test_what_is_left_is_valid() -> None:
    for selectors in (["description"], ["external_references.[1].url"], ["external_references"]):
        left = redact(report(), selectors)
        assert left is not None
        assert faults(left) == []


def test_where_what_is_left_of_a_place_would_be_invalid_all_of_it_goes() -> None:
    made = report(
        granular_markings=[part("external_references.[1].url", "external_references.[0].source_name")]
    )
    for selectors in (["external_references.[0].source_name"], ["external_references.[0].url"]):
        left = redact(made, selectors)
        assert left is not None
        assert left["external_references"] == made["external_references"][1:]
        assert left["granular_markings"] == [part("external_references.[0].url")]
    both = redact(made, ["external_references.[1].url", "external_references.[1].description"])
    assert both is not None
    assert [each["source_name"] for each in both["external_references"]] == ["a", "c"]
    assert (
        redact(sdo("location", latitude=1.5, longitude=2.5, region="northern-africa"), ["longitude"]) is None
    )


KEY = (ID, 1)
PERMITS = Reason("accord.permitted", Says.PERMITS, "Yes.", KEY, "c-1")
TAKEN = Reason("accord.part-redacted", Says.REQUIRES, "Out.", KEY, "c-4")


def allowed(*redacted: str) -> Decision:
    return Decision(True, KEY, (PERMITS, TAKEN), Terms((), Onward.NONE), 0, redacted)


def test_a_decision_is_carried_out_or_becomes_a_refusal() -> None:
    decision = allowed("description")
    assert carry_out(decision, report()) == (decision, without(report(), "description"))
    assert carry_out(allowed(), report()) == (allowed(), None)
    refused, left = carry_out(allowed("name"), report())
    assert (left, refused.allowed, refused.redact) == (None, False, ())
    assert [reason.rule for reason in refused.reasons] == [
        "accord.redaction-impossible",
        "accord.permitted",
        "accord.part-redacted",
    ]
    assert "name" in refused.main.text
    assert carry_out(refused, report()) == (refused, None)


EXTENSION = "extension-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a09"


def extended(*selectors: str, **members: Any) -> dict[str, Any]:
    """A report with such an extension, of which places are marked."""
    marks = {"granular_markings": [part(*(f"extensions.{EXTENSION}.{each}" for each in selectors))]}
    body = {"extension_type": "property-extension", **members}
    return report(extensions={EXTENSION: body}, **(marks if selectors else {}))


def test_every_place_around_that_is_left_empty_goes_and_its_markings_with_it() -> None:
    made = extended("two.three", "one", one="x", two={"three": [["secret"]]})
    assert redact(made, [f"extensions.{EXTENSION}.two.three.[0].[0]"]) == extended("one", one="x")
    some = extended("two.three", two={"three": [["secret"], ["open"]]})
    assert redact(some, [f"extensions.{EXTENSION}.two.three.[0].[0]"]) == extended(
        "two.three", two={"three": [["open"]]}
    )


def test_in_a_list_of_lists_only_the_selectors_of_the_same_list_move() -> None:
    made = extended("one.[0].[1]", "one.[1].[1]", one=[["a", "b"], ["c", "d"]])
    assert redact(made, [f"extensions.{EXTENSION}.one.[0].[0]"]) == extended(
        "one.[0].[0]", "one.[1].[1]", one=[["b"], ["c", "d"]]
    )


def test_a_place_and_the_only_one_inside_it_go_together() -> None:
    for selectors in (["labels", "labels.[0]"], ["labels.[0]", "labels"]):
        assert redact(report(labels=["apt"]), selectors) == report()


def test_an_extension_that_makes_the_type_keeps_nothing_else_in() -> None:
    made = sdo("x-treaty", name="a", note="b", extensions={EXTENSION: {"extension_type": "new-sdo"}})
    assert redact(made, ["note"]) == without(made, "note")


def test_where_one_place_grows_to_the_one_around_the_others_go_all_the_same() -> None:
    left = redact(report(), ["external_references.[0].source_name", "description"])
    made = without(report(), "description")
    assert left == {**made, "external_references": made["external_references"][1:]}
