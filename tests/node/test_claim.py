"""Objects that partners send in acts: whose they are, what waits for a person, what the receipt says."""

from datetime import timedelta
from hashlib import sha256

import pytest

from hilf.accord.placing import ObjectState
from hilf.canonical import dumps, timestamp
from hilf.federation.act import make_act
from hilf.federation.authorship import prove
from hilf.federation.peer import PeerState
from hilf.markings.tlp import Tlp
from hilf.node import identity, intake
from hilf.node.ahead import read_ahead
from hilf.node.home import index_key
from hilf.node.intake import Taken
from hilf.seal.identity import read_card
from hilf.store import database
from hilf.store.federation import peer as peers
from hilf.store.instant import microseconds
from hilf.store.intelligence import erase, imports, read
from tests.conftest import NOW
from tests.homes import Partner, key
from tests.stix_objects import an_indicator, bundle, stix_id

ME, QN, QO, QP = "cert.qm.example", "cert.qn.example", "cert.qo.example", "cert.qp.example"
QN_IDENTITY, MITRE = stix_id("identity", "qn"), stix_id("identity", "mitre")
ACCORD = "accord--00000000-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def known_nodes(home):
    """QN and QO are verified, QP is introduced; QN's document names an identity of its own, and QP's names MITRE's."""
    named = {QN: [QN_IDENTITY], QO: [], QP: [MITRE, stix_id("identity", "qp")]}
    for node, identities in named.items():
        partner = Partner(node, node[5:7].upper(), identities).document()
        with database.transaction():
            identity.keep(read_card(partner.card, NOW), 0, NOW)
            peers.introduce(node, PeerState.INTRODUCED.value, partner.fingerprint, None, 0)
            if node != QP:
                peers.verify(node, PeerState.VERIFIED.value, microseconds(NOW))


def proof(stix_object, node=QN, signer=None):
    (made,) = prove([dumps(stix_object)], [bytes(32)], node, NOW, signer or key(f"{node} online 1"))
    return made


def take(home, *sent, sender=QN, terms=None, exercise=None, **given):
    """Each of `sent` is an object, or an object and its proof."""
    acts = acts_of(*sent, sender=sender, terms=terms, exercise=exercise)
    with database.transaction():
        return intake.take(home, acts, NOW, **given)


def acts_of(*sent, sender=QN, terms=None, exercise=None):
    return [
        make_act(
            "object", sender, ME, NOW, sha256(bytes([n])).hexdigest()[:32], (ACCORD, 3), "defence",
            {"markings": [], "onward": "none", "retention_until": timestamp(NOW + timedelta(days=30)),
             "redacted_from": None, **(terms or {})},
            {"object": each[0] if isinstance(each, tuple) else each, "authorship": each[1] if isinstance(each, tuple) else None},
            exercise,
        )
        for n, each in enumerate(sent)
    ]  # fmt: skip


def kept(home, stix_object):
    return read.assertions_of(stix_object["id"], index_key(home))


def test_third_party_material_is_applied_with_its_terms_and_its_accord(home):
    sent = an_indicator(1, created_by_ref=MITRE)
    terms = {"markings": [Tlp.GREEN.marking_id]}
    assert take(home, sent, terms=terms, exercise="exercise--1") == (Taken("applied", None, 2),)
    (held,) = kept(home, sent)
    assert (held.asserter, held.author, held.state, held.tlp) == (QN, None, ObjectState.CURRENT, Tlp.GREEN)
    assert (held.accord, held.purpose, held.exercise) == (f"{ACCORD} 3", "defence", "exercise--1")
    assert (held.terms["onward"], held.terms["markings"]) == ("none", [Tlp.GREEN.marking_id])
    assert (held.body, held.import_id, held.authorship) == (dumps(sent), None, None)


def test_the_same_object_under_stricter_terms_is_kept_to_them_and_looser_ones_change_nothing(home):
    sent = an_indicator(1, created_by_ref=MITRE)
    until = {days: timestamp(NOW + timedelta(days=days)) for days in (10, 30)}
    take(home, sent, terms={"onward": "free", "retention_until": until[10]})
    take(home, sent, terms={"onward": "none", "retention_until": until[30]})
    (held,) = kept(home, sent)
    assert (held.terms["onward"], held.terms["retention_until"]) == ("none", until[10])
    take(home, sent, terms={"onward": "free", "retention_until": None})
    assert kept(home, sent)[0].terms == held.terms


def test_objects_that_take_too_long_to_read_are_refused_and_may_come_in_another_batch(home):
    slow = an_indicator(1, created_by_ref=MITRE)
    refused = (Taken("refused", "intake.too-costly"),)
    assert take(home, slow, budget_s=-1) == refused
    assert kept(home, slow) == ()
    assert take(home, slow) == (Taken("applied", None, 2),)


def test_what_was_read_ahead_is_not_read_again_and_what_was_not_in_time_is_refused(home):
    sent, late = an_indicator(1, created_by_ref=MITRE), an_indicator(2, created_by_ref=MITRE)
    (one, two) = acts_of(sent, late)
    read_before = {**read_ahead([one], NOW, 60), **read_ahead([two], NOW, -1)}
    with database.transaction():
        taken = intake.take(home, [one, two], NOW, budget_s=-1, ahead=read_before)
    assert taken == (Taken("applied", None, 2), Taken("refused", "intake.too-costly"))


def test_a_batch_that_costs_too_much_is_cut_off_in_the_middle(home):
    costly = " OR ".join(
        f"[ipv4-addr:value = '192.0.2.{n % 250}' AND file:name = 'n{n}']" for n in range(3000)
    )
    slow, late = an_indicator(1, created_by_ref=MITRE, pattern=costly), an_indicator(2, created_by_ref=MITRE)
    assert [each.code for each in take(home, slow, late, budget_s=0.1)] == [None, "intake.too-costly"]


def test_an_authored_object_with_its_proof_is_applied_also_when_another_passes_it_on(home):
    sent = an_indicator(1, created_by_ref=QN_IDENTITY)
    assert [t.outcome for t in take(home, (sent, proof(sent)))] == ["applied"]
    assert [t.outcome for t in take(home, (sent, proof(sent)), sender=QO)] == ["applied"]
    assert [(k.asserter, k.author, k.state) for k in kept(home, sent)] == [
        (QO, QN, ObjectState.CURRENT),
        (QN, QN, ObjectState.CURRENT),
    ]
    assert kept(home, sent)[0].authorship is not None


def test_an_authored_object_without_a_good_proof_is_held_and_listed(home):
    sent, other = an_indicator(1, created_by_ref=QN_IDENTITY), an_indicator(2, created_by_ref=QN_IDENTITY)
    for bad in (None, proof(other), proof(sent, QO), proof(sent, signer=key("a stranger"))):
        (taken,) = take(home, (sent, bad))
        assert (taken.outcome, taken.code) == ("held", "ownership.no-proof")
    assert [k.state for k in kept(home, sent)] == [ObjectState.QUARANTINED]
    found = [each for _, each in imports.findings(peer=QN)]
    assert [(f.object, f.rule, f.outcome, f.body) for f in found] == [
        (sent["id"], "ownership.no-proof", "quarantined", dumps(sent))
    ] * 4


def test_a_version_that_was_held_counts_once_its_proof_comes(home):
    sent = an_indicator(1, created_by_ref=QN_IDENTITY)
    take(home, sent)
    assert [t.outcome for t in take(home, (sent, proof(sent)))] == ["applied"]
    assert [(k.state, k.author) for k in kept(home, sent)] == [(ObjectState.CURRENT, QN)]


def test_squatting_on_the_id_of_anothers_object_is_held_and_changes_nothing(home):
    sent = an_indicator(1, created_by_ref=QN_IDENTITY)
    take(home, (sent, proof(sent)))
    squat = an_indicator(
        1, "2026-11-23T10:00:00.000Z", created_by_ref=MITRE, pattern="[domain-name:value = 'x.example']"
    )
    (taken,) = take(home, squat, sender=QO)
    assert (taken.outcome, taken.code) == ("held", "ownership.other-author")
    assert [(k.asserter, k.state) for k in kept(home, sent)] == [
        (QN, ObjectState.CURRENT),
        (QO, ObjectState.QUARANTINED),
    ]


def test_squatting_in_the_same_batch_is_seen_too(home):
    sent = an_indicator(1, created_by_ref=QN_IDENTITY)
    squat = an_indicator(1, "2026-11-23T10:00:00.000Z")
    assert [t.code for t in take(home, (sent, proof(sent)), squat, sender=QO)] == [
        None,
        "ownership.other-author",
    ]


def test_an_import_of_what_a_partner_wrote_needs_the_proof_that_we_hold(home, tmp_path):
    sent = an_indicator(1, created_by_ref=QN_IDENTITY)
    file = tmp_path / "file.json"
    file.write_bytes(bundle(sent))
    first = intake.import_files(home, [str(file)], None, None, NOW)
    assert (first.quarantined, first.findings[0].rule) == (1, "ownership.no-proof")
    take(home, (sent, proof(sent)))
    again = intake.import_files(home, [str(file)], None, None, NOW)
    assert (again.new, again.quarantined) == (1, 0)
    ours = next(k for k in kept(home, sent) if k.asserter == ME and k.state == ObjectState.CURRENT)
    assert (ours.author, ours.authorship) == (QN, kept(home, sent)[0].authorship)


def test_the_proof_that_we_hold_serves_the_same_bytes_only(home, tmp_path):
    sent = an_indicator(1, created_by_ref=QN_IDENTITY)
    take(home, (sent, proof(sent)))
    file = tmp_path / "file.json"
    file.write_bytes(bundle(an_indicator(1, "2026-11-23T10:00:00.000Z", created_by_ref=QN_IDENTITY)))
    (found,) = intake.import_files(home, [str(file)], None, None, NOW).findings
    assert found.rule == "ownership.no-proof"


def test_a_partner_that_speaks_in_our_name_is_held(home):
    from hilf.node.init import stix_identity_id

    sent = an_indicator(1, created_by_ref=stix_identity_id(ME))
    assert [t.code for t in take(home, (sent, proof(sent)))] == ["ownership.no-proof"]


def test_an_introduced_node_can_prove_but_claims_nothing_for_itself(home):
    theirs, mitre = (
        an_indicator(1, created_by_ref=stix_id("identity", "qp")),
        an_indicator(2, created_by_ref=MITRE),
    )
    assert [t.outcome for t in take(home, (theirs, proof(theirs, QP)), mitre)] == ["applied", "applied"]
    assert (kept(home, theirs)[0].author, kept(home, mitre)[0].author) == (QP, None)


def test_a_proof_over_an_object_of_somebody_else_makes_no_author(home):
    sent = an_indicator(1, created_by_ref=MITRE)
    take(home, (sent, proof(sent, QN)))
    assert [(k.author, k.authorship) for k in kept(home, sent)] == [(None, None)]


def test_equivocation_of_a_partner_is_held_with_both_versions(home):
    one, two = an_indicator(1), an_indicator(1, name="two")
    assert [(t.outcome, t.code) for t in take(home, one, two)] == [
        ("applied", None),
        ("held", intake.EQUIVOCATION),
    ]
    assert [k.object["name"] for k in kept(home, one)] == ["Indicator 1", "two"]


def test_a_wrong_object_is_refused_by_its_rule_and_the_others_go_on(home):
    wrong, right = an_indicator(1, confidence=900), an_indicator(2)
    refused, applied = take(home, wrong, right)
    assert (refused, applied.outcome) == (Taken("refused", "stix.schema"), "applied")
    assert [each.body for _, each in imports.findings(peer=QN)] == [dumps(wrong)]


def test_an_older_edition_of_stix_is_refused_between_nodes(home):
    old = {name: value for name, value in an_indicator(1).items() if name != "spec_version"}
    (taken,) = take(home, {**old, "labels": ["malicious-activity"], "pattern": "[a:b = 'c']"})
    assert (taken.outcome, taken.code) == ("refused", "stix.version-2.0")


def test_what_the_partner_retracted_is_refused_when_it_comes_again(home):
    sent = an_indicator(1)
    (taken,) = take(home, sent)
    with database.transaction():
        erase.erase([taken.seq], index_key(home))
    assert take(home, sent) == (Taken("refused", intake.RETRACTED),)
    assert [t.outcome for t in take(home, sent, sender=QO)] == ["applied"]


def test_a_duplicate_is_applied_and_kept_once(home):
    sent = an_indicator(1)
    assert [t.outcome for t in take(home, sent) + take(home, sent)] == ["applied", "applied"]
    assert len(kept(home, sent)) == 1


def test_nothing_to_take_is_nothing(home):
    assert take(home) == ()


@pytest.mark.parametrize("kid", [None, 7, ["x"], {"x": 1}, "x"])
@pytest.mark.parametrize("node", [QN, None, ["x"]])
def test_proof_of_any_form_is_judged_and_never_a_fault(home, kid, node):
    with database.transaction():
        database.execute("UPDATE peer SET state = 'verified'")
    sent = an_indicator(1, created_by_ref=QN_IDENTITY)
    good = proof(sent)
    broken = {**good, "signed": {**good["signed"], "kid": kid, "node": node}}
    assert take(home, (sent, broken)) == (Taken("held", "ownership.no-proof", 2),)


def revoke_online_key_of_qn():
    stolen = key(f"{QN} online 1").kid
    partner = Partner(QN, "QN", [QN_IDENTITY]).document()
    partner.document("online 2", revoked={stolen: timestamp(NOW)})
    with database.transaction():
        identity.keep(read_card(partner.card, NOW), 1, NOW)


def test_stolen_key_proves_neither_new_objects_nor_new_versions_of_what_was_held_before(home):
    held = an_indicator(1, created_by_ref=QN_IDENTITY)
    assert take(home, (held, proof(held))) == (Taken("applied", None, 2),)
    revoke_online_key_of_qn()
    newer = an_indicator(
        1, created_by_ref=QN_IDENTITY, name="by the thief", modified="2026-11-24T00:00:00.000Z"
    )
    other = an_indicator(2, created_by_ref=QN_IDENTITY)
    taken = take(home, (newer, proof(newer)), (other, proof(other)))
    assert [(each.outcome, each.code) for each in taken] == [("held", "ownership.no-proof")] * 2
    again = take(home, (held, proof(held)), sender=QO)
    assert [(each.outcome, each.code) for each in again] == [("applied", None)]
    assert {(row.asserter, row.author) for row in kept(home, held) if row.state == ObjectState.CURRENT} == {
        (QN, QN),
        (QO, QN),
    }
