"""What an amendment changes in the text before it."""

from hilf.accord.difference import changes
from tests.accord.agreements import QM, QN, QO, agreement, forbid, permit


def told(before, after) -> list[tuple]:
    return [(each.place, each.word, each.before, each.after) for each in changes(before, after)]


def second(**members):
    return agreement(version=2, prev=agreement().hash, **members)


def test_versions_that_say_the_same_do_not_differ() -> None:
    assert changes(agreement(), second()) == ()


def test_a_member_is_told_with_what_stood_there_and_what_stands_there() -> None:
    assert told(agreement(retention_days=365), second(retention_days=30)) == [
        ("retention_days", "changed", 365, 30)
    ]


def test_clauses_are_added_removed_and_changed_by_their_ids_wherever_they_stand() -> None:
    before = agreement(clauses=[permit("c-1", marking_max="green"), forbid("c-2"), forbid("c-4")])
    after = second(clauses=[forbid("c-4"), permit("c-1", marking_max="clear"), forbid("c-3")])
    assert told(before, after) == [
        ("clause c-1: when", "changed", {"marking_max": "green"}, {"marking_max": "clear"}),
        ("clause c-2", "removed", forbid("c-2"), None),
        ("clause c-3", "added", None, forbid("c-3")),
    ]


def test_texts_differ_language_by_language() -> None:
    one = {**permit("c-1"), "text": {"en": "One.", "fr": "Un."}}
    other = {**permit("c-1"), "text": {"ar": "واحد", "en": "One.", "fr": "Une."}}
    assert told(agreement(clauses=[one]), second(clauses=[other])) == [
        ("clause c-1: text (fr)", "changed", "Un.", "Une."),
        ("clause c-1: text (ar)", "added", None, "واحد"),
    ]
    assert told(agreement(title={"en": "A"}), second(title={"en": "B"})) == [
        ("title (en)", "changed", "A", "B")
    ]


def test_parties_join_leave_and_another_one_proposes() -> None:
    before, after = agreement(parties=(QM, QN)), agreement(parties=(QO, QM), version=2, prev="0" * 64)
    assert [each[:2] for each in told(before, after)] == [
        (f"party {QN}", "removed"),
        (f"party {QO}", "added"),
        ("proposer", "changed"),
    ]


def test_promises_that_share_a_name_are_told_one_by_one() -> None:
    promise = {"request": "aid", "urgency": "high", "receipt_min": 5, "acknowledge_min": 30, "decide_min": 60}
    quick, slow = {**promise, "deliver_min": 90}, {**promise, "deliver_min": 900}
    assert told(agreement(promises=[quick]), second(promises=[slow, quick])) == [
        ("promise aid high: deliver_min", "changed", 90, 900),
        ("promise aid high", "added", None, quick),
    ]


def test_members_without_a_meaning_are_compared_like_all_others() -> None:
    assert told(agreement(), second(weather="fair")) == [("weather", "added", None, "fair")]


def test_a_member_that_is_there_no_more_is_told_as_well_and_so_is_one_of_a_clause() -> None:
    assert told(agreement(weather="fair"), second()) == [("weather", "removed", "fair", None)]
    noted = {**permit("c-1"), "note": "x"}
    assert told(agreement(clauses=[noted]), second(clauses=[permit("c-1")])) == [
        ("clause c-1: note", "removed", "x", None)
    ]
    assert told(agreement(clauses=[permit("c-1")]), second(clauses=[noted])) == [
        ("clause c-1: note", "added", None, "x")
    ]


def test_a_change_is_written_in_this_form() -> None:
    (change,) = changes(agreement(retention_days=365), second(retention_days=30))
    assert change.json() == {"place": "retention_days", "change": "changed", "before": 365, "after": 30}
