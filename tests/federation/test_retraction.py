from datetime import timedelta
from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.federation.authorisation import Authorisation
from hilf.federation.outcome import Outcome
from hilf.federation.retraction import (
    GRACE,
    MOST_PER_HOUR,
    NOT_ASSERTED,
    TOO_MANY,
    Assertion,
    Judgement,
    Retraction,
    RetractionReason,
    erase_at,
    judge,
    lapsed_at,
    read_retraction,
)
from tests.federation.parties import NOW, QM, QN, vectors

BODY = vectors("act")["inputs"]["acts"][6]["body"]
RECORDS = vectors("accord")
OBJECT = BODY["object"]
FIRST, SECOND = "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00Z"
OURS = Assertion(QM, OBJECT, FIRST, "11" * 32)
NEWER = Assertion(QM, OBJECT, SECOND, "22" * 32)
THEIRS = Assertion(QN, OBJECT, FIRST, "11" * 32)
OTHER = Assertion(QM, "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd", None, "33" * 32)
KNOWN = [OURS, NEWER, THEIRS, OTHER]


def retraction(
    versions: tuple[str, ...] | None = (FIRST,), reason: str = "error", of: str = OBJECT
) -> Retraction:
    return Retraction(of, versions, RetractionReason(reason), NOW)


def judged(it: Retraction, **changes: Any) -> Judgement:
    circumstances: Any = {"in_last_hour": 0, "authorised": False, "legal_hold": False, **changes}
    return judge(it, QM, KNOWN, NOW, **circumstances)


def refusal(body: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read_retraction(body)
    return fault.value.rule


def test_vector_is_read_and_written() -> None:
    it = read_retraction(BODY)
    assert isinstance(it, Retraction)
    assert (it.object, it.versions, it.reason) == (OBJECT, (FIRST,), RetractionReason.ERROR)
    assert it.json() == BODY


@pytest.mark.parametrize("versions", [None, (FIRST,), (FIRST, SECOND), ("ab" * 32,)])
@pytest.mark.parametrize("reason", list(RetractionReason))
def test_body_is_read_as_it_is_written(versions: tuple[str, ...] | None, reason: RetractionReason) -> None:
    it = Retraction(OBJECT, versions, reason, NOW)
    assert read_retraction(it.json()) == it


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"extra": 1}, "retraction: members"),
        ({"object": "indicator"}, "retraction: object"),
        ({"object": OBJECT + "\n"}, "retraction: object"),
        ({"object": None}, "retraction: object"),
        ({"versions": []}, "retraction: versions"),
        ({"versions": [FIRST, FIRST]}, "retraction: versions"),
        ({"versions": [FIRST, 1]}, "retraction: versions"),
        ({"versions": ["all"]}, "retraction: versions"),
        ({"versions": FIRST}, "retraction: versions"),
        ({"reason": "whim"}, "retraction: reason"),
        ({"reason": ["error"]}, "retraction: reason"),
        ({"deadline": None}, "retraction: deadline: time form"),
    ],
)
def test_malformed_body_is_refused_by_name(changes: Any, rule: str) -> None:
    assert refusal({**BODY, **changes}) == rule


@pytest.mark.parametrize("body", [None, [], ["acts"], "acts"])
def test_what_is_no_object_is_no_body(body: Any) -> None:
    assert refusal(body) == "retraction: members"


def test_authorisation_is_read_as_it_is_written_and_has_the_subject_of_the_vectors() -> None:
    ids = tuple(RECORDS["inputs"]["retraction_act_ids"])
    it = Authorisation(ids, tuple(RECORDS["outputs"]["officers_records"]["retraction"]))
    assert read_retraction(it.json()) == it
    assert it.subject == RECORDS["inputs"]["subjects"]["retraction"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"extra": 1}, "retraction: members"),
        ({"acts": []}, "retraction: acts"),
        ({"acts": ["22" * 32, "11" * 32]}, "retraction: acts"),
        ({"acts": ["11" * 32, "11" * 32]}, "retraction: acts"),
        ({"acts": ["11"]}, "retraction: acts: hex"),
        ({"records": []}, "retraction: records"),
        ({"records": {}}, "retraction: records"),
    ],
)
def test_malformed_authorisation_is_refused_by_name(changes: Any, rule: str) -> None:
    assert refusal({"acts": ["11" * 32], "records": [{}], **changes}) == rule


@pytest.mark.parametrize(
    ("versions", "withdrawn"),
    [
        ((FIRST,), (OURS,)),
        ((SECOND,), (NEWER,)),
        (("22" * 32,), (NEWER,)),
        ((FIRST, SECOND), (OURS, NEWER)),
        (None, (OURS, NEWER)),
    ],
)
def test_only_what_the_sender_asserted_is_withdrawn(
    versions: tuple[str, ...] | None, withdrawn: tuple[Assertion, ...]
) -> None:
    assert judged(retraction(versions)) == Judgement(Outcome.APPLIED, None, withdrawn, NOW + GRACE)


def test_observable_is_withdrawn_by_its_content_id() -> None:
    assert judged(retraction(("33" * 32,), of=OTHER.object)).withdrawn == (OTHER,)


def test_assertion_of_another_node_is_not_withdrawn() -> None:
    it = judge(retraction(), QM, [THEIRS], NOW, in_last_hour=0, authorised=True, legal_hold=False)
    assert it == Judgement(Outcome.REFUSED, NOT_ASSERTED)


def test_version_that_was_not_asserted_is_not_withdrawn() -> None:
    assert judged(retraction(("2025-01-01T00:00:00.000Z",))) == Judgement(Outcome.REFUSED, NOT_ASSERTED)


def test_grace_is_seven_days() -> None:
    assert timedelta(days=7) == GRACE


@pytest.mark.parametrize("reason", list(RetractionReason))
@pytest.mark.parametrize("authorised", [False, True])
@pytest.mark.parametrize("legal_hold", [False, True])
def test_erasure_waits_unless_officers_signed_for_a_source_at_risk(
    reason: RetractionReason, authorised: bool, legal_hold: bool
) -> None:
    at_once = authorised and reason.value == "source-at-risk"
    due = None if legal_hold else NOW if at_once else NOW + timedelta(days=7)
    assert erase_at(reason, NOW, authorised=authorised, legal_hold=legal_hold) == due
    it = judged(retraction(reason=reason.value), authorised=authorised, legal_hold=legal_hold)
    assert it == Judgement(Outcome.APPLIED, None, (OURS,), due)


def test_a_node_may_erase_sooner_than_the_grace():
    it = judged(retraction(), authorised=False, legal_hold=False, grace=timedelta(days=2))
    assert it.erase_at == NOW + timedelta(days=2)


def test_more_than_100_in_an_hour_need_officers() -> None:
    assert MOST_PER_HOUR == 100
    assert judged(retraction(), in_last_hour=99).outcome is Outcome.APPLIED
    assert judged(retraction(), in_last_hour=100) == Judgement(Outcome.HELD, TOO_MANY)
    assert judged(retraction(), in_last_hour=100, authorised=True).outcome is Outcome.APPLIED


def test_what_the_sender_never_asserted_is_refused_however_many_came_before() -> None:
    for authorised in (False, True):
        it = judged(retraction(None, of=f"{OBJECT[:-1]}f"), in_last_hour=100, authorised=authorised)
        assert it == Judgement(Outcome.REFUSED, NOT_ASSERTED)


EXPIRED = RetractionReason.EXPIRED


@pytest.mark.parametrize(
    ("taken_back", "lapsed"),
    [
        ([], None),
        ([(EXPIRED, 5)], 5),
        ([(EXPIRED, 5), (EXPIRED, 7), (EXPIRED, 6)], 7),
        ([(EXPIRED, None)], None),
        ([(EXPIRED, 5), (EXPIRED, None)], None),
        *(([(EXPIRED, 5), (reason, 3)], None) for reason in RetractionReason if reason is not EXPIRED),
        *(([(reason, 3)], None) for reason in RetractionReason if reason is not EXPIRED),
    ],
)
def test_a_version_lapses_with_the_last_of_its_retractions_if_all_say_that_it_expired(
    taken_back: list[tuple[RetractionReason, int | None]], lapsed: int | None
) -> None:
    assert lapsed_at(taken_back) == lapsed
    assert lapsed_at(reversed(taken_back)) == lapsed


@pytest.mark.parametrize("versions", [None, (FIRST,)])
@pytest.mark.parametrize("reason", RetractionReason)
def test_only_versions_that_expired_are_let_go_by_one_node_alone(
    versions: tuple[str, ...] | None, reason: RetractionReason
) -> None:
    assert retraction(versions, reason.value).is_of_one is (reason is EXPIRED and versions is not None)
