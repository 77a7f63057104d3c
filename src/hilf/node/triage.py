"""What partners sent and nobody here has looked at: found, looked at, said to be false.

Decides what counts as looked at: an object of a partner with one of our labels "seen" or "false-positive". Labels are the node's,
not a person's: what one on duty has seen is seen for all, and they go to nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from hilf.errors import CallerFault
from hilf.node import mark, search
from hilf.node.home import Home
from hilf.stix.select import Term
from hilf.store.intelligence.search import Found

SEEN: Final = "seen"
FALSE: Final = "false-positive"
DONE: Final = (SEEN, FALSE)
COUNTED: Final = 100
"""So many are counted; more than that is more than anybody looks at now."""


def terms(home: Home, partner: str = "") -> tuple[Term, ...]:
    """The selection of what nobody has looked at, of all partners or of one.

    Args:
        home: an open home.
        partner: a node, or "" for all.
    """
    whose = Term("owner", ":", (partner,)) if partner else Term("owner", ":", (home.node,), negated=True)
    return (whose, Term("label", ":", DONE, negated=True))


def page(
    home: Home, limit: int, before_seq: int | None = None, partner: str = "", more: Sequence[Term] = ()
) -> Found:
    """One page of what nobody has looked at, newest first.

    Args:
        home: an open home.
        limit: objects in the page.
        before_seq: go on behind the last `seq` of the page before.
        partner: of this node only; "" for all.
        more: terms that must hold too, such as what the reader may see.
    """
    return search.find(home, (*terms(home, partner), *more), "", limit, before_seq, COUNTED)


def look(home: Home, stix_ids: Sequence[str], word: str, by: str, now: datetime) -> int:
    """Say that objects were looked at, or that they are false; how many were not said to be so before.

    Raises:
        CallerFault: "inbox.word": neither "seen" nor "false-positive".
    """
    if word not in DONE:
        raise CallerFault(
            "inbox.word",
            f"{word[:40]!r} is nothing to say of an object here.",
            "",
            f"Say {' or '.join(DONE)}.",
        )
    return mark.put_label(home, stix_ids, word, by, now)
