"""Laws of communities (accord.md 1, 3): what holds for all of them holds for each, and who is out only takes away."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hilf.accord.community import Quorum, quorum
from hilf.accord.decide import decide
from hilf.accord.document import Accord, InForce, read_accord
from hilf.accord.life import Life, in_force, parted, standing_parties
from hilf.accord.profile import Profile
from hilf.accord.template import amendment
from hilf.markings.tlp import Tlp
from hilf.seal.record import Record
from tests.accord.agreements import (
    NOW,
    QM,
    QN,
    QO,
    agreement,
    forbid,
    marked,
    ours,
    permit,
    recipient,
    require,
)

law = settings(max_examples=max(100, settings.default.max_examples if settings.default else 0), deadline=None)

QP = "cert.qp.example"
NODES = (QM, QN, QO, QP)
LEVELS = ("clear", "green", "amber", "amber+strict", "red")
levels = st.sampled_from(LEVELS)
clauses = st.lists(
    st.one_of(
        levels.map(lambda level: permit("p", marking_max=level)),
        levels.map(lambda level: forbid("f", marking_min=level)),
        levels.map(lambda level: require("r", {"marking_min": level}, approvals=2)),
        st.sampled_from(("a", "b")).map(lambda label: forbid("l", labels_any=[label])),
    ),
    min_size=1,
    max_size=5,
).map(lambda each: [{**clause, "id": f"{clause['id']}-{n}"} for n, clause in enumerate(each)])
profiles = st.builds(
    lambda tlp, labels: ours(markings=marked(tlp), labels=frozenset(labels)),
    st.sampled_from((None, *Tlp)),
    st.lists(st.sampled_from(("a", "b")), unique=True),
)
parties = st.sets(st.sampled_from(NODES[1:])).map(frozenset)


def allowed(profile: Profile, node: str, *held: InForce) -> bool:
    return decide(profile, recipient(node=node), held, "defence", NOW).allowed


@law
@given(clauses, profiles)
def test_a_community_decides_the_same_for_each_of_its_members(given_: Any, profile: Profile) -> None:
    held = InForce(agreement(parties=NODES, clauses=given_), QM)
    decisions = [decide(profile, recipient(node=node), [held], "defence", NOW) for node in NODES[1:]]
    assert all(decision == decisions[0] for decision in decisions)


@law
@given(clauses, clauses, profiles, st.sampled_from(NODES[1:]))
def test_what_goes_to_all_of_a_community_may_go_to_each_whatever_else_is_agreed_with_it(
    given_: Any, of_two: Any, profile: Profile, node: str
) -> None:
    community = InForce(agreement(parties=NODES, clauses=given_), QM)
    beside = InForce(agreement(parties=(QM, node), number=2, clauses=of_two), QM)
    to_all = all(allowed(profile, each, community, beside) for each in NODES[1:])
    assert to_all <= allowed(profile, node, community, beside)
    for other in set(NODES[1:]) - {node}:
        assert allowed(profile, other, community, beside) is allowed(profile, other, community)


@law
@given(clauses, profiles, parties, parties)
def test_who_leaves_or_suspends_widens_nothing(
    given_: Any, profile: Profile, out: frozenset[str], more: frozenset[str]
) -> None:
    accord = agreement(parties=NODES, clauses=given_)
    for node in NODES[1:]:
        without = allowed(profile, node, InForce(accord, QM, out | more))
        assert without <= allowed(profile, node, InForce(accord, QM, out))


@law
@given(parties, parties, st.integers(0, 4))
def test_more_signatures_never_make_a_quorum_incomplete_and_none_is_missing_when_it_is_met(
    each: frozenset[str], signed: frozenset[str], least: int
) -> None:
    needed = Quorum(each, frozenset(NODES) - each, least)
    for more in NODES:
        assert needed.met_by(signed) <= needed.met_by(signed | {more})
    assert needed.met_by(signed) is not bool(needed.missing(signed)) or least > len(needed.among)


@law
@given(parties, parties)
def test_no_two_thirds_can_meet_without_a_common_party(one: frozenset[str], other: frozenset[str]) -> None:
    before = agreement(parties=NODES, membership="two thirds")
    text = read_accord(
        {
            **amendment(before, QM, {}),
            "parties": [*before.json()["parties"], {"node": "new.example", "roles": ["x"]}],
        }
    )
    needed = quorum(text, before, NODES)
    assert needed is not None
    both = [needed.least <= len(needed.among & signed) for signed in (one, other)]
    assert not all(both) or one & other


def said(type_: str, accord: Accord, nodes: frozenset[str]) -> tuple[Record, ...]:
    """Records as they are kept, one officer each."""
    return tuple(
        Record(type_, node, "officer", f"{type_} {node}", NOW, NOW + timedelta(days=9), accord.hash, {})
        for node in sorted(nodes)
    )


class _One:
    """An identity document of which only the number of officers counts here."""

    issued, officers_per_act, revoked = NOW - timedelta(days=9), 1, frozenset[str]()


CHAINS: Any = {node: (_One(),) for node in NODES}


@law
@given(parties, parties)
def test_what_binds_two_is_seen_alike_by_both_and_nobody_has_parted_from_whom_it_binds(
    left: frozenset[str], paused: frozenset[str]
) -> None:
    accord = agreement(parties=NODES)
    records = (*said("withdrawal", accord, left), *said("suspension", accord, paused))
    life = Life(accord, NOW, records, NOW)
    seen = {
        node: {other for held in in_force([life], node, CHAINS, NOW) for other in NODES if held.binds(other)}
        for node in NODES
    }
    for one in NODES:
        for other in set(NODES) - {one}:
            assert (other in seen[one]) is (one in seen[other])
            have_parted = bool(parted([life], one, other, CHAINS, NOW))
            assert not (have_parted and other in seen[one])
            assert have_parted is not {one, other}.issubset(standing_parties(life, [life], CHAINS))
