import pytest

from hilf.errors import OperatorFault
from hilf.store.database import transaction
from hilf.store.federation import identity
from hilf.store.federation.identity import KeptDocument

FIRST = KeptDocument("cert.qm.example", 1, b'{"seq":1}', "[]")
SECOND = KeptDocument("cert.qm.example", 2, b'{"seq":2}', "[]")
OTHER = KeptDocument("cert.qn.example", 1, b'{"seq":1,"node":"qn"}', "[]")


@pytest.fixture
def kept(store):
    with transaction():
        for document in (SECOND, OTHER, FIRST):
            identity.keep(document, 7)


def test_chain_of_a_node_is_in_order_and_its_own(kept):
    assert identity.chain("cert.qm.example") == (FIRST, SECOND)
    assert identity.chain("cert.qz.example") == ()


def test_documents_of_others_are_all_but_the_node_s(kept):
    assert identity.of_others("cert.qm.example") == (OTHER,)
    assert identity.of_others("cert.qz.example") == (FIRST, SECOND, OTHER)


def test_nodes_are_those_of_which_a_document_is_kept(kept):
    assert identity.nodes() == ("cert.qm.example", "cert.qn.example")


def test_document_is_kept_once_for_its_number(kept):
    with pytest.raises(OperatorFault), transaction():
        identity.keep(KeptDocument("cert.qm.example", 2, b"another", "[]"), 8)
    assert identity.chain("cert.qm.example") == (FIRST, SECOND)


def test_newest_document_at_a_time_is_the_last_that_was_accepted_by_then(store):
    with transaction():
        identity.keep(FIRST, 7)
        identity.keep(SECOND, 9)
    numbers = [identity.number_at("cert.qm.example", at) for at in (6, 7, 8, 9, 10)]
    assert (numbers, identity.number_at("cert.qz.example", 9)) == ([0, 1, 1, 2, 2], 0)
    assert (identity.accepted("cert.qm.example"), identity.accepted("cert.qz.example")) == ({1: 7, 2: 9}, {})
