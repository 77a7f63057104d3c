"""Laws of the tree of RFC 6962, against the recursive definition of its section 2.1."""

from collections.abc import Sequence
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from hilf.errors import PartnerFault
from hilf.ledger import tree

leaf_sets = st.lists(st.binary(max_size=4).map(tree.leaf_hash), min_size=1, max_size=40)


def split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*naive_path(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive_root(leaves[:k])]


@given(leaf_sets)
def test_root_is_the_one_of_the_recursive_definition(leaves: list[bytes]) -> None:
    assert tree.root(leaves) == naive_root(leaves)


@given(leaf_sets)
def test_paths_are_those_of_the_recursive_definition(leaves: list[bytes]) -> None:
    assert [list(path) for path in tree.all_paths(leaves)] == [
        naive_path(i, leaves) for i in range(len(leaves))
    ]


@given(leaf_sets)
def test_every_path_leads_to_the_root(leaves: list[bytes]) -> None:
    found = [tree.root_from_path(leaf, i, len(leaves), tree.path(i, leaves)) for i, leaf in enumerate(leaves)]
    assert found == [tree.root(leaves)] * len(leaves)


@given(leaf_sets, st.data())
def test_any_changed_bit_leads_elsewhere(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    hashes = [leaves[index], *tree.path(index, leaves)]
    which, bit = data.draw(st.integers(0, len(hashes) - 1)), data.draw(st.integers(0, 255))
    hashes[which] = (int.from_bytes(hashes[which], "big") ^ (1 << bit)).to_bytes(32, "big")
    assert tree.root_from_path(hashes[0], index, len(leaves), hashes[1:]) != tree.root(leaves)


def outcome(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | str:
    """The root that the path leads to, or the rule that refused it."""
    try:
        return tree.root_from_path(leaf, index, size, path)
    except PartnerFault as fault:
        return fault.rule


@given(leaf_sets, st.data())
def test_another_place_leads_elsewhere_or_is_refused(leaves: list[bytes], data: st.DataObject) -> None:
    distinct = [sha256(bytes([i]) + leaf).digest() for i, leaf in enumerate(leaves)]
    index, other = (data.draw(st.integers(0, len(leaves) - 1)) for _ in range(2))
    found = outcome(distinct[index], other, len(leaves), tree.path(index, distinct))
    assert (found == tree.root(distinct)) == (other == index)


@given(leaf_sets)
def test_a_longer_path_is_refused(leaves: list[bytes]) -> None:
    path = (*tree.path(0, leaves), bytes(32))
    assert outcome(leaves[0], 0, len(leaves), path) == "tree: path too long"


@given(leaf_sets.filter(lambda leaves: len(leaves) > 1))
def test_a_shorter_path_is_refused(leaves: list[bytes]) -> None:
    path = tree.path(0, leaves)[:-1]
    assert outcome(leaves[0], 0, len(leaves), path) == "tree: path too short"
