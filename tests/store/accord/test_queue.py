"""On SQLite and PostgreSQL: what waits under an accord is found by the first bytes of its envelope."""

from hilf.canonical import dumps
from hilf.store.accord import queue
from hilf.store.federation import outbox

ACCORD = "accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"
OTHER = "accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0002"


def waiting(number, accord, version=1):
    cited = None if accord is None else {"id": accord, "version": version}
    envelope = dumps({"accord": cited, "kind": "object", "purpose": ACCORD})
    return outbox.Waiting(bytes([number]) * 32, "object", 1, envelope, None)


def test_only_unsent_acts_under_any_version_of_the_accord_are_found(store):
    acts = [
        waiting(1, ACCORD),
        waiting(2, OTHER),
        waiting(3, None),
        waiting(4, ACCORD, 2),
        waiting(5, ACCORD),
    ]
    outbox.put("cert.qn.example", acts, None)
    outbox.put("cert.qo.example", [waiting(6, ACCORD)], None)
    outbox.stamp(1, 1, [outbox.unsent("cert.qn.example", 1)[0].pos])
    assert queue.waiting_under(ACCORD, ["cert.qn.example", "cert.qo.example", "cert.qp.example"]) == {
        "cert.qn.example": [bytes([4]) * 32, bytes([5]) * 32],
        "cert.qo.example": [bytes([6]) * 32],
    }


def test_a_no_to_a_question_of_consent_is_told_whatever_became_of_the_accord(store):
    def consent(number, step):
        envelope = dumps({"accord": {"id": ACCORD, "version": 1}, "body": {"step": step}})
        return outbox.Waiting(bytes([number]) * 32, "consent", 1, envelope, None)

    outbox.put("cert.qn.example", [consent(1, "denied"), consent(2, "given")], None)
    assert queue.waiting_under(ACCORD, ["cert.qn.example"]) == {"cert.qn.example": [bytes([2]) * 32]}
    assert queue.waiting_under(ACCORD, ["cert.qo.example"]) == {}
