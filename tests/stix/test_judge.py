from datetime import UTC, datetime

import pytest

from hilf.stix.judge import instant
from hilf.stix.marking_definition import TLP_1_IDS, TLP_2_IDS, tlp_1, tlp_2
from tests.stix.objects import (
    IDENTITY,
    INDICATOR,
    MALWARE,
    TIME,
    TLP_1_GREEN,
    faults,
    indicator,
    read_json,
    relationship,
    sco,
    sdo,
)

EARLY, LATE = "2026-10-01T08:00:00.000Z", "2026-11-02T08:00:00.000Z"
STATEMENT = {"definition_type": "statement", "definition": {"statement": "Share with care"}, "modified": None}


def test_id_must_begin_with_the_type() -> None:
    assert ("line 1 /id", "stix.id") in faults(sdo("x-own", id=INDICATOR))
    assert faults(sdo("x-own")) == []


def test_bundle_is_no_object() -> None:
    assert ("line 1 /type", "stix.bundle") in faults(sdo("bundle"))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-01T08:00:00Z", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        ("2026-11-01T08:00:00.1Z", datetime(2026, 11, 1, 8, 0, 0, 100000, tzinfo=UTC)),
        ("2026-11-01T08:00:00.123456789Z", datetime(2026, 11, 1, 8, 0, 0, 123456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-02-30T08:00:00Z", None),
        ("2026-11-01T08:00:00", None),
        ("2026-11-01", None),
        ("Z", None),
        (1, None),
    ],
)
def test_instant_of_a_timestamp(text: object, at: datetime | None) -> None:
    assert instant(text) == at


def test_day_that_does_not_exist_is_a_fault() -> None:
    assert faults(indicator(valid_from="2026-02-30T08:00:00Z")) == [("line 1 /valid_from", "stix.timestamp")]


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (indicator(created=LATE), "/modified"),
        (indicator(valid_until=TIME), "/valid_until"),
        (indicator(valid_until=EARLY), "/valid_until"),
        (sdo("campaign", name="x", first_seen=TIME, last_seen=EARLY), "/last_seen"),
        (relationship(start_time=TIME, stop_time=TIME), "/stop_time"),
        (sco("network-traffic", protocols=["tcp"], src_ref="ipv4-addr--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02",
             start=TIME, end=EARLY), "/end"),
    ],
)  # fmt: skip
def test_times_stand_in_order(made: dict[str, object], place: str) -> None:
    assert faults(made) == [(f"line 1 {place}", "stix.time-order")]


def test_equal_times_are_in_order_where_the_standard_says_so() -> None:
    assert faults(indicator(created=TIME, modified=TIME)) == []
    assert faults(sdo("campaign", name="x", first_seen=TIME, last_seen=TIME)) == []


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (indicator(created_by_ref=MALWARE), "/created_by_ref"),
        (relationship(source_ref=TLP_1_GREEN), "/source_ref"),
        (relationship(target_ref="sighting--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02"), "/target_ref"),
        (
            sdo("sighting", sighting_of_ref="ipv4-addr--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02"),
            "/sighting_of_ref",
        ),
        (sdo("sighting", sighting_of_ref=INDICATOR, where_sighted_refs=[MALWARE]), "/where_sighted_refs"),
        (sdo("malware", is_family=True, name="x", sample_refs=[IDENTITY]), "/sample_refs"),
    ],
)
def test_reference_points_to_a_type_that_the_standard_allows(made: dict[str, object], place: str) -> None:
    assert (f"line 1 {place}", "stix.reference-type") in faults(made)


def test_reference_to_a_custom_type_is_allowed_where_a_class_is_meant() -> None:
    own = "x-own--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02"
    assert faults(relationship(source_ref=own, target_ref=own)) == []
    assert faults(sdo("sighting", sighting_of_ref=own)) == []


def test_own_reference_that_is_no_identifier_is_a_warning() -> None:
    found = read_json(indicator(x_own_ref="somewhere"))
    assert [(each.place, each.rule, each.severity) for each in found.findings] == [
        ("line 1 /x_own_ref", "stix.reference", "warning")
    ]


def test_marking_must_be_a_marking_definition() -> None:
    assert faults(indicator(object_marking_refs=[TLP_1_GREEN])) == []
    assert faults(indicator(object_marking_refs=[TLP_1_GREEN, MALWARE])) == [
        ("line 1 /object_marking_refs/1", "stix.marking-type")
    ]


def test_marking_definition_cannot_mark_itself() -> None:
    made = sdo("marking-definition", **STATEMENT)
    assert faults({**made, "object_marking_refs": [made["id"]]}) == [
        ("line 1 /object_marking_refs/0", "stix.marking-circular")
    ]


@pytest.mark.parametrize(
    "selector", ["description", "labels.[1]", "labels.[0].x", "external_references.[0].url", "labels.0"]
)
def test_selector_that_leads_to_nothing_is_a_fault(selector: str) -> None:
    def marked(name: str) -> dict[str, object]:
        return indicator(labels=["a"], external_references=[{"source_name": "x", "description": "y"}],
                         granular_markings=[{"selectors": ["pattern", name], "marking_ref": TLP_1_GREEN}])  # fmt: skip

    assert faults(marked("external_references.[0].description")) == []
    assert faults(marked(selector)) == [("line 1 /granular_markings/0/selectors/1", "stix.selector")]


def test_granular_marking_has_exactly_one_of_marking_and_language() -> None:
    for entry in ({"lang": "ar", "marking_ref": TLP_1_GREEN}, {}):
        made = indicator(granular_markings=[{"selectors": ["pattern"], **entry}])
        assert faults(made) == [("line 1 /granular_markings/0", "stix.granular")]


@pytest.mark.parametrize(
    "definition", [*map(tlp_1, TLP_1_IDS), *map(tlp_2, TLP_2_IDS)], ids=lambda made: made["name"]
)
def test_tlp_as_the_standards_fix_it_is_accepted_and_changed_it_is_not(definition: dict[str, object]) -> None:
    assert faults(definition) == []
    other = {**definition, "name": "TLP:PURPLE"}
    assert ("line 1 /name", "stix.tlp") in faults(other)
    assert read_json(other).outcome == "refused"


def test_tlp_2_with_another_level_inside_is_refused() -> None:
    made = {**tlp_2("red"), "extensions": tlp_2("clear")["extensions"]}
    assert faults(made) == [("line 1 /extensions", "stix.tlp")]


def test_tlp_under_an_id_of_its_own_is_refused() -> None:
    made = {**tlp_2("red"), "id": "marking-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a02"}
    assert faults(made) == [("line 1 /id", "stix.tlp")]


def test_addition_to_a_fixed_definition_is_a_warning() -> None:
    assert [
        (each.rule, each.severity)
        for each in read_json({**tlp_2("red"), "created_by_ref": IDENTITY}).findings
    ] == [("stix.tlp-addition", "warning")]


def test_pattern_must_be_in_the_grammar_where_it_is_of_stix() -> None:
    found = read_json(indicator(pattern="[ipv4-addr:value = ]"))
    assert [(each.place, each.rule, each.message) for each in found.findings] == [
        ("line 1 /pattern", "stix.pattern", "no STIX pattern: unexpected ']' at character 20")
    ]
    assert faults(indicator(pattern="alert tcp any", pattern_type="snort")) == []


def test_hash_that_never_matches_is_a_warning() -> None:
    found = read_json(indicator(pattern="[file:hashes.'SHA-256' = 'f00']"))
    assert [(each.rule, each.severity) for each in found.findings] == [("stix.pattern-hash", "warning")]


def test_name_based_id_that_does_not_follow_is_a_warning_and_random_ids_are_free() -> None:
    right = sco("ipv4-addr", value="198.51.100.3", id="ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4")
    assert faults(right) == []
    assert faults({**right, "value": "198.51.100.4"}) == [("line 1 /id", "stix.deterministic-id")]
    assert faults(sco("ipv4-addr", value="198.51.100.3")) == []
