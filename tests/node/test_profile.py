"""What a decision knows of a kept assertion: whose definition of a marking counts, and how it came."""

import pytest

from hilf.accord.terms import Onward
from hilf.markings import rel_to
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    agreed_nations,
    carry,
    indicator,
    made_nations,
    nations,
)


def profile_of(nation, stix_id, asserter):
    from hilf.node.home import index_key
    from hilf.node.profile import Profiles
    from hilf.store.intelligence.read import current

    home = nation.home()
    rows = [row for row in current(stix_id, index_key(home)) if row.asserter == asserter.node]
    ((_, _, profile),) = Profiles(home).read(rows)
    return profile


def marked(nation, name, *definitions):
    entry = indicator(nation, name, Tlp.GREEN)
    entry["object_marking_refs"] = [Tlp.GREEN.marking_id, *(each["id"] for each in definitions)]
    return entry


@pytest.fixture
def redefined(nations):  # noqa: F811
    """QN gave QM a definition under the id of one that QM uses, which lets it go further."""
    qm, qn, _ = nations
    limit = rel_to.marking(["QM"])
    wider = {**limit, "extensions": rel_to.marking(["QM", "QN", "QO"])["extensions"]}
    entry = marked(qn, "marked by QN", limit)
    qn.says(wider, entry)
    qn.release(qm)
    carry(qn, qm)
    return qm, qn, limit, entry


def test_a_partner_cannot_loosen_our_marking_by_defining_it_anew(redefined):
    qm, qn, limit, _ = redefined
    ours = marked(qm, "marked by QM", limit)
    qm.says(limit, ours)
    assert profile_of(qm, ours["id"], qm).markings.rel_to == {"QM"}
    assert {each.decision.main.rule for each in qm.preview(qn, f"id:{ours['id']}").withheld} == {
        "accord.rel-to"
    }


def test_our_definition_comes_before_that_of_the_node_that_marked(redefined):
    qm, qn, limit, entry = redefined
    assert profile_of(qm, entry["id"], qn).markings.rel_to == {"QM", "QN", "QO"}
    qm.says(limit)
    assert profile_of(qm, entry["id"], qn).markings.rel_to == {"QM"}


def test_a_partner_that_defines_our_marking_before_we_do_frees_nothing(nations):  # noqa: F811
    """The id of a limit follows from its content, so anybody can define it first."""
    qm, qn, qo = nations
    limit = rel_to.marking(["QN"])
    wider = {**limit, "extensions": rel_to.marking(["QM", "QN", "QO"])["extensions"]}
    ours = marked(qn, "marked by QN", limit)
    qn.says(ours)
    for nation, definition in ((qm, wider), (qo, limit)):
        nation.says(definition, marked(nation, "bearer", definition))
        nation.release(qn)
        carry(nation, qn)
        assert profile_of(qn, ours["id"], qn).markings.unknown == (limit["id"],)
    qn.says(limit)
    assert profile_of(qn, ours["id"], qn).markings.rel_to == {"QN"}


def test_a_marking_that_nobody_defines_cannot_be_read(nations):  # noqa: F811
    qm, qn, _ = nations
    entry = marked(qm, "undefined", rel_to.marking(["QM", "QN"]))
    qm.says(entry)
    assert profile_of(qm, entry["id"], qm).markings.unknown == (entry["object_marking_refs"][1],)
    assert {each.decision.main.rule for each in qm.preview(qn, f"id:{entry['id']}").withheld} == {
        "accord.marking-unreadable"
    }


def test_what_was_received_carries_its_accord_and_terms(nations):  # noqa: F811
    from hilf.node import life

    qm, qn, _ = nations
    entry = indicator(qm, "received", Tlp.GREEN)
    qm.says(entry)
    qm.release(qn)
    carry(qm, qn)
    (held,) = life.in_force_with(qn.home(), qm.node, NOW)
    profile = profile_of(qn, entry["id"], qm)
    assert (profile.own, profile.asserter, profile.author) == (False, qm.node, qm.node)
    assert (profile.arrival.accord, profile.arrival.onward) == (held.accord.key, Onward.FREE)
    assert profile.arrival.parties == {qm.node, qn.node}
    assert profile_of(qm, entry["id"], qm).arrival is None


def test_a_marking_laid_over_an_import_counts_and_travels(nations):  # noqa: F811
    qm, qn, _ = nations
    bare = indicator(qm, "bare", None)
    qm.says(bare, marking="tlp:green")
    assert profile_of(qm, bare["id"], qm).markings.tlp is Tlp.GREEN
    qm.release(qn)
    carry(qm, qn)
    assert profile_of(qn, bare["id"], qm).markings.tlp is Tlp.GREEN


def test_facts_that_are_read_again_are_the_same_to_a_decision(nations, monkeypatch):  # noqa: F811
    """Where each object has labels of its own, no preview keeps them all at hand."""
    from hilf.node import profile
    from hilf.store import database

    qm, _, _ = nations
    qm.says(*(indicator(qm, f"one of many {n}", Tlp.GREEN, labels=[f"label-{n}"]) for n in range(6)))
    rows = database.rows("SELECT seq, facts_id, confidence FROM object WHERE type = 'indicator'")
    monkeypatch.setattr(profile, "_FACTS_AT_HAND", 2)
    profiles = profile.Profiles(qm.home(), NOW)
    one_by_one = [profiles.of([row])[row[0]] for row in rows]
    again = [profiles.of([row])[row[0]] for row in rows]
    assert [id(each) for each in again] == [id(each) for each in one_by_one]
    assert len({*map(id, one_by_one)}) == 6
