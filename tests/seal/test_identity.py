from datetime import timedelta
from typing import Any

import pytest

from hilf.canonical import dumps, tag
from hilf.errors import PartnerFault
from hilf.seal.identity import (
    Missing,
    make_card,
    missing_signatures,
    read_card,
    read_document,
    sign_document,
)
from hilf.seal.key import PrivateKey
from tests.seal.nodes import (
    IDENTITY,
    INPUTS,
    KEYS,
    NOW,
    OFFICERS,
    ROOTS,
    by_name,
    card_of,
    chain_of_two,
    first_document,
    qm_identity,
    second_document,
)
from tests.seal.nodes import at as time_of

NEGATIVE = by_name(case for case in IDENTITY["negative"] if "card" in case)
FIRST, SECOND = read_document(first_document()), read_document(second_document())
NEW = KEYS["qm online 2"]


def read(card: Any, **known: Any) -> str:
    with pytest.raises(PartnerFault) as fault:
        read_card(card, NOW, **known)
    return fault.value.rule


def test_the_card_of_the_vectors_is_read() -> None:
    identity = qm_identity()
    expected = IDENTITY["outputs"]
    assert identity.node == "cert.qm.example"
    assert identity.fingerprint == expected["fingerprint"]
    assert [document.hash for document in identity.chain[:1]] == [expected["document2_prev"]]
    assert identity.newest == SECOND
    assert identity.card == card_of(INPUTS["card"])
    assert list(identity.keys_now()) == [NEW.kid]
    assert list(identity.keys_for_old_signatures()) == expected["keys_for_old_signatures"]
    assert read_card(card_of(INPUTS["card_kv"]), NOW).fingerprint == expected["fingerprint_kv"]


@pytest.mark.parametrize("name", NEGATIVE)
def test_a_card_of_the_vectors_is_refused_by_its_rule(name: str) -> None:
    case = NEGATIVE[name]
    with pytest.raises(PartnerFault) as fault:
        read_card(
            card_of(case["card"]),
            time_of(case["now"]),
            [INPUTS[held]["document"] for held in case["held"]],
            [read_document(INPUTS[known]["document"]) for known in case["known"]],
        )
    assert fault.value.rule == case["refused_at"]


@pytest.mark.parametrize(
    ("entry", "text"), [("qm_1", "document1_signed_text"), ("qm_2", "document2_signed_text")]
)
def test_a_document_is_signed_over_the_bytes_of_the_vectors(entry: str, text: str) -> None:
    data = tag("hilf/1 identity") + dumps(INPUTS[entry]["document"])
    assert data.decode() == IDENTITY["intermediate"][text]


def test_documents_are_signed_as_in_the_vectors() -> None:
    online = [KEYS["qm online 0"], KEYS["qm online 1"]]
    assert sign_document(first_document(), [*ROOTS, *online, *OFFICERS]) == INPUTS["qm_1"]["signatures"]
    assert sign_document(second_document(), [ROOTS[0], ROOTS[2], NEW]) == INPUTS["qm_2"]["signatures"]


def test_signatures_made_in_several_places_come_together() -> None:
    one = sign_document(second_document(), [ROOTS[2]])
    two = sign_document(second_document(), [NEW, ROOTS[2]], beside=one)
    assert sign_document(second_document(), [ROOTS[0]], beside=two) == INPUTS["qm_2"]["signatures"]


def test_a_card_begins_with_what_is_held() -> None:
    card = card_of(INPUTS["card"])
    held = [INPUTS["qm_1"]["document"]]
    assert read_card(card, NOW, held).newest.seq == 2
    assert read_card(card, NOW, [*held, INPUTS["qm_2"]["document"]]).newest.seq == 2
    assert read(card, held=[INPUTS["kv_1"]["document"]]) == "identity: not what is held"


def test_the_documents_of_the_same_node_are_no_other_node() -> None:
    assert read_card(card_of(INPUTS["card"]), NOW, known=[FIRST, SECOND]).fingerprint == FIRST.hash


def test_other_nodes_with_keys_of_their_own_do_not_matter() -> None:
    other = read_document(INPUTS["kv_1"]["document"])
    assert read_card(card_of(INPUTS["card"]), NOW, known=[other]).fingerprint == FIRST.hash


def test_a_key_that_an_older_document_lists_is_foreign_too() -> None:
    theirs = first_document(node="cert.zz.example", country="ZZ", sign=[KEYS["qm online 0"].public.entry()])
    assert read(card_of(INPUTS["card"]), known=[read_document(theirs)]) == "identity: key of another node"


def test_a_card_holds_to_the_last_moment_of_its_newest_document() -> None:
    card = card_of(INPUTS["card"])
    assert read_card(card, SECOND.expires).newest == SECOND
    with pytest.raises(PartnerFault) as fault:
        read_card(card, SECOND.expires + timedelta(milliseconds=1))
    assert fault.value.rule == "identity: expired"


CARD = card_of(INPUTS["card"])
ENTRY = CARD["chain"][0]


@pytest.mark.parametrize(
    ("card", "rule"),
    [
        (None, "card: members"),
        ({**CARD, "v": True}, "card: v or type"),
        ({**CARD, "v": 2}, "card: v or type"),
        ({**CARD, "type": "hilf-identity"}, "card: v or type"),
        ({**CARD, "chain": []}, "card: chain"),
        ({**CARD, "chain": {"a": 1}}, "card: chain"),
        ({**CARD, "chain": [None]}, "card: members"),
        ({**CARD, "chain": [{**ENTRY, "later": 1}]}, "card: members"),
        ({**CARD, "chain": [{**ENTRY, "signatures": None}]}, "identity: signatures"),
        ({**CARD, "chain": [{**ENTRY, "signatures": ["a"]}]}, "identity: signatures"),
        (
            {**CARD, "chain": [{**ENTRY, "signatures": [{"kid": "a", "value": "", "later": 1}]}]},
            "identity: signatures",
        ),
        ({**CARD, "chain": [{**ENTRY, "signatures": [{"kid": 1, "value": ""}]}]}, "identity: signatures"),
        ({**CARD, "chain": [{**ENTRY, "signatures": [{"kid": "a", "value": "="}]}]}, "identity: base64url"),
        ({**CARD, "chain": [{**ENTRY, "signatures": []}]}, "identity: threshold"),
        ({**CARD, "chain": CARD["chain"][1:]}, "identity: seq"),
    ],
)
def test_a_card_in_another_form_is_refused(card: Any, rule: str) -> None:
    assert read(card) == rule


def test_a_revocation_cannot_be_taken_back_or_changed() -> None:
    first = first_document(revoked=[{"kid": "0" * 32, "from": "2025-12-01T00:00:00.000Z"}])
    signers = [*ROOTS, KEYS["qm online 0"], KEYS["qm online 1"], *OFFICERS]
    start = (first, sign_document(first, signers))
    prev = read_document(first).hash

    def card(revoked: list[Any]) -> Any:
        second = second_document(prev=prev, revoked=revoked)
        return make_card([start, (second, sign_document(second, [ROOTS[0], ROOTS[1], NEW]))])

    assert read_card(card(first["revoked"]), NOW).newest.seq == 2
    assert read(card([])) == "identity: revoked shrinks"
    assert read(card([{"kid": "0" * 32, "from": "2025-12-02T00:00:00.000Z"}])) == "identity: revoked shrinks"


def test_the_root_keys_of_two_documents_may_differ_if_both_thresholds_sign() -> None:
    fresh = [PrivateKey.from_seed(bytes([n]) * 32) for n in (1, 2)]
    root = {"threshold": 2, "keys": [key.public.entry() for key in fresh]}
    second = second_document(root=root)
    assert read_card(chain_of_two(second, *ROOTS[:2], *fresh, NEW), NOW).newest.threshold == 2
    assert read(chain_of_two(second, *ROOTS[:1], *fresh, NEW)) == "identity: threshold"
    assert read(chain_of_two(second, *ROOTS[:2], fresh[0], NEW)) == "identity: threshold"


def test_a_key_that_was_there_before_signs_no_later_document() -> None:
    assert read(chain_of_two(second_document(), *ROOTS[:2], NEW, OFFICERS[0])) == "identity: unknown kid"


@pytest.mark.parametrize("missing", [Missing(1, 0, ()), Missing(0, 1, ()), Missing(0, 0, ("a",))])
def test_a_document_that_lacks_one_signature_lacks_something(missing: Missing) -> None:
    assert not missing.nothing


def test_what_a_document_lacks_is_counted() -> None:
    signers = sorted(key.kid for key in [KEYS["qm online 0"], KEYS["qm online 1"], *OFFICERS])
    assert missing_signatures(FIRST, None, [key.kid for key in ROOTS] + signers).nothing
    assert missing_signatures(FIRST, None, [ROOTS[0].kid]) == Missing(
        root=1, root_before=0, possession=tuple(sorted([*signers, ROOTS[1].kid, ROOTS[2].kid]))
    )
    assert missing_signatures(SECOND, FIRST, []) == Missing(root=2, root_before=2, possession=(NEW.kid,))
    assert missing_signatures(SECOND, FIRST, [ROOTS[0].kid, ROOTS[2].kid, NEW.kid]).nothing
