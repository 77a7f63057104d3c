"""The acts of a release: what was weighed, made into bytes that are queued or signed for (accord.md 4; wire.md 3).

Decides what goes into an act beside the object: the accord and terms of the decision, a nonce, and the proof of
authorship, our own for what we wrote (over the form that leaves), the author's for what another node wrote. When acts may be queued is `node/release`.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

import orjson

from hilf.accord.decision import Decision
from hilf.canonical import Json
from hilf.federation.act import make_act
from hilf.federation.authorship import SALT_BYTES, prove
from hilf.node import redacted
from hilf.node.home import Home, online_key
from hilf.node.preview import Weighed
from hilf.store.database import transaction
from hilf.store.federation.envelope import canonical_of, take_out
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release.proposal import Item


def make(
    home: Home, to: str, purpose: str, weighed: Sequence[Weighed], now: datetime
) -> list[tuple[Item, Kept]]:
    """The acts that carry these assertions to a node, in order, each with the row of its object.

    Args:
        home: this node.
        to: the recipient.
        purpose: of the acts.
        weighed: what leaves; of what has no body any more there is no act.
        now: aware; the time of the acts.
    """
    rows = objects.by_seq(each.kept.seq for each in weighed)
    here = [
        (each.decision, row)
        for each in weighed
        if (row := rows.get(each.kept.seq)) is not None and row.body is not None
    ]
    ready = [
        (decision, row, canonical_of(row.body, row.sha256))
        for decision, row in _in_the_form_that_leaves(home, here, now)
        if row.body is not None
    ]
    proofs = _proofs(home, [(row, canonical) for _, row, canonical in ready], now)
    return [
        (_item(home, to, purpose, decision, row, canonical, proofs.get(row.seq), now), row)
        for decision, row, canonical in ready
    ]


def _in_the_form_that_leaves(
    home: Home, here: Sequence[tuple[Decision, Kept]], now: datetime
) -> Iterator[tuple[Decision, Kept]]:
    """Each with the row whose bytes leave: of what is redacted that of its form, which is kept before the act is made."""
    parts = [(row, decision) for decision, row in here if decision.redact]
    with transaction() if parts else nullcontext():
        forms = iter(redacted.keep(home, parts, now) if parts else ())
    for decision, row in here:
        yield decision, next(forms) if decision.redact else row


def _item(
    home: Home,
    to: str,
    purpose: str,
    decision: Decision,
    row: Kept,
    canonical: bytes,
    authorship: Json,
    now: datetime,
) -> Item:
    if authorship is None and row.authorship is not None:
        authorship = orjson.loads(row.authorship)
    assert decision.terms is not None  # noqa: S101  # a Decision that allows has terms
    act = make_act(
        "object",
        home.node,
        to,
        now,
        secrets.token_hex(16),
        decision.accord,
        purpose,
        replace(decision.terms, redacted_from=_full_form(row)).json(),
        {"object": orjson.loads(canonical), "authorship": authorship},
        row.exercise,
    )
    return Item(bytes.fromhex(act.id), take_out(act.canonical, canonical), row.seq)


def _full_form(row: Kept) -> str | None:
    """Content id of the full form where this is a redacted one, ours or as its author sent it to us."""
    named = row.terms.get("redacted_from")
    return named if isinstance(named, str) else None


def _proofs(home: Home, written: Sequence[tuple[Kept, bytes]], now: datetime) -> dict[int, Json]:
    """Proofs that we wrote what we wrote, one tree for all of it, with a fresh salt for each object."""
    ours = [(row.seq, body) for row, body in written if home.node == row.author == row.asserter]
    if not ours:
        return {}
    salts = [secrets.token_bytes(SALT_BYTES) for _ in ours]
    proofs = prove([body for _, body in ours], salts, home.node, now, online_key(home))
    return {seq: proof for (seq, _), proof in zip(ours, proofs, strict=True)}
