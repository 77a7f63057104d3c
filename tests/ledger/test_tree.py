from hashlib import sha256

import pytest

from hilf.errors import PartnerFault
from hilf.ledger import tree

LEAVES = [tree.leaf_hash(bytes([n])) for n in range(7)]

# Roots and paths of the reference tests of Certificate Transparency (merkle_tree_test.cc): the inputs, and the roots
# over the first n of them.
CT_INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    leaves = [tree.leaf_hash(bytes.fromhex(data)) for data in CT_INPUTS[:size]]
    assert tree.root(leaves).hex() == CT_ROOTS[size - 1]


def test_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert tree.root([]) == sha256(b"").digest()


def test_leaf_and_node_are_hashed_behind_different_bytes() -> None:
    assert tree.leaf_hash(b"ab") == sha256(b"\x00ab").digest()
    assert tree.node_hash(b"a", b"b") == sha256(b"\x01ab").digest()


def test_all_paths_are_the_paths_one_by_one() -> None:
    assert tree.all_paths(LEAVES) == tuple(tree.path(index, LEAVES) for index in range(7))


def test_odd_last_leaf_has_a_shorter_path() -> None:
    assert [len(path) for path in tree.all_paths(LEAVES)] == [3, 3, 3, 3, 3, 3, 2]


def test_only_leaf_has_an_empty_path() -> None:
    assert tree.path(0, LEAVES[:1]) == ()
    assert tree.root_from_path(LEAVES[0], 0, 1, ()) == tree.root(LEAVES[:1])


@pytest.mark.parametrize("index", [-1, 7])
def test_path_of_no_leaf_is_an_index_error(index: int) -> None:
    with pytest.raises(IndexError):
        tree.path(index, LEAVES)


@pytest.mark.parametrize(
    ("index", "size", "length", "rule"),
    [
        (7, 7, 3, "proof: index"),
        (-1, 7, 3, "proof: index"),
        (0, 0, 0, "proof: index"),
        (6, 7, 3, "proof: path too long"),
        (0, 1, 1, "proof: path too long"),
        (0, 7, 2, "proof: path too short"),
        (6, 7, 1, "proof: path too short"),
    ],
)
def test_path_of_another_length_is_refused_by_name(index: int, size: int, length: int, rule: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        tree.root_from_path(LEAVES[0], index, size, LEAVES[:length], "proof")
    assert fault.value.rule == rule
