"""Redacted forms: what is left of what this node says when parts of it may not go (accord.md 2, 3).

Decides what of a form must be known before it leaves: its content id, so that nothing is sent twice, and the markings that
it still bears, for only these travel along. Which parts go is `accord.decide`, what is left `accord.redaction`; a form is
kept as a row of its own once it is sent or proposed (`store/intelligence/redacted`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

from hilf.accord.decision import Decision, Reason
from hilf.accord.redaction import carry_out, redact
from hilf.canonical import Json, dumps, sha256
from hilf.markings import tlp
from hilf.markings.granular import granular_refs
from hilf.node.home import Home, index_key
from hilf.stix.marking_definition import marking_refs
from hilf.store.instant import microseconds
from hilf.store.intelligence import read as objects
from hilf.store.intelligence import redacted as store
from hilf.store.intelligence.assertion import Kept

PIECE: Final = 500
"""Bodies read at once."""


class Form(NamedTuple):
    """What is left of an object: its content id, 32 bytes, and the ids of its markings that no standard fixes."""

    sha256: bytes
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """An object before and after redaction, for people.

    Attributes:
        seq: its row.
        stix_id: the object.
        selectors: what is taken out.
        reasons: why, one for each.
        full: content id of the full form.
        form: content id of what is left.
        before: the object as it is here.
        after: the object as it would leave.
    """

    seq: int
    stix_id: str
    selectors: tuple[str, ...]
    reasons: tuple[Reason, ...]
    full: bytes
    form: bytes
    before: Mapping[str, Json]
    after: Mapping[str, Json]


RULES: Final = ("accord.part-redacted", "accord.personal-data-redacted")
"""Rules that take something out."""


def forms(
    decisions: Mapping[int, Decision], overlays: Mapping[int, Sequence[str]]
) -> Iterator[tuple[int, Decision, Form | None]]:
    """Each decision once it is known whether it can be carried out, with the form that would leave; none where the body went.

    Args:
        decisions: row → a decision that takes something out.
        overlays: row → ids of the markings laid over it.
    """
    seqs = sorted(decisions)
    for n in range(0, len(seqs), PIECE):
        for seq, row in objects.by_seq(seqs[n : n + PIECE]).items():
            if row.body is None:
                continue
            decision, left = carry_out(decisions[seq], row.object)
            yield seq, decision, None if left is None else _form(left, overlays[seq])


def _form(left: dict[str, Json], overlay: Sequence[str]) -> Form:
    named = {*marking_refs(left), *(ref for _, ref in granular_refs(left) if ref), *overlay}
    return Form(sha256(dumps(left)), frozenset(each for each in named if tlp.of_id(each) is None))


def rows(home: Home, stix_ids: Iterable[str]) -> dict[tuple[str, bytes], int]:
    """The rows of the forms of these objects that were sent or proposed, by object and content id."""
    return store.rows(stix_ids, index_key(home))


def keep(home: Home, decided: Sequence[tuple[Kept, Decision]], at: datetime) -> list[Kept]:
    """Keep the form of each of these, in the caller's transaction; its row with its bytes, in order."""
    made = []
    for full, decision in decided:
        left = redact(full.object, decision.redact)
        if left is None:
            raise ValueError("what was weighed cannot be redacted")
        canonical = dumps(left)
        made.append(store.Form(full, canonical, sha256(canonical)))
    seqs = store.keep(made, microseconds(at), index_key(home))
    rows = objects.by_seq(seqs)
    return [rows[seq] for seq in seqs]


def shown(weighed: Iterable[tuple[int, Decision]]) -> Iterator[Shown]:
    """What would be taken out of these rows, before and after, in their order."""
    rest = iter(weighed)
    while piece := list(islice(rest, PIECE)):
        rows = objects.by_seq(seq for seq, _ in piece)
        for seq, decision in piece:
            row = rows.get(seq)
            left = None if row is None or row.body is None else redact(row.object, decision.redact)
            if row is not None and left is not None:
                reasons = tuple(reason for reason in decision.reasons if reason.rule in RULES)
                form = sha256(dumps(left))
                yield Shown(seq, row.stix_id, decision.redact, reasons, row.sha256, form, row.object, left)
