"""Authorship: that a node wrote an object, provable to whoever the object reaches by whatever way.

One signature covers many objects: each is a leaf `H(0x00 ‖ salt ‖ canonical(object))` of an RFC 6962 tree, and the
node signs the root (wire.md 3). The salt is fresh per object, so a proof says nothing of its neighbours. A proof may
be forwarded: it speaks of nobody but the author.

Whether a key may still vouch for an author (rotated keys may, revoked ones only for proofs held before) is decided by
whoever hands in the keys; whether an object needs a proof at all is a question of assertions (protocol.md 3).
"""

from collections.abc import Mapping, MutableSet, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from hilf.canonical import Json, dumps, parse_timestamp, timestamp
from hilf.errors import PartnerFault
from hilf.federation.structure import array, digest, first_version, hexadecimal, members, whole
from hilf.ledger import tree
from hilf.seal.key import PrivateKey, PublicKey
from hilf.seal.signed import sign
from hilf.seal.signed import verify as verify_signature

NAME: Final = "hilf/1 authorship"
SALT_BYTES: Final = 32
_MEMBERS: Final = frozenset(("salt", "index", "path", "signed"))
_SIGNED: Final = frozenset(["v", "node", "size", "root", "at", "kid", "value"])

ProvenRoots: TypeAlias = MutableSet[bytes]
"""Signed roots, in canonical form, that were already verified: one signature then serves a whole batch."""


def object_leaf(salt: bytes, canonical_object: bytes) -> bytes:
    """The leaf hash of one object. Source: wire.md 3."""
    return tree.leaf_hash(salt + canonical_object)


def prove(
    objects: Sequence[bytes], salts: Sequence[bytes], node: str, at: datetime, key: PrivateKey
) -> tuple[dict[str, Json], ...]:
    """One proof per object, in their order, all under one signature.

    Args:
        objects: canonical objects that `node` wrote, at least one.
        salts: 32 fresh random bytes for each.
        node: the author.
        at: when it signs.
        key: a key that stands in `sign[]` of the author's newest identity document.

    Raises:
        ValueError: there is no object, or a salt is missing or of another length.

    Source: wire.md 3.
    """
    if not objects or [len(salt) for salt in salts] != [SALT_BYTES] * len(objects):
        raise ValueError("at least one object, and 32 bytes of salt for each")
    leaves = [object_leaf(salt, each) for salt, each in zip(salts, objects, strict=True)]
    structure: dict[str, Json] = {
        "v": 1,
        "node": node,
        "size": len(leaves),
        "root": tree.root(leaves).hex(),
        "at": timestamp(at),
    }
    signed = sign(NAME, structure, key)
    return tuple(
        {"salt": salt.hex(), "index": index, "path": [step.hex() for step in path], "signed": signed}
        for index, (salt, path) in enumerate(zip(salts, tree.all_paths(leaves), strict=True))
    )


def verify(
    authorship: Json,
    canonical_object: bytes,
    node: str,
    keys: Mapping[str, PublicKey],
    proven: ProvenRoots | None = None,
) -> None:
    """Pass if the proof shows that `node` wrote exactly this object.

    Args:
        authorship: the proof, as it stands in the act.
        canonical_object: the canonical bytes of the object.
        node: the author that the object claims.
        keys: the author's keys that may vouch for this object, by kid.
        proven: roots verified before; a verified root is added. Every other check is made each time, and a kid must
            stand in `keys` each time.

    Raises:
        PartnerFault: `authorship: members`, `authorship: salt: hex`, `authorship: node`, `authorship: index`,
            `authorship: path too long`, `authorship: path too short`, `authorship: unknown kid`,
            `authorship: base64url`, `authorship: signature`, `authorship: root`.

    Source: wire.md 3.
    """
    fields = members(authorship, _MEMBERS, "authorship")
    signed = members(fields["signed"], _SIGNED, "authorship")
    first_version(signed["v"], "authorship")
    salt = bytes.fromhex(hexadecimal(fields["salt"], SALT_BYTES, "authorship: salt"))
    if signed["node"] != node:
        raise PartnerFault("authorship: node")
    size, root = whole(signed["size"], 1, "authorship: size"), digest(signed["root"], "authorship: root")
    parse_timestamp(signed["at"], "authorship")
    _verify_root(signed, keys, proven)
    index = whole(fields["index"], 0, "authorship: index")
    path = [digest(step, "authorship: path") for step in array(fields["path"], "authorship: path")]
    if tree.root_from_path(object_leaf(salt, canonical_object), index, size, path, "authorship") != root:
        raise PartnerFault("authorship: root")


def _verify_root(signed: dict[str, Json], keys: Mapping[str, PublicKey], proven: ProvenRoots | None) -> None:
    head = dumps(signed)
    if proven is not None and head in proven and signed["kid"] in keys:
        return
    verify_signature(NAME, signed, keys, "authorship")
    if proven is not None:
        proven.add(head)
