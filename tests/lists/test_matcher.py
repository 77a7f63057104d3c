"""What of an object stands on a list, in the forms in which people and adversaries write it."""

import pytest

from hilf.lists import warning
from hilf.lists.entry import read_entry
from hilf.lists.matcher import MOST_OF_A_LIST, Matcher
from tests.stix_objects import an_indicator, stix_id

ASSETS = (
    "198.51.100.0/24",
    "2001:db8:a::/48",
    "ministry.example",
    "press@team.example",
    "d41d8cd98f00b204e9800998ecf8427e",
    "AS64496",
)
VICTIMS = ("Aman Bank", "بنك الطاقة", "البنك المركزي", "電力公社", "банк.example", "victim.example")


@pytest.fixture(scope="module")
def matcher():
    return Matcher(
        {"own-assets": map(read_entry, ASSETS), "victims": map(read_entry, VICTIMS)},
        [warning.read("documentation"), warning.read("special-use")],
    )


def national(matcher, stix_object):
    return {each.entry for each in matcher.look(stix_object) if each.list in {"own-assets", "victims"}}


def of_pattern(matcher, pattern):
    return national(matcher, an_indicator(pattern=pattern))


@pytest.mark.parametrize(
    ("pattern", "entry"),
    [
        ("[ipv4-addr:value = '198.51.100.7']", "198.51.100.0/24"),
        ("[ipv4-addr:value != '198.51.100.7']", "198.51.100.0/24"),
        ("[ipv4-addr:value IN ('203.0.113.1', '198.51.100.7')]", "198.51.100.0/24"),
        ("[ipv4-addr:value ISSUBSET '198.51.100.128/25']", "198.51.100.0/24"),
        ("[ipv4-addr:value ISSUBSET '198.51.0.0/16']", "198.51.100.0/24"),
        ("[ipv4-addr:value = '198.051.100.007']", "198.51.100.0/24"),
        ("[domain-name:value = '198.51.100.7']", "198.51.100.0/24"),
        ("[url:value = 'http://198.51.100.7/x']", "198.51.100.0/24"),
        ("[url:value = 'http://198.51.100.7:8080/x']", "198.51.100.0/24"),
        ("[url:value = 'http://3325256711/x']", "198.51.100.0/24"),
        ("[url:value = 'http://0xC6336407/x']", "198.51.100.0/24"),
        ("[url:value = 'http://198%2e51.100%2E7/x']", "198.51.100.0/24"),
        ("[ipv6-addr:value = '::ffff:198.51.100.7']", "198.51.100.0/24"),
        ("[ipv6-addr:value = '::FFFF:C633:6407']", "198.51.100.0/24"),
        ("[ipv6-addr:value = '64:ff9b::c633:6407']", "198.51.100.0/24"),
        ("[ipv6-addr:value = '2001:0DB8:000A:0000::1']", "2001:db8:a::/48"),
        ("[url:value = 'https://[2001:db8:a::1]:443/']", "2001:db8:a::/48"),
        ("[domain-name:value = 'MINISTRY.example.']", "ministry.example"),
        ("[domain-name:value = 'vpn.hq.ministry.example']", "ministry.example"),
        ("[domain-name:value LIKE '%.ministry.example']", "ministry.example"),
        ("[domain-name:value LIKE '%ministry.example']", "ministry.example"),
        (r"[domain-name:value MATCHES '^.*ministry\\.example$']", "ministry.example"),
        ("[domain-name:value = 'mіnіstry.example']", "ministry.example"),  # Cyrillic і
        ("[domain-name:value = 'xn--mnstry-pvfb.example']", "ministry.example"),  # the same in punycode
        ("[domain-name:value = 'ministry。example']", "ministry.example"),
        ("[domain-name:value = 'xn--80ab2al.example']", "банк.example"),
        ("[url:value = 'https://user:pw@ministry.example/']", "ministry.example"),
        ("[url:value = 'http://evil.test/?u=https%3A%2F%2Fministry.example%2F']", "ministry.example"),
        ("[email-addr:value = 'Press@TEAM.example']", "press@team.example"),
        ("[email-addr:value = 'somebody@mail.ministry.example']", "ministry.example"),
        ("[file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF8427E']", "d41d8cd98f00b204e9800998ecf8427e"),
        ("[directory:path = '\\\\\\\\ministry.example\\\\share']", "ministry.example"),
        ("[file:name = 'aman_bank.pdf']", "Aman Bank"),
        ("[url:value = 'http://evil.test/aman-bank/login']", "Aman Bank"),
    ],
)
def test_an_asset_in_a_pattern_is_found_in_any_form(matcher, pattern, entry):
    assert of_pattern(matcher, pattern) == {entry}


@pytest.mark.parametrize(
    "pattern",
    [
        "[ipv4-addr:value = '198.51.101.7']",
        "[domain-name:value = 'notministry.example']",
        "[domain-name:value = 'ministry.example.net']",
        "[email-addr:value = 'other@team.example']",
        "[url:value = 'http://evil.test/198/51/100/7']",
        "[file:hashes.'SHA-256' = 'd41d8cd98f00b204e9800998ecf8427ed41d8cd98f00b204e9800998ecf8427e']",
        "[file:name = 'amanda-bank.pdf']",
        "[domain-name:value = 'amanbank.test']",
    ],
)
def test_what_only_looks_near_is_not_found(matcher, pattern):
    assert of_pattern(matcher, pattern) == set()


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Seen at AMAN  BANK in March", "Aman Bank"),
        ("the Aman\u00a0Bank's mail", "Aman Bank"),
        ("Аmаn Bаnk", "Aman Bank"),  # Cyrillic А and а
        ("رسالة إلى بَنْك الطـــاقة", "بنك الطاقة"),
        ("هجوم على وبنك الطاقة", "بنك الطاقة"),
        ("كتاب للبنك المركزي", "البنك المركزي"),
        ("東京電力公社様", "電力公社"),
        ("they came from 198[.]51[.]100[.]9", "198.51.100.0/24"),
        ("hxxps://portal.ministry[.]example/", "ministry.example"),
        ("portal (dot) x, mail to press [at] team [.] example", "press@team.example"),
        ("routes of AS64496", "AS64496"),
    ],
)
def test_a_name_in_a_description_is_found(matcher, text, entry):
    assert national(matcher, an_indicator(description=text)) == {entry}


def test_a_name_across_two_texts_is_none(matcher):
    assert national(matcher, an_indicator(name="Aman", description="Bank")) == set()


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"extensions": {"extension-definition--1": {"seen": [{"at": {"who": "Aman Bank"}}]}}},
         "extensions.extension-definition--1.seen.[0].at.who"),
        ({"extensions": {"extension-definition--1": {"victims": {"Aman Bank": 3}}}},
         "extensions.extension-definition--1.victims.Aman Bank"),
        ({"x_aman_bank": True}, "x_aman_bank"),
        ({"x_notes": {"deep": [["Aman Bank"]]}}, "x_notes.deep.[0].[0]"),
        ({"labels": ["other", "aman-bank"]}, "labels.[1]"),
        ({"external_references": [{"source_name": "x", "url": "https://a.test/Aman%20Bank"}]},
         "external_references.[0].url"),
        ({"kill_chain_phases": [{"kill_chain_name": "x", "phase_name": "Aman Bank"}]},
         "kill_chain_phases.[0].phase_name"),
    ],
)  # fmt: skip
def test_a_victim_is_found_wherever_it_stands_and_the_place_is_told(matcher, members, place):
    assert [hit.place for hit in matcher.look(an_indicator(**members)) if hit.list == "victims"] == [place]


def test_ids_times_and_names_that_the_standard_gives_are_no_texts():
    words = ("indicator", "created", "valid from", "stix", "8e2e2d2b", "pattern", "2026")
    assert (
        Matcher({"victims": map(read_entry, words)}).look(an_indicator(pattern="[a:b = 'c']", name="x")) == ()
    )


def test_what_a_node_observed_is_looked_at_in_its_objects(matcher):
    observed = {
        "type": "observed-data",
        "id": stix_id("observed-data", 1),
        "objects": {
            "0": {"type": "ipv4-addr", "value": "198.51.100.7"},
            "1": {"type": "autonomous-system", "number": 64496},
        },
    }
    found = matcher.look(observed)
    assert {(each.list, each.entry) for each in found} == {
        ("own-assets", "198.51.100.0/24"),
        ("own-assets", "AS64496"),
        ("documentation", "198.51.100.0/24"),
    }
    assert national(
        matcher, {"type": "autonomous-system", "id": stix_id("autonomous-system", 1), "number": 64496}
    ) == {"AS64496"}


@pytest.mark.parametrize(
    ("pattern", "list_", "entry"),
    [
        ("[url:value = 'http://10.0.0.1/x']", "special-use", "10.0.0.0/8"),
        ("[ipv6-addr:value = '64:ff9b::1']", "special-use", "64:ff9b::/96"),
        ("[ipv6-addr:value = 'fec0::1']", "special-use", "fec0::/10"),
        ("[ipv6-addr:value = '::ffff:0:0a00:0001']", "special-use", "::ffff:0:0:0/96"),
        ("[ipv6-addr:value = '2002:0a00:0001::1']", "special-use", "2002::/16"),
        ("[ipv4-addr:value = '224.0.0.251']", "special-use", "224.0.0.0/4"),
        ("[domain-name:value = 'printer.local']", "special-use", "local"),
        ("[domain-name:value = '1.0.0.10.in-addr.arpa']", "special-use", "arpa"),
        ("[ipv4-addr:value = '192.0.2.7']", "documentation", "192.0.2.0/24"),
        ("[ipv6-addr:value = '3fff::1']", "documentation", "3fff::/20"),
        ("[domain-name:value = 'www.example.com']", "documentation", "example.com"),
        ("[domain-name:value = 'a.invalid']", "documentation", "invalid"),
    ],
)
def test_special_use_is_found_in_values(matcher, pattern, list_, entry):
    assert (list_, entry) in {(each.list, each.entry) for each in matcher.look(an_indicator(pattern=pattern))}


def test_special_use_is_not_looked_for_in_texts(matcher):
    text = "its panel lies behind 10.0.0.1, see www.example.com"
    assert matcher.look(an_indicator(pattern="[a:b = 'c']", description=text)) == ()


def test_a_public_address_meets_nothing(matcher):
    assert (
        matcher.look(an_indicator(pattern="[ipv4-addr:value = '8.8.4.4' OR domain-name:value = 'a.b.net']"))
        == ()
    )


def test_of_one_list_not_more_is_told_than_a_person_reads(matcher):
    many = " OR ".join(f"ipv4-addr:value = '10.{n}.0.1'" for n in range(30))
    names = " ".join(f"Victim {n}" for n in range(30))
    every = Matcher({"victims": [read_entry(f"Victim {n}") for n in range(30)]})
    assert len(every.look(an_indicator(description=names))) == MOST_OF_A_LIST
    assert (
        len([hit for hit in matcher.look(an_indicator(pattern=f"[{many}]")) if hit.list == "special-use"])
        == 1
    )


def test_without_lists_nothing_is_found():
    assert Matcher({}).look(an_indicator()) == ()
