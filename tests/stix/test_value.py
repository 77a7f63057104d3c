import pytest

from hilf.stix.value import MAX_VALUE_CHARACTERS, algorithm, guess, is_address, normal, refang


@pytest.mark.parametrize(
    ("kind", "written", "form"),
    [
        ("domain-name", "EXAMPLE[.]com.", "example.com"),
        ("domain-name", " evil(dot)example [.] org ", "evil.example.org"),
        ("domain-name", "Bücher.example", "xn--bcher-kva.example"),
        ("domain-name", "bücher。example", "xn--bcher-kva.example"),
        ("domain-name", "مثال.example", "xn--mgbh0fb.example"),
        ("domain-name", "_dmarc.Example.com", "_dmarc.example.com"),
        ("domain-name", "straße.example", "xn--strae-oqa.example"),
        ("ipv4-addr", "198.51.100[.]7", "198.51.100.7"),
        ("ipv4-addr", "198.51.100.7/32", "198.51.100.7"),
        ("ipv4-addr", "198.51.100.7/24", "198.51.100.0/24"),
        ("ipv4-addr", "198.051.100.007", "198.051.100.007"),
        ("ipv4-addr", "198.51.100.256", "198.51.100.256"),
        ("ipv6-addr", "2001:0DB8:0:0::0001", "2001:db8::1"),
        ("ipv6-addr", "[2001[:]db8::1]", "2001:db8::1"),
        ("ipv6-addr", "2001:db8::1/64", "2001:db8::/64"),
        ("ipv6-addr", "::FFFF:198.51.100.7", "::ffff:198.51.100.7"),
        ("url", "hXXps://User@EXAMPLE[.]com:443", "https://User@example.com/"),
        ("url", "hxxp[://]example[.]com:8080/A%2fb?Q#F", "http://example.com:8080/A%2Fb?Q#F"),
        ("url", "http://[2001:DB8::0:1]:80?x", "http://[2001:db8::1]/?x"),
        ("url", "http://bücher.example/ü", "http://xn--bcher-kva.example/ü"),
        ("url", "/relative/Path", "/relative/Path"),
        ("email-addr", "Bob[@]EXAMPLE[.]com", "Bob@example.com"),
        ("email-addr", "bob [at] example [dot] com", "bob@example.com"),
        ("mac-addr", "AA-BB-CC-DD-EE-0F", "aa:bb:cc:dd:ee:0f"),
        ("mac-addr", "aabb.ccdd.ee0f", "aa:bb:cc:dd:ee:0f"),
        ("SHA-256", f" {'AB' * 32} ", "ab" * 32),
        ("SSDEEP", "3:AXGBicFlgVNhBGcL6:AXGH", "3:AXGBicFlgVNhBGcL6:AXGH"),
        ("TLSH", "t1" + "ab" * 35, "AB" * 35),
        ("autonomous-system", "AS64496", "64496"),
        ("windows-registry-key", "HKEY_LOCAL_MACHINE\\Foo", "hkey_local_machine\\foo"),
        ("vulnerability", "cve-2026-12345", "CVE-2026-12345"),
        ("file-name", " Evil.EXE ", "Evil.EXE"),
        ("x-own:thing", " As Is ", "As Is"),
    ],
)
def test_normal_form(kind: str, written: str, form: str) -> None:
    assert normal(kind, written) == form
    assert normal(kind, form) == form


def test_nested_guards_go_in_one_pass() -> None:
    assert refang("a[[.]]b[(dot)]c{@}d") == "a.b.c@d"
    assert refang("[" * 100_000 + "." + "]" * 100_000) == "."


@pytest.mark.parametrize("name", ["SHA256", "sha-256", "Sha_256", "SHA 256"])
def test_hash_algorithm_has_one_name(name: str) -> None:
    assert algorithm(name) == "SHA-256"
    assert algorithm("x-own") == "x-own"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("198[.]51[.]100[.]7", ("ipv4-addr", "198.51.100.7")),
        ("198.51.100.0/24", ("ipv4-addr", "198.51.100.0/24")),
        ("2001:DB8::1", ("ipv6-addr", "2001:db8::1")),
        ("hxxp://EXAMPLE[.]com", ("url", "http://example.com/")),
        ("EXAMPLE[.]com", ("domain-name", "example.com")),
        ("bob@EXAMPLE.com", ("email-addr", "bob@example.com")),
        ("AA-BB-CC-DD-EE-FF", ("mac-addr", "aa:bb:cc:dd:ee:ff")),
        ("D" * 32, ("MD5", "d" * 32)),
        ("D" * 64, ("SHA-256", "d" * 64)),
        ("cve-2026-12345", ("vulnerability", "CVE-2026-12345")),
        ("t1059.001", ("technique", "T1059.001")),
        ("G0007", ("mitre-attack", "G0007")),
        ("AS64496", ("autonomous-system", "64496")),
    ],
)
def test_guess_puts_the_likeliest_key_first(typed: str, first: tuple[str, str]) -> None:
    assert guess(typed)[0] == first


def test_guess_asks_for_free_text_under_every_kind_that_holds_it() -> None:
    assert ("mutex", "Global\\Some Mutex") in guess("Global\\Some Mutex")
    assert [guess(""), guess("x" * (MAX_VALUE_CHARACTERS + 1))] == [(), ()]


def test_address_and_block_are_told_apart() -> None:
    assert str(is_address("198.51.100[.]7")) == "198.51.100.7"
    assert [is_address("198.51.100.0/24"), is_address("example.com")] == [None, None]
