from datetime import timedelta
from typing import Any

import pytest

from hilf.errors import CallerFault
from hilf.seal.document import Officer, read_document
from hilf.seal.draft import draft_document
from tests.seal.nodes import INPUTS, KEYS, OFFICERS, ROOTS, at, first_document, second_document


def drafted(**changes: Any) -> dict[str, Any]:
    document = first_document()
    members: dict[str, Any] = {
        "node": "cert.qm.example",
        "name": {"en": "CERT QM"},
        "country": "QM",
        "seq": 1,
        "prev": None,
        "issued": at(document["issued"]),
        "expires": at(document["expires"]),
        "threshold": 2,
        "root": [key.public for key in ROOTS],
        "sign": [KEYS["qm online 0"].public, KEYS["qm online 1"].public],
        "officers": [
            Officer(key.public, f"qm officer {n}", ("accord", "release")) for n, key in enumerate(OFFICERS, 1)
        ],
        "officers_per_act": 2,
        "tls_sha256": document["tls_sha256"],
        "endpoints": document["endpoints"],
        "revoked": {},
    }
    return draft_document(**{**members, **changes})


def test_document_1_of_the_vectors_is_drafted_from_its_parts() -> None:
    assert drafted() == INPUTS["qm_1"]["document"]


def test_document_2_of_the_vectors_is_drafted_from_document_1() -> None:
    first, second = read_document(first_document()), read_document(second_document())
    changes = {
        "seq": 2,
        "prev": first.hash,
        "issued": second.issued,
        "sign": [KEYS["qm online 2"].public],
        "tls_sha256": second.tls_sha256,
        "revoked": dict(second.revoked),
    }
    assert drafted(**changes) == INPUTS["qm_2"]["document"]


def test_members_that_are_not_known_are_carried_over() -> None:
    assert drafted(kept={"later": {"kept": True}, "v": 7}) == first_document(later={"kept": True})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"threshold": 4}, "identity.threshold-out-of-range"),
        ({"officers_per_act": 0}, "identity.officers-per-act-out-of-range"),
        ({"expires": at("2026-01-01T00:00:00.000Z") + timedelta(days=401)}, "identity.lifetime"),
        ({"sign": [ROOTS[0].public]}, "identity.key-twice"),
        ({"endpoints": ["http://gw"]}, "identity.endpoints"),
    ],
)
def test_a_draft_that_partners_would_refuse_is_not_made(changes: Any, code: str) -> None:
    with pytest.raises(CallerFault) as fault:
        drafted(**changes)
    assert fault.value.code == code
