"""The full text: filled behind the intake by the worker, read newest first, emptied exactly.

Contentless on SQLite: the index holds words, the text stands in the body only. So a deletion must say the very
words that were filled in; `EDITION` is raised whenever their spelling changes, and the index is then filled anew.
Indexed is every assertion up to the counter `fulltext` that is current or an older version. Both databases hold the
same words: ours, not those of their own tokenizers.
"""

import re
import unicodedata
from collections.abc import Iterable

import orjson

from hilf.accord.placing import ObjectState
from hilf.stix.text import text_of
from hilf.store import database
from hilf.store.intelligence.index import among, insert

# Raise it with every change of `spelt` or `hilf.stix.text.text_of`.
EDITION = 1
BATCH = 20_000
# A tsvector holds 1 MB; the longest text of an object is 262,144 characters.
_MAX_BYTES = 500_000
_NOT_WORDS = re.compile(r"[\W_]+")
_INDEXED = f"state IN ({int(ObjectState.CURRENT)}, {int(ObjectState.OLDER)})"


LEADS = {
    False: ("fulltext.rowid", "fulltext MATCH %s"),
    True: ("fulltext.seq", "fulltext.words @@ to_tsquery('simple', %s)"),
}
"""By whether it is PostgreSQL: the column that numbers the rows, and the condition on them."""


def spelt(text: str) -> str:
    """The words of a text as they stand in the index: folded, without accents and vowel signs, one blank between."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).replace("\N{ARABIC TATWEEL}", "")
        text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
        return _NOT_WORDS.sub(" ", text).strip().encode()[:_MAX_BYTES].decode(errors="ignore")
    return _NOT_WORDS.sub(" ", text.lower()).strip()[:_MAX_BYTES]


def words_of(body: bytes) -> str:
    """What the index holds of an object."""
    return spelt(text_of(orjson.loads(body)))


def fill(limit: int = BATCH) -> int:
    """Index the next assertions, in the caller's transaction; how many rows were looked at, 0 when none waits."""
    if _counter("fulltext edition") != EDITION:
        _start_anew()
    upto, given = _counter("fulltext"), _counter("object")
    rows = database.rows(
        f"SELECT seq, {_INDEXED}, body FROM object WHERE seq > %s ORDER BY seq LIMIT %s", (upto, limit)
    )
    if not rows:
        if given > upto:  # the last rows were taken back
            _set("fulltext", given)
        return 0
    _insert((seq, words_of(bytes(body))) for seq, indexed, body in rows if indexed and body is not None)
    _set("fulltext", rows[-1][0])
    return len(rows)


def waiting() -> int:
    """About how many assertions wait for the index (numbers given out since the last one filled)."""
    return max(0, _counter("object") - _counter("fulltext"))


def remove(seqs: Iterable[int]) -> int:
    """Take assertions out of the index, in the caller's transaction, while they still have their body and state.

    How many were taken out.

    On SQLite the words are gone from the file only after `optimize`.
    """
    upto = _counter("fulltext")
    wanted = [seq for seq in seqs if seq <= upto]
    removed = 0
    for n in range(0, len(wanted), BATCH):
        chosen = among("seq", wanted[n : n + BATCH])
        if database.is_postgresql():
            removed += database.execute(f"DELETE FROM fulltext WHERE {chosen}")
            continue
        rows = database.rows(
            f"SELECT seq, body FROM object WHERE {chosen} AND {_INDEXED} AND body IS NOT NULL"
        )
        database.execute_many(
            "INSERT INTO fulltext (fulltext, rowid, words) VALUES ('delete', %s, %s)",
            [(seq, words) for seq, body in rows if (words := words_of(bytes(body)))],
        )
        removed += len(rows)
    return removed


def optimize() -> None:
    """Merge the index into one piece, so that words which were removed are in the file no more."""
    if not database.is_postgresql():
        database.execute("INSERT INTO fulltext (fulltext) VALUES ('optimize')")


def condition(text: str) -> tuple[str, str] | None:
    """SQL for the `seq` of assertions that hold all words of a text, and its parameter; None where it has no word.

    Words that hang together ("evil.example") must stand together.
    """
    phrases = [phrase for word in text.split() if (phrase := spelt(word))]
    if not phrases:
        return None
    column, match = LEADS[database.is_postgresql()]
    if database.is_postgresql():
        query = " & ".join("(" + " <-> ".join(phrase.split()) + ")" for phrase in phrases)
    else:
        query = " AND ".join(f'"{phrase}"' for phrase in phrases)
    return f"SELECT {column} FROM fulltext WHERE {match}", query


def _insert(rows: Iterable[tuple[int, str]]) -> None:
    texts = [(seq, words) for seq, words in rows if words]
    if not database.is_postgresql():
        insert("fulltext", ("rowid", "words"), texts)
        return
    database.execute_many(
        "INSERT INTO fulltext (seq, words) VALUES (%s, to_tsvector('simple', %s))"
        " ON CONFLICT (seq) DO UPDATE SET words = excluded.words",
        texts,
    )


def _start_anew() -> None:
    if database.is_postgresql():
        database.execute("DELETE FROM fulltext")
    else:
        database.execute("INSERT INTO fulltext (fulltext) VALUES ('delete-all')")
    _set("fulltext", 0)
    _set("fulltext edition", EDITION)


def _counter(name: str) -> int:
    found = database.row("SELECT value FROM counter WHERE name = %s", (name,))
    return int(found[0]) if found else 0


def _set(name: str, value: int) -> None:
    database.execute(
        "INSERT INTO counter (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
