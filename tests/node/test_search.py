import pytest

from hilf.accord.placing import ObjectState
from hilf.errors import CallerFault, Refusal
from hilf.node import intake, search
from hilf.node.home import index_key
from hilf.store import database
from hilf.store.intelligence import erase, read
from tests.conftest import NOW
from tests.stix_objects import STAMP, an_indicator, bundle, stix_id

NEWER = "2026-11-21T10:00:00.000Z"


@pytest.fixture
def brought(home, tmp_path):
    def bring(*objects):
        file = tmp_path / "feed.json"
        file.write_bytes(bundle(*objects))
        intake.import_files(home, [str(file)], "tlp:green", "feed", NOW)

    return bring


def found(home, text="", **options):
    return [each.object.get("name") for each in search.find(home, search.terms_of(**options), text).objects]


def test_words_are_found_right_after_they_came_in(home, brought):
    brought(an_indicator(1, name="Pegasus"), an_indicator(2, name="Candiru"))
    assert (found(home, "pegasus"), found(home, "pegasus candiru"), found(home, "nothing")) == (
        ["Pegasus"],
        [],
        [],
    )


def test_options_and_a_selection_mean_and(home, brought):
    brought(an_indicator(1, labels=["a"]), an_indicator(2))
    assert found(home, value="HOST1[.]example") == ["Indicator 1"]
    assert found(home, type_="indicator, malware") == ["Indicator 2", "Indicator 1"]
    assert found(home, type_="indicator", selection="label:a") == ["Indicator 1"]
    assert found(home, since="2026-11-24", type_="indicator") == ["Indicator 2", "Indicator 1"]
    assert found(home, since="2026-11-25") == []


def test_a_wrong_selection_or_time_is_refused():
    for options in ({"selection": "colour:red"}, {"since": "yesterday"}):
        with pytest.raises(CallerFault):
            search.terms_of(**options)


def test_show_gives_our_own_word_first_and_what_is_tied_to_it(home, brought):
    a, b = stix_id("indicator", 1), stix_id("malware", 2)
    malware = {
        "type": "malware",
        "spec_version": "2.1",
        "id": b,
        "created": STAMP,
        "modified": STAMP,
        "is_family": False,
        "name": "M",
    }
    relation = {
        "type": "relationship", "spec_version": "2.1", "id": stix_id("relationship", 3), "created": STAMP, "modified": STAMP,
        "relationship_type": "indicates", "source_ref": a, "target_ref": b,
    }  # fmt: skip
    brought(an_indicator(1), malware, relation)
    database.execute(
        "UPDATE object SET asserter = 'cert.qn.example', modified = modified + 9 WHERE stix_id = %s", (a,)
    )
    brought(an_indicator(1))
    shown = search.show(home, a)
    assert [each.asserter for each in shown.assertions] == [home.node, "cert.qn.example"]
    assert shown.best.asserter == home.node
    assert [(prop, other.stix_id) for prop, other in shown.pointing] == [("source_ref", relation["id"])]
    assert search.show(home, relation["id"]).pointed_to == (("source_ref", a), ("target_ref", b))


def test_versions_are_shown_when_asked_for(home, brought):
    brought(an_indicator(1))
    brought(an_indicator(1, NEWER))
    assert [e.state for e in search.show(home, stix_id("indicator", 1)).assertions] == [ObjectState.CURRENT]
    assert [e.state for e in search.show(home, stix_id("indicator", 1), versions=True).assertions] == [
        ObjectState.CURRENT,
        ObjectState.OLDER,
    ]


def test_raw_gives_exactly_the_received_bytes(home, tmp_path):
    file = tmp_path / "feed.json"
    one = b'{"z_last": 1,   ' + bundle(an_indicator(1, x_a=1))[len(bundle()) - 2 : -2].lstrip(b"{")
    file.write_bytes(one)
    intake.import_files(home, [str(file)], None, None, NOW)
    assert search.raw(home, stix_id("indicator", 1)) == one


def test_what_is_hidden_is_refused_at_this_door_too(home, brought):
    brought(an_indicator(1))
    (held,) = read.assertions_of(stix_id("indicator", 1), index_key(home))
    with database.transaction():
        erase.hide([held.seq])
    assert search.show(home, held.stix_id).best is None
    with pytest.raises(Refusal) as refused:
        search.raw(home, held.stix_id)
    assert refused.value.code == "intelligence.not-shown"
    with pytest.raises(Refusal) as refused:
        search.show(home, stix_id("indicator", 2))
    assert refused.value.code == "intelligence.unknown"


def test_filling_the_text_ends_with_nothing(home, brought):
    brought(an_indicator(1))
    assert [search.fill_text(), search.fill_text()] == [2, 0]


@pytest.mark.parametrize(
    ("stix_object", "name"),
    [
        ({"name": "N", "value": "v"}, "N"),
        ({"value": "v"}, "v"),
        ({"type": "autonomous-system", "number": 64496}, "64496"),
        (
            {"type": "relationship", "source_ref": "a", "target_ref": "b", "relationship_type": "uses"},
            "a uses b",
        ),
        ({"type": "file", "hashes": {"MD5": "0" * 32}}, "0" * 32),
        ({"type": "sighting", "sighting_of_ref": "x"}, "x"),
        ({"type": "grouping", "name": ["no text"]}, ""),
    ],
)
def test_every_object_has_a_name_for_readers(stix_object, name):
    assert search.name_of(stix_object) == name
