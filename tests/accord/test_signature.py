from datetime import timedelta
from typing import Any

import pytest

from hilf.accord.document import Accord, read_accord
from hilf.accord.signature import (
    Signing,
    check_set,
    check_signature,
    officers_needed,
    officers_then,
    signings,
)
from hilf.canonical import parse_timestamp
from hilf.errors import PartnerFault
from hilf.seal.document import read_document
from hilf.seal.record import verify_records
from tests.accord.agreements import BEGINS, NOW, QM, QN, VECTORS, Nation, agreement, chains

IDENTITIES = {node: (read_document(body),) for node, body in VECTORS["inputs"]["identities"].items()}
RECORDS = VECTORS["outputs"]["accord_records"]


def accord_of(case: dict[str, Any]) -> Accord:
    named = case["accord"]
    return read_accord(VECTORS["inputs"][named] if isinstance(named, str) else named)


def refusal(accord: Accord, records: Any, identities: Any, **more: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        check_set(accord, records, identities, **more)
    return fault.value.rule


def test_the_full_set_of_the_vectors_is_accepted() -> None:
    accord = read_accord(VECTORS["inputs"]["accord"])
    assert [record.kid for record in check_set(accord, RECORDS, IDENTITIES)] == [r["kid"] for r in RECORDS]


@pytest.mark.parametrize("case", [c for c in VECTORS["negative"] if "accord" in c], ids=lambda c: c["name"])
def test_sets_that_the_vectors_refuse_are_refused_at_the_same_rule(case: dict[str, Any]) -> None:
    records = [RECORDS[record] if isinstance(record, int) else record for record in case["records"]]
    assert refusal(accord_of(case), records, IDENTITIES) == case["refused_at"]


@pytest.mark.parametrize("case", [c for c in VECTORS["negative"] if "type" in c], ids=lambda c: c["name"])
def test_officers_records_that_the_vectors_refuse_are_refused_at_the_same_rule(case: dict[str, Any]) -> None:
    with pytest.raises(PartnerFault) as fault:
        verify_records(
            case["type"],
            case["subject"],
            case["records"],
            IDENTITIES[case["node"]][0],
            parse_timestamp(case["now"], "now"),
        )
    assert fault.value.rule == case["refused_at"]


@pytest.fixture(scope="module")
def nations() -> tuple[Nation, Nation]:
    return Nation(QM), Nation(QN)


def test_a_proposer_who_signed_well_before_the_others_did_not_sign_last(
    nations: tuple[Nation, Nation],
) -> None:
    qm, qn = nations
    accord = agreement()
    late = NOW + timedelta(seconds=61)
    assert (
        refusal(accord, [*qm.sign(accord), *qn.sign(accord, late)], chains(qm, qn))
        == "accord: proposer signed before others"
    )


def test_clocks_a_minute_apart_do_not_break_a_set(nations: tuple[Nation, Nation]) -> None:
    qm, qn = nations
    accord = agreement()
    records = [*qm.sign(accord), *qn.sign(accord, NOW + timedelta(seconds=60))]
    assert len(check_set(accord, records, chains(qm, qn))) == 6


def test_a_signature_may_expire_at_the_very_time_of_the_last_one(nations: tuple[Nation, Nation]) -> None:
    qm, qn = nations
    accord = agreement()
    at = NOW + timedelta(days=1)
    assert len(check_set(accord, [*qn.sign(accord, days=1), *qm.sign(accord, at)], chains(qm, qn))) == 6
    late = [*qn.sign(accord, days=0.999), *qm.sign(accord, at)]
    assert refusal(accord, late, chains(qm, qn)) == "accord: a signature had expired"


def test_a_party_without_identity_cannot_have_signed(nations: tuple[Nation, Nation]) -> None:
    qm, qn = nations
    accord = agreement()
    assert refusal(accord, [*qn.sign(accord), *qm.sign(accord)], chains(qm)) == "accord: unknown kid"


def test_an_approval_is_named_as_what_it_is() -> None:
    approval = VECTORS["outputs"]["officers_records"]["approval"][0]
    assert refusal(read_accord(VECTORS["inputs"]["accord"]), [approval], IDENTITIES) == "record: type"


def test_an_empty_set_is_no_set(nations: tuple[Nation, Nation]) -> None:
    assert refusal(agreement(), [], chains(*nations)) == f"accord: too few officers of {QM}"


def test_an_officer_who_left_keeps_what_he_signed_before_and_signs_nothing_after() -> None:
    qm, qn = Nation(QM), Nation(QN)
    accord = agreement()
    left = qn.sign(accord)[0]
    qn.officers.pop(0)
    qn.follow(NOW + timedelta(hours=1), 1)
    assert check_signature(accord, left, chains(qm, qn)).kid == left["kid"]
    after = Nation(QN).sign(accord, NOW + timedelta(hours=2))[0]
    with pytest.raises(PartnerFault, match="accord: unknown kid"):
        check_signature(accord, after, chains(qm, qn))


def test_a_revoked_officer_has_signed_nothing() -> None:
    qm, qn = Nation(QM), Nation(QN)
    accord = agreement()
    signed = qn.sign(accord)[0]
    revoked = qn.officers.pop(0)
    qn.follow(NOW + timedelta(hours=1), 1, (revoked.kid,))
    with pytest.raises(PartnerFault, match="accord: unknown kid"):
        check_signature(accord, signed, chains(qm, qn))


def test_lowering_the_officers_of_an_act_does_not_touch_what_was_proposed() -> None:
    qn = Nation(QN)
    qn.follow(NOW, 1)
    documents = chains(qn)[QN]
    assert officers_needed(documents) == 1
    assert officers_needed(documents, NOW - timedelta(seconds=1)) == 2
    assert officers_needed(documents, NOW) == 1
    qn.follow(NOW + timedelta(days=1), 2)
    assert officers_needed(chains(qn)[QN], NOW) == 2


def test_what_officers_said_is_counted_by_the_document_of_that_time() -> None:
    qn = Nation(QN)
    qn.follow(NOW, 1)
    documents = chains(qn)[QN]
    assert [officers_then(documents, at) for at in (BEGINS - timedelta(1), NOW - timedelta(1), NOW)] == [
        2,
        2,
        1,
    ]


def test_signings_tell_for_each_party_what_is_missing(nations: tuple[Nation, Nation]) -> None:
    qm, qn = nations
    accord = agreement()
    records = [check_signature(accord, r, chains(qm, qn)) for r in qn.sign(accord, officers=1)]
    kid = qn.officers[0].kid
    assert signings(accord, records, chains(qn)) == (
        Signing(QM, (), 1, by_node=False),
        Signing(QN, (kid,), 2, by_node=True),
    )
    assert [signing.complete for signing in signings(accord, records, chains(qm, qn))] == [False, False]
