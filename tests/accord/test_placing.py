"""What one assertion is beside those that are held: every case as values, without a store."""

from itertools import permutations, product
from typing import NamedTuple

import pytest

from hilf.accord.placing import ObjectState, Outcome, Placement, place

QM, QN = "cert.qm.example", "cert.qn.example"
CURRENT, OLDER, QUARANTINED, HIDDEN, ERASED, DROPPED, REDACTED = ObjectState


class Version(NamedTuple):
    modified: int | None = 1
    sha256: bytes = b"a"
    state: ObjectState = CURRENT
    asserter: str = QM
    tlp: int | None = None
    overlay: tuple[str, ...] = ()
    redacted_from: bytes | None = None
    said_at: int | None = None
    lapsed: int | None = None


def keep(said: Version, held: tuple[Version, ...]) -> tuple[Outcome, tuple[Version, ...]]:
    """What a store does with a placement."""
    placement = place(said, held)
    after = [v._replace(state=OLDER) if n in placement.superseded else v for n, v in enumerate(held)]
    if placement.held is None:
        after.append(said._replace(state=placement.state))
    elif placement.joined is not None:
        overlay, tlp = placement.joined
        after[placement.held] = after[placement.held]._replace(overlay=overlay, tlp=tlp)
    return placement.outcome, tuple(after)


def test_what_nobody_said_before_is_new():
    assert place(Version(), ()) == Placement(Outcome.NEW, CURRENT)
    assert place(Version(state=QUARANTINED), ()) == Placement(Outcome.QUARANTINED, QUARANTINED)


@pytest.mark.parametrize("state", ObjectState)
@pytest.mark.parametrize("modified", [0, 1, 2])
def test_what_others_say_of_the_same_object_changes_nothing(state, modified):
    others = (Version(modified, b"b", state, QN), Version(modified, b"a", state, QN))
    assert place(Version(), others) == place(Version(), ())


def test_a_newer_version_supersedes_only_what_was_current():
    held = (Version(1, state=OLDER), Version(9, asserter=QN), Version(2), Version(3, b"x", QUARANTINED))
    assert place(Version(4), held) == Placement(Outcome.UPDATED, CURRENT, superseded=(2,))


def test_an_older_version_is_history():
    assert place(Version(1), (Version(2),)) == Placement(Outcome.UPDATED, OLDER)


@pytest.mark.parametrize("state", [CURRENT, OLDER])
def test_the_same_bytes_again_are_a_duplicate(state):
    held = (Version(2), Version(1, b"a", state))
    assert place(Version(), held) == Placement(Outcome.DUPLICATE, held=1, is_again=True)


@pytest.mark.parametrize("state", [CURRENT, OLDER])
@pytest.mark.parametrize("modified", [None, 0, 1])
def test_the_same_version_with_other_bytes_is_equivocation_kept_as_evidence(state, modified):
    held = (Version(modified, b"a", state),)
    assert place(Version(modified, b"b"), held) == Placement(Outcome.EQUIVOCATION, QUARANTINED)


def test_the_same_evidence_again_is_not_kept_twice():
    held = (Version(), Version(1, b"b", QUARANTINED))
    assert place(Version(1, b"b"), held) == Placement(Outcome.EQUIVOCATION, held=1)
    assert place(Version(1, b"b", QUARANTINED), held) == Placement(Outcome.QUARANTINED, held=1)


def test_what_waited_counts_once_it_comes_again_and_may():
    waiting = Version(state=QUARANTINED)
    assert place(waiting, (waiting,)) == Placement(Outcome.QUARANTINED, held=0)
    assert place(Version(), (waiting,)) == Placement(Outcome.NEW, CURRENT, settles=0)
    assert place(Version(), (Version(0), waiting)) == Placement(Outcome.UPDATED, superseded=(0,), settles=1)
    assert place(Version(), (Version(2), waiting)) == Placement(Outcome.UPDATED, OLDER, settles=1)
    marked = Version(state=QUARANTINED, tlp=4, overlay=("r",))
    assert place(Version(), (marked,)) == Placement(Outcome.NEW, CURRENT, settles=0, joined=(("r",), 4))


@pytest.mark.parametrize("coming", [CURRENT, QUARANTINED])
def test_what_a_person_dropped_is_not_taken_again_and_nothing_else_is_touched(coming):
    dropped = (Version(2, b"a", DROPPED),)
    assert place(Version(2, b"a", coming), dropped) == Placement(Outcome.DROPPED, held=0)
    for other in (Version(2, b"b"), Version(1), Version(3)):
        assert place(other, dropped) == Placement(Outcome.NEW, CURRENT)


def test_what_waits_contradicts_nothing_that_comes():
    assert place(Version(1, b"b"), (Version(state=QUARANTINED),)) == Placement(Outcome.NEW, CURRENT)


@pytest.mark.parametrize("state", [HIDDEN, ERASED])
@pytest.mark.parametrize(
    ("modified", "sha256"),
    [(2, b"a"), (2, b"b"), (1, b"c"), (None, b"a")],
    ids=["same", "other", "older", "none"],
)
@pytest.mark.parametrize("coming", [CURRENT, QUARANTINED])
def test_what_was_retracted_comes_back_in_no_form(state, modified, sha256, coming):
    held = (Version(2, b"a", state),)
    assert place(Version(modified, sha256, coming), held) == Placement(Outcome.RETRACTED, held=0)


@pytest.mark.parametrize("state", [HIDDEN, ERASED])
def test_a_newer_version_than_the_retracted_one_counts(state):
    held = (Version(2, b"a", state),)
    assert place(Version(3), held) == Placement(Outcome.UPDATED)
    assert place(Version(3, state=QUARANTINED), held) == Placement(Outcome.QUARANTINED, QUARANTINED)


@pytest.mark.parametrize("state", [HIDDEN, ERASED])
@pytest.mark.parametrize(
    ("said_at", "lapsed", "outcome"),
    [
        (8, 7, Placement(Outcome.UPDATED, CURRENT, lifts=True)),
        (7, 7, Placement(Outcome.RETRACTED, held=0)),
        (6, 7, Placement(Outcome.RETRACTED, held=0)),
        (None, 7, Placement(Outcome.RETRACTED, held=0)),
        (8, None, Placement(Outcome.RETRACTED, held=0)),
        (None, None, Placement(Outcome.RETRACTED, held=0)),
    ],
)
def test_what_lapsed_comes_back_with_an_act_that_was_made_later_and_with_nothing_else(
    state, said_at, lapsed, outcome
):
    held = (Version(2, b"a", state, lapsed=lapsed),)
    assert place(Version(2, b"a", said_at=said_at), held) == outcome


def test_what_lapsed_keeps_no_other_version_out_and_is_not_lifted_by_one():
    held = (Version(2, b"a", ERASED, lapsed=7),)
    for other in (
        Version(1, b"b", said_at=8),
        Version(2, b"c", said_at=8),
        Version(2, b"c", redacted_from=b"a", said_at=8),
    ):
        assert place(other, held) == Placement(Outcome.UPDATED, CURRENT)


def test_one_that_was_retracted_for_another_reason_keeps_out_what_is_as_old_as_it():
    lapsed, wrong = Version(2, b"a", ERASED, lapsed=7), Version(2, b"b", ERASED)
    said = Version(2, b"a", said_at=8)
    assert place(said, (lapsed, wrong)) == Placement(Outcome.RETRACTED, held=1)
    assert place(said, (wrong, lapsed)) == Placement(Outcome.RETRACTED, held=0)
    assert place(said, (lapsed, wrong._replace(modified=1))) == Placement(Outcome.UPDATED, lifts=True)


def test_what_comes_back_is_a_duplicate_the_next_time_and_history_beside_a_later_version():
    gone = Version(2, b"a", ERASED, lapsed=7)
    said = Version(2, b"a", said_at=8)
    assert place(said, (gone, Version(2, b"a"))) == Placement(Outcome.DUPLICATE, held=1, is_again=True)
    assert place(said, (gone, Version(3, b"b"))) == Placement(Outcome.UPDATED, OLDER, lifts=True)
    assert place(said, (gone, Version(1, b"b"))) == Placement(Outcome.UPDATED, superseded=(1,), lifts=True)


def test_what_lapsed_and_a_person_dropped_stays_dropped():
    held = (Version(2, b"a", ERASED, lapsed=7), Version(2, b"a", DROPPED))
    assert place(Version(2, b"a", said_at=8), held) == Placement(Outcome.DROPPED, held=1)


def test_coming_back_loosens_nothing():
    gone = Version(2, b"a", ERASED, tlp=4, overlay=("r",), lapsed=7)
    said = Version(2, b"a", tlp=1, overlay=("g",), said_at=8)
    joined = (("g", "r"), 4)
    assert place(said, (gone,)) == Placement(Outcome.UPDATED, lifts=True, joined=joined)
    assert place(said, (gone, Version(3, b"b"))) == Placement(
        Outcome.UPDATED, OLDER, lifts=True, joined=joined
    )
    waiting = Version(2, b"a", QUARANTINED, tlp=1, overlay=("w",))
    both = (("g", "r", "w"), 4)
    assert place(said, (gone, waiting)) == Placement(Outcome.UPDATED, lifts=True, joined=both, settles=1)


def test_what_lapsed_and_waits_in_quarantine_when_it_comes_again_is_not_lifted():
    held = (Version(2, b"a", ERASED, lapsed=7),)
    waits = Version(2, b"a", QUARANTINED, said_at=8)
    assert place(waits, held) == Placement(Outcome.QUARANTINED, QUARANTINED)


@pytest.mark.parametrize(
    ("held", "came", "joined"),
    [
        ((None, ()), (4, ("r",)), (("r",), 4)),
        ((1, ("g",)), (4, ("r",)), (("g", "r"), 4)),
        ((4, ("r",)), (1, ("g",)), (("g", "r"), 4)),
        ((1, ("g",)), (None, ("s",)), (("g", "s"), 1)),
        ((None, ("s",)), (None, ("t",)), (("s", "t"), None)),
    ],
)
def test_markings_that_come_with_a_duplicate_are_joined_to_the_stricter(held, came, joined):
    version, said = (Version(tlp=tlp, overlay=overlay) for tlp, overlay in (held, came))
    assert place(said, (version,)) == Placement(Outcome.UPDATED, held=0, is_again=True, joined=joined)


def test_saying_it_again_with_fewer_markings_loosens_nothing():
    held = (Version(tlp=4, overlay=("g", "r")),)
    for overlay in ((), ("g",), ("g", "r")):
        assert place(Version(overlay=overlay), held) == Placement(Outcome.DUPLICATE, held=0, is_again=True)


def test_whatever_the_order_the_latest_is_current_and_nothing_is_lost():
    for order in permutations([Version(m, bytes([m])) for m in range(1, 5)]):
        held: tuple[Version, ...] = ()
        for said in order:
            _, held = keep(said, held)
        assert {v.modified: v.state for v in held} == {1: OLDER, 2: OLDER, 3: OLDER, 4: CURRENT}


def test_laws_over_every_small_history():
    """At most one version is current, none that counts contradicts another, and what was held keeps its place."""
    steps = [Version(m, s, state) for m, s, state in product((1, 2), (b"a", b"b"), (CURRENT, QUARANTINED))]
    for start in ((), (Version(1, b"a", HIDDEN),)):
        for history in product(steps, repeat=3):
            held: tuple[Version, ...] = start
            for said in history:
                before = held
                outcome, held = keep(said, before)
                counting = [v for v in held if v.state < QUARANTINED]
                assert sum(v.state == CURRENT for v in counting) == bool(counting)
                assert len({v.modified for v in counting}) == len(counting)
                assert [v[:2] for v in held[: len(before)]] == [v[:2] for v in before]
                assert keep(said, held)[1] == held, "the same again adds no row"
                assert not start or outcome == Outcome.RETRACTED or said.modified == 2


def test_laws_over_every_small_history_of_forms():
    """The full form counts once it has come; no form displaces it, and none adds a row twice."""
    steps = [
        Version(m, s, state, redacted_from=full)
        for m, (s, full), state in product(
            (1, 2), ((b"a", None), (b"f", b"a"), (b"g", b"a"), (b"b", None)), (CURRENT, QUARANTINED)
        )
    ]
    for history in product(steps, repeat=3):
        held: tuple[Version, ...] = ()
        for said in history:
            before = held
            _, held = keep(said, before)
            counting = [v for v in held if v.state < QUARANTINED]
            assert sum(v.state == CURRENT for v in counting) == bool(counting)
            latest = [v for v in counting if v.modified == max(each.modified for each in counting)]
            for current in (v for v in counting if v.state == CURRENT):
                assert current.redacted_from is None or all(v.redacted_from for v in latest)
            assert len({(v.modified, v.redacted_from or v.sha256) for v in counting}) == len(
                {v.modified for v in counting}
            )
            assert keep(said, held)[1] == held, "the same again adds no row"


FULL, FORM, OTHER_FORM = (
    Version(),
    Version(sha256=b"f", redacted_from=b"a"),
    Version(sha256=b"g", redacted_from=b"a"),
)


@pytest.mark.parametrize("order", [(FULL, FORM), (FORM, FULL)])
def test_of_a_full_form_and_a_redacted_one_the_full_counts_in_either_order(order):
    held = ()
    outcomes = []
    for said in order:
        outcome, held = keep(said, held)
        outcomes.append(outcome)
    assert outcomes == [Outcome.NEW, Outcome.UPDATED]
    assert {(v.sha256, v.state) for v in held} == {(b"a", CURRENT), (b"f", OLDER)}


def test_of_two_redacted_forms_the_later_counts_until_the_full_one_comes():
    _, held = keep(FORM, ())
    outcome, held = keep(OTHER_FORM, held)
    assert (outcome, [v.state for v in held]) == (Outcome.UPDATED, [OLDER, CURRENT])
    outcome, held = keep(FULL, held)
    assert (outcome, [v.state for v in held]) == (Outcome.UPDATED, [OLDER, OLDER, CURRENT])
    for again in (FORM, OTHER_FORM):
        outcome, held = keep(again, held)
        assert (outcome, [v.state for v in held]) == (Outcome.DUPLICATE, [OLDER, OLDER, CURRENT])


def test_a_redacted_form_that_names_another_full_one_is_equivocation():
    for said in (Version(sha256=b"f", redacted_from=b"x"), Version(sha256=b"f")):
        assert place(said, (FULL,)) == Placement(Outcome.EQUIVOCATION, QUARANTINED)
    assert place(Version(sha256=b"h", redacted_from=b"x"), (FORM,)) == Placement(
        Outcome.EQUIVOCATION, QUARANTINED
    )


def test_only_the_asserter_of_the_full_form_redacts_it():
    theirs = FORM._replace(asserter=QN)
    assert place(theirs, (FULL,)) == place(theirs, ())


def test_a_form_that_waits_does_not_displace_what_counts():
    assert place(FORM._replace(state=QUARANTINED), (FULL,)) == Placement(Outcome.QUARANTINED, QUARANTINED)
    assert place(FORM, (FULL._replace(state=QUARANTINED),)) == Placement(Outcome.NEW, CURRENT)


def test_what_was_retracted_comes_back_neither_whole_nor_redacted():
    for state in (HIDDEN, ERASED):
        assert place(FORM, (FULL._replace(state=state),)).outcome is Outcome.RETRACTED
        assert place(FULL, (FORM._replace(state=state),)).outcome is Outcome.RETRACTED


def test_a_form_that_we_sent_ourselves_stands_beside_the_full_one():
    sent = FORM._replace(state=REDACTED)
    assert place(FULL, (FULL, sent)) == Placement(Outcome.DUPLICATE, held=0, is_again=True)
    assert place(Version(2, b"n"), (FULL, sent)) == Placement(Outcome.UPDATED, CURRENT, superseded=(0,))
    assert place(FULL, (sent,)) == Placement(Outcome.NEW, CURRENT)


def test_what_waited_and_is_retracted_meanwhile_settles_nothing():
    held = (Version(1, b"a", QUARANTINED), Version(2, b"b", ERASED))
    assert place(Version(1, b"a"), held) == Placement(Outcome.RETRACTED, held=1)


def test_what_settles_is_joined_with_the_version_that_waited_and_no_other():
    waited = Version(2, b"b", QUARANTINED)._replace(overlay=("marking-definition--w",))
    placed = place(Version(2, b"b"), (Version(1, b"a"), waited))
    assert (placed.settles, placed.superseded, placed.joined) == (1, (0,), (("marking-definition--w",), None))
