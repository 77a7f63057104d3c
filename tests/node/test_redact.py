"""Redacting what was chosen: what cannot be carried out stays whole, and no form is offered to who has it."""

import pytest

from hilf.markings import rel_to
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import agreed_nations, indicator, made_nations, nations

__all__ = ["agreed_nations", "made_nations", "nations"]

LIMIT = rel_to.marking(["QM", "QN"])


def parted(nation, name: str, place: str = "description", **members):
    marked = [{"selectors": [place], "marking_ref": Tlp.AMBER_STRICT.marking_id}]
    return indicator(
        nation, name, Tlp.GREEN, description="not for all", **{"granular_markings": marked, **members}
    )


def redacting(nation, to, selection="type:indicator", *, unreleased=False):
    """What was decided of a selection, before and after, and what of it the recipient has."""
    from hilf.node.chosen import Chosen
    from hilf.node.held import Held
    from hilf.node.preview import Weighing
    from hilf.node.redact import redact
    from hilf.node.there import There

    weighing = Weighing(nation.home(), to.node, None, NOW)
    there = There(Held([to.node], weighing.reader.index_key), NOW)
    selected = weighing.reader.select(selection, there)
    decided = {about: weighing.cache.decide(about.profile) for about in selected.sheet.distinct}
    chosen = Chosen(selected, to.node, map(decided.__getitem__, selected.sheet.abouts))
    before = list(chosen.decisions)
    return before, chosen, redact(chosen, weighing.reader, unreleased=unreleased)


def test_what_cannot_be_carried_out_is_refused_once_for_all_and_the_rest_is_as_it_was(nations) -> None:
    qm, qn, _ = nations
    qm.says(*(parted(qm, name, "pattern") for name in "ab"), parted(qm, "c"), indicator(qm, "d", Tlp.GREEN))
    before, chosen, there = redacting(qm, qn)
    first, second, *rest = chosen.decisions
    assert (first.main.rule, first is second, there) == ("accord.redaction-impossible", True, {})
    assert all(now is then for now, then in zip(rest, before[2:], strict=True))


def test_markings_that_went_with_a_part_are_none_of_the_form(nations) -> None:
    qm, qn, _ = nations
    marked = [
        {"selectors": ["description"], "marking_ref": each}
        for each in (Tlp.AMBER_STRICT.marking_id, LIMIT["id"])
    ]
    refs = [Tlp.GREEN.marking_id, LIMIT["id"]]
    qm.says(LIMIT, parted(qm, "went", granular_markings=marked), parted(qm, "left", object_marking_refs=refs))
    _, chosen, _ = redacting(qm, qn)
    assert [set(chosen.marks(row)) for row in (0, 1)] == [set(), {LIMIT["id"]}]


@pytest.mark.parametrize(("unreleased", "told"), [(False, [0]), (True, [])])
def test_a_form_that_went_is_not_offered_again(nations, unreleased, told) -> None:
    qm, qn, _ = nations
    qm.says(parted(qm, "went"))
    qm.release(qn)
    qm.says(parted(qm, "new"))
    before, chosen, there = redacting(qm, qn, unreleased=unreleased)
    assert (chosen.decisions[0], list(there)) == (None, told)
    assert chosen.decisions[1] is before[1]
    assert all(there[row] is before[row] for row in there)


@pytest.mark.parametrize("unreleased", [False, True])
def test_a_form_that_is_proposed_is_not_offered_and_is_told(nations, unreleased) -> None:
    qm, qn, _ = nations
    qm.says(parted(qm, "bound", object_marking_refs=[Tlp.AMBER.marking_id]))
    qm.release(qn, "", "officer")
    _, chosen, there = redacting(qm, qn, unreleased=unreleased)
    assert (chosen.decisions[0], list(there)) == (None, [0])
