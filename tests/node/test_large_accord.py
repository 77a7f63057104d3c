"""An accord with 500 clauses and 60 parties, of which only two have homes here: the others are their cards and keys."""

import time
from datetime import timedelta

from hilf.accord.life import State
from hilf.accord.step import Kind, signed_body
from hilf.federation.act import make_act
from hilf.federation.outcome import Outcome
from hilf.federation.peer import PeerState
from hilf.markings.tlp import Tlp
from hilf.seal.identity import Officer
from hilf.seal.record import make_record
from tests.conftest import NOW
from tests.homes import Partner, key
from tests.nations import BEGAN, carry, copied, indicator, made_nations, meet  # noqa: F401

CLAUSES = [
    {
        "id": f"c-{number}",
        "effect": "permit",
        "kinds": ["object"],
        "when": {"marking_max": "green", "labels_any": [f"label-{number}"]},
        "text": {"en": f"Clause {number}. " + "What is so labelled may be sent. " * 10},
    }
    for number in range(500)
]
SECONDS = 60
"""A generous bound for a busy machine; alone it takes a tenth."""


def partners(count: int) -> list[Partner]:
    made = []
    for number in range(count):
        node = f"cert.n{number}.example"
        officer = Officer(key(f"{node} officer").public, "officer", ("accord",))
        made.append(Partner(node, "QP").document(issued=BEGAN, officers=[officer]))
    return made


def records_of(partner: Partner, subject) -> list[dict]:
    until = NOW + timedelta(days=30)
    node = partner.node
    keys = (("officer", key(f"{node} officer")), ("node", key(f"{node} online 1")))
    return [make_record("accord", node, role, subject, NOW, until, signer) for role, signer in keys]


def test_sixty_parties_sign_five_hundred_clauses_and_a_party_that_knows_one_of_them_obeys(
    made_nations,  # noqa: F811
    tmp_path,
) -> None:
    from hilf.node import accord, accord_receive, draft, life, peer
    from hilf.store import database
    from hilf.store.database import transaction

    began_s = time.monotonic()
    qm, qn, _ = copied(made_nations, tmp_path)
    meet(qm, qn)
    home, others = qm.home(), partners(58)
    for partner in others:
        peer.add(home, partner.card, BEGAN)
    for partner in others[:3]:
        for officer in qm.keys.values():
            peer.verify(home, partner.node, partner.fingerprint, officer, NOW)
    nodes = [qn.node, *(partner.node for partner in others)]
    text = draft.from_file(home, nodes, {"clauses": CLAUSES, "onward": "listed"}, NOW).life.accord
    accord.propose(home, text.id, NOW)
    for partner in others:
        body = signed_body(Kind.SIGNATURE, text, records_of(partner, text.subject))
        act = make_act("accord", partner.node, qm.node, NOW, "ab" * 16, None, "federation", {}, body)
        with transaction():
            assert accord_receive.receive(home, act, NOW) == (Outcome.APPLIED, None)
    assert {result["outcome"] for result in carry(qm, qn)} == {"applied"}
    for officer in qn.keys.values():
        accord.sign(qn.home(), text.id, officer, NOW)
    assert {result["outcome"] for result in carry(qn, qm)} == {"applied"}
    for officer in qm.keys.values():
        done = accord.sign(qm.home(), text.id, officer, NOW)
    assert done.shown.standing.state is State.IN_FORCE
    assert {result["outcome"] for result in carry(qm, qn)} == {"applied"}

    home = qn.home()
    assert len([n for n in nodes if peer.state_of(n) is PeerState.INTRODUCED]) == len(others)
    (held,) = life.in_force_with(home, qm.node, NOW)
    assert (held.accord, len(held.accord.nodes)) == (text, 60)
    qn.says(
        indicator(qn, "named", Tlp.GREEN, labels=["label-499"]),
        indicator(qn, "other", Tlp.GREEN, labels=["x"]),
    )
    preview = qn.preview(qm, "type:indicator")
    assert [each.decision.main.clause for each in preview.allowed if each.kept.type == "indicator"] == [
        "c-499"
    ]
    assert len(preview.withheld) == 1
    database.use(":memory:")
    assert time.monotonic() - began_s < SECONDS
