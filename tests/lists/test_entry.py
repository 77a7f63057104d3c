import pytest

from hilf.errors import CallerFault
from hilf.lists.entry import Kind, read_entries, read_entry


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("198.51.100.7", Kind.NETWORK, "198.51.100.7"),
        ("198.51.100.7/24", Kind.NETWORK, "198.51.100.0/24"),
        ("2001:DB8::/32", Kind.NETWORK, "2001:db8::/32"),
        ("https://198.51.100.7:8443/login", Kind.NETWORK, "198.51.100.7"),
        ("http://[2001:db8::7]/", Kind.NETWORK, "2001:db8::7"),
        ("Ministry.Example.", Kind.DOMAIN, "ministry.example"),
        ("*.ministry.example", Kind.DOMAIN, "ministry.example"),
        ("ministry[.]example", Kind.DOMAIN, "ministry.example"),
        ("https://user@www.ministry.example/x?y", Kind.DOMAIN, "www.ministry.example"),
        ("وزارة.example", Kind.DOMAIN, "xn--mgbexc3i.example"),
        ("Press@Ministry.example", Kind.MAIL, "press@ministry.example"),
        ("@ministry.example", Kind.DOMAIN, "ministry.example"),
        ("D41D8CD98F00B204E9800998ECF8427E", Kind.HASH, "d41d8cd98f00b204e9800998ecf8427e"),
        ("Ministry of  Energy", Kind.NAME, "ministry of energy"),
        ("وزارة الطّاقة", Kind.NAME, "وزاره الطاقه"),
        ("1.2.3", Kind.NAME, "1 2 3"),
    ],
)
def test_an_entry_is_of_the_kind_that_it_looks_like(text, kind, value):
    entry = read_entry(text)
    assert (entry.kind, entry.value, entry.text) == (kind, value, text)


def test_a_person_may_say_which_kind_is_meant():
    assert read_entry("ministry.example", Kind.NAME).value == "ministry example"
    with pytest.raises(CallerFault) as refused:
        read_entry("ministry of energy", Kind.DOMAIN)
    assert refused.value.code == "lists.entry"


@pytest.mark.parametrize(
    "text", ["198.51.100.999", "198.51.100.0/33", "198.51.100/24", "2001:db8::/129", "2001::db8::1"]
)
def test_a_mistyped_address_is_refused_and_not_taken_for_a_name(text):
    with pytest.raises(CallerFault) as refused:
        read_entry(text)
    assert refused.value.code == "lists.no-address"
    assert text not in " ".join(refused.value.lines())
    assert read_entry(text, Kind.NAME).kind is Kind.NAME


@pytest.mark.parametrize("text", ["", "x", "--", "•", "a" * 501])
def test_what_cannot_be_looked_for_is_refused_and_not_repeated(text):
    with pytest.raises(CallerFault) as refused:
        read_entry(text)
    assert refused.value.code == "lists.entry"
    assert f" {text} " not in " ".join(refused.value.lines()) or len(text) < 2


def test_a_file_has_an_entry_on_each_line_or_in_its_first_column():
    lines = ["\ufeff# assets", "", "198.51.100.0/24,office", '"Bank of QM, Ltd";note', "ministry.example\tx"]
    assert [entry.text for entry in read_entries(lines)] == [
        "198.51.100.0/24",
        "Bank of QM, Ltd",
        "ministry.example",
    ]


def test_lines_that_cannot_be_used_are_counted_and_not_repeated():
    with pytest.raises(CallerFault) as refused:
        read_entries(["Secret Victim", "?", "!!"])
    assert refused.value.what == "2 lines are nothing that can be looked for: 2, 3."
    assert "Secret" not in " ".join(refused.value.lines())
