import pytest

from hilf.accord.ownership import (
    NO_PROOF,
    OTHER_AUTHOR,
    Claim,
    Ownership,
    judge,
)

ME, QN, QO = "cert.qm.example", "cert.qn.example", "cert.qo.example"
OUR_IDENTITY, QN_IDENTITY, MITRE = "identity--a", "identity--b", "identity--c"
AUTHORS = {OUR_IDENTITY: frozenset({ME}), QN_IDENTITY: frozenset({QN})}


def claim(created_by=None, asserter=QN, proven=None, type_="indicator", stix_id="indicator--1"):
    return Claim(stix_id, type_, created_by, asserter, proven)


def rule(found: Ownership) -> tuple[str | None, str | None]:
    return found.author, found.rule


def test_third_party_material_has_no_author_whoever_says_it():
    assert judge(claim(MITRE, QN), AUTHORS, (), ME) == Ownership(None)
    assert judge(claim(MITRE, ME), AUTHORS, (), ME) == Ownership(None)
    assert judge(claim(None, QO), AUTHORS, (), ME) == Ownership(None)


def test_a_claimed_author_with_its_proof_is_the_author_whoever_passes_it_on():
    assert judge(claim(QN_IDENTITY, QN, QN), AUTHORS, (), ME) == Ownership(QN)
    assert judge(claim(QN_IDENTITY, QO, QN), AUTHORS, (), ME) == Ownership(QN)


@pytest.mark.parametrize("asserter", [QN, QO, ME])
def test_a_claimed_author_without_proof_waits_even_from_the_author_itself(asserter):
    assert rule(judge(claim(QN_IDENTITY, asserter), AUTHORS, (), ME)) == (None, NO_PROOF)


def test_a_proof_by_another_node_than_the_claimed_one_is_none():
    assert rule(judge(claim(QN_IDENTITY, QO, QO), AUTHORS, (), ME)) == (None, NO_PROOF)


def test_what_we_say_under_our_own_identity_is_ours_without_proof():
    assert judge(claim(OUR_IDENTITY, ME), AUTHORS, (), ME) == Ownership(ME)


def test_a_partner_who_says_something_in_our_name_needs_our_proof():
    assert rule(judge(claim(OUR_IDENTITY, QN), AUTHORS, (), ME)) == (None, NO_PROOF)
    assert judge(claim(OUR_IDENTITY, QN, ME), AUTHORS, (), ME) == Ownership(ME)


def test_the_identity_object_of_a_node_is_authored_by_it():
    identity = claim(None, QO, None, "identity", QN_IDENTITY)
    assert rule(judge(identity, AUTHORS, (), ME)) == (None, NO_PROOF)


def test_a_marking_has_no_author():
    assert judge(claim(QN_IDENTITY, QO, None, "marking-definition"), AUTHORS, (), ME) == Ownership(None)
    assert judge(claim(QN_IDENTITY, QN, QN, "marking-definition"), AUTHORS, (), ME) == Ownership(None)


def test_a_proof_of_a_node_known_by_introduction_only_names_the_author():
    assert judge(claim("identity--z", QN, "cert.qp.example"), AUTHORS, (), ME) == Ownership("cert.qp.example")


def test_squatting_on_the_id_of_anothers_object_waits():
    assert rule(judge(claim(MITRE, QO), AUTHORS, {QN}, ME)) == (None, OTHER_AUTHOR)
    assert rule(judge(claim(None, ME), AUTHORS, {QN}, ME)) == (None, OTHER_AUTHOR)
    assert rule(judge(claim(OUR_IDENTITY, ME), AUTHORS, {QN}, ME)) == (ME, OTHER_AUTHOR)


def test_a_new_version_by_the_same_author_does_not_wait():
    assert judge(claim(QN_IDENTITY, QN, QN), AUTHORS, {QN}, ME) == Ownership(QN)


def test_two_verified_nodes_that_name_one_identity_may_both_prove_it():
    both = {MITRE: frozenset({QN, QO})}
    assert judge(claim(MITRE, QN, QO), both, (), ME) == Ownership(QO)
    assert rule(judge(claim(MITRE, QN), both, (), ME)) == (None, NO_PROOF)


def test_why_it_waits_is_said_with_names():
    both = {MITRE: frozenset({QO, QN})}
    said = "It claims to be written by cert.qn.example or cert.qo.example and carries no proof of it."
    assert judge(claim(MITRE, QN), both, (), ME).message == said
    squatted = judge(claim(None, ME), AUTHORS, {QO, QN}, ME)
    assert squatted.message == "Its id belongs to an object that cert.qn.example wrote."


def test_an_identity_is_known_in_either_case():
    assert judge(claim(QN_IDENTITY.upper(), QN, QN), AUTHORS, (), ME) == Ownership(QN)
    assert rule(judge(claim(QN_IDENTITY.upper(), QO), AUTHORS, (), ME)) == (None, NO_PROOF)
    shouted = claim(None, QO, None, "identity", QN_IDENTITY.upper())
    assert rule(judge(shouted, AUTHORS, (), ME)) == (None, NO_PROOF)
