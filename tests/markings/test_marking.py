from dataclasses import replace

import pytest

from hilf.markings.iep import Actions, Policy, Say
from hilf.markings.marking import (
    NONE,
    Granular,
    Markings,
    at,
    describe,
    effective_pap,
    effective_tlp,
    join,
    whole,
)
from hilf.markings.pap import Pap
from hilf.markings.read import read
from hilf.markings.rel_to import marking
from hilf.markings.tlp import Tlp
from hilf.stix.marking_definition import tlp_1, tlp_2
from tests.stix.objects import TLP_1_GREEN, indicator, sdo

STATEMENT = sdo("marking-definition", id="marking-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a05",
                definition_type="statement", definition={"statement": "Share with care"})  # fmt: skip
FOREIGN = sdo("marking-definition", id="marking-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a06",
              extensions={"extension-definition--0b0a2d5c-6c2f-4f3b-9a61-0d5d0d7c1a07": {"identifier": "x"}})  # fmt: skip
REL = marking(["QM", "QN"])
ORCON = marking(None, "ask-originator")
HELD = {made["id"]: made for made in (STATEMENT, FOREIGN, REL, ORCON)}


def of(*refs: object, **members: object) -> Markings:
    return read(indicator(object_marking_refs=list(refs), **members), HELD.get)


@pytest.mark.parametrize(
    ("refs", "markings"),
    [
        ([], NONE),
        ([TLP_1_GREEN], Markings(tlp=Tlp.GREEN)),
        ([tlp_2("amber+strict")["id"], TLP_1_GREEN], Markings(tlp=Tlp.AMBER_STRICT)),
        ([STATEMENT["id"]], Markings(statements=("Share with care",))),
        ([REL["id"]], Markings(rel_to=frozenset({"QM", "QN"}))),
        ([REL["id"], marking(["QN", "QO"])["id"]], Markings(rel_to=frozenset({"QM", "QN"}), unknown=(marking(["QN", "QO"])["id"],))),
        ([ORCON["id"]], Markings(originator_control=True)),
        ([FOREIGN["id"]], Markings(unknown=(FOREIGN["id"],))),
        (["marking-definition--not-held"], Markings(unknown=("marking-definition--not-held",))),
        ([7], Markings(unknown=("",))),
    ],
)  # fmt: skip
def test_markings_of_an_object(refs: list[object], markings: Markings) -> None:
    assert of(*refs) == markings


def test_what_is_no_list_or_no_definition_cannot_be_read() -> None:
    assert read({"object_marking_refs": "x"}, HELD.get) == Markings(unknown=("x",))
    assert read({"object_marking_refs": ["x"]}, {"x": indicator()}.get) == Markings(unknown=("x",))


def test_definition_of_which_one_part_cannot_be_read_is_unknown_and_the_rest_still_counts() -> None:
    both = {**REL, "extensions": {**REL["extensions"], **FOREIGN["extensions"]}}
    assert read({"object_marking_refs": ["x"]}, {"x": both}.get) == Markings(
        rel_to=frozenset({"QM", "QN"}), unknown=(REL["id"],)
    )


@pytest.mark.parametrize("claim", [tlp_1("white"), tlp_2("clear")])
def test_tlp_under_an_id_of_its_own_is_not_believed(claim: dict[str, object]) -> None:
    assert read({"object_marking_refs": ["x"]}, {"x": {**claim, "id": "x"}}.get) == Markings(unknown=("x",))


def test_level_follows_the_id_and_not_the_held_body() -> None:
    forged = {**tlp_2("red"), "extensions": tlp_2("clear")["extensions"]}
    assert read({"object_marking_refs": [forged["id"]]}, {forged["id"]: forged}.get) == Markings(tlp=Tlp.RED)


def test_missing_tlp_counts_as_amber_strict_and_says_so() -> None:
    assert effective_tlp(NONE) is Tlp.AMBER_STRICT
    assert describe(NONE) == ("no TLP, treated as TLP:AMBER+STRICT",)
    assert describe(Markings(tlp=Tlp.GREEN)) == ("TLP:GREEN",)


def test_granular_markings_apply_to_their_selectors_on_top_of_the_whole() -> None:
    made = read(
        indicator(
            object_marking_refs=[TLP_1_GREEN],
            granular_markings=[
                {"selectors": ["labels"], "marking_ref": tlp_2("red")["id"]},
                {"selectors": ["pattern"], "marking_ref": tlp_2("clear")["id"]},
                {"selectors": ["labels"], "marking_ref": REL["id"]},
            ],
        ),
        HELD.get,
    )
    red = Markings(tlp=Tlp.RED, rel_to=frozenset({"QM", "QN"}))
    assert made.granular == (Granular(("labels",), red), Granular(("pattern",), Markings(tlp=Tlp.CLEAR)))
    assert (at(made, "labels.[0]"), at(made, "pattern"), at(made, "name")) == (
        red,
        Markings(tlp=Tlp.GREEN),
        Markings(tlp=Tlp.GREEN),
    )
    assert whole(made) == red


def test_part_without_a_marking_keeps_the_whole_at_amber_strict() -> None:
    made = Markings(granular=(Granular(("pattern",), Markings(tlp=Tlp.CLEAR)),))
    assert whole(made).tlp is Tlp.AMBER_STRICT
    assert at(made, "pattern").tlp is Tlp.CLEAR
    assert at(made, "name") == NONE


def test_join_of_limits_is_what_both_allow() -> None:
    a, b = Markings(rel_to=frozenset({"QM", "QN"})), Markings(rel_to=frozenset({"QN", "QO"}))
    assert join(a, b).rel_to == frozenset({"QN"})
    assert join(a, NONE).rel_to == a.rel_to
    assert join(a, Markings(rel_to=frozenset({"QO"}))).rel_to == frozenset()


def _asks_for_all(a: Markings, b: Markings) -> bool:
    return join(a, b) == a


def test_order_is_partial() -> None:
    red, limited = Markings(tlp=Tlp.RED), Markings(rel_to=frozenset({"QM"}))
    assert _asks_for_all(red, Markings(tlp=Tlp.GREEN))
    assert not _asks_for_all(Markings(tlp=Tlp.GREEN), red)
    assert not _asks_for_all(red, limited)
    assert not _asks_for_all(limited, red)


def test_words_name_every_part() -> None:
    made = Markings(
        Tlp.RED,
        ("Care",),
        frozenset({"QN", "QM"}),
        True,
        ("x", ""),
        (Granular(("a", "b"), Markings(tlp=Tlp.RED)),),
        Pap.AMBER,
        Policy(resale=Say.MUST_NOT),
        ("cui", "acs"),
        ("euci:R-UE/EU-R",),
        Tlp.GREEN,
        True,
    )
    assert describe(made) == (
        "TLP:RED", "label TLP:GREEN", "REL TO QM, QN", "originator control", "not to be passed on", "PAP:AMBER",
        "IEP selling it on unmodified: must-not", "control marking ACS", "control marking CUI", "classified euci:R-UE/EU-R",
        "Care", "marking that cannot be read: without id", "marking that cannot be read: x", "a, b: TLP:RED",
    )  # fmt: skip


def test_what_may_be_done_is_the_stricter_of_pap_and_iep() -> None:
    indirect = Policy(actions=Actions.EXTERNALLY_VISIBLE_INDIRECT_ACTIONS)
    assert effective_pap(NONE) is Pap.CLEAR
    assert effective_pap(Markings(pap=Pap.GREEN)) is Pap.GREEN
    assert effective_pap(Markings(policy=indirect)) is Pap.AMBER
    assert effective_pap(Markings(pap=Pap.RED, policy=indirect)) is Pap.RED
    assert effective_pap(Markings(pap=Pap.GREEN, policy=indirect)) is Pap.AMBER


def test_of_two_levels_of_pap_the_stricter_counts_in_either_order() -> None:
    red, green = Markings(pap=Pap.RED), Markings(pap=Pap.GREEN)
    assert join(red, green).pap is join(green, red).pap is Pap.RED
    assert join(red, Markings(no_onward=True)).pap is join(Markings(no_onward=True), red).pap is Pap.RED


def test_what_either_of_two_markings_asks_for_the_join_asks_for() -> None:
    part = Granular(("name",), Markings(tlp=Tlp.RED))
    for asked in (
        Markings(statements=("b", "a")),
        Markings(unknown=("b", "a")),
        Markings(controls=("cui", "acs")),
        Markings(classified=("b", "a")),
        Markings(granular=(part,)),
        Markings(rel_to=frozenset({"QM"})),
        Markings(originator_control=True),
        Markings(no_onward=True),
        Markings(floor=Tlp.AMBER),
    ):
        other = Markings(tlp=Tlp.GREEN)
        assert join(asked, other) == join(other, asked) == replace(asked, tlp=Tlp.GREEN)
    assert Markings(statements=("b", "a", "b"), classified=("d", "c")) == Markings(
        statements=("a", "b"), classified=("c", "d")
    )


def test_each_set_is_kept_sorted_whatever_else_the_object_is_marked_with() -> None:
    names = ("statements", "unknown", "controls", "classified")
    for name in names:
        for other in names:
            given = {other: ("x",), name: ("b", "a")}
            assert getattr(Markings(**given), name) == ("a", "b")  # type: ignore[arg-type]
