import pytest

from hilf.markings.iep import Actions, Policy, Say
from hilf.markings.label import classified_in, of_labels
from hilf.markings.marking import NONE, Markings, effective_tlp, join
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp


@pytest.mark.parametrize(
    ("labels", "markings"),
    [
        ([], NONE),
        (["apt", "malicious-activity", 'misp:type="url"', "https://192.0.2.1/", ""], NONE),
        (["PAP:RED"], Markings(pap=Pap.RED)),
        (["pap:amber", " PAP:GREEN "], Markings(pap=Pap.AMBER)),
        (["PAP:WHITE"], Markings(pap=Pap.CLEAR)),
        (["PAP:PURPLE"], Markings(unknown=("PAP:PURPLE",))),
        (["tlp:amber", "TLP:RED"], Markings(floor=Tlp.RED)),
        (["tlp:clear"], NONE),
        (["tlp:ex:chr"], NONE),
        (['nato:classification="NC"'], Markings(classified=('nato:classification="NC"',))),
        (['nato:classification="NU"'], NONE),
        (["NATO SECRET"], Markings(classified=('nato:classification="NS"',))),
        (['acs-marking:sensitivity="PR"'], Markings(controls=("acs",), floor=Tlp.AMBER_STRICT)),
        (['acs-marking:classification="U"'], Markings(controls=("acs",), floor=Tlp.AMBER_STRICT)),
        (['acs-marking:classification="S"'], Markings(controls=("acs",), floor=Tlp.AMBER_STRICT, classified=('acs-marking:classification="S"',))),
        (['iep2-policy:tlp="amber"', 'iep2-policy:attribution="must-not"', 'iep2-policy:name="A b"'],
         Markings(floor=Tlp.AMBER, policy=Policy(attribution=Say.MUST_NOT))),
        (['iep2-policy:permitted_actions="none"'], Markings(policy=Policy(actions=Actions.NONE), no_onward=True)),
        (['iep2-policy:permitted_actions="contact-for-instruction"'],
         Markings(policy=Policy(actions=Actions.CONTACT_FOR_INSTRUCTION), originator_control=True)),
        (['iep2-policy:id="a"'], Markings(policy=Policy(ids=("a",)))),
        (['iep2-policy:iep_version="1.0"'], Markings(unknown=("iep2-policy",))),
        (['iep2-policy:tlp="amber"', 'iep2-policy:tlp="red"'], Markings(unknown=("iep2-policy",))),
        (["iep2-policy:tlp"], Markings(unknown=("iep2-policy",))),
    ],
)  # fmt: skip
def test_labels_amount_to(labels: list[str], markings: Markings) -> None:
    assert of_labels(labels) == markings


def test_a_label_tightens_a_level_and_stands_for_none() -> None:
    loose, strict = of_labels(["tlp:clear"]), of_labels(["tlp:red"])
    assert [effective_tlp(each) for each in (loose, strict)] == [Tlp.AMBER_STRICT, Tlp.RED]
    assert effective_tlp(join(strict, Markings(tlp=Tlp.GREEN))) is Tlp.RED
    assert effective_tlp(join(loose, Markings(tlp=Tlp.GREEN))) is Tlp.GREEN


def test_what_the_nation_has_mapped_is_at_that_level_and_no_longer_kept_here() -> None:
    mapped = {'nato:classification="nr"': Tlp.AMBER_STRICT, "acs": Tlp.GREEN}
    assert of_labels(['nato:classification="NR"'], mapped) == Markings(floor=Tlp.AMBER_STRICT)
    assert of_labels(['nato:classification="NS"'], mapped) == Markings(
        classified=('nato:classification="NS"',)
    )
    assert of_labels(['acs-marking:sensitivity="PR"'], mapped) == Markings(controls=("acs",), floor=Tlp.GREEN)
    assert classified_in("NATO RESTRICTED", mapped) == Markings(floor=Tlp.AMBER_STRICT)


def test_a_tag_with_two_colons_belongs_to_the_scheme_before_the_first() -> None:
    assert of_labels(['dni-ism:classification:us="TS"']).classified == ('dni-ism:classification:us="TS"',)
