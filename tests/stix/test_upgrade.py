import pytest

from hilf.stix.marking_definition import TLP_1_IDS, tlp_1
from hilf.stix.upgrade import is_version_2_0, upgraded
from tests.stix.objects import indicator, sco, sdo


def old(stix_type: str, **members: object) -> dict[str, object]:
    return sdo(stix_type, spec_version=None, **members)


@pytest.mark.parametrize(
    ("made", "answer"),
    [
        (sdo("malware"), False),
        (old("malware"), True),
        (old("x-own"), True),
        ({**sdo("malware"), "spec_version": "2.0"}, True),
        ({**sdo("malware"), "spec_version": "2.2"}, False),
        ({**sco("ipv4-addr"), "spec_version": None}, False),
        ({"type": "x-own-observable"}, False),
    ],
)
def test_version_2_0_is_told_by_what_is_missing(made: dict[str, object], answer: bool) -> None:
    assert is_version_2_0(made) is answer


def test_labels_become_types_and_required_properties_are_added() -> None:
    assert upgraded(old("indicator", labels=["benign"], pattern="[a:b = 1]")) == sdo(
        "indicator", indicator_types=["benign"], pattern="[a:b = 1]", pattern_type="stix"
    )
    assert upgraded(old("campaign", labels=["x"])) == sdo("campaign", labels=["x"])
    assert upgraded(indicator(labels=["x"]))["labels"] == ["x"]


def test_tlp_gets_the_name_that_2_1_fixes() -> None:
    for word in TLP_1_IDS:
        before = {name: value for name, value in tlp_1(word).items() if name not in ("name", "spec_version")}
        assert upgraded(before) == tlp_1(word)


def test_observed_data_is_not_mechanical() -> None:
    assert upgraded(old("observed-data")) is None
