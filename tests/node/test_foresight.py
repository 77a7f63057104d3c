"""What a step would change, told before: the same as what then happens."""

# ruff: noqa: F401, F811  # fixtures are imported
import pytest

from hilf.accord.step import Kind
from hilf.errors import Refusal
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import agree, agreed_nations, carry, indicator, made_nations, meet, nations
from tests.node.test_effects import accord_id, given, made_pair, pair, settle, stop

CLEAR_ONLY = {
    "id": "c-1",
    "effect": "permit",
    "kinds": ["object"],
    "when": {"marking_max": "clear"},
    "text": {"en": "C"},
}


def foreseen(nation, id_: str, **about) -> dict[str, dict[str, int]]:
    """Node → what changes for it, as counts; what does not change is left out."""
    from hilf.node.foresight import foresee

    found = foresee(nation.home(), id_, NOW, **about)
    names = ("opens", "closes", "dropped", "retracted")
    return {
        each.node: {name: getattr(each, name).count for name in names if getattr(each, name).count}
        for each in found.nodes
    }


def test_a_first_agreement_opens_what_it_permits(pair) -> None:
    from hilf.node import draft

    qm, qn = pair
    stop(qm, "end")
    settle(qm)
    qm.says(*(indicator(qm, f"n{i}", Tlp.GREEN) for i in range(30)), indicator(qm, "red", Tlp.RED))
    text = draft.from_template(qm.home(), [qn.node], NOW).life.accord
    assert foreseen(qm, text.id) == {qn.node: {"opens": 31}}


def test_examples_are_few_and_name_objects_that_change(pair) -> None:
    from hilf.node import draft
    from hilf.node.foresight import EXAMPLES, foresee

    qm, qn = pair
    stop(qm, "end")
    qm.says(*(indicator(qm, f"n{i}", Tlp.GREEN, confidence=i) for i in range(30)))
    text = draft.from_template(qm.home(), [qn.node], NOW).life.accord
    (found,) = foresee(qm.home(), text.id, NOW).nodes
    assert (found.opens.count, len(found.opens.examples)) == (31, EXAMPLES)
    assert set(found.opens.examples) <= qm.objects(qm.node).keys()


def test_a_tighter_amendment_closes_drops_and_takes_nothing_back(pair) -> None:
    from hilf.node import draft

    qm, qn = pair
    given(qm, qn, "green")
    qm.says(indicator(qm, "waits", Tlp.GREEN), indicator(qm, "clear", Tlp.CLEAR))
    qm.release(qn)
    text = draft.amendment(qm.home(), accord_id(qm), {"clauses": [CLEAR_ONLY]}, NOW).life.accord
    assert foreseen(qm, text.id, text=text.hash[:8]) == {qn.node: {"closes": 2, "dropped": 1}}


def test_an_end_with_deletion_tells_what_is_taken_back_and_then_it_is(pair) -> None:
    qm, qn = pair
    given(qm, qn, "one", "two")
    qm.says(indicator(qm, "waits", Tlp.GREEN))
    qm.release(qn)
    told = foreseen(qm, accord_id(qm), kind=Kind.END)
    assert told == {qn.node: {"closes": 4, "dropped": 1, "retracted": 3}}
    assert foreseen(qm, accord_id(qm), kind=Kind.SUSPENSION) == {qn.node: {"closes": 4, "dropped": 1}}
    stop(qm, "end")
    assert settle(qm)[qn.node].retracted == told[qn.node]["retracted"]


def test_what_another_agreement_allows_is_not_told_to_change(pair) -> None:
    qm, qn = pair
    given(qm, qn, "one")
    first = accord_id(qm)
    agree(qm, qn, at=NOW, onward="free")
    assert foreseen(qm, first, kind=Kind.END) == {qn.node: {}}


def test_a_party_that_is_taken_out_is_told_of_with_what_it_has(nations) -> None:
    from hilf.node import accord, draft

    qm, qn, qo = nations
    meet(qm, qo)
    home = qm.home()
    id_ = draft.from_template(home, [qn.node, qo.node], NOW, "community").life.accord.id
    accord.propose(qm.home(), id_, NOW)
    for nation in (qn, qo):
        carry(qm, nation)
        for key in nation.keys.values():
            accord.sign(nation.home(), id_, key, NOW)
        carry(nation, qm)
    for key in qm.keys.values():
        accord.sign(qm.home(), id_, key, NOW)
    carry(qm, qo)
    given(qm, qo, "shared")
    text = draft.amendment(qm.home(), id_, {}, NOW, without=[qo.node]).life.accord
    told = foreseen(qm, id_, text=text.hash[:16])
    assert told == {qn.node: {}, qo.node: {"closes": 2, "retracted": 2}}


def test_a_text_that_nobody_has_is_refused(pair) -> None:
    from hilf.node.foresight import foresee

    qm, _ = pair
    with pytest.raises(Refusal) as refused:
        foresee(qm.home(), accord_id(qm), NOW, text="ffffffff")
    assert refused.value.code == "accord.which-text"


def test_standing_orders_that_would_end_are_named(pair) -> None:
    from datetime import timedelta

    from hilf.node import draft, order
    from hilf.node.foresight import foresee

    qm, qn = pair
    end, pause = NOW + timedelta(days=9), timedelta(minutes=5)
    shown = order.propose(qm.home(), "type:indicator", [qn.node], pause, end, qm.keys["officer"], NOW)
    text = draft.amendment(qm.home(), accord_id(qm), {"retention_days": 30}, NOW).life.accord
    beside = draft.from_template(qm.home(), [qn.node], NOW, "public").life.accord
    orders = [foresee(qm.home(), each.id, NOW, text=each.hash[:16]).orders for each in (text, beside)]
    assert orders == [(shown.kept.order_id,)] * 2
    assert foresee(qm.home(), text.id, NOW, Kind.END).orders == (shown.kept.order_id,)
