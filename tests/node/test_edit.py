"""A draft is edited part by part by several people, and neither loses what the other saved."""

import pytest

from hilf.errors import CallerFault, Refusal
from hilf.node import draft, edit
from tests.conftest import NOW

QN = "cert.qn.example"


@pytest.fixture
def drafted(home, qn):
    from hilf.node import peer

    peer.add(home, qn.card, NOW)
    return draft.from_template(home, [QN], NOW).life.accord


def test_a_clause_changes_where_nobody_else_did(home, drafted):
    held = edit.clause_of(drafted, "c-1")
    put = {**held, "text": {"en": "Other words."}}
    after = edit.put_clause(home, drafted.id, "c-1", edit.mark(held), put, NOW).life.accord
    assert edit.clause_of(after, "c-1")["text"] == {"en": "Other words."}
    assert after.hash != drafted.hash
    with pytest.raises(Refusal, match="Somebody else saved clause c-1"):
        edit.put_clause(home, drafted.id, "c-1", edit.mark(held), put, NOW)


def test_members_that_are_edited_together_leave_the_rest_alone(home, drafted):
    names = ("retention_days", "onward")
    held = edit.members_of(drafted, names)
    edit.remove_clause(home, drafted.id, "c-4", edit.mark(edit.clause_of(drafted, "c-4")), NOW)
    after = edit.put_members(
        home, drafted.id, names, edit.mark(held), {**held, "retention_days": 9}, NOW
    ).life.accord
    assert (after.retention_days, [clause.id for clause in after.clauses]) == (9, ["c-1", "c-2", "c-3"])


def test_what_would_be_no_accord_is_told_with_every_fault_and_changes_nothing(home, drafted):
    names = ("retention_days", "at_end")
    mark = edit.mark(edit.members_of(drafted, names))
    with pytest.raises(edit.Faulty) as told:
        edit.put_members(home, drafted.id, names, mark, {"retention_days": 0, "at_end": "burn"}, NOW)
    assert {fault.place for fault in told.value.faults} == {"retention_days", "at_end"}
    assert edit.draft(home, drafted.id, NOW).life.accord == drafted


def test_id_version_and_clauses_are_no_members_to_be_edited(home, drafted):
    mark = edit.mark(edit.members_of(drafted, ("id",)))
    after = edit.put_members(
        home, drafted.id, ("id",), mark, {"id": "accord--x", "version": 7, "clauses": []}, NOW
    )
    assert after.life.accord == drafted


def test_parties_are_nodes_that_are_known(home, drafted):
    with pytest.raises(CallerFault, match="no peer"):
        edit.put_parties(home, drafted.id, edit.mark([*drafted.nodes]), [QN, "cert.qz.example"], NOW)


def test_what_was_dropped_has_no_draft(home, drafted):
    draft.drop(home, drafted.id, NOW)
    with pytest.raises(CallerFault, match="There is no accord"):
        edit.draft(home, drafted.id, NOW)
