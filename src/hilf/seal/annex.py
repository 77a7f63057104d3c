"""The annex: short-lived keys of a node (sealing, look-up epochs, log), signed by an online key.

Decides whether an annex counts (wire.md 2): signed by a key in `sign[]` of the document that it names, not by one that
the newest document revokes, at most 35 days long, neither expired nor issued ahead. What the keys in it mean is left to
those who use them. Nothing sends an annex yet: sealing objects to a partner's keys will read the partner's by `read_annex`
and take the `latest`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hilf.canonical import Json, parse_timestamp
from hilf.errors import PartnerFault
from hilf.seal import signed
from hilf.seal.identity import Identity

TAG: Final = "hilf/1 annex"
LONGEST_LIFE: Final = timedelta(days=35)
AHEAD: Final = timedelta(seconds=60)
"""How far a partner's clock may be before ours. Source: wire.md 2."""

_MEMBERS: Final = frozenset({"v", "type", "node", "identity_seq", "issued", "expires", "kid", "value"})


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex that counts. `body` is the whole of it, with the members that we do not know."""

    node: str
    identity_seq: int
    issued: datetime
    expires: datetime
    body: dict[str, Json]


def read_annex(annex: Json, identity: Identity, now: datetime) -> Annex:
    """Read an annex of this identity.

    Raises:
        PartnerFault: "annex: " and the rule that fails first.

    Source: wire.md 2.
    """
    if not isinstance(annex, dict) or not annex.keys() >= _MEMBERS:
        raise PartnerFault("annex: members")
    if type(annex["v"]) is not int or annex["v"] != 1 or annex["type"] != "hilf-annex":
        raise PartnerFault("annex: v or type")
    if annex["node"] != identity.node:
        raise PartnerFault("annex: node", repr(annex["node"])[:60])
    seq = annex["identity_seq"]
    if type(seq) is not int or not 1 <= seq <= len(identity.chain):
        raise PartnerFault("annex: identity_seq", repr(seq)[:40])
    signed.verify(TAG, annex, identity.chain[seq - 1].sign, "annex")
    if annex["kid"] in identity.newest.revoked:
        raise PartnerFault("annex: revoked key", str(annex["kid"]))
    issued, expires = (parse_timestamp(annex[member], "annex") for member in ("issued", "expires"))
    if not timedelta(0) < expires - issued <= LONGEST_LIFE:
        raise PartnerFault("annex: lifetime")
    if issued > now + AHEAD:
        raise PartnerFault("annex: issued ahead")
    if now > expires:
        raise PartnerFault("annex: expired")
    return Annex(identity.node, seq, issued, expires, annex)


def latest(annexes: Iterable[Annex]) -> Annex | None:
    """The one that counts among several: the latest issued. Source: wire.md 2."""
    return max(annexes, key=lambda annex: annex.issued, default=None)
