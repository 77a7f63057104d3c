"""Communities over the wire: parties that have not met, joining, leaving, suspending alone, and what a partner cannot do."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from hilf.accord.document import read_accord
from hilf.accord.life import State
from hilf.accord.step import Kind, proposal_body, signed_body
from hilf.accord.template import TEMPLATES
from hilf.canonical import Json
from hilf.errors import CallerFault, Refusal
from hilf.federation.peer import PeerState
from hilf.markings.tlp import Tlp
from hilf.seal.record import make_record
from tests.conftest import NOW
from tests.nations import BEGAN, Nation, at_rest, carry, copied, indicator, make, meet

COUNTRIES = ("QM", "QN", "QO", "QP")


@pytest.fixture(scope="session")
def made_four(tmp_path_factory) -> list[Nation]:
    """QM knows QN and QO, QO knows QP; nobody else has met."""

    qm, qn, qo, qp = made = make(tmp_path_factory.mktemp("four"), COUNTRIES)
    for one, other in ((qm, qn), (qm, qo), (qo, qp)):
        meet(one, other)
    from hilf.node import identity, peer

    card = identity.own(qp.home()).card
    peer.add(qm.home(), card, BEGAN)
    at_rest(made)
    return made


@pytest.fixture
def four(made_four, tmp_path) -> Iterator[list[Nation]]:
    from hilf.store import database

    yield copied(made_four, tmp_path)
    database.use(":memory:")


@pytest.fixture(scope="session")
def made_community(made_four, tmp_path_factory) -> list[Nation]:
    """The four with the community template in force between all of them."""

    nations = copied(made_four, tmp_path_factory.mktemp("community"))
    found(nations, BEGAN)
    at_rest(nations)
    return nations


@pytest.fixture
def community(made_community, tmp_path) -> Iterator[list[Nation]]:
    from hilf.store import database

    yield copied(made_community, tmp_path)
    database.use(":memory:")


def spread(nations: Sequence[Nation], at=NOW) -> list[str]:
    """Carry whatever waits between any two that verified each other until nothing does; codes of what was refused."""
    from hilf.node import peer

    refused: list[str] = []
    moved = True
    while moved:
        moved = False
        for sender in nations:
            for receiver in nations:
                home = sender.home()
                if receiver.node in peer.verified(home):
                    results = carry(sender, receiver, at)
                    moved = moved or bool(results)
                    refused += [r["reason"]["code"] for r in results if r["outcome"] == "refused"]
    return refused


def signs(nation: Nation, accord_id: str, at=NOW, text: str = "") -> None:
    from hilf.node import accord

    for key in nation.keys.values():
        accord.sign(nation.home(), accord_id, key, at, text)


def found(nations: Sequence[Nation], at, template: str = "community") -> str:
    """An accord of all, proposed by the first, signed by everybody; its id."""
    from hilf.node import accord, draft

    first = nations[0]
    others = [nation.node for nation in nations[1:]]
    accord_id = draft.from_template(first.home(), others, at, template).life.accord.id
    accord.propose(first.home(), accord_id, at)
    assert spread(nations, at) == []
    for nation in (*nations[1:], first):
        signs(nation, accord_id, at)
        assert spread(nations, at) == []
    return accord_id


def states(nations: Sequence[Nation], at=NOW) -> dict[str, list[tuple[int, State]]]:
    from hilf.node import accord

    return {
        nation.country: [(s.life.accord.version, s.standing.state) for s in accord.every(nation.home(), at)]
        for nation in nations
    }


def bound(nation: Nation, nations: Sequence[Nation], at=NOW) -> set[str]:
    from hilf.node import life

    home = nation.home()
    return {other.country for other in nations if life.in_force_with(home, other.node, at)}


def the_accord(nation: Nation) -> str:
    from hilf.node import accord

    return accord.every(nation.home(), NOW)[-1].life.accord.id


def all_of(nation: Nation, verb: str, accord_id: str, at=NOW):
    """What the verb gave the last officer."""
    from hilf.node import accord

    done = None
    for key in nation.keys.values():
        done = getattr(accord, verb)(nation.home(), accord_id, key, at)
    return done


def amended(nation: Nation, accord_id: str, changes: dict[str, Json] | None = None, at=NOW, **parties):
    from hilf.node import accord, draft

    shown = draft.amendment(nation.home(), accord_id, changes or {}, at, **parties)
    accord.propose(nation.home(), accord_id, at)
    return shown.life.accord


def test_parties_that_have_not_met_come_to_an_agreement_and_know_each_other_by_introduction(four) -> None:
    from hilf.node import peer

    found(four, NOW)
    assert states(four) == {country: [(1, State.IN_FORCE)] for country in COUNTRIES}
    _, qn, _, qp = four
    qn.home()
    assert peer.state_of(qp.node) is PeerState.INTRODUCED
    qp.home()
    assert [peer.state_of(nation.node) for nation in four] == [
        PeerState.INTRODUCED,
        PeerState.INTRODUCED,
        PeerState.VERIFIED,
        PeerState.UNKNOWN,
    ]


def test_release_still_needs_a_verified_partner(community) -> None:
    qm, qn, qo, qp = community
    qm.says(indicator(qm, "for all", Tlp.GREEN))
    assert qm.release(qo).queued > 0
    refused = {each.decision.main.rule for each in qm.preview(qp).withheld}
    assert refused == {"accord.recipient-not-verified"}
    assert {each.decision.main.rule for each in qn.preview(qp).withheld} == {"accord.recipient-not-verified"}


def test_one_party_suspends_alone_and_only_what_goes_to_and_from_it_stops(community) -> None:
    qm, qn, qo, _ = community
    accord_id = the_accord(qm)
    qm.says(indicator(qm, "news", Tlp.GREEN))
    for other in (qn, qo):
        assert qm.release(other).queued > 0
    assert all_of(qo, "suspend", accord_id).shown.standing.state is State.SUSPENDED
    assert spread([qo, qm]) == []
    assert {n.country: bound(n, community) for n in (qm, qn, qo)} == {
        "QM": {"QN", "QP"},
        "QN": {"QM", "QO", "QP"},
        "QO": set(),
    }
    assert spread(community) == []
    assert bound(qn, community) == {"QM", "QP"}
    assert indicator(qm, "news", Tlp.GREEN)["id"] in qn.objects()
    assert indicator(qm, "news", Tlp.GREEN)["id"] not in qo.objects()


def test_what_waits_for_a_party_that_suspended_is_dropped_at_once_and_says_why(community) -> None:
    from hilf.store import database

    qm, qn, qo, _ = community
    accord_id = the_accord(qm)
    all_of(qo, "suspend", accord_id)
    qm.says(indicator(qm, "news", Tlp.GREEN))
    for other in (qn, qo):
        qm.release(other)
    carry(qo, qm)
    qm.home()
    rows = database.rows("SELECT peer, state, reason FROM act WHERE kind = 'object' AND outgoing")
    assert {(peer, state, (reason or "")[:34]) for peer, state, reason in rows} == {
        (qn.node, "waiting", ""),
        (qo.node, "dropped", '{"clause":null,"code":"accord.susp'),
    }


def test_who_leaves_alone_is_out_and_the_others_go_on_and_may_let_it_back_in(community) -> None:
    qm, qn, qo, qp = community
    accord_id = the_accord(qm)
    assert all_of(qn, "end", accord_id).shown.standing.state is State.ENDED
    spread(community)
    assert {n.country: bound(n, community) for n in community} == {
        "QM": {"QO", "QP"},
        "QN": set(),
        "QO": {"QM", "QP"},
        "QP": {"QM", "QO"},
    }
    later = NOW + timedelta(hours=1)
    text = amended(qm, accord_id, at=later, joining=[qn.node])
    spread(community, later)
    for nation in (qo, qp, qn, qm):
        signs(nation, accord_id, later)
        spread(community, later)
    assert text.version == 2
    assert {n.country: bound(n, community, later) for n in community} == {
        country: set(COUNTRIES) - {country} for country in COUNTRIES
    }


def test_a_nation_joins_by_two_thirds_and_learns_what_came_before(made_four, tmp_path) -> None:
    from hilf.node import accord
    from hilf.store import database

    qm, qn, qo, qp = nations = copied(made_four, tmp_path)
    accord_id = found(nations[:3], NOW)
    text = amended(qm, accord_id, joining=[qp.node])
    assert spread(nations) == []
    assert [s.life.accord.version for s in accord.every(qp.home(), NOW)] == [1, 2]
    signs(qp, accord_id)
    signs(qn, accord_id)
    assert spread(nations) == []
    signs(qm, accord_id)
    assert spread(nations) == []
    assert {n.country: bound(n, nations) for n in nations} == {
        country: set(COUNTRIES) - {country} for country in COUNTRIES
    }
    shown = accord.show(qo.home(), accord_id, NOW)[-1]
    assert (shown.life.accord, shown.standing.state) == (text, State.IN_FORCE)
    assert [done for _, done, _, _ in shown.signed] == [2, 2, 0, 2]
    database.use(":memory:")


def test_a_nation_that_an_amendment_takes_out_is_told_and_out(community) -> None:
    from hilf.node import accord

    qm, qn, qo, qp = community
    accord_id = the_accord(qm)
    amended(qm, accord_id, without=[qn.node])
    spread(community)
    for nation in (qo, qp, qm):
        signs(nation, accord_id)
        spread(community)
    assert {n.country: bound(n, community) for n in community} == {
        "QM": {"QO", "QP"},
        "QN": set(),
        "QO": {"QM", "QP"},
        "QP": {"QM", "QO"},
    }
    with pytest.raises(Refusal) as refused:
        signs(qn, accord_id)
    assert refused.value.code == "accord.not-a-party"
    assert accord.show(qn.home(), accord_id, NOW)[0].standing.state is State.AMENDED


def test_of_two_amendments_at_once_the_one_signed_first_stands_everywhere(community) -> None:
    qm, qn, qo, qp = community
    accord_id = the_accord(qm)
    one = amended(qm, accord_id, {"retention_days": 30})
    two = amended(qo, accord_id, {"retention_days": 60})
    spread(community)
    for nation in (qn, qp):
        signs(nation, accord_id, text=one.hash[:16])
    with pytest.raises(Refusal) as refused:
        signs(qn, accord_id, text=two.hash[:16])
    assert refused.value.code == "accord.successor-signed"
    signs(qo, accord_id, text=one.hash[:16])
    spread(community)
    signs(qm, accord_id, text=one.hash[:16])
    spread(community)
    from hilf.node import life

    for nation in community:
        home = nation.home()
        others = [other.node for other in community if other is not nation]
        assert {held.accord for node in others for held in life.in_force_with(home, node, NOW)} == {one}


def test_two_proposers_that_wait_for_each_other_are_freed_when_one_takes_its_text_back(community) -> None:
    qm, qn, qo, qp = community
    accord_id = the_accord(qm)
    one = amended(qm, accord_id, {"retention_days": 30})
    two = amended(qo, accord_id, {"retention_days": 60})
    spread(community)
    signs(qm, accord_id, text=two.hash[:16])
    signs(qo, accord_id, text=one.hash[:16])
    with pytest.raises(Refusal) as refused:
        signs(qm, accord_id, text=one.hash[:16])
    assert refused.value.code == "accord.successor-signed"
    assert f"hilf accord withdraw {accord_id} --as OFFICER" in refused.value.remedy
    spread(community)
    (told,) = rivals_told(qm)
    assert f"signed text {two.hash[:16]} of {qo.node}. Text {one.hash[:16]} of {qm.node} waits" in told.what
    assert told.what.endswith(f"{qo.node} signed that one instead, so neither can be signed by all.")
    assert f"take ours back: hilf accord withdraw {accord_id}" in told.remedy
    assert [len(rivals_told(nation)) for nation in (qn, qo)] == [0, 1]
    all_of(qm, "withdraw", accord_id)
    spread(community)
    for nation in (qn, qp, qo):
        signs(nation, accord_id, text=two.hash[:16])
        spread(community)
    for nation in community:
        second = {state for version, state in states([nation])[nation.country] if version == 2}
        assert second == {State.IN_FORCE, State.WITHDRAWN}
        assert rivals_told(nation) == []


def rivals_told(nation: Nation) -> list:
    from hilf.node.awaited import awaited

    return [each for each in awaited(nation.home(), NOW) if each.code == "status.accord-rivals"]


def told_of(nation: Nation, at) -> list[str]:
    from hilf.node.awaited import awaited

    return [each.what for each in awaited(nation.home(), at) if each.code == "status.accord-stopped"]


def test_people_hear_for_a_week_that_a_partner_left_or_that_an_accord_goes_on_without_them(community) -> None:
    qm, qn, qo, qp = community
    accord_id = the_accord(qm)
    after = NOW + timedelta(seconds=1)
    assert [told_of(each, after) for each in community] == [[]] * 4
    all_of(qn, "suspend", accord_id)
    spread(community)
    suspended = f"{qn.node} suspended {accord_id} on {NOW:%Y-%m-%d %H:%M} UTC."
    assert [told_of(each, after) for each in community] == [[suspended], [], [suspended], [suspended]]
    text = amended(qm, accord_id, without=[qp.node])
    spread(community)
    for nation in (qn, qo, qm):
        signs(nation, accord_id, text=text.hash[:16])
        spread(community)
    between = ", ".join(each.node for each in (qm, qn, qo))
    without = f"{accord_id} goes on without {qp.node} since {NOW:%Y-%m-%d %H:%M} UTC, between {between}."
    assert [told_of(each, after) for each in community] == [[], [], [], [without]]
    assert told_of(qp, NOW + timedelta(days=7)) == []


def announced(nation: Nation, to: Nation, body) -> tuple[str, str | None]:
    """Say this to a partner, and what it answers."""
    from hilf.node.federation import announce
    from hilf.store.database import transaction

    home = nation.home()
    with transaction():
        announce(home, to.node, "accord", body, NOW)
    result = carry(nation, to)[-1]
    return result["outcome"], result["reason"] and result["reason"]["code"]


def test_a_partner_that_signs_a_text_it_changed_has_signed_another_text(community) -> None:
    from hilf.node import accord

    qm, qn, *_ = community
    accord_id = the_accord(qm)
    text = amended(qm, accord_id, {"retention_days": 30})
    carry(qm, qn)
    changed = read_accord({**text.json(), "retention_days": 3000})
    home = qn.home()
    from hilf.node.home import online_key

    until = NOW + timedelta(days=30)
    records = [
        make_record("accord", qn.node, role, changed.subject, NOW, until, key)
        for role, key in (*(("officer", key) for key in qn.keys.values()), ("node", online_key(home)))
    ]
    said = {**signed_body(Kind.SIGNATURE, text, records)}
    assert announced(qn, qm, said) == ("refused", "record.subject")
    assert announced(qn, qm, signed_body(Kind.SIGNATURE, changed, records)) == (
        "refused",
        "accord.unknown-text",
    )
    assert [s.signed[1][1] for s in accord.show(qm.home(), accord_id, NOW)][-1] == 0


def test_a_partner_that_answers_for_another_party_is_refused(community) -> None:
    qm, qn, qo, _ = community
    accord_id = the_accord(qm)
    text = amended(qm, accord_id, {"retention_days": 30})
    carry(qm, qn)
    until = NOW + timedelta(days=30)
    keys = [*qn.keys.values()]
    forged = [make_record("accord", qo.node, "officer", text.subject, NOW, until, key) for key in keys]
    assert announced(qn, qm, signed_body(Kind.SIGNATURE, text, forged)) == ("refused", "accord.unknown-kid")
    left = [make_record("withdrawal", qo.node, "officer", text.prev, NOW, until, key) for key in keys]
    from hilf.node import life

    before = next(v.accord for v in life.of(accord_id).all if v.accord.hash == text.prev)
    assert announced(qn, qm, signed_body(Kind.END, before, left)) == ("refused", "withdrawal.unknown-kid")
    assert bound(qm, community) == {"QN", "QO", "QP"}


def test_an_old_version_that_is_replayed_changes_nothing(community) -> None:
    from hilf.node import life

    qm, qn, qo, qp = community
    accord_id = the_accord(qm)
    old = life.of(accord_id).all[-1]
    amended(qm, accord_id, {"retention_days": 30})
    spread(community)
    for nation in (qn, qo, qp, qm):
        signs(nation, accord_id)
        spread(community)
    records = [record.body for record in old.records]
    assert announced(qn, qm, proposal_body(old.accord)) == ("applied", None)
    assert announced(qn, qm, signed_body(Kind.SIGNATURE, old.accord, records)) == (
        "refused",
        "accord.version-taken",
    )
    fork = read_accord({**old.accord.json(), "version": 2, "prev": old.accord.hash, "onward": "free"})
    assert announced(qm, qn, proposal_body(fork)) == ("refused", "accord.version-taken")
    home = qm.home()
    (held,) = life.in_force_with(home, qn.node, NOW)
    assert (held.accord.version, held.accord.retention_days) == (2, 30)


def test_what_is_sent_under_an_accord_that_its_recipient_suspended_is_refused(community) -> None:
    qm, _, qo, _ = community
    qo.says(indicator(qo, "late", Tlp.GREEN))
    qo.release(qm)
    all_of(qm, "suspend", the_accord(qm))
    assert {(r["outcome"], r["reason"]["code"]) for r in carry(qo, qm)} == {
        ("refused", "accord.not-in-force")
    }


def test_a_draft_names_known_nodes_each_once(four) -> None:
    from hilf.node import draft

    qm, qn, *_ = four
    for partners, code in (
        ([], "accord.partners"),
        ([qn.node, qn.node], "accord.partners"),
        (["cert.qx.example"], "accord.partner-unknown"),
        ([qm.node], "accord.partner-unknown"),
    ):
        with pytest.raises(CallerFault) as refused:
            draft.from_template(qm.home(), partners, NOW)
        assert refused.value.code == code


def test_a_draft_is_dropped_and_what_was_proposed_is_not(four) -> None:
    from hilf.node import accord, draft

    qm, qn, *_ = four
    dropped = draft.from_template(qm.home(), [qn.node], NOW).life.accord.id
    assert draft.drop(qm.home(), dropped, NOW) == 1
    assert accord.every(qm.home(), NOW) == ()
    kept = draft.from_template(qm.home(), [qn.node], NOW).life.accord.id
    accord.propose(qm.home(), kept, NOW)
    with pytest.raises(Refusal) as refused:
        draft.drop(qm.home(), kept, NOW)
    assert refused.value.code == "accord.no-draft"


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_comes_into_force_between_nations(template, four) -> None:
    nations = four[:2] if template == "intelligence" else four[:3]
    found(nations, NOW, template)
    assert states(nations) == {n.country: [(1, State.IN_FORCE)] for n in nations}
