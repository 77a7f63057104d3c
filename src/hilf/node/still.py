"""Whether what was weighed still stands, asked in the transaction that queues it (accord.md 3, 4).

Decides nothing new: what went to the recipient meanwhile, in whatever form, what it was told to let go, and what a relation
joins are looked up once more. Whether the rows themselves are what they were is asked in `node/reader`.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence

from hilf.node import redacted
from hilf.node.candidate import JOINING, Candidate, Weighed
from hilf.node.chosen import Chosen
from hilf.node.held import Held, carrying
from hilf.node.home import Home
from hilf.node.together import ends
from hilf.store.intelligence import row as rows
from hilf.store.release import proposal


def is_new(home: Home, held: Held, to: str, weighed: Sequence[Weighed], along: Collection[int]) -> bool:
    """Whether the recipient neither got any of this, nor is proposed to get it, nor was told to let go of it.

    Args:
        home: this node.
        held: what the recipient has, read in this transaction.
        to: the recipient.
        weighed: what is to leave.
        along: rows of it that go along though a proposal holds them.
    """
    known = held.known(each.kept.stix_id for each in weighed)
    acts, taken = known.acts(to), known.taken(to)
    if any(
        carrying(acts.get(each.kept.stix_id, ()), each.sha256) or each.kept.seq in taken for each in weighed
    ):
        return False
    kept = redacted.rows(home, [each.kept.stix_id for each in weighed if each.form])
    forms = (kept.get((each.kept.stix_id, each.sha256)) for each in weighed if each.form)
    going = [*(each.kept.seq for each in weighed), *(form for form in forms if form is not None)]
    return proposal.waiting_for(to, going).keys() <= set(along)


def ends_hold(chosen: Chosen, held: Held, weighed: Sequence[Weighed]) -> bool:
    """Whether what relations join still counts here where it leaves with them, and is held as it was where it does not."""
    relations = [each.kept for each in weighed if each.kept.type in JOINING]
    if not relations:
        return True
    there = chosen.selected.there
    now = held.widest((end for each in relations for end in each.ends), there.now).get(chosen.to, {})
    with_them: set[int] = set()
    for each in relations:
        for stix_id, (at, end) in zip(each.ends, _ends(chosen, each), strict=True):
            leaves = chosen.of_object(end)
            if leaves is not None and leaves.allowed:
                with_them.add(chosen.sheet.seqs[chosen.of_end(end)])
            elif there.end(chosen.to, at) != now.get(stix_id):
                return False
    return len(list(rows.by_seq(with_them, JOINING))) == len(with_them)


def _ends(chosen: Chosen, relation: Candidate) -> list[tuple[int, int]]:
    row = bisect_left(chosen.sheet.seqs, relation.seq)
    return list(ends(chosen, bisect_left(chosen.sheet.relations, row)))
