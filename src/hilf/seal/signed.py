"""Signed structures: one way to sign JSON, for everything but identity documents and HTTP messages.

Decides which bytes a signature is over: `tag(name)`, then the canonical structure without `value`; `kid` is inside
(wire.md 1). The name keeps a signature for one purpose from being shown for another. What the members mean, which are
allowed and which keys may sign is left to each structure's own module.
"""

from collections.abc import Mapping

from hilf.canonical import Json, b64u, dumps, tag, unb64u
from hilf.errors import PartnerFault
from hilf.seal.key import PrivateKey, PublicKey


def sign(name: str, structure: Mapping[str, Json], key: PrivateKey) -> dict[str, Json]:
    """The structure with `kid` and `value` added.

    Args:
        name: the words of the tag, e.g. "hilf/1 batch".
        structure: what is signed; a `kid` or `value` that it already holds is replaced.
        key: who signs.

    Source: wire.md 1.
    """
    signed: dict[str, Json] = {**structure, "kid": key.kid}
    signed["value"] = b64u(key.sign(signed_bytes(name, signed)))
    return signed


def signed_bytes(name: str, structure: Mapping[str, Json]) -> bytes:
    """What the signature is over: `tag(name)`, then the canonical structure without `value`. Source: wire.md 1."""
    return tag(name) + dumps({member: value for member, value in structure.items() if member != "value"})


def verify(name: str, structure: Mapping[str, Json], keys: Mapping[str, PublicKey], what: str) -> None:
    """Return if one of the keys signed the structure under this name.

    Args:
        name: the words of the tag.
        structure: with its `kid` and `value`.
        keys: kid → key, only those that may sign it.
        what: how a fault names the structure, e.g. "batch".

    Raises:
        PartnerFault: "<what>: unknown kid", "<what>: base64url" or "<what>: signature".

    Source: wire.md 1.
    """
    kid = structure.get("kid")
    key = keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        raise PartnerFault(f"{what}: unknown kid", repr(kid)[:40])
    if not key.verify(unb64u(structure.get("value"), what), signed_bytes(name, structure)):
        raise PartnerFault(f"{what}: signature", f"kid {key.kid}")
