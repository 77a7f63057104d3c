"""The Merkle tree of RFC 6962: one root for many leaves, and the path that proves one of them.

Section 2.1 of the RFC: a leaf is hashed behind 0x00, an inner node behind 0x01, and a tree of n leaves splits at the
largest power of two below n. Built level by level, this is the same as pairing neighbours and carrying an odd last
node up unchanged, which is how it is done here (a law compares both).

What the leaves are is the business of others: act ids in a batch (wire.md 4), salted objects in an authorship proof
(wire.md 3). Nothing here knows who signed a root.
"""

from collections.abc import Sequence
from hashlib import sha256

from hilf.errors import PartnerFault

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The 32 bytes that stand for `data` in a tree. Source: RFC 6962 s.2.1."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32 bytes of the node above two others. Source: RFC 6962 s.2.1."""
    return sha256(b"\x01" + left + right).digest()


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All levels, leaves first, the root alone in the last."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        levels.append(above + below[len(above) * 2 :])
    return levels


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in their order; SHA-256 of nothing for no leaves.

    Source: RFC 6962 s.2.1.
    """
    return _levels(leaves)[-1][0] if leaves else EMPTY_ROOT


def all_paths(leaves: Sequence[bytes]) -> tuple[tuple[bytes, ...], ...]:
    """One path per leaf, in the order of the leaves, each from the leaf's neighbour up to below the root.

    Source: RFC 6962 s.2.1.1.
    """
    levels = _levels(leaves)[:-1]
    return tuple(_climb(index, levels) for index in range(len(leaves)))


def path(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """The path of the leaf hash at `index` (from 0), its neighbour first.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    return _climb(index, _levels(leaves)[:-1])


def _climb(index: int, levels: Sequence[Sequence[bytes]]) -> tuple[bytes, ...]:
    hashes: list[bytes] = []
    for level in levels:
        if index ^ 1 < len(level):  # an odd last node has no neighbour and moves up as it is
            hashes.append(level[index ^ 1])
        index >>= 1
    return tuple(hashes)


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes], what: str = "tree") -> bytes:
    """The root that `path` leads to from the leaf hash at `index` of a tree with `size` leaves.

    The caller compares it with the root that somebody signed; `index` and `size` fix the length of the path.

    Raises:
        PartnerFault: `<what>: index`, `<what>: path too long` or `<what>: path too short`.

    Source: RFC 9162 s.2.1.3.2 (the same tree as RFC 6962).
    """
    if not 0 <= index < size:
        raise PartnerFault(f"{what}: index", f"{index} of {size}")
    here, last, digest = index, size - 1, leaf
    for neighbour in path:
        if last == 0:
            raise PartnerFault(f"{what}: path too long")
        while (
            here == last and not here & 1
        ):  # carried up unchanged through levels where it was the odd last node
            here >>= 1
            last >>= 1
        digest = node_hash(neighbour, digest) if here & 1 else node_hash(digest, neighbour)
        here >>= 1
        last >>= 1
    if last != 0:
        raise PartnerFault(f"{what}: path too short")
    return digest
