"""Redacted forms of what this node says: rows in the state REDACTED, each beside the full form that it was made from.

A form is written once, however many partners get it. The outbox, erasure and retraction treat it as any row; it is in no
index and no search. What is taken out, and when, is decided in `accord.decide` and `accord.redaction`.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import orjson

from hilf.accord.placing import ObjectState
from hilf.store import database
from hilf.store.intelligence.assertion import Kept, redacted_from
from hilf.store.intelligence.index import among, id_key, insert

_COLUMNS: Final = (
    "seq", "id_key", "stix_id", "type", "created", "modified", "created_by", "asserter", "author", "state", "tlp",
    "overlay", "exercise", "terms", "sha256", "received", "import_id", "body",
)  # fmt: skip
_PIECE: Final = 500


class Form(NamedTuple):
    """A redacted form: the row of the full one, the canonical bytes that are left, and their content id (32 bytes)."""

    full: Kept
    canonical: bytes
    sha256: bytes


def keep(forms: Sequence[Form], at_us: int, index_key: bytes) -> list[int]:
    """Write these forms, in the caller's transaction; the row of each, in order, that of an earlier writing where it stands.

    Args:
        forms: of what this node says.
        at_us: when, microseconds since 1970, UTC.
        index_key: `node.home.index_key`.
    """
    known = rows((each.full.stix_id for each in forms), index_key)
    new = {(each.full.stix_id, each.sha256): each for each in forms}
    missing = [key for key in new if key not in known]
    if missing:
        first = database.allot("object", len(missing))
        insert(
            "object",
            _COLUMNS,
            [_row(new[key], first + n, at_us, index_key) for n, key in enumerate(missing)],
        )
        known.update({key: first + n for n, key in enumerate(missing)})
    return [known[each.full.stix_id, each.sha256] for each in forms]


def rows(stix_ids: Iterable[str], index_key: bytes) -> dict[tuple[str, bytes], int]:
    """The rows of the forms of these objects that stand, by object and content id."""
    wanted, found = sorted(set(stix_ids)), {}
    for n in range(0, len(wanted), _PIECE):
        piece = set(wanted[n : n + _PIECE])
        for stix_id, sha256, seq in database.rows(
            f"SELECT stix_id, sha256, seq FROM object WHERE {among('id_key', (id_key(i, index_key) for i in piece))}"
            f" AND state = {int(ObjectState.REDACTED)}"
        ):
            if stix_id in piece:
                found[stix_id, bytes(sha256)] = seq
    return found


def full_of(seqs: Iterable[int]) -> dict[int, int]:
    """Row of a form → the row of its full form, if that still counts; rows that are no forms are missing."""
    wanted, found = sorted(set(seqs)), dict[int, int]()
    for n in range(0, len(wanted), _PIECE):
        pairs = database.rows(
            "SELECT r.seq, r.terms, o.seq, o.sha256 FROM object r JOIN object o ON o.id_key = r.id_key"
            f" AND o.stix_id = r.stix_id AND o.asserter = r.asserter WHERE {among('r.seq', wanted[n : n + _PIECE])}"
            f" AND r.state = {int(ObjectState.REDACTED)} AND o.state = {int(ObjectState.CURRENT)}"
        )
        found.update({seq: full for seq, terms, full, sha in pairs if redacted_from(terms) == bytes(sha)})
    return found


def _row(form: Form, seq: int, at_us: int, index_key: bytes) -> tuple[object, ...]:
    full = form.full
    return (
        seq, id_key(full.stix_id, index_key), full.stix_id, full.type, full.created, full.modified, full.created_by,
        full.asserter, full.author, int(ObjectState.REDACTED), full.tlp,
        orjson.dumps(full.overlay).decode() if full.overlay else None, full.exercise,
        orjson.dumps({"redacted_from": full.sha256.hex()}).decode(), form.sha256, at_us, full.import_id, form.canonical,
    )  # fmt: skip
