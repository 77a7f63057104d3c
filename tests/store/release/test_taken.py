"""On SQLite and PostgreSQL: what a partner was told to let go, and which of it a new act may bring there again."""

import pytest

from hilf.canonical import dumps, sha256
from hilf.store.database import execute, transaction
from hilf.store.federation import outbox
from hilf.store.federation import retraction as retractions
from hilf.store.intelligence.assertion import Assertion
from hilf.store.intelligence.erase import hide
from hilf.store.intelligence.write import write_assertions
from hilf.store.release import taken
from tests.conftest import INDEX_KEY

QM, QN, QO = (f"cert.{country}.example" for country in ("qm", "qn", "qo"))
ONE = "indicator--11111111-0000-4000-8000-000000000000"
BODY = dumps({"id": ONE})
VERSION = sha256(BODY).hex()
ACCORD = "accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"
OTHER = "accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0002"
GIVEN, TOLD = b"g" * 32, b"t" * 32
MODIFIED = 70


def act(act_id: bytes, at: int, seq: int | None, state: str, peer: str = QN, **body: object) -> None:
    envelope = dumps({"accord": {"id": ACCORD, "version": 2}, "body": body})
    outbox.put(peer, [outbox.Waiting(act_id, "object" if seq else "retraction", at, envelope, seq)], None)
    execute("UPDATE act SET state = %s WHERE act_id = %s", (state, act_id))


@pytest.fixture
def told(store):
    """QN has one object of ours; told(reason, ...) lets it go of that later."""
    with transaction():
        (row,) = write_assertions(
            [Assertion(ONE, "indicator", QM, sha256(BODY), BODY, 1, modified=MODIFIED)], INDEX_KEY
        )
        act(GIVEN, 10, row.seq, "applied")

    def tell(reason="expired", at=20, version=VERSION, state="applied", peer=QN):
        with transaction():
            number = retractions.put(
                act_id=None, by=QM, stix_id=ONE, body="{}", reason=reason, at=at, deadline=99
            )
            act(TOLD, at, None, state, peer, versions=None if version is None else [version])
            retractions.expect(number, peer, TOLD, at)
        return row.seq

    return tell


def upto() -> list[int]:
    return [each.modified for each in taken.of([QN, QO], [ONE], INDEX_KEY)]


def note(state: str) -> None:
    execute("UPDATE act SET state = %s WHERE act_id = %s", (state, GIVEN))


def test_what_was_given_for_a_time_is_taken_back_until_it_is_noted_that_the_agreement_is_over(told):
    told()
    assert upto() == [MODIFIED]
    note("retracted")
    assert upto() == [taken.GOES_AGAIN]


def test_what_is_gone_here_too_goes_again_when_it_comes_again(told):
    seq = told()
    with transaction():
        hide([seq])
    assert upto() == [taken.GOES_AGAIN]


@pytest.mark.parametrize("reason", ["error", "legal", "consent-withdrawn", "source-at-risk"])
def test_what_was_taken_back_for_another_reason_does_not_go_again(told, reason):
    seq = told(reason)
    note("retracted")
    assert upto() == [MODIFIED]
    with transaction():
        hide([seq])
    assert upto() == [MODIFIED]
    assert taken.let_go_under(QN, ACCORD) == []


def test_what_is_not_noted_yet_is_found_under_its_agreement(told):
    told()
    assert taken.let_go_under(QN, ACCORD) == [GIVEN]
    assert (taken.let_go_under(QO, ACCORD), taken.let_go_under(QN, OTHER)) == ([], [])
    note("retracted")
    assert taken.let_go_under(QN, ACCORD) == []


@pytest.mark.parametrize(
    "telling",
    [{"at": 9}, {"version": "00" * 32}, {"state": "refused"}, {"state": "dropped"}, {"peer": QO}],
    ids=lambda telling: next(iter(telling)),
)
def test_what_was_said_before_of_another_version_or_to_another_node_takes_nothing_back(told, telling):
    told(**telling)
    assert (upto(), taken.let_go_under(QN, ACCORD)) == ([], [])


def test_a_retraction_that_names_no_version_takes_back_all(told):
    told(version=None)
    assert (upto(), taken.let_go_under(QN, ACCORD)) == ([MODIFIED], [GIVEN])
