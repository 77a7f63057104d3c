"""How this node reads the markings of what it holds: each assertion with its overlay, its level and what may be done with it.

Decides nothing: definitions are found by `node/profile`, read in `hilf.markings`, and what they mean for a release is
`accord.marked`.
"""

from dataclasses import dataclass
from datetime import datetime

from hilf.accord.marked import level
from hilf.errors import CallerFault
from hilf.markings.marking import Markings, describe, effective_pap
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp
from hilf.node.home import Home, index_key
from hilf.node.profile import Profiles
from hilf.store.intelligence import read as objects


@dataclass(frozen=True, slots=True)
class Marked:
    """The markings of one assertion as this node honours them.

    Attributes:
        asserter: the node that says it.
        tlp: the level that counts for the whole object.
        pap: what may be done with it at most.
        markings: all of them, overlay included.
        redacted: whether parts of it were left out by its author.
    """

    asserter: str
    tlp: Tlp
    pap: Pap
    markings: Markings
    redacted: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The markings in words."""
        return describe(self.markings)


def marked(home: Home, stix_id: str, now: datetime) -> tuple[Marked, ...]:
    """What each current assertion of an object is marked with, first said first.

    Raises:
        CallerFault: "markings.unknown-object".
    """
    rows = objects.current(stix_id, index_key(home))
    if not rows:
        raise CallerFault(
            "markings.unknown-object",
            f"There is no object {stix_id[:100]} here.",
            "",
            "Look for it: hilf search TEXT",
        )
    return tuple(
        Marked(
            kept.asserter,
            level(profile.markings, now),
            effective_pap(profile.markings),
            profile.markings,
            kept.is_redacted,
        )
        for kept, _, profile in Profiles(home, now).read(rows)
    )
