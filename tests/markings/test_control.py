import pytest

from hilf.markings.control import ACS_ID, CUI_ID, Control, read_acs, read_cui


def acs(**control_set: object) -> dict[str, object]:
    return {"extensions": {ACS_ID: {"extension_type": "property-extension", "control_set": control_set}}}


@pytest.mark.parametrize(
    ("definition", "control"),
    [
        (acs(), Control("acs")),
        (acs(classification="U"), Control("acs")),
        (acs(classification="TS"), Control("acs", 'acs-marking:classification="TS"')),
        (acs(classification="?"), None),
        (acs(classification="DSPLY"), None),  # a word of ACS, of another scale
        (acs(classification=7), None),
        ({"extensions": {ACS_ID: {}}}, Control("acs")),
        ({"extensions": {ACS_ID: "acs"}}, None),
        ({"extensions": {CUI_ID: {}}}, None),
        ({"extensions": []}, None),
        ({}, None),
    ],
)
def test_acs_is_kept_and_its_classification_read(
    definition: dict[str, object], control: Control | None
) -> None:
    assert read_acs(definition) == control


def test_cui_is_kept() -> None:
    assert read_cui({"extensions": {CUI_ID: {"control": "CUI", "disseminations": ["NOFORN"]}}}) == Control(
        "cui"
    )
    assert read_cui({"extensions": {ACS_ID: {}}}) is None
