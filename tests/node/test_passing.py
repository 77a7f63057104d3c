"""What others said and this node passes on is foreseen too: as it came, and by consent of its originators."""

# ruff: noqa: F401, F811  # fixtures are imported
from hilf.accord.profile import Profile
from hilf.accord.step import Kind
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import agreed_nations, made_nations, nations
from tests.node.test_consent import chain, chained, consented, passed, written
from tests.node.test_effects import settle, stop

NAMES = ("onward_opens", "onward_closes", "consent_opens", "consent_closes")


def foreseen(nation, id_: str, **about) -> dict[str, dict[str, list[str]]]:
    """Node → indicators of which it changes whether they are passed on to it; what does not change is left out."""
    from hilf.node.foresight import foresee

    nodes = foresee(nation.home(), id_, NOW, **about).nodes
    for each in nodes:
        assert all(len(getattr(each, name).examples) == getattr(each, name).count for name in NAMES)
    return {
        each.node: {
            name: [i for i in getattr(each, name).examples if i.startswith("indicator--")]
            for name in NAMES
            if getattr(each, name).count
        }
        for each in nodes
    }


def test_what_goes_on_by_consent_closes_with_the_agreement_under_which_it_goes(chain, chained):
    (qm, qn, qo, _), ids = chain, chained[1]
    made, other = written(qm), written(qm, "other")
    passed(qm, qn, other)
    consented(qm, qn, qo, made)
    expected = {qo.node: {"consent_closes": [made["id"]]}}
    assert foreseen(qn, ids["QNQO"], kind=Kind.SUSPENSION) == expected
    assert foreseen(qn, ids["QNQO"], kind=Kind.END) == expected


def test_what_came_under_an_agreement_that_ends_goes_on_to_nobody_by_any_consent(chain, chained):
    from hilf.node import why

    (qm, qn, qo, _), ids = chain, chained[1]
    made = written(qm)
    consented(qm, qn, qo, made)
    assert foreseen(qn, ids["QMQN"], kind=Kind.END) == {
        qm.node: {},
        qo.node: {"consent_closes": [made["id"]]},
    }
    assert foreseen(qn, ids["QMQN"], kind=Kind.SUSPENSION) == {qm.node: {}}
    stop(qn, "end", id_=ids["QMQN"])
    assert why.why(qn.home(), made["id"], qo.node, NOW).decision.main.rule == "accord.onward-none"


def test_a_version_that_ends_a_suspension_opens_what_goes_on_by_consent(chain, chained):
    from hilf.node import draft

    (qm, qn, qo, _), ids = chain, chained[1]
    made, other = written(qm), written(qm, "nobody consented to it")
    consented(qm, qn, qo, made)
    passed(qm, qn, other)
    stop(qn, "suspend", id_=ids["QNQO"])
    text = draft.amendment(qn.home(), ids["QNQO"], {}, NOW).life.accord
    assert foreseen(qn, text.id, text=text.hash[:8]) == {qo.node: {"consent_opens": [made["id"]]}}


def test_what_may_go_on_as_it_came_is_no_consent_and_never_goes_back_to_whoever_said_it(nations):
    from hilf.node import accord

    qm, qn, qo = nations
    made = [written(qm, f"clear {n}", Tlp.CLEAR) for n in range(3)]
    for each in made:
        passed(qm, qn, each)
    qn.says(made[0])  # what we say too is no passing on
    (with_qo,) = (
        each.life.accord.id for each in accord.every(qn.home(), NOW) if qo.node in each.life.accord.nodes
    )
    (with_qm,) = (
        each.life.accord.id for each in accord.every(qn.home(), NOW) if qm.node in each.life.accord.nodes
    )
    expected = {qo.node: {"onward_closes": [each["id"] for each in made[1:]]}}
    assert foreseen(qn, with_qo, kind=Kind.SUSPENSION) == expected
    assert foreseen(qn, with_qm, kind=Kind.END) == {qm.node: {}, **expected}


def test_what_is_decided_by_itself_or_was_taken_back_is_counted_in_no_group():
    from hilf.markings.marking import NONE
    from hilf.node.passing import Passed
    from hilf.store.accord.grouped import Group

    profile = Profile("object", "indicator", NONE, "cert.qm.example", own=False)
    group = Passed("cert.qm.example", profile, profile, Group(1, 5, None, 4), frozenset({2}))
    assert group.still({3: (5, None), 8: (5, 70), 9: (6, None)}) == (2, {2, 3})
    alone = Passed("cert.qm.example", profile, profile, Group(7, None, None, 1))
    assert (alone.still({8: (None, None)}), alone.still({7: (None, None)})) == ((1, set()), (0, {7}))
    named = Passed("cert.qm.example", profile, profile, Group(7, 5, None, 1), named="indicator--x")
    assert (named.still({8: (5, None)}), named.still({7: (5, None)})) == ((1, set()), (0, set()))
