"""Redacting what was chosen for a recipient: the form that would leave where parts may not go (accord.md 2, 3).

Decides nothing: which parts go is in the decision, what is left of an object says `node/redacted`. What leaves no valid
object stays whole, and what the recipient has in the very form in which it would leave need not be sent. `chosen` is
changed in place, page by page; forms are made again when somebody looks at them.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence

from hilf.accord.decision import Decision
from hilf.node import redacted
from hilf.node.chosen import Chosen
from hilf.node.held import carrying
from hilf.node.reader import Reader
from hilf.node.sheet import Sheet
from hilf.store.release import proposal


def redact(chosen: Chosen, reader: Reader | None = None, *, unreleased: bool = False) -> dict[int, Decision]:
    """Let all of it stay where what must be taken out cannot be, and take out what the recipient has in part already.

    Args:
        chosen: what was decided by facts.
        reader: of the rows; None where nobody asks what the recipient has.
        unreleased: only what was not released was asked for, so nobody asks what was.

    Returns: what the recipient has, or is proposed to get, in the very form in which it would leave: row → the decision
        that says what is taken out.
    """
    there: dict[int, Decision] = {}
    refused: dict[int, tuple[Decision, Decision]] = {}
    for rows in _pages(chosen):
        forms = {}
        for row, asked, found, form in _forms(chosen, rows):
            if form is None:  # one refusal for all that it refuses
                chosen.decisions[row] = refused.setdefault(id(asked), (asked, found))[1]
                continue
            forms[row] = form.sha256
            if form.marks != set(chosen.sheet.abouts[row].marks):
                chosen.form_marks[row] = form.marks
        if reader is not None:
            there |= _take_out(reader, chosen, forms, unreleased=unreleased)
    return there


def _take_out(
    reader: Reader, chosen: Chosen, forms: Mapping[int, bytes], *, unreleased: bool
) -> dict[int, Decision]:
    there: dict[int, Decision] = {}
    ids = {row: each.stix_id for row, each in reader.read(chosen.sheet, list(forms)).items()}
    acts = chosen.selected.there.held.known(ids.values()).acts(chosen.to)
    kept = redacted.rows(reader.home, ids.values())
    seqs = {row: kept.get((stix_id, forms[row]), -1) for row, stix_id in ids.items()}
    proposed = proposal.waiting_for(chosen.to, list(seqs.values()))
    for row, stix_id in ids.items():
        act, decision = carrying(acts.get(stix_id, ()), forms[row]), chosen.decisions[row]
        if decision is not None and (act is not None or seqs[row] in proposed):
            chosen.decisions[row] = None
            if act is None or not unreleased:
                there[row] = decision
    return there


def _pages(chosen: Chosen) -> Iterator[Sequence[int]]:
    """The rows of which parts are taken out, in pages; few decisions take out anything, and most rows share one."""
    distinct = {id(each): each for each in chosen.decisions if each is not None and each.redact}
    if not distinct:
        return
    rows = array("I", (row for row, each in enumerate(chosen.decisions) if id(each) in distinct))
    for n in range(0, len(rows), redacted.PIECE):
        yield rows[n : n + redacted.PIECE]


def _forms(
    chosen: Chosen, rows: Sequence[int]
) -> Iterator[tuple[int, Decision, Decision, redacted.Form | None]]:
    """Each row with the decision that was made, the one that can be carried out, and the form that would leave."""
    asked = {row: decision for row in rows if (decision := chosen.decisions[row]) is not None}
    return ((row, asked[row], found, form) for row, found, form in forms_of(chosen.sheet, asked))


def forms_of(
    sheet: Sheet, decisions: Mapping[int, Decision]
) -> Iterator[tuple[int, Decision, redacted.Form | None]]:
    """Rows of a sheet, each with the decision that can be carried out and the form that would leave.

    Args:
        sheet: the rows.
        decisions: row → a decision that takes something out.
    """
    rows = {sheet.seqs[row]: row for row in decisions}
    overlays = {seq: sheet.abouts[row].profile.overlay for seq, row in rows.items()}
    for seq, found, form in redacted.forms({seq: decisions[row] for seq, row in rows.items()}, overlays):
        yield rows[seq], found, form
