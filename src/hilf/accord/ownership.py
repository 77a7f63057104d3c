"""Ownership: who wrote an object, and who may say it.

Decides, for one version on its way in, whether it has an author and whether it must wait for a person
(protocol.md 3). An object is authored when its created_by_ref is a STIX identity that the identity document of a
verified node names, or when it is such an identity itself. A version that claims an author carries that author's proof;
what we say ourselves under our own identity needs none. Observables, markings and third-party material have no author:
anybody may assert them, and squatting on their ids gains nothing.

Whether a proof is good is verified before (`federation.authorship`), and so is whether a version is from the future
(`stix.judge`); whether the same asserter said two things of one version is seen when it is placed (`accord.placing`).
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

NO_PROOF: Final = "ownership.no-proof"
OTHER_AUTHOR: Final = "ownership.other-author"
_WITHOUT_AUTHOR: Final = frozenset({"marking-definition"})

Authors = Mapping[str, frozenset[str]]
"""STIX identity, in lower case → the verified nodes whose documents name it; only our own node where ours does."""


class Claim(NamedTuple):
    """What one version says of itself, and how it comes.

    Attributes:
        stix_id: its id.
        type: its type.
        created_by: created_by_ref, None where there is none.
        asserter: the node that says it.
        proven: the node whose authorship proof over exactly these bytes verified; None without a proof.
    """

    stix_id: str
    type: str
    created_by: str | None
    asserter: str
    proven: str | None = None


class Ownership(NamedTuple):
    """Its author, None where it has none; `rule` and `message` say why it waits for a person, None where it does not."""

    author: str | None
    rule: str | None = None
    message: str = ""


def judge(claim: Claim, authors: Authors, known: Collection[str], me: str) -> Ownership:
    """Whose this version is, and whether it may count.

    Args:
        claim: what it says.
        authors: who may be an author.
        known: authors of the versions of the same id that are held and count.
        me: our own node.
    """
    claimed = _claimed(claim, authors)
    author = _author(claim, claimed, me)
    if claimed and author is None:
        return Ownership(
            None,
            NO_PROOF,
            f"It claims to be written by {' or '.join(sorted(claimed))} and carries no proof of it.",
        )
    others = sorted(each for each in known if each != author)
    if others:
        return Ownership(author, OTHER_AUTHOR, f"Its id belongs to an object that {others[0]} wrote.")
    return Ownership(author)


def _claimed(claim: Claim, authors: Authors) -> frozenset[str]:
    if claim.type in _WITHOUT_AUTHOR:
        return frozenset()
    # An identity that stands for a node is that node's, whoever it says created it. UUIDs are read in either case.
    return authors.get(claim.stix_id.lower()) or authors.get((claim.created_by or "").lower(), frozenset())


def _author(claim: Claim, claimed: frozenset[str], me: str) -> str | None:
    """The author as far as it is shown: by being us, or by a proof (also of a node that we know only by introduction)."""
    if claim.type in _WITHOUT_AUTHOR:
        return None
    if claim.asserter == me and me in claimed:
        return me
    if claim.proven is not None and (not claimed or claim.proven in claimed):
        return claim.proven
    return None
