"""Drafting an identity document, before anybody signs it.

Decides what a new document says member by member (wire.md 2) and that partners would take it as far as one document can
show; the place in the chain is checked when it is read there. Signing is `seal.identity.sign_document`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from hilf.canonical import Json, timestamp
from hilf.errors import CallerFault, PartnerFault
from hilf.seal.document import VERSION, Officer, read_document
from hilf.seal.key import PublicKey


def draft_document(  # noqa: PLR0913  # one argument per member of the document, all named
    *,
    node: str,
    name: Mapping[str, str],
    country: str,
    seq: int,
    prev: str | None,
    issued: datetime,
    expires: datetime,
    threshold: int,
    root: Iterable[PublicKey],
    sign: Iterable[PublicKey],
    officers: Iterable[Officer],
    officers_per_act: int,
    tls_sha256: Sequence[str],
    endpoints: Sequence[str],
    revoked: Mapping[str, str],
    kept: Mapping[str, Json] | None = None,
) -> dict[str, Json]:
    """A document ready to be signed, already read once by the rules that partners will read it by.

    Args:
        node: the node's name.
        name: language tag → what people call it.
        country: ISO 3166-1 alpha-2.
        seq: 1, or one more than the document before.
        prev: `hash` of the document before, None for document 1.
        issued: aware UTC.
        expires: aware UTC, at most 400 days after `issued`.
        threshold: how many root keys must sign, from 1 to their number.
        root: keys kept offline.
        sign: online keys.
        officers: people with their own keys.
        officers_per_act: how many officers an act of theirs needs; 2, or 1 for a single officer.
        tls_sha256: hex SHA-256 of the DER certificates of the gateway.
        endpoints: https addresses without a trailing slash; `/hilf/1/…` follows.
        revoked: kid → timestamp text; holds everything that the document before held.
        kept: further members, carried over from the document before.

    Raises:
        CallerFault: partners would refuse the document; its code is theirs.

    Source: wire.md 2.
    """
    body: dict[str, Json] = {
        **(kept or {}),
        "v": 1,
        "type": "hilf-identity",
        "node": node,
        "name": dict(name),
        "country": country,
        "seq": seq,
        "prev": prev,
        "issued": timestamp(issued),
        "expires": timestamp(expires),
        "root": {"threshold": threshold, "keys": [dict(key.entry()) for key in root]},
        "sign": [dict(key.entry()) for key in sign],
        "officers": [officer.entry() for officer in officers],
        "policy": {"officers_per_act": officers_per_act},
        "versions": [VERSION],
        "sig_rule": "all",
        "tls_sha256": list(tls_sha256),
        "endpoints": list(endpoints),
        "revoked": [{"kid": kid, "from": since} for kid, since in sorted(revoked.items())],
    }
    _check_readable(body)
    return body


def _check_readable(body: dict[str, Json]) -> None:
    """Refuse what partners would refuse, with their code."""
    try:
        read_document(body)
    except PartnerFault as fault:
        raise CallerFault(
            fault.code,
            f"Partners would refuse this identity document: {fault.what}.",
            "hilf/1 identity documents, wire.md 2.",
            "Change what is named and draft it again.",
        ) from fault
