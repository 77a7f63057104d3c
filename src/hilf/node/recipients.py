"""Recipients: whom a release goes to, as people name them: nodes, all that are verified, the parties of an agreement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from hilf.errors import CallerFault
from hilf.node import life, peer
from hilf.node.home import Home
from hilf.node.preview import recipient_of

ALL: Final = "all"


def named(home: Home, nodes: Sequence[str], accord_id: str | None, now: datetime) -> tuple[str, ...]:
    """The nodes that are meant, each once, in order.

    Args:
        home: this node.
        nodes: names; "all" for every verified node.
        accord_id: an accord in force, for its other parties.
        now: aware.

    Raises:
        CallerFault: "release.unknown-node", "release.no-recipient", or "accord.not-in-force".
    """
    found: list[str] = []
    for node in nodes:
        found += peer.verified(home) if node == ALL else (recipient_of(node).node,)
    if accord_id is not None:
        between = [each.accord for each in life.all_in_force(home, now) if each.accord.id == accord_id]
        if not between:
            raise CallerFault(
                "accord.not-in-force",
                f"{accord_id[:80]} is not in force here.",
                "Only its parties of today are meant by it.",
                "See which are: hilf accord list",
            )
        found += (node for node in between[0].nodes if node != home.node)
    if not found:
        raise CallerFault(
            "release.no-recipient",
            "No recipient is named.",
            "",
            "Name one with --to NODE, several with --to each, all verified ones with --to all, or --accord ID.",
        )
    return tuple(dict.fromkeys(found))
