from hilf.stix.text import MAX_CHARACTERS, text_of
from tests.stix.objects import IDENTITY, TIME, TLP_1_GREEN, indicator, sco, sdo


def test_words_of_an_object_without_ids_times_and_payloads() -> None:
    made = indicator(
        description="Seen at an energy company",
        name="Beacon",
        labels=["energy"],
        created_by_ref=IDENTITY,
        object_marking_refs=[TLP_1_GREEN],
        external_references=[
            {"source_name": "report", "url": "http://a.example", "hashes": {"MD5": "a" * 32}}
        ],
        x_seen=TIME,
        x_own={"note": ["deep", 1, True, None]},
        kill_chain_phases=[{"kill_chain_name": "own", "phase_name": "delivery"}],
    )
    assert text_of(made).split("\n") == [
        "Beacon", "energy", "Seen at an energy company", "[ipv4-addr:value = '198.51.100.7']", "malicious-activity",
        "report", "http://a.example", "deep", "own", "delivery",
    ]  # fmt: skip


def test_values_and_aliases_are_words() -> None:
    assert text_of(sco("domain-name", value="example.com")) == "example.com"
    assert text_of(sdo("intrusion-set", name="A", aliases=["B", "C"])) == "A\nB\nC"
    assert text_of(sco("artifact", payload_bin="QUJD", mime_type="text/plain")) == "text/plain"


def test_text_is_bounded() -> None:
    assert len(text_of(sdo("note", content="x" * (2 * MAX_CHARACTERS), abstract="y"))) == MAX_CHARACTERS
    assert len(text_of(sdo("note", labels=["x" * 1000] * 1000))) == MAX_CHARACTERS
