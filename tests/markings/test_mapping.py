import pytest

from hilf.errors import CallerFault
from hilf.markings.mapping import parse
from hilf.markings.tlp import Tlp

ID = "marking-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a08"


def test_names_and_levels_are_read() -> None:
    text = f'ACS=amber, cui = tlp:green,nato:classification="NR"=AMBER+STRICT, euci:R-UE/EU-R=amber+strict,{ID}=clear,'
    assert parse(text) == {
        "acs": Tlp.AMBER,
        "cui": Tlp.GREEN,
        'nato:classification="nr"': Tlp.AMBER_STRICT,
        "euci:r-ue/eu-r": Tlp.AMBER_STRICT,
        ID: Tlp.CLEAR,
    }
    assert parse('acs-marking:classification="C"=red') == {'acs-marking:classification="c"': Tlp.RED}
    assert parse(" ") == {}


@pytest.mark.parametrize(
    "text", ["acs", "nato=amber", 'nato:classification="X"=amber', "=amber", "iep=green", "acs amber"]
)
def test_what_stands_for_nothing_is_refused(text: str) -> None:
    with pytest.raises(CallerFault) as fault:
        parse(text)
    assert fault.value.code == "markings.mapping"


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(CallerFault) as fault:
        parse("acs=secret")
    assert fault.value.code == "markings.tlp"


def test_an_entry_that_is_empty_is_passed_over() -> None:
    assert parse("acs=amber,,cui=green") == {"acs": Tlp.AMBER, "cui": Tlp.GREEN}


def test_who_maps_what_stands_for_nothing_is_told_what_to_write() -> None:
    with pytest.raises(CallerFault) as fault:
        parse(f" {'n' * 90}=amber ")
    assert fault.value.lines() == (
        f"Not a marking that can be mapped: '{'n' * 80}'.",
        "A mapping names acs, cui, a marking-definition or a classification, and a level.",
        'Write for example acs=amber or nato:classification="NR"=amber+strict.',
        "[markings.mapping]",
    )
