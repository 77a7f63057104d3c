"""Reading of whole definitions; what an object carries is in test_marking.py, the schemes in files of their own."""

import pytest

from hilf.markings import pap, rel_to
from hilf.markings.control import ACS_ID, CUI_ID
from hilf.markings.iep import EXTENSION_ID as IEP
from hilf.markings.iep import Actions, Policy, Say
from hilf.markings.marking import Markings, at, effective_pap, effective_tlp
from hilf.markings.pap import Pap
from hilf.markings.read import of_definition, read
from hilf.markings.tlp import Tlp
from hilf.stix.marking_definition import tlp_2

ID = "marking-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a08"


def defined(**extensions: object) -> dict[str, object]:
    return {"type": "marking-definition", "id": ID, "extensions": extensions}


def iep(**statements: object) -> dict[str, object]:
    return defined(**{IEP: {"extension_type": "property-extension", **statements}})


def statement(text: str) -> dict[str, object]:
    return {"type": "marking-definition", "id": ID, "definition_type": "statement", "definition": {"statement": text}}  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "markings"),
    [
        (pap.marking(Pap.RED), Markings(pap=Pap.RED)),
        (rel_to.marking(["QM"], "none"), Markings(rel_to=frozenset({"QM"}), no_onward=True)),
        (rel_to.marking(None, "ask-originator"), Markings(originator_control=True)),
        (iep(tlp="green", encrypt_in_transit="must"), Markings(tlp=Tlp.GREEN, policy=Policy(encrypt_in_transit=Say.MUST))),
        (iep(permitted_actions="none"), Markings(policy=Policy(actions=Actions.NONE), no_onward=True)),
        (iep(permitted_actions="contact-for-instruction"),
         Markings(policy=Policy(actions=Actions.CONTACT_FOR_INSTRUCTION), originator_control=True)),
        (iep(unheard="of"), Markings(unknown=(ID,))),
        (defined(**{CUI_ID: {"control": "CUI"}}), Markings(tlp=Tlp.AMBER_STRICT, controls=("cui",))),
        (defined(**{ACS_ID: {"control_set": {"classification": "U"}}}), Markings(tlp=Tlp.AMBER_STRICT, controls=("acs",))),
        (defined(**{ACS_ID: {"control_set": {"classification": "S"}}}),
         Markings(tlp=Tlp.AMBER_STRICT, controls=("acs",), classified=('acs-marking:classification="S"',))),
        (defined(**{ACS_ID: {"control_set": {"classification": "?"}}}), Markings(unknown=(ID,))),
        (defined(**{CUI_ID: {}, IEP: {"tlp": "white"}}), Markings(tlp=Tlp.AMBER_STRICT, controls=("cui",), policy=Policy())),
        (defined(**{CUI_ID: {}, "x": {}}), Markings(tlp=Tlp.AMBER_STRICT, controls=("cui",), unknown=(ID,))),
        (statement("Share with care"), Markings(statements=("Share with care",))),
        (statement("NATO SECRET"), Markings(statements=("NATO SECRET",), classified=('nato:classification="NS"',))),
    ],
)  # fmt: skip
def test_definition_stands_for(definition: dict[str, object], markings: Markings) -> None:
    assert of_definition(definition) == markings


@pytest.mark.parametrize(
    ("mapped", "markings"),
    [
        ({"acs": Tlp.GREEN}, Markings(tlp=Tlp.GREEN, controls=("acs",), classified=('acs-marking:classification="S"',))),
        ({"cui": Tlp.GREEN}, Markings(tlp=Tlp.AMBER_STRICT, controls=("acs",), classified=('acs-marking:classification="S"',))),
        ({'acs-marking:classification="s"': Tlp.RED}, Markings(tlp=Tlp.AMBER_STRICT, controls=("acs",))),
        ({ID: Tlp.AMBER, "acs": Tlp.RED}, Markings(tlp=Tlp.AMBER, controls=("acs",))),
    ],
)  # fmt: skip
def test_the_nation_maps_a_scheme_a_classification_or_one_definition(
    mapped: dict[str, Tlp], markings: Markings
) -> None:
    secret = defined(**{ACS_ID: {"control_set": {"classification": "S"}}})
    assert of_definition(secret, mapped) == markings


def test_labels_of_an_object_count_and_its_parts_are_read_apart() -> None:
    held = {ID: iep(tlp="red", permitted_actions="internally-visible-actions")}
    made = read(
        {
            "object_marking_refs": [tlp_2("green")["id"]],
            "labels": ["PAP:GREEN", 7],
            "granular_markings": [{"selectors": ["description"], "marking_ref": ID}],
        },
        held.get,
    )
    assert (effective_tlp(made), effective_pap(made)) == (Tlp.GREEN, Pap.GREEN)
    part = at(made, "description")
    assert (effective_tlp(part), effective_pap(part)) == (Tlp.RED, Pap.RED)


@pytest.mark.parametrize("tlp", [None, *Tlp])
@pytest.mark.parametrize("word", [None, "white", "green", "amber", "red"])
def test_every_combination_of_a_tlp_and_an_iep_has_one_answer(tlp: Tlp | None, word: str | None) -> None:
    held = {ID: iep(**({} if word is None else {"tlp": word}))}
    refs = [ID] if tlp is None else [ID, tlp.marking_id]
    said = [each for each in (tlp, {"white": Tlp.CLEAR, "green": Tlp.GREEN, "amber": Tlp.AMBER, "red": Tlp.RED}.get(word or "")) if each is not None]  # fmt: skip
    answer = max(said, default=Tlp.AMBER_STRICT)
    assert [effective_tlp(read({"object_marking_refs": order}, held.get)) for order in (refs, refs[::-1])] == [answer] * 2  # fmt: skip


def test_our_own_pap_is_known_by_its_id_whatever_body_is_held() -> None:
    forged = {**pap.marking(Pap.CLEAR), "id": Pap.RED.marking_id}
    for held in ({}, {Pap.RED.marking_id: forged}):
        assert read({"object_marking_refs": [Pap.RED.marking_id]}, held.get) == Markings(pap=Pap.RED)


def test_tlp_is_known_by_its_id_and_by_nothing_else() -> None:
    red = tlp_2("red")
    assert of_definition(red) == Markings(tlp=Tlp.RED)
    for forged in ({**red, "id": ID}, {name: value for name, value in red.items() if name != "id"}):
        assert of_definition(forged).tlp is None
        assert of_definition(forged).unknown == (str(forged.get("id", "")),)
    assert of_definition({**red, "id": 7}).unknown == ("",)


def test_every_part_of_a_definition_must_be_read_and_there_must_be_one() -> None:
    bare = {"type": "marking-definition", "id": ID}
    inside = {CUI_ID: {"control": "CUI"}}
    assert of_definition(bare) == Markings(unknown=(ID,))
    for more in ({"definition_type": "statement"}, {"definition": {}}, {"definition": {"statement": "x"}}):
        assert of_definition({**bare, "extensions": inside, **more}).unknown == (ID,)
    both = {**statement("x"), "extensions": inside}
    assert of_definition(both) == Markings(statements=("x",), tlp=Tlp.AMBER_STRICT, controls=("cui",))


def test_what_the_nation_mapped_counts_for_what_an_object_refers_to() -> None:
    held = {ID: defined(**{ACS_ID: {"control_set": {"classification": "U"}}})}
    granular = [{"selectors": ["name"], "marking_ref": ID}]
    for made in ({"object_marking_refs": [ID]}, {"granular_markings": granular}):
        assert effective_tlp(at(read(made, held.get, {"acs": Tlp.RED}), "name")) is Tlp.RED
        assert effective_tlp(at(read(made, held.get), "name")) is Tlp.AMBER_STRICT


def test_a_reference_that_is_none_is_unknown() -> None:
    for refs in ([7], 7, [""], [None]):
        assert read({"object_marking_refs": refs}, {}.get) == Markings(unknown=("",))
    assert read({"object_marking_refs": [ID]}, {ID: {**statement("x"), "type": "note"}}.get) == Markings(
        unknown=(ID,)
    )


def test_a_mapped_classification_in_a_statement_counts_at_its_level() -> None:
    read_ = of_definition(statement("NATO SECRET"), {'nato:classification="ns"': Tlp.RED})
    assert read_ == Markings(statements=("NATO SECRET",), floor=Tlp.RED)
