from datetime import UTC, datetime
from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.seal.document import is_node_name, read_document
from hilf.seal.key import PrivateKey
from tests.seal.nodes import IDENTITY, INPUTS, KEYS, OFFICERS, ROOTS, first_document, second_document

SIGN = first_document()["sign"]
OFFICER = first_document()["officers"][0]


def test_a_document_holds_what_it_says() -> None:
    document = read_document(second_document())
    assert (document.node, document.name, document.country) == ("cert.qm.example", {"en": "CERT QM"}, "QM")
    assert (document.seq, document.prev) == (2, IDENTITY["outputs"]["document2_prev"])
    assert document.issued == datetime(2026, 1, 2, tzinfo=UTC)
    assert document.expires == datetime(2026, 12, 31, tzinfo=UTC)
    assert (document.threshold, document.officers_per_act) == (2, 2)
    assert document.root == tuple(key.public for key in ROOTS)
    assert document.sign == {key.kid: key.public for key in [KEYS["qm online 2"]]}
    assert [(officer.key, officer.name, officer.roles) for officer in document.officers.values()] == [
        (OFFICERS[0].public, "qm officer 1", ("accord", "release")),
        (OFFICERS[1].public, "qm officer 2", ("accord", "release")),
    ]
    assert [officer.entry() for officer in document.officers.values()] == second_document()["officers"]
    assert document.endpoints == ("https://gw.cert.qm.example:8443",)
    assert document.tls_sha256 == tuple(second_document()["tls_sha256"])
    assert list(document.revoked) == [KEYS["qm online 1"].kid]
    assert document.keys == {key.kid: key.public for key in [*ROOTS, KEYS["qm online 2"], *OFFICERS]}


def test_members_that_are_not_known_are_kept_and_count() -> None:
    document = read_document(INPUTS["kv_1"]["document"])
    assert document.body == INPUTS["kv_1"]["document"]
    assert document.hash == IDENTITY["outputs"]["fingerprint_kv"]
    assert "later" in document.body


@pytest.mark.parametrize(
    "endpoint", ["https://192.0.2.1:8443", "https://[2001:db8::1]/hilf", "https://gw.example"]
)
def test_an_endpoint_is_an_https_address(endpoint: str) -> None:
    assert read_document(first_document(endpoints=[endpoint])).endpoints == (endpoint,)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"v": True}, "v"),
        ({"v": 2}, "v"),
        ({"type": "hilf-card"}, "type"),
        ({"node": "CERT.qm.example"}, "node"),
        ({"node": None}, "node"),
        ({"name": {}}, "name"),
        ({"name": "CERT QM"}, "name"),
        ({"name": {"en": ""}}, "name"),
        ({"name": {"en": "CERT QM", "ar": 1}}, "name"),
        ({"country": "qm"}, "country"),
        ({"country": "QMM"}, "country"),
        ({"country": None}, "country"),
        ({"seq": True}, "seq out of range"),
        ({"seq": 0}, "seq out of range"),
        ({"seq": 2}, "prev"),
        ({"prev": "0" * 64}, "prev"),
        ({"seq": 2, "prev": "0" * 63}, "prev"),
        ({"issued": "2026-01-01T00:00:00Z"}, "time form"),
        ({"expires": None}, "time form"),
        ({"expires": "2026-01-01T00:00:00.000Z"}, "lifetime"),
        ({"expires": "2027-02-05T00:00:00.001Z"}, "lifetime"),
        ({"root": []}, "root"),
        ({"root": {"threshold": 1}}, "root"),
        ({"root__keys": {}}, "root"),
        ({"root__threshold": 4}, "threshold out of range"),
        ({"root__threshold": "2"}, "threshold out of range"),
        ({"sign": None}, "sign"),
        ({"sign": [*SIGN, SIGN[0]]}, "key twice"),
        ({"officers": {}}, "officers"),
        ({"officers": [{**OFFICER, "name": ""}]}, "officers"),
        ({"officers": [{**OFFICER, "name": 1}]}, "officers"),
        ({"officers": [{**OFFICER, "roles": "accord"}]}, "officers"),
        ({"officers": [{**OFFICER, "roles": ["accord", 1]}]}, "officers"),
        ({"officers": [{**OFFICER, "alg": "rsa"}]}, "alg"),
        ({"policy": None}, "policy"),
        ({"policy": {}}, "policy"),
        ({"policy__officers_per_act": True}, "officers_per_act out of range"),
        ({"versions": "1"}, "versions"),
        ({"versions": ["2"]}, "versions"),
        ({"sig_rule": "any"}, "sig_rule"),
        ({"tls_sha256": ["AB" * 32]}, "tls_sha256"),
        ({"tls_sha256": "ab" * 32}, "tls_sha256"),
        ({"endpoints": ["http://gw.cert.qm.example"]}, "endpoints"),
        ({"endpoints": ["https://gw.cert.qm.example/"]}, "endpoints"),
        ({"endpoints": ["https://user@gw.cert.qm.example"]}, "endpoints"),
        ({"endpoints": [1]}, "endpoints"),
        ({"revoked": None}, "revoked"),
        ({"revoked": ["a"]}, "revoked"),
        ({"revoked": [{"kid": 1, "from": "2026-01-01T00:00:00.000Z"}]}, "revoked"),
        ({"revoked": [{"kid": "0" * 32}]}, "revoked"),
        ({"revoked": [{"kid": "0" * 31, "from": "2026-01-01T00:00:00.000Z"}]}, "revoked"),
        ({"revoked": [{"kid": "0" * 32, "from": "2026-01-01T00:00:00.000Z"}] * 2}, "revoked"),
        ({"revoked": [{"kid": "0" * 32, "from": "2026-01-01"}]}, "time form"),
        ({"revoked": [{"kid": SIGN[0]["kid"], "from": "2026-01-01T00:00:00.000Z"}]}, "revoked key listed"),
    ],
)
def test_an_unsound_document_is_refused_by_its_rule(changes: Any, rule: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        read_document(first_document(**changes))
    assert fault.value.rule == f"identity: {rule}"


def test_every_root_key_may_be_needed() -> None:
    assert read_document(first_document(root__threshold=3)).threshold == 3


def test_a_document_may_live_400_days() -> None:
    assert read_document(first_document(expires="2027-02-05T00:00:00.000Z")).expires.year == 2027


@pytest.mark.parametrize("member", sorted(first_document()))
def test_a_document_without_one_of_its_members_is_refused(member: str) -> None:
    document = first_document()
    del document[member]
    with pytest.raises(PartnerFault) as fault:
        read_document(document)
    assert fault.value.rule == "identity: members"


@pytest.mark.parametrize("value", [None, [], "text"])
def test_what_is_no_object_is_no_document(value: Any) -> None:
    with pytest.raises(PartnerFault) as fault:
        read_document(value)
    assert fault.value.rule == "identity: members"


def test_a_key_on_two_lists_is_refused() -> None:
    extra = PrivateKey.from_seed(b"x" * 32).public.entry()
    read_document(first_document(sign=[*SIGN, extra]))
    with pytest.raises(PartnerFault) as fault:
        read_document(first_document(sign=[*SIGN, extra], officers=[{**extra, "name": "x", "roles": []}]))
    assert fault.value.rule == "identity: key twice"


@pytest.mark.parametrize("name", ["cert.qm.example", "a", "0-0.x", "a" * 100])
def test_a_node_name_is_labels_joined_by_dots(name: str) -> None:
    assert is_node_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "a.", ".a", "a..b", "A", "a b", "a_b", "é", "a" * 101, "a\n", None, 1]
)
def test_anything_else_is_no_node_name(name: object) -> None:
    assert not is_node_name(name)
