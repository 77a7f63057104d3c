"""What there is: types, labels, sectors, techniques that assertions of this node speak of, and how often."""

from typing import Final

import orjson

from hilf.accord.facts import MEMBERS
from hilf.accord.placing import ObjectState
from hilf.store import database

_CURRENT: Final = f"o.state = {int(ObjectState.CURRENT)}"
_FACTS_READ: Final = 2_000
"""So many facts, the newest, are looked into for labels and sectors."""


def types() -> tuple[str, ...]:
    """The types of objects that there are, found by stepping through the index."""
    found: list[str] = []
    last = ""
    while True:
        row = database.row("SELECT type FROM object WHERE type > %s ORDER BY type LIMIT 1", (last,))
        if row is None:
            return tuple(found)
        last = row[0]
        found.append(last)


def listed(member: str) -> tuple[str, ...]:
    """The words that objects hold in a list (labels, sectors), as far as the newest facts say."""
    place, words = MEMBERS.index(member), set[str]()
    for (text,) in database.rows("SELECT json FROM facts ORDER BY id DESC LIMIT %s", (_FACTS_READ,)):
        held = orjson.loads(text)[0][place]
        if isinstance(held, list):
            words.update(each for each in held if isinstance(each, str))
    return tuple(sorted(words))


def stated(member: str) -> tuple[str, ...]:
    """The words that objects state in a member (lang), as far as the newest facts say."""
    place, words = MEMBERS.index(member), set[str]()
    for (text,) in database.rows("SELECT json FROM facts ORDER BY id DESC LIMIT %s", (_FACTS_READ,)):
        held = orjson.loads(text)[0][place]
        if isinstance(held, str):
            words.add(held)
    return tuple(sorted(words))


def accords() -> tuple[str, ...]:
    """The accords under which something came."""
    found = database.rows("SELECT json FROM facts ORDER BY id DESC LIMIT %s", (_FACTS_READ,))
    under = {orjson.loads(text)[4] for (text,) in found}
    return tuple(sorted({each.split(" ")[0] for each in under if isinstance(each, str)}))


def techniques(without_level: int | None = None) -> dict[str, int]:
    """How many current assertions speak of each ATT&CK technique by its id.

    Args:
        without_level: a level of TLP whose assertions are left out.
    """
    left_out = "" if without_level is None else f" AND COALESCE(o.tlp, -1) <> {int(without_level)}"
    found = database.rows(
        "SELECT v.value, count(DISTINCT v.seq) FROM observable v CROSS JOIN object o"
        f" WHERE v.kind = 'technique' AND o.seq = v.seq AND {_CURRENT}{left_out} GROUP BY v.value"
    )
    return dict(sorted(found))


def pointed_at(target_keys: dict[int, str], without_level: int | None = None) -> dict[str, int]:
    """How many current relationships and other assertions point to each of these objects.

    Args:
        target_keys: `index.id_key` of an object to whatever it is to be counted under.
        without_level: a level of TLP whose assertions are left out.
    """
    left_out = "" if without_level is None else f" AND COALESCE(o.tlp, -1) <> {int(without_level)}"
    keys, counts = sorted(target_keys), dict[str, int]()
    for n in range(0, len(keys), 500):
        places = ", ".join(map(str, keys[n : n + 500]))
        for key, count in database.rows(
            "SELECT r.target_key, count(DISTINCT r.seq) FROM reference r CROSS JOIN object o"
            f" WHERE r.target_key IN ({places}) AND o.seq = r.seq AND {_CURRENT}{left_out}"
            " AND r.prop IN ('target_ref', 'source_ref', 'object_refs') GROUP BY r.target_key"
        ):
            counts[target_keys[key]] = counts.get(target_keys[key], 0) + count
    return counts
