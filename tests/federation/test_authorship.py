from typing import Any

import pytest

from hilf.canonical import dumps
from hilf.errors import PartnerFault
from hilf.federation import authorship
from hilf.ledger import tree
from hilf.seal.signed import signed_bytes
from tests.federation.parties import NOW, QM, QM_KEY, QM_KEYS, QN_KEY, by_name, keys, vectors

VECTORS = vectors("authorship")
INPUTS, INTERMEDIATE, OUTPUTS = VECTORS["inputs"], VECTORS["intermediate"], VECTORS["outputs"]
NEGATIVE = by_name(VECTORS["negative"])
OBJECTS = [dumps(each) for each in INPUTS["objects"]]
SALTS = [bytes.fromhex(salt) for salt in INPUTS["salts"]]
KEYS = keys(INPUTS["keys"])
MADE = authorship.prove(OBJECTS, SALTS, QM, NOW, QM_KEY)


def refusal(value: Any, n: int = 0) -> str:
    with pytest.raises(PartnerFault) as fault:
        authorship.verify(value, OBJECTS[n], QM, QM_KEYS)
    return fault.value.rule


@pytest.mark.parametrize("name", NEGATIVE)
def test_negative_vector_is_refused_by_the_rule_it_names(name: str) -> None:
    case = NEGATIVE[name]
    with pytest.raises(PartnerFault) as fault:
        authorship.verify(case["authorship"], OBJECTS[case["object"]], case["node"], KEYS)
    assert fault.value.rule == case["refused_at"]


@pytest.mark.parametrize("n", range(3))
def test_vector_proves_its_object(n: int) -> None:
    authorship.verify(OUTPUTS["proofs"][n], OBJECTS[n], INPUTS["node"], KEYS)


def test_vector_by_a_rotated_key_proves_its_object() -> None:
    authorship.verify(OUTPUTS["proof_by_rotated_key"], OBJECTS[0], INPUTS["node"], KEYS)


def test_leaves_root_and_signed_bytes_are_those_of_the_vectors() -> None:
    leaves = [authorship.object_leaf(salt, each) for salt, each in zip(SALTS, OBJECTS, strict=True)]
    assert [each.decode() for each in OBJECTS] == INTERMEDIATE["leaf_object_text"]
    assert [leaf.hex() for leaf in leaves] == INTERMEDIATE["leaves"]
    assert tree.node_hash(leaves[0], leaves[1]).hex() == INTERMEDIATE["inner_0_1"]
    assert tree.root(leaves).hex() == INTERMEDIATE["root"]
    signed = signed_bytes(authorship.NAME, OUTPUTS["proofs"][0]["signed"])
    assert signed == INTERMEDIATE["signed_text"].encode()


def test_made_proofs_have_the_salts_and_paths_of_the_vectors() -> None:
    def unsigned(proofs: Any) -> list[Any]:
        return [{**proof, "signed": proof["signed"]["root"]} for proof in proofs]

    assert unsigned(MADE) == unsigned(OUTPUTS["proofs"])


@pytest.mark.parametrize("n", range(3))
def test_made_proof_proves_its_object_and_no_other(n: int) -> None:
    authorship.verify(MADE[n], OBJECTS[n], QM, QM_KEYS)
    assert refusal(MADE[n], (n + 1) % 3) == "authorship: root"


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("v", True, "authorship: v"),
        ("size", 0, "authorship: size"),
        ("root", "00", "authorship: root: hex"),
        ("at", "today", "authorship: time form"),
        ("kid", "0" * 32, "authorship: unknown kid"),
    ],
)
def test_malformed_signed_part_is_refused_by_name(member: str, value: Any, rule: str) -> None:
    signed: Any = MADE[0]["signed"]
    assert refusal({**MADE[0], "signed": {**signed, member: value}}) == rule


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("index", True, "authorship: index"),
        ("index", -1, "authorship: index"),
        ("path", "00", "authorship: path"),
        ("path", ["00"], "authorship: path: hex"),
        ("signed", None, "authorship: members"),
    ],
)
def test_malformed_proof_is_refused_by_name(member: str, value: Any, rule: str) -> None:
    assert refusal({**MADE[0], member: value}) == rule


def test_proven_root_still_binds_object_signature_and_key() -> None:
    proven: authorship.ProvenRoots = set()
    authorship.verify(MADE[0], OBJECTS[0], QM, QM_KEYS, proven)
    authorship.verify(MADE[1], OBJECTS[1], QM, QM_KEYS, proven)
    assert len(proven) == 1
    signed: Any = MADE[1]["signed"]
    for value, known, rule in [
        (MADE[0], QM_KEYS, "authorship: root"),
        ({**MADE[1], "signed": {**signed, "size": 4}}, QM_KEYS, "authorship: signature"),
        (MADE[1], {QN_KEY.kid: QN_KEY.public}, "authorship: unknown kid"),
    ]:
        with pytest.raises(PartnerFault) as fault:
            authorship.verify(value, OBJECTS[1], QM, known, proven)
        assert fault.value.rule == rule


def test_proven_root_may_hold_no_list() -> None:
    signed: Any = MADE[0]["signed"]
    with pytest.raises(PartnerFault) as fault:
        authorship.verify({**MADE[0], "signed": {**signed, "value": []}}, OBJECTS[0], QM, QM_KEYS, set())
    assert fault.value.rule == "authorship: base64url"


@pytest.mark.parametrize(("objects", "salts"), [([], []), ([b"{}"], []), ([b"{}"], [b"short"])])
def test_no_proof_without_objects_and_whole_salts(objects: list[bytes], salts: list[bytes]) -> None:
    with pytest.raises(ValueError, match="at least one object"):
        authorship.prove(objects, salts, QM, NOW, QM_KEY)
