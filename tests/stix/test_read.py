import hashlib
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import rfc8785

from hilf.stix.finding import Finding
from hilf.stix.read import read
from tests.stix.objects import INDICATOR, NOW, TIME, faults, indicator, read_json, sco, sdo


def outcome(raw: bytes) -> tuple[str, list[str]]:
    found = read(raw, "line 1", NOW)
    return found.outcome, [finding.rule for finding in found.findings]


def with_member(text: str) -> bytes:
    return orjson.dumps(indicator())[:-1] + b',"x_own":' + text.encode() + b"}"


def test_accepted_object_has_its_bytes_canonical_form_and_content_id() -> None:
    raw = b" " + orjson.dumps(indicator(), option=orjson.OPT_INDENT_2)
    found = read(raw, "objects[3]", NOW)
    canonical = rfc8785.dumps(indicator())
    assert (found.raw, found.object, found.canonical) == (raw, indicator(), canonical)
    assert found.sha256 == hashlib.sha256(canonical).hexdigest()
    assert (found.id, found.type) == (INDICATOR, "indicator")
    assert found.created == found.modified == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert (found.findings, found.upgraded, found.outcome) == ((), False, "accepted")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"a":1,"a":2}', "json.duplicate-name"),
        ('{"a":1,"\\u0061":2}', "json.duplicate-name"),
        ('{"a":"\\u0022","a":""}', "json.duplicate-name"),
        ('{"b":"\\u0022\\u0022\\u0022\\u0022","a":"","a":""}', "json.duplicate-name"),
        ('[{"b":[{"a":"x","a":"x"}]}]', "json.duplicate-name"),
        ("NaN", "json.nan"),
        ("-Infinity", "json.infinity"),
        ('"\\ud800"', "json.lone-surrogate"),
        ("1e400", "json.overflow"),
        ('"a\\u0000"', "json.nul"),
        ('"\\\\\\u0000"', "json.nul"),
    ],
)
def test_json_that_readers_disagree_on_is_refused_by_name(text: str, rule: str) -> None:
    assert outcome(with_member(text)) == ("refused", [rule])


@pytest.mark.parametrize(
    "text", ['"\\\\u0000"', '"\\u0022"', '"e+"', "1.5e+30", '{"a":{"a":1}}', '"\\ud83d\\ude00"']
)
def test_what_only_looks_like_a_fault_is_accepted(text: str) -> None:
    assert outcome(with_member(text)) == ("accepted", [])


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("9007199254740992", "json.integer-beyond-2-53-1"),
        ("18446744073709551616", "json.integer-beyond-2-53-1"),
        ("1" + "0" * 40, "json.integer-beyond-2-53-1"),
        ("9007199254740993.0", "json.would-be-written-as-an-integer-beyond-2-53-1"),
    ],
)
def test_number_that_cannot_be_kept_is_quarantined_with_its_id(text: str, rule: str) -> None:
    found = read(with_member(text), "line 1", NOW)
    assert found.outcome == "quarantined"
    assert [finding.rule for finding in found.findings] == [rule]
    assert (found.id, found.canonical, found.sha256) == (INDICATOR, None, "")


@pytest.mark.parametrize(
    "pair", ['9007199254740992,"x_own":1', '1,"x_own":9007199254740992', '1,"x_\\u006fwn":1e30']
)
def test_two_equal_names_refuse_also_where_a_number_would_quarantine(pair: str) -> None:
    verdict, rules = outcome(with_member(pair))
    assert (verdict, rules[-1]) == ("refused", "json.duplicate-name")


@pytest.mark.parametrize("rest", [b"[" * 5000, b"nope", b"\xff"])
def test_broken_text_is_refused_also_where_a_number_would_quarantine(rest: bytes) -> None:
    verdict, rules = outcome(b'{"n":9007199254740993,"m":' + rest)
    assert (verdict, rules[-1].split(".")[0]) == ("refused", "json")


def test_greatest_integer_is_accepted() -> None:
    assert outcome(with_member("9007199254740991")) == ("accepted", [])


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"1", b'"x"', b"null", b"{}x", b"\xff", b"[" * 5000, b'{"type":1,"id":[]}', b"{}"],
)
def test_what_is_no_stix_object_is_refused(raw: bytes) -> None:
    found = read(raw, "line 1", NOW)
    assert (found.outcome, found.id, found.type) == ("refused", "", "")
    assert all(finding.severity == "error" for finding in found.findings)


def test_all_faults_are_told_with_place_and_rule() -> None:
    bad = indicator(
        pattern="not",
        modified="2026-10-01T08:00:00.000Z",
        valid_until=TIME,
        confidence=101,
        labels=[],
        created_by_ref=INDICATOR,
    )
    found = read(orjson.dumps(bad), "objects[7]", NOW)
    assert found.outcome == "refused"
    assert {(finding.place, finding.rule) for finding in found.findings} == {
        ("objects[7] /pattern", "stix.pattern"),
        ("objects[7] /modified", "stix.time-order"),
        ("objects[7] /valid_until", "stix.time-order"),
        ("objects[7] /confidence", "stix.schema"),
        ("objects[7] /labels", "stix.schema"),
        ("objects[7] /created_by_ref", "stix.reference-type"),
    }
    assert {finding.object for finding in found.findings} == {INDICATOR}


def test_future_object_is_quarantined_and_refused_where_it_has_other_faults() -> None:
    late = (NOW + timedelta(minutes=10, seconds=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    in_time = (NOW + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert read_json(indicator(modified=in_time)).outcome == "accepted"
    assert read_json(indicator(modified=late)).outcome == "quarantined"
    assert read_json(indicator(modified=late, pattern="not")).outcome == "refused"
    assert read_json(indicator(modified=late, confidence=-1)).outcome == "refused"


def test_warnings_do_not_refuse() -> None:
    found = read_json(
        sco("ipv4-addr", value="198.51.100.3", id="ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742ee")
    )
    assert (found.outcome, found.findings) == (
        "accepted",
        (
            Finding(
                "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742ee",
                "line 1 /id",
                "stix.deterministic-id",
                "the id does not follow from the content; expected ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
                "warning",
            ),
        ),
    )


def test_custom_type_property_and_extension_are_kept() -> None:
    own = sdo("x-own-thing", x_own={"deep": [1]}, extensions={
        "extension-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a09": {"extension_type": "new-sdo"}})  # fmt: skip
    found = read_json(own)
    assert (found.outcome, found.object) == ("accepted", own)
    assert faults({**own, "created": None}) != []


def test_old_object_is_upgraded_with_a_warning_and_its_bytes_are_kept() -> None:
    old = {name: value for name, value in sdo("malware", name="EXAMPLE", labels=["trojan"]).items()
           if name != "spec_version"}  # fmt: skip
    raw = orjson.dumps(old)
    found = read(raw, "line 1", NOW)
    assert (found.raw, found.upgraded, found.outcome) == (raw, True, "accepted")
    assert found.object == sdo("malware", name="EXAMPLE", malware_types=["trojan"], is_family=True)
    assert found.canonical == rfc8785.dumps(found.object)
    assert [(finding.rule, finding.severity) for finding in found.findings] == [("stix.upgraded", "warning")]


def test_observed_data_of_2_0_is_refused_by_name() -> None:
    old = sdo("observed-data", spec_version=None, first_observed=TIME, last_observed=TIME, number_observed=1,
              objects={"0": {"type": "ipv4-addr", "value": "198.51.100.7"}})  # fmt: skip
    assert faults(old) == [("line 1 /objects", "stix.version-2.0")]
    assert read_json(old).outcome == "refused"
