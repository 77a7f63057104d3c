import pytest

from hilf.stix.deterministic import expected_id
from tests.stix.objects import sco


@pytest.mark.parametrize(
    ("made", "identifier"),
    [
        (sco("ipv4-addr", value="198.51.100.3"), "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"),
        (sco("domain-name", value="example.com"), "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"),
    ],
)
def test_ids_are_those_that_other_writers_make(made: dict[str, object], identifier: str) -> None:
    assert expected_id(made) == identifier


def test_only_the_first_hash_in_the_order_of_the_standard_contributes() -> None:
    sha256, sha1 = "a" * 64, "b" * 40
    assert expected_id(sco("file", hashes={"SHA-256": sha256, "SHA-1": sha1})) == expected_id(
        sco("file", hashes={"SHA-1": sha1})
    )


def test_where_nothing_contributes_there_is_no_expected_id() -> None:
    assert [expected_id(sco("process", pid=1)), expected_id(sco("file")), expected_id({})] == [
        None,
        None,
        None,
    ]
