"""What we took back before our database was restored is taken back again, and told to whoever has it from us.

Decides, by the tombstones, which of our versions were: hidden by a retraction of ours that is lost with the database. What
went by its own clock is not: nobody else is asked to let it go. The reason that was given is lost too, so it reads `error`.
"""

from collections.abc import Iterable
from datetime import datetime

from hilf.accord.placing import ObjectState
from hilf.federation.retraction import Retraction, RetractionReason
from hilf.node.home import Home, index_key
from hilf.node.recall import ANSWER
from hilf.node.withdrawal import withdraw
from hilf.store.federation import retraction as store
from hilf.store.intelligence import read as objects
from hilf.store.intelligence import tombstone
from hilf.store.intelligence.index import id_key


def say_again(home: Home, seqs: Iterable[int], now: datetime) -> None:
    """Take back again what we say in these rows, in the caller's transaction.

    Nothing where a retraction of ours about the object is kept.
    """
    for row in objects.by_seq(seqs).values():
        key = id_key(row.stix_id, index_key(home))
        if (
            row.asserter == home.node
            and row.state == ObjectState.HIDDEN  # what was said again since stands
            and tombstone.word_of(key, row.sha256, row.asserter) == tombstone.HIDDEN
            and not any(kept.by == home.node for kept in store.about(row.stix_id))
        ):
            body = Retraction(row.stix_id, (row.sha256.hex(),), RetractionReason.ERROR, now + ANSWER)
            withdraw(home, [row], body, None, now)
