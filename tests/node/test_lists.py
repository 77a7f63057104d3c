"""What of our objects stands on a list: looked ahead by the worker, on the spot where it was not."""

import pytest

from hilf.errors import CallerFault
from hilf.lists.entry import read_entry
from hilf.lists.hit import Action
from hilf.node import intake, lists
from hilf.node.home import index_key
from hilf.store import database
from hilf.store.intelligence import erase, read
from hilf.store.lists import hit
from tests.conftest import NOW
from tests.stix_objects import an_indicator, bundle, stix_id

VICTIM = "Aman Bank"


@pytest.fixture(params=["home", "home_on_postgresql"])
def node(request):
    """A node on each kind of database, with three indicators beside its own identity; the second names a victim."""
    home = request.getfixturevalue(request.param)
    file = home.path / "in.json"
    named = an_indicator(2, description=f"seen at {VICTIM}", pattern="[domain-name:value = 'evil.qm']")
    plain = [an_indicator(n, pattern=f"[domain-name:value = 'host{n}.qm']") for n in (1, 3)]
    file.write_bytes(bundle(plain[0], named, plain[1]))
    intake.import_files(home, [str(file)], "tlp:green", "test", NOW)
    return home


def rows():
    return [kept for page in read.pages("1 = 1", ()) for kept in page]


def found(home):
    return [
        (rows_by_seq[seq], each.list, each.action, each.value)
        for rows_by_seq in ({kept.seq: kept.stix_id for kept in rows()},)
        for seq, all_ in lists.hits(home, rows()).items()
        for each in all_
    ]


def fill(home, limit=lists.FILL_AT_ONCE):
    with database.transaction():
        return lists.fill(home, limit)


def add(name, *texts):
    return lists.add(name, map(read_entry, texts), NOW)


EXPECTED = [(stix_id("indicator", 2), "victims", Action.STOP, "aman bank")]


@pytest.mark.parametrize("filled", [0, 3, 4])
def test_what_the_worker_has_not_reached_is_looked_at_on_the_spot(node, filled):
    add("victims", VICTIM)
    if filled:
        assert fill(node, filled) == filled
    assert lists.waiting() == 4 - filled
    assert found(node) == EXPECTED


def test_a_changed_list_counts_at_once(node):
    assert fill(node) == 4
    assert fill(node) == 0
    assert found(node) == []
    assert add("victims", VICTIM, "host3.qm") == 2
    assert add("victims", VICTIM) == 0
    assert lists.waiting() == 4
    assert [each[0] for each in found(node)] == [stix_id("indicator", 2), stix_id("indicator", 3)]
    fill(node)
    assert lists.remove("victims", [read_entry("HOST3.qm"), read_entry("other")]) == 1
    assert found(node) == EXPECTED
    fill(node)
    assert found(node) == EXPECTED


def test_what_a_list_does_is_asked_when_something_leaves(node):
    add("victims", VICTIM)
    fill(node)
    lists.set_action("victims", Action.WARN)
    assert lists.waiting() == 0
    assert [each[2] for each in found(node)] == [Action.WARN]
    lists.set_action("victims", Action.OFF)
    assert found(node) == []
    fill(node)
    assert found(node) == []
    lists.set_action("victims", Action.STOP)
    assert found(node) == EXPECTED


def test_a_list_that_was_off_when_the_worker_looked_is_looked_for_once_it_is_on(node):
    add("victims", VICTIM)
    lists.set_action("victims", Action.OFF)
    fill(node)
    assert found(node) == []
    lists.set_action("victims", Action.STOP)
    assert found(node) == EXPECTED


def test_what_an_erased_object_named_is_not_remembered(node):
    add("victims", VICTIM)
    fill(node)
    assert len(hit.of([kept.seq for kept in rows()])) == 1
    with database.transaction():
        erase.erase([kept.seq for kept in rows()], index_key(node))
    assert database.rows("SELECT count(*) FROM list_hit") == [(0,)]


def test_a_version_that_comes_later_is_looked_at_as_well(node, tmp_path):
    add("own-assets", "198.51.100.0/24")
    fill(node)
    file = tmp_path / "more.json"
    file.write_bytes(bundle(an_indicator(9, pattern="[ipv4-addr:value = '198.51.100.1']")))
    intake.import_files(node, [str(file)], "tlp:green", "test", NOW)
    assert {(each[0], each[1]) for each in found(node)} == {
        (stix_id("indicator", 9), "own-assets"),
        (stix_id("indicator", 9), "documentation"),
    }


def test_the_actions_of_a_new_node(home):
    actions = lists.actions()
    assert [actions[name].value for name in ("own-assets", "victims", "documentation", "special-use")] == [
        "stop",
        "stop",
        "warn",
        "warn",
    ]
    assert (actions["public-dns-v4"], actions["amazon-aws"]) == (Action.WARN, Action.OFF)


@pytest.mark.parametrize(
    ("name", "code"), [("nonsense", "lists.unknown"), ("public-dns-v4", "lists.not-ours")]
)
def test_only_the_lists_of_the_nation_are_filled_here(home, name, code):
    with pytest.raises(CallerFault) as refused:
        add(name, VICTIM)
    assert refused.value.code == code


def test_an_object_or_a_value_is_checked_on_demand(node):
    add("victims", VICTIM)
    (by_id,) = lists.check(node, stix_id("indicator", 2))
    assert (by_id.list, by_id.place, by_id.entry) == ("victims", "description", VICTIM)
    assert [each.list for each in lists.check(node, "https://AMAN-bank.test/x")] == [
        "victims",
        "documentation",
    ]
    assert lists.check(node, stix_id("indicator", 1)) == ()
