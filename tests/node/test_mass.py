"""Thousands taken back at once: held at no cost, seen as one thing, decided by people in one step."""

from collections import Counter
from datetime import timedelta

import pytest

from hilf.errors import CallerFault
from hilf.federation.retraction import MOST_PER_HOUR, Retraction, RetractionReason
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import agreed_nations, carry, indicator, made_nations, nations  # noqa: F401

MANY = 2_000
SOON = NOW + timedelta(minutes=5)
NEXT_HOUR = SOON + timedelta(hours=1, minutes=1)
HELD = "retraction.too-many-in-an-hour"


def say(sender, receiver, count):
    """So many objects that one nation said and sent to another; their ids."""
    made = [indicator(sender, f"mass-{n}", Tlp.CLEAR) for n in range(count)]
    sender.says(*made)
    sender.release(receiver)
    carry(sender, receiver)
    return [each["id"] for each in made]


def take_back(sender, receiver, ids, at=SOON):
    """Retract these, whosever they are, as no honest node would; what the receipts say, counted."""
    from hilf.node.federation import announce
    from hilf.store.database import transaction

    home = sender.home()
    with transaction():
        for each in ids:
            body = Retraction(each, None, RetractionReason.ERROR, at + timedelta(days=1))
            announce(home, receiver.node, "retraction", body.json(), at)
    results = carry(sender, receiver, at)
    return Counter((each["outcome"], (each["reason"] or {}).get("code")) for each in results)


def shown(nation, code, at=SOON):
    from hilf.node.status import status

    return [each.what for each in status(nation.home(), at).warnings if each.code == code]


def standing(reader, author):
    """The ids of indicators that a nation still finds as another's word."""
    return {each for each in reader.objects(author.node) if each.startswith("indicator--")}


def told(nation):
    """What became of the retractions of a nation, as its partner told it."""
    from hilf.store import database

    nation.home()
    sql = "SELECT state, reason FROM act WHERE kind = 'retraction' AND outgoing = %s"
    return Counter(database.rows(sql, (True,)))


def test_thousands_are_held_as_one_thing_and_refused_or_accepted_in_one_step(nations):  # noqa: F811
    from hilf.node import mass

    qm, qn, _ = nations
    ids = say(qm, qn, MANY)
    held = MANY - MOST_PER_HOUR
    assert take_back(qm, qn, ids) == {("applied", None): MOST_PER_HOUR, ("held", HELD): held}
    assert len(standing(qn, qm)) == held
    (text,) = shown(qn, "status.retractions-held")
    assert text.startswith(f"{held} retractions of {qm.node} are held")

    assert mass.refuse(qn.home(), qm.node, SOON) == held
    assert (len(standing(qn, qm)), shown(qn, "status.retractions-held")) == (held, [])
    carry(qn, qm, SOON)
    refused = ("refused", '{"clause":null,"code":"retraction.refused-by-a-person"}')
    assert told(qm) == {("applied", None): MOST_PER_HOUR, refused: held}

    again = take_back(qm, qn, ids, NEXT_HOUR)  # and once more, as often as it likes
    assert again == {("applied", None): MOST_PER_HOUR, ("held", HELD): held}
    assert mass.accept(qn.home(), qm.node, NEXT_HOUR) == held
    assert standing(qn, qm) == set()
    carry(qn, qm, NEXT_HOUR)
    assert told(qm) == {("applied", None): MANY + MOST_PER_HOUR, refused: held}


def test_what_was_never_the_senders_is_refused_and_nobody_is_asked_about_it(nations):  # noqa: F811
    qm, qn, qo = nations
    theirs = [*say(qo, qn, 2), *say(qn, qm, 2)]
    ours = say(qm, qn, MOST_PER_HOUR + 2)
    assert take_back(qm, qn, [*theirs, *ours, *theirs]) == {
        ("applied", None): MOST_PER_HOUR,
        ("held", HELD): 2,
        ("refused", "retraction.not-asserted"): 8,
    }
    assert set(theirs) <= qn.objects().keys()


def test_a_decision_that_is_cut_short_goes_on(nations, monkeypatch):  # noqa: F811
    from hilf.node import mass

    qm, qn, _ = nations
    monkeypatch.setattr(mass, "AT_ONCE", 10)
    take_back(qm, qn, say(qm, qn, MOST_PER_HOUR + 25))
    apply, calls, heard = mass.retract.apply_held, [], []

    def break_off(home, acts, now):
        calls.append(len(acts))
        apply(home, acts, now)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(mass.retract, "apply_held", break_off)
    with pytest.raises(KeyboardInterrupt):
        mass.accept(qn.home(), qm.node, SOON, lambda *so_far: heard.append(so_far))
    assert (calls, heard, len(standing(qn, qm))) == ([10, 10], [(10, 25)], 15)
    monkeypatch.undo()
    assert mass.accept(qn.home(), qm.node, SOON, lambda *so_far: heard.append(so_far)) == 15
    assert heard == [(10, 25), (15, 15)]
    assert standing(qn, qm) == set()


def test_of_two_retractions_of_one_object_the_second_finds_what_the_first_did(nations):  # noqa: F811
    from hilf.node import mass

    qm, qn, _ = nations
    first, *ids = say(qm, qn, MOST_PER_HOUR + 2)
    take_back(qm, qn, [*ids, first, first, first])
    assert mass.accept(qn.home(), qm.node, SOON) == 4
    carry(qn, qm, SOON)
    assert told(qm) == {("applied", None): MOST_PER_HOUR + 4}
    assert standing(qn, qm) == set()


def test_a_hundred_that_are_accepted_cost_no_more_statements_than_a_few_for_each(nations):  # noqa: F811
    from django.db import connection

    from hilf.node import mass

    qm, qn, _ = nations
    take_back(qm, qn, say(qm, qn, MOST_PER_HOUR + 200))
    home, statements = qn.home(), []

    def count(execute, sql, parameters, many, context):
        statements.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(count):
        assert mass.accept(home, qm.node, SOON) == 200
    assert len(statements) < 3 * 200


def test_a_name_of_nobody_is_no_partner_and_leaves_nothing(nations):  # noqa: F811
    from hilf.node import mass
    from hilf.store.federation import stream

    qm, _, _ = nations
    for decide in (mass.accept, mass.refuse):
        with pytest.raises(CallerFault) as refused:
            decide(qm.home(), "nobody.example", SOON)
        assert refused.value.code == "retract.none-held"
    assert stream.position("nobody.example", outgoing=False) is None
