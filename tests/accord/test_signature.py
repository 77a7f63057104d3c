from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hilf.accord.community import Quorum
from hilf.accord.document import Accord, read_accord
from hilf.accord.signature import (
    Signing,
    check_full,
    check_set,
    check_signature,
    officers_needed,
    officers_then,
    signings,
)
from hilf.canonical import parse_timestamp
from hilf.errors import PartnerFault
from hilf.seal.document import Document, read_document
from hilf.seal.record import make_record, verify_records
from tests.accord.agreements import BEGINS, NOW, QM, QN, QO, VECTORS, Nation, agreement, chains

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


def test_a_party_has_not_signed_before_its_node_has(nations: tuple[Nation, Nation]) -> None:
    qm, qn = nations
    accord, known = agreement(), chains(qm, qn)
    for node in (True, False):
        records = [check_signature(accord, record, known) for record in qn.sign(accord, node=node)]
        assert [each.complete for each in signings(accord, records, known)] == [False, node]


def test_what_a_key_signed_counts_no_more_when_it_is_revoked() -> None:
    qm, qn = Nation(QM), Nation(QN)
    accord = agreement()
    records = [check_signature(accord, record, chains(qm, qn)) for record in qn.sign(accord)]
    revoked = qn.officers.pop(0)
    qn.follow(NOW, 1, (revoked.kid,))
    (_, signing) = signings(accord, records, chains(qm, qn))
    assert signing.officers == (qn.officers[0].kid,)


def with_role(document: Document, role: str) -> Document:
    officers = {kid: replace(officer, roles=(role,)) for kid, officer in document.officers.items()}
    return replace(document, officers=officers)


def test_an_officer_who_may_only_approve_signs_no_accord_and_the_newest_document_says_so() -> None:
    qn = Nation(QN)
    accord = agreement()
    (officer, _, node) = qn.sign(accord)
    qn.follow(NOW + timedelta(hours=1), 2)
    first, second = chains(qn)[QN]
    approves = {QN: (first, with_role(second, "approval"))}
    with pytest.raises(PartnerFault, match="accord: role"):
        check_signature(accord, officer, approves)
    assert check_signature(accord, node, approves).role == "node"
    since_then = {QN: (with_role(first, "approval"), second)}
    assert check_signature(accord, officer, since_then).role == "officer"


def test_what_an_officer_who_left_signed_stays_however_many_documents_follow() -> None:
    qm, qn = Nation(QM), Nation(QN)
    accord = agreement()
    left = qn.sign(accord)[0]
    qn.officers.pop(0)
    for days in (1, 2, 3):
        qn.follow(NOW + timedelta(days=days), 1)
    assert check_signature(accord, left, chains(qm, qn)).kid == left["kid"]


def test_officers_of_one_party_may_sign_hours_apart_and_the_proposer_s_last(
    nations: tuple[Nation, Nation],
) -> None:
    qm, qn = nations
    accord = agreement()
    qn_one, qn_two, qn_node = (
        qn.sign(accord, NOW + timedelta(hours=hours))[i] for i, hours in enumerate((0, 2, 3))
    )
    qm_one, qm_two, qm_node = (
        qm.sign(accord, NOW + timedelta(hours=hours))[i] for i, hours in enumerate((3, 5, 6))
    )
    known = chains(qm, qn)
    assert len(check_set(accord, [qn_one, qn_two, qn_node, qm_one, qm_two, qm_node], known)) == 6
    early = qm.sign(accord, NOW)[0]
    assert (
        refusal(accord, [qn_one, qn_two, qn_node, early, qm_two, qm_node], known)
        == "accord: proposer signed before others"
    )


def test_a_set_is_not_full_while_too_few_of_those_who_stood_have_signed() -> None:
    parties = tuple(map(Nation, (QM, QN, QO)))
    accord = agreement(parties=(QM, QN, QO))
    known = chains(*parties)
    needed = Quorum(frozenset({QM}), frozenset({QM, QN, QO}), 2)
    qm, qn = ([check_signature(accord, r, known) for r in each.sign(accord)] for each in parties[:2])
    check_full(accord, [*qn, *qm], known, None, needed)
    with pytest.raises(PartnerFault, match="accord: too few parties") as fault:
        check_full(accord, qm, known, None, needed)
    assert fault.value.detail == "1"


def test_signings_of_a_party_without_an_identity_are_counted_as_they_came(
    nations: tuple[Nation, Nation],
) -> None:
    qm, qn = nations
    accord = agreement()
    records = [check_signature(accord, r, chains(qm, qn)) for r in qn.sign(accord, officers=1)]
    assert signings(accord, records, chains(qm))[1] == Signing(QN, (qn.officers[0].kid,), 1, by_node=True)


def test_an_officer_who_signs_at_the_instant_of_the_document_without_him_has_signed() -> None:
    qn = Nation(QN)
    accord = agreement()
    at, after = (qn.sign(accord, NOW + timedelta(milliseconds=n))[0] for n in (0, 1))
    qn.officers.pop(0)
    qn.follow(NOW, 1)
    assert check_signature(accord, at, chains(qn)).kid == at["kid"]
    with pytest.raises(PartnerFault, match="accord: unknown kid"):
        check_signature(accord, after, chains(qn))


def test_a_set_takes_as_many_officers_as_counted_when_it_was_proposed(nations: tuple[Nation, Nation]) -> None:
    qm, qn = nations[0], Nation(QN)
    accord = agreement()
    qn.follow(NOW - timedelta(hours=1), 1)
    known, records = chains(qm, qn), [*qn.sign(accord, officers=1), *qm.sign(accord)]
    assert len(check_set(accord, records, known, NOW)) == 5
    before = NOW - timedelta(hours=2)
    assert refusal(accord, records, known, since=before) == f"accord: too few officers of {QN}"
    read = [check_signature(accord, record, known) for record in records]
    assert [each.needed for each in signings(accord, read, known, before)] == [2, 2]
    assert [each.needed for each in signings(accord, read, known, NOW)] == [2, 1]


def test_a_fault_says_of_what_and_of_whom() -> None:
    qm, qn = Nation(QM), Nation(QN)
    accord, known = agreement(), chains(Nation(QM), Nation(QN))
    officer, other, node = qn.sign(accord)
    revoked = {QN: (replace(known[QN][0], revoked={officer["kid"]: "2026-02-01T00:00:00.000Z"}),)}
    stranger = make_record("accord", "n" * 120, "node", accord.subject, NOW, NOW + timedelta(days=1), qm.key)

    def detail(records: Any, identities: Any = known) -> str:
        with pytest.raises(PartnerFault) as fault:
            check_set(accord, records, identities)
        return fault.value.detail

    assert detail(qn.say("suspension", accord)) == "suspension"
    assert detail([stranger]) == "n" * 100
    assert detail([officer], {}) == f"no identity of {QN}"
    assert detail([officer], revoked) == f"{officer['kid'][:40]} is revoked"
    assert detail([officer, officer]) == officer["kid"][:40]
    assert detail([officer, node, *qm.sign(accord)]) == "1"
    assert detail([officer, other, *qm.sign(accord)]) == ""
