from datetime import UTC, datetime, timedelta

import pytest

from hilf.accord.ownership import (
    DATED_AHEAD,
    FUTURE,
    NO_PROOF,
    OTHER_AUTHOR,
    Claim,
    Ownership,
    judge,
)

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ME, QN, QO = "cert.qm.example", "cert.qn.example", "cert.qo.example"
OUR_IDENTITY, QN_IDENTITY, MITRE = "identity--a", "identity--b", "identity--c"
AUTHORS = {OUR_IDENTITY: frozenset({ME}), QN_IDENTITY: frozenset({QN})}


def claim(created_by=None, asserter=QN, proven=None, type_="indicator", stix_id="indicator--1", dated=NOW):
    return Claim(stix_id, type_, created_by, dated, asserter, proven)


def rule(found: Ownership) -> tuple[str | None, str | None]:
    return found.author, found.rule


def test_third_party_material_has_no_author_whoever_says_it():
    assert judge(claim(MITRE, QN), AUTHORS, (), ME, NOW) == Ownership(None)
    assert judge(claim(MITRE, ME), AUTHORS, (), ME, NOW) == Ownership(None)
    assert judge(claim(None, QO), AUTHORS, (), ME, NOW) == Ownership(None)


def test_a_claimed_author_with_its_proof_is_the_author_whoever_passes_it_on():
    assert judge(claim(QN_IDENTITY, QN, QN), AUTHORS, (), ME, NOW) == Ownership(QN)
    assert judge(claim(QN_IDENTITY, QO, QN), AUTHORS, (), ME, NOW) == Ownership(QN)


@pytest.mark.parametrize("asserter", [QN, QO, ME])
def test_a_claimed_author_without_proof_waits_even_from_the_author_itself(asserter):
    assert rule(judge(claim(QN_IDENTITY, asserter), AUTHORS, (), ME, NOW)) == (None, NO_PROOF)


def test_a_proof_by_another_node_than_the_claimed_one_is_none():
    assert rule(judge(claim(QN_IDENTITY, QO, QO), AUTHORS, (), ME, NOW)) == (None, NO_PROOF)


def test_what_we_say_under_our_own_identity_is_ours_without_proof():
    assert judge(claim(OUR_IDENTITY, ME), AUTHORS, (), ME, NOW) == Ownership(ME)


def test_a_partner_who_says_something_in_our_name_needs_our_proof():
    assert rule(judge(claim(OUR_IDENTITY, QN), AUTHORS, (), ME, NOW)) == (None, NO_PROOF)
    assert judge(claim(OUR_IDENTITY, QN, ME), AUTHORS, (), ME, NOW) == Ownership(ME)


def test_the_identity_object_of_a_node_is_authored_by_it():
    identity = claim(None, QO, None, "identity", QN_IDENTITY)
    assert rule(judge(identity, AUTHORS, (), ME, NOW)) == (None, NO_PROOF)


def test_a_marking_has_no_author():
    assert judge(claim(QN_IDENTITY, QO, None, "marking-definition"), AUTHORS, (), ME, NOW) == Ownership(None)


def test_a_proof_of_a_node_known_by_introduction_only_names_the_author():
    assert judge(claim("identity--z", QN, "cert.qp.example"), AUTHORS, (), ME, NOW) == Ownership(
        "cert.qp.example"
    )


def test_squatting_on_the_id_of_anothers_object_waits():
    assert rule(judge(claim(MITRE, QO), AUTHORS, {QN}, ME, NOW)) == (None, OTHER_AUTHOR)
    assert rule(judge(claim(None, ME), AUTHORS, {QN}, ME, NOW)) == (None, OTHER_AUTHOR)
    assert rule(judge(claim(OUR_IDENTITY, ME), AUTHORS, {QN}, ME, NOW)) == (ME, OTHER_AUTHOR)


def test_a_new_version_by_the_same_author_does_not_wait():
    assert judge(claim(QN_IDENTITY, QN, QN), AUTHORS, {QN}, ME, NOW) == Ownership(QN)


def test_two_verified_nodes_that_name_one_identity_may_both_prove_it():
    both = {MITRE: frozenset({QN, QO})}
    assert judge(claim(MITRE, QN, QO), both, (), ME, NOW) == Ownership(QO)
    assert rule(judge(claim(MITRE, QN), both, (), ME, NOW)) == (None, NO_PROOF)


def test_a_version_dated_more_than_a_day_ahead_waits():
    ahead = claim(dated=NOW + FUTURE + timedelta(milliseconds=1))
    assert rule(judge(ahead, AUTHORS, (), ME, NOW)) == (None, DATED_AHEAD)
    assert judge(claim(dated=NOW + FUTURE), AUTHORS, (), ME, NOW) == Ownership(None)
    assert judge(claim(dated=None), AUTHORS, (), ME, NOW) == Ownership(None)
