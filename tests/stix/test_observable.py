import pytest

from hilf.stix.observable import guess, has_malformed_hash, keys_of
from hilf.stix.pattern import comparisons
from hilf.stix.value import MAX_VALUE_CHARACTERS
from tests.stix.objects import indicator, sco, sdo


@pytest.mark.parametrize(
    ("made", "keys"),
    [
        (sco("ipv4-addr", value="198.51.100.7"), [("ipv4-addr", "198.51.100.7")]),
        (sco("domain-name", value="198.51.100.7"), [("domain-name", "198.51.100.7"), ("ipv4-addr", "198.51.100.7")]),
        (sco("file", name="a.exe", hashes={"MD5": "AA" * 16, "SHA256": "BB" * 32}),
         [("file-name", "a.exe"), ("MD5", "aa" * 16), ("SHA-256", "bb" * 32)]),
        (sco("x509-certificate", serial_number="AB:CD", hashes={"SHA-1": "C" * 40}),
         [("x509-serial", "ab:cd"), ("SHA-1", "c" * 40)]),
        (sco("autonomous-system", number=64496), [("autonomous-system", "64496")]),
        (sdo("observed-data", objects={"0": {"type": "url", "value": "http://a.example"}, "1": {"type": "observed-data"}}),
         [("url", "http://a.example/")]),
        (sdo("vulnerability", name="CVE-2026-12345", external_references=[{"source_name": "cve", "external_id": "cve-2026-12345"}]),
         [("vulnerability", "CVE-2026-12345")]),
        (sdo("attack-pattern", name="x", external_references=[
            {"source_name": "mitre-attack", "external_id": "T1059.001"}, {"source_name": "mitre-attack", "external_id": "G0007"},
            {"source_name": "capec", "external_id": "CAPEC-1"}, {"source_name": "vendor", "url": "http://a.example"}]),
         [("technique", "T1059.001"), ("mitre-attack", "G0007"), ("external-id", "CAPEC-1")]),
        (sco("domain-name", value=1), [("domain-name", "1")]),
        (sco("domain-name", value=["x"]), []),
        (sco("url", value="http://a.example/" + "x" * MAX_VALUE_CHARACTERS), []),
        ({}, []),
    ],
)  # fmt: skip
def test_keys_of_an_object(made: dict[str, object], keys: list[tuple[str, str]]) -> None:
    assert keys_of(made) == tuple(keys)


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("[domain-name:value = 'EXAMPLE.com']", [("domain-name", "example.com")]),
        ("[ipv4-addr:value IN ('198.51.100.7', '198.51.100.8')]", [("ipv4-addr", "198.51.100.7"), ("ipv4-addr", "198.51.100.8")]),
        ("[file:hashes.'SHA-256' = 'AA' OR file:hashes.sha1 = 'BB' OR app:cert.sha256 = 'CC']",
         [("SHA-256", "aa"), ("SHA-1", "bb"), ("SHA-256", "cc")]),
        ("[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]", [("ipv4-addr", "198.51.100.7")]),
        ("[email-message:from_ref.value = 'Bob@EXAMPLE.com']", [("email-addr", "Bob@example.com")]),
        ("[autonomous-system:number = 64496]", [("autonomous-system", "64496")]),
        ("[x-own:'a b'.c = 'Y']", [("x-own:'a b'.c", "Y")]),
        ("[url:value NOT = 'http://a.example'] AND [url:value != 'http://a.example'] AND [url:value LIKE 'http%']", []),
        ("[url:value = 'http://a.example'] FOLLOWEDBY [mutex:name = 'm']", [("url", "http://a.example/"), ("mutex", "m")]),
        ("not a pattern", []),
    ],
)  # fmt: skip
def test_keys_of_an_indicator_are_what_it_compares_for_equality(
    pattern: str, keys: list[tuple[str, str]]
) -> None:
    assert keys_of(indicator(pattern=pattern)) == tuple(keys)
    assert keys_of(indicator(pattern=pattern, pattern_type="snort")) == ()


@pytest.mark.parametrize("made", [
    sco("ipv4-addr", value="198.51.100.7"), sco("url", value="http://a.example/x"), sco("mutex", name="m"), sco("file", name="a.exe"),
    sco("directory", path="C:\\Temp"), sco("windows-registry-key", key="HKLM\\Foo"), sco("process", command_line="a -b"),
])  # fmt: skip
def test_what_an_object_holds_is_found_by_typing_it(made: dict[str, str]) -> None:
    value = next(made[name] for name in ("value", "name", "path", "key", "command_line") if name in made)
    assert set(keys_of(made)) <= set(guess(value))


@pytest.mark.parametrize(
    ("test", "answer"),
    [
        ("file:hashes.MD5 = 'aa'", True),
        ("file:hashes.MD5 IN ('%s', 'aa')" % ("a" * 32), True),
        ("file:hashes.MD5 = '%s'" % ("A" * 32), False),
        ("file:hashes.MD5 = '%s'" % ("g" * 32), True),
        ("file:hashes.MD5 = 1", True),
        ("file:hashes.SSDEEP = 'x'", False),
        ("file:hashes[*] = 'x'", False),
        ("file:name = 'x'", False),
    ],
)
def test_hash_that_never_matches_is_told(test: str, answer: bool) -> None:
    assert has_malformed_hash(comparisons(f"[{test}]")[0]) is answer
