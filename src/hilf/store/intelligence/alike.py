"""What a term asks of the facts: many assertions share a few of them, so that no body is read (docs/developers/store.md).

The few rows whose facts are not written yet are looked into one by one; where they are many (homes of an older hilf), or
too many facts fit, bodies are looked into as a whole.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import orjson

from hilf.accord.facts import MEMBERS
from hilf.accord.placing import ObjectState
from hilf.canonical import Json
from hilf.stix.select import Term
from hilf.store import database
from hilf.store.intelligence import facts, read
from hilf.store.intelligence.assertion import Kept

MOST: Final = 20_000
"""So many facts are named in one statement."""
RARE: Final = 2_000
"""So many rows are found by their facts; more are found by the way."""
FEW: Final = 200
"""So many rows without facts are looked into."""

Sql = tuple[str, tuple[object, ...]]
Holds = Callable[[Mapping[str, Json], Term], bool]
Fits = Callable[[list[Json]], bool]

_OBJECT, _ASSERTER, _AUTHOR, _OVERLAY, _ACCORD, _, _, _EXERCISE = range(8)


def without_facts() -> tuple[Kept, ...] | None:
    """The rows that have no facts yet; None where they are many."""
    found = database.rows(
        f"SELECT seq FROM object WHERE facts_id IS NULL AND state < {int(ObjectState.HIDDEN)} LIMIT %s",
        (FEW + 1,),
    )
    return None if len(found) > FEW else tuple(read.by_seq(seq for (seq,) in found).values())


def by_member(term: Term, holds: Holds, rest: tuple[Kept, ...]) -> Sql | None:
    """The condition that what the facts hold of the object meets a term; None where the bodies must be asked."""

    def fits(told: list[Json]) -> bool:
        members = told[_OBJECT]
        assert isinstance(members, list)  # noqa: S101  # as `Facts.text` wrote it
        return holds(
            {name: value for name, value in zip(MEMBERS, members, strict=False) if value is not None}, term
        )

    return _condition(fits, term.values if term.field in ("label", "sector") else (), rest)


def by_owner(term: Term, rest: tuple[Kept, ...]) -> Sql | None:
    """The condition that its author, or else who says it, is one of the nodes of a term."""
    return _condition(lambda told: (told[_AUTHOR] or told[_ASSERTER]) in term.values, term.values, rest)


def by_asserter(term: Term, rest: tuple[Kept, ...]) -> Sql | None:
    """The condition that one of the nodes of a term says it."""
    return _condition(lambda told: told[_ASSERTER] in term.values, term.values, rest)


def by_accord(term: Term, rest: tuple[Kept, ...]) -> Sql | None:
    """The condition that it came under an accord of a term, in whatever version or in the named one."""

    def fits(told: list[Json]) -> bool:
        under = told[_ACCORD]
        return isinstance(under, str) and any(
            under == value or under.startswith(f"{value} ") for value in term.values
        )

    return _condition(fits, term.values, rest)


def by_exercise(term: Term, rest: tuple[Kept, ...]) -> Sql | None:
    """The condition that it came as exercise material, or did not."""
    return _condition(lambda told: ("true" if told[_EXERCISE] else "false") in term.values, (), rest)


def by_marking(term: Term, level: Sql | None, rest: tuple[Kept, ...]) -> Sql | None:
    """The condition that a marking of a term, named by its id, stands on it or is laid over it, or the level is one of it."""

    def fits(told: list[Json]) -> bool:
        members, overlay = told[_OBJECT], told[_OVERLAY]
        assert isinstance(members, list) and isinstance(overlay, list)  # noqa: S101, PT018  # as above
        own = members[MEMBERS.index("object_marking_refs")]
        return any(value in overlay or (isinstance(own, list) and value in own) for value in term.values)

    found = _condition(fits, tuple(value for value in term.values if "--" in value), rest)
    if found is None or level is None:
        return found
    return f"({found[0]}) OR ({level[0]})", (*found[1], *level[1])


def _condition(fits: Fits, words: tuple[str, ...], rest: tuple[Kept, ...]) -> Sql | None:
    """The rows whose facts fit; only those facts are looked at that hold one of the words, where there are any."""
    ids = []
    for facts_id, text in database.each(*_holding(words)):
        if fits(orjson.loads(text)):
            ids.append(facts_id)
            if len(ids) > MOST:
                return None
    more = [row.seq for row in rest if row.body is not None and fits(orjson.loads(facts.of(row).text()))]
    if not ids and not more:
        return "1 = 0", ()
    sql = _of_facts(ids)
    return (f"{sql} OR o.seq IN ({', '.join(map(str, more))})" if more else sql), ()


def _of_facts(ids: Sequence[int]) -> str:
    """Rows of these facts: by their places where they are few, else while the index of lists is read.

    The plus keeps SQLite from reading every row that fits by the index of facts, and sorting them.
    """
    listed = ", ".join(map(str, ids)) or "NULL"
    named = f"SELECT f.seq FROM object f WHERE f.facts_id IN ({listed})"
    are_few = len(database.rows(f"{named} LIMIT %s", (RARE + 1,))) <= RARE
    return f"o.seq IN ({named})" if are_few else f"+o.facts_id IN ({listed})"


def _holding(words: tuple[str, ...]) -> Sql:
    if not words:
        return "SELECT id, json FROM facts", ()
    # As the word stands in JSON; what LIKE takes for a wildcard finds more, and is looked at again.
    like = [f"%{orjson.dumps(word).decode()[1:-1]}%".replace("\\", "\\\\") for word in words]
    like_one = r"json LIKE %s ESCAPE '\'"
    return f"SELECT id, json FROM facts WHERE {' OR '.join([like_one] * len(like))}", tuple(like)
