"""Previews: what leaves is what the preview showed, for one recipient or many, and bodies are not read for it."""

import random

import pytest

from hilf.markings import rel_to
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (  # noqa: F401
    agreed_nations,
    carry,
    entry,
    indicator,
    made_nations,
    malware,
    nations,
    relationship,
)

LEVELS = (Tlp.CLEAR, Tlp.GREEN, Tlp.AMBER, Tlp.RED, None)
FREE = "marking:clear,green"


def mixed(nation, seed, count=40):
    """Objects with markings, labels and confidences by chance, some joined, some under a limit."""
    chance = random.Random(seed)
    limits = [rel_to.marking(["QM", "QN"]), rel_to.marking(["QM", "QO"])]
    made = list(limits)
    ends = []
    for n in range(count):
        level = chance.choice(LEVELS)
        if n % 4 == 3:
            each = relationship(nation, ends[-1], chance.choice(ends[:-1]), level)  # of each pair one
        else:
            each = chance.choice((indicator, malware))(nation, f"{seed} {n}", level)
            ends.append(each)
        if chance.random() < 0.2:
            each["object_marking_refs"] = [*each.get("object_marking_refs", ()), chance.choice(limits)["id"]]
        each["labels"] = [chance.choice("abc"), str(n)]
        each["confidence"] = chance.randrange(101)
        made.append(each)
    return made


def said(weighed):
    return [(each.kept.seq, each.sha256, each.decision, each.hits) for each in weighed]


@pytest.mark.parametrize("seed", range(4))
def test_a_release_queues_what_the_preview_shows_and_nothing_else(nations, seed):  # noqa: F811
    from hilf.store import database

    qm, qn, _ = nations
    qm.says(*mixed(qm, seed))
    shown = qm.preview(qn)
    released = qm.release(qn, officer="officer")
    free = [each for each in shown.allowed if not each.decision.needs_approvals]
    assert (released.queued, released.proposed) == (len(free), len(shown.allowed) - len(free))
    acts = "SELECT object_seq FROM act WHERE object_seq IS NOT NULL ORDER BY pos"
    items = "SELECT object_seq FROM release_item ORDER BY id"
    assert [seq for (seq,) in database.rows(acts)] == [each.kept.seq for each in free]
    assert {seq for (seq,) in database.rows(items)} == {each.kept.seq for each in shown.allowed} - {
        each.kept.seq for each in free
    }


@pytest.mark.parametrize(
    "selection", ["", "type:indicator,relationship,malware", "label:a", "confidence>=50"]
)
def test_previews_for_many_are_those_for_each(nations, selection):  # noqa: F811
    from hilf.node import preview

    qm, qn, qo = nations
    qn.says(*mixed(qn, 1))
    qn.release(qm, FREE)
    home = qn.home()
    for weighing, shown in preview.previews(home, [qm.node, qo.node], NOW, selection):
        alone = preview.preview(home, weighing.to, NOW, selection)
        assert (said(shown.allowed), said(shown.withheld)) == (said(alone.allowed), said(alone.withheld))
        assert sorted(map(repr, shown.already)) == sorted(map(repr, alone.already))


def test_what_was_sent_is_told_to_have_gone_whoever_else_is_asked_for(nations):  # noqa: F811
    from hilf.node import preview

    qm, qn, qo = nations
    qn.says(*mixed(qn, 2))
    queued = qn.release(qm, f"type:indicator {FREE}").queued
    counts = {
        weighing.to: (len(shown.already), bool(shown.allowed))
        for weighing, shown in preview.previews(qn.home(), [qm.node, qo.node], NOW, f"type:indicator {FREE}")
    }
    assert queued > 0
    assert counts[qm.node][0] >= counts[qo.node][0] == 0
    assert counts[qo.node][1]


def test_no_body_is_read_of_what_joins_nothing_once_the_worker_has_looked_at_it(nations):  # noqa: F811
    from hilf.node import lists
    from hilf.store import database

    qm, qn, _ = nations
    qm.says(*mixed(qm, 3))
    before = qm.preview(qn)
    home = qm.home()
    with database.transaction():
        assert lists.fill(home) > 0
    database.execute("UPDATE object SET body = %s WHERE type IN ('indicator', 'malware')", (b"no JSON",))
    assert said(qm.preview(qn).allowed) == said(before.allowed)


def test_objects_that_no_clause_tells_apart_are_decided_once(nations):  # noqa: F811
    from hilf.node.preview import Weighing

    qm, qn, _ = nations
    entries = [
        indicator(qm, f"one of many {n}", Tlp.GREEN, labels=[f"label-{n}"], confidence=n) for n in range(60)
    ]
    qm.says(*entries)
    weighing = Weighing(qm.home(), qn.node, None, NOW)
    allowed = weighing.preview("type:indicator").allowed
    ((decided, rows),) = [(chosen, rows) for chosen, rows in allowed.runs if len(rows) > 1]
    assert (len(rows), len(decided.sheet.distinct)) == (60, 1)


def test_profiles_from_facts_are_those_from_bodies(nations):  # noqa: F811
    from hilf.node.profile import Profiles
    from hilf.store import database
    from hilf.store.intelligence import read

    qm, qn, _ = nations
    qm.says(*mixed(qm, 4), entry("identity", qm, "person", Tlp.CLEAR, name="A", identity_class="individual"))
    qm.release(qn, FREE)
    carry(qm, qn)
    qn.says(*mixed(qn, 5), marking="tlp:green")
    home = qn.home()
    seqs = [seq for (seq,) in database.rows("SELECT seq FROM object ORDER BY seq")]
    rows = read.by_seq(seqs).values()
    with_facts = [profile for _, _, profile in Profiles(home, NOW).read(rows)]
    database.execute("UPDATE object SET facts_id = NULL, confidence = NULL")
    of_bodies = [profile for _, _, profile in Profiles(home, NOW).read(read.by_seq(seqs).values())]
    assert with_facts == of_bodies
    assert len({profile.own for profile in with_facts}) == 2


def test_what_a_node_says_under_two_names_is_weighed_once(nations):  # noqa: F811
    """QN says what QM wrote as well: our own word comes first."""
    qm, qn, qo = nations
    green = indicator(qm, "said twice", Tlp.CLEAR)
    qm.says(green)
    qm.release(qn)
    carry(qm, qn)
    qn.says(green)
    shown = qn.preview(qo, f"id:{green['id']}")
    assert [
        each.kept.asserter for each in (*shown.allowed, *shown.withheld) if each.kept.stix_id == green["id"]
    ] == [qn.node]
