import pytest

from hilf.lists import warning
from hilf.lists.matcher import Matcher
from tests.stix_objects import an_indicator


def test_what_warns_by_default_is_there_and_filled():
    assert sorted(warning.ON - set(warning.names())) == []
    assert [name for name in sorted(warning.ON) if warning.size(name) == 0] == []


@pytest.mark.parametrize(
    ("name", "pattern", "entry"),
    [
        ("public-dns-v4", "[ipv4-addr:value = '8.8.8.8']", "8.8.8.8"),
        ("public-dns-v4", "[ipv6-addr:value = '::ffff:8.8.8.8']", "8.8.8.8"),
        ("public-dns-v6", "[ipv6-addr:value = '2001:4860:4860::8888']", "2001:4860:4860::8888"),
        ("cloudflare", "[ipv4-addr:value ISSUBSET '104.16.1.0/24']", "104.16.0.0/13"),
        ("cisco_top1000", "[domain-name:value = 'Google.com']", "google.com"),
        ("cisco_top1000", "[url:value = 'https://google.com/']", "google.com"),
        (
            "empty-hashes",
            "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']",
            "d41d8cd98f00b204e9800998ecf8427e",
        ),
        ("dynamic-dns", "[domain-name:value = 'a.b.duckdns.org']", "duckdns.org"),
        ("disposable-email", "[email-addr:value = 'x@mailinator.com']", "mailinator.com"),
    ],
)
def test_a_value_of_a_warning_list_is_found(name, pattern, entry):
    found = Matcher({}, [warning.read(name)]).look(an_indicator(pattern=pattern))
    assert [(each.list, each.entry) for each in found] == [(name, entry)]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("cisco_top1000", "[domain-name:value = 'evil.google.com.evil.test']"),
        ("google", "[email-addr:value = 'somebody@gmail.com']"),
        ("public-dns-v4", "[ipv4-addr:value = '8.8.8.9']"),
    ],
)
def test_what_a_list_is_not_for_is_left_alone(name, pattern):
    assert Matcher({}, [warning.read(name)]).look(an_indicator(pattern=pattern)) == ()


def test_a_warning_list_is_not_looked_for_in_texts():
    text = an_indicator(pattern="[a:b = 'c']", description="it asks 8.8.8.8 for google.com")
    assert Matcher({}, [warning.read("public-dns-v4"), warning.read("cisco_top1000")]).look(text) == ()
