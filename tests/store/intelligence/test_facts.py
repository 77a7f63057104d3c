"""Facts beside assertions: interned, made anew when a column changes, gone when what they were of is erased."""

import pytest

from hilf.accord.facts import content
from hilf.store import database
from hilf.store.intelligence import erase, facts, read
from hilf.store.intelligence.write import put_terms, write_assertions
from tests.store.intelligence.material import KEY, QN, identifier, indicator

pytestmark = pytest.mark.usefixtures("store")

TERMS = '{"markings":[],"onward":"none","redacted_from":null,"retention_until":null}'


def written(number, columns=None, **members):
    said = indicator(number, columns=columns, **members)
    body = {"type": "indicator", "id": said.stix_id, "modified": 1, **members}
    with database.transaction():
        write_assertions([said._replace(content=content(body), confidence=members.get("confidence"))], KEY)
    (kept,) = read.assertions_of(said.stix_id, KEY)
    return kept


def count():
    return database.row("SELECT count(*) FROM facts")[0]


def held(seq):
    kept = read.by_seq([seq])[seq]
    return facts.read([kept.facts_id])[kept.facts_id]


def test_assertions_that_share_their_facts_share_one_row():
    rows = [written(n, labels=["a"], confidence=n, name=f"name {n}") for n in (1, 2, 3)]
    assert len({row.facts_id for row in rows}) == count() == 1
    assert [row.confidence for row in rows] == [1, 2, 3]
    assert written(4, labels=["b"]).facts_id != rows[0].facts_id


def test_facts_written_at_intake_are_those_that_the_row_gives():
    columns = {
        "author": QN,
        "overlay": ("m",),
        "accord": "accord--x 3",
        "terms": TERMS,
        "exercise": "exercise--x",
    }
    kept = written(1, columns, labels=["a"], object_marking_refs=["n"])
    assert held(kept.seq) == facts.of(kept)


def test_other_terms_make_other_facts():
    kept = written(1, {"accord": "accord--x 3", "terms": TERMS})
    with database.transaction():
        put_terms({kept.seq: TERMS.replace("none", "free")})
    assert held(kept.seq).terms == TERMS.replace("none", "free")


def test_an_overlay_that_is_joined_makes_other_facts():
    kept = written(1)
    written(1, {"overlay": ("m",)})
    assert held(kept.seq).overlay == ("m",)


def test_an_author_who_is_named_no_more_is_in_no_facts():
    kept = written(1, {"author": QN})
    with database.transaction():
        erase.hold_back(QN, KEY)
    assert held(kept.seq).author is None


def test_what_is_erased_leaves_its_facts_only_to_others():
    one, two = written(1, labels=["a"]), written(2, labels=["a"])
    for seq, left in ((one.seq, 1), (two.seq, 0)):
        with database.transaction():
            erase.erase([seq], KEY)
        assert count() == left
    assert read.by_seq([one.seq])[one.seq].facts_id is None


def test_rows_of_an_older_hilf_are_given_facts_once():
    with database.transaction():
        write_assertions([indicator(n, labels=["a"], confidence=n) for n in (1, 2)], KEY)
    (kept,) = read.assertions_of(identifier("indicator", 2), KEY)
    assert kept.facts_id is None
    with database.transaction():
        assert [facts.fill(1), facts.fill(5), facts.fill(5)] == [1, 1, 0]
    (kept,) = read.assertions_of(kept.stix_id, KEY)
    assert (held(kept.seq), kept.confidence) == (facts.of(kept), 2)
