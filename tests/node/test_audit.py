"""The audit trail of a node: what is written is found again, and what somebody edits is named."""

from datetime import timedelta

import pytest

from hilf.access.trail import Kind, Who
from hilf.errors import CallerFault
from hilf.node import audit
from hilf.node.audit import Query
from hilf.store import database
from tests.conftest import NOW

AMAL = Who("amal", "0" * 32, "console", "192.0.2.1")
OMAR = Who("omar", None, "command line")


@pytest.fixture
def written(either_home):
    audit.write(Kind.TRIED, AMAL, "release approve", "release--1", NOW)
    audit.write(Kind.DID, AMAL, "release approve", "release--1", NOW, {"acts": 3})
    audit.write(Kind.DENIED, OMAR, "accord sign", "accord--1", NOW + timedelta(hours=1), {"code": "x"})
    return either_home


def test_entries_come_the_newest_first(written):
    newest, *rest = audit.entries(Query())
    assert (newest.seq, newest.kind, newest.person, newest.face) == (3, "denied", "omar", "command line")
    assert newest.detail == {"code": "x"}
    assert [each.seq for each in rest] == [2, 1]
    assert [each.seq for each in audit.entries(Query(), before=3, limit=1)] == [2]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(kind="did"), [2]),
        (Query(person="amal"), [2, 1]),
        (Query(action="approve"), [2, 1]),
        (Query(subject="accord--"), [3]),
        (Query(since=NOW + timedelta(minutes=1)), [3]),
        (Query(until=NOW + timedelta(minutes=1)), [2, 1]),
        (Query(action="%"), []),
        (Query(person="amal", kind="denied"), []),
    ],
)
def test_entries_are_searched(written, query, found):
    assert [each.seq for each in audit.entries(query)] == found
    assert [each.seq for each in audit.every(query)] == found


def test_a_kind_that_there_is_not_is_refused(written):
    with pytest.raises(CallerFault, match="no kind"):
        audit.entries(Query(kind="ate"))


def test_a_trail_holds(written):
    verified = audit.verify()
    assert (verified.count, verified.head[0], verified.broken) == (3, 3, ())


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE audit_entry SET person = 'nobody' WHERE seq = 2",
        "UPDATE audit_entry SET at = at + 1000000 WHERE seq = 2",
        "UPDATE audit_entry SET body = (SELECT body FROM audit_entry WHERE seq = 1) WHERE seq = 2",
        "DELETE FROM audit_entry WHERE seq = 2",
    ],
)
def test_verify_names_the_row_that_was_edited(written, edit):
    database.execute(edit)
    assert audit.verify().broken[0].seq == 2


def test_the_end_that_was_cut_off_is_missed(written):
    database.execute("DELETE FROM audit_entry WHERE seq = 3")
    assert [(each.seq, each.why) for each in audit.verify().broken] == [(3, "missing")]
    audit.write(Kind.DID, AMAL, "import", "", NOW)
    assert audit.verify().broken[0].seq == 3


def test_a_head_that_was_noted_must_still_stand(written):
    head = audit.verify().head
    audit.write(Kind.DID, AMAL, "import", "", NOW)
    assert audit.verify(head).broken == ()
    with pytest.raises(CallerFault) as fault:
        audit.verify((2, head[1]))
    assert fault.value.code == "audit.noted"


def test_an_export_can_be_checked_by_anybody(written):
    from hashlib import sha256

    before = bytes(32)
    for each in audit.exported(Query()):
        before = sha256(before + each["body"].encode()).digest()
        assert before.hex() == each["hash"]
    assert len(list(audit.exported(Query(kind="did")))) == 1
