"""What a selection means over the stored assertions.

SQL for what stands in columns, indexes and facts (`alike`: label, sector, lang, revoked, owner, ids of markings), a look
into the body where facts cannot say. `label:` finds labels of our own (`label`) as well. The language itself is `hilf.stix.select` (faces.md 1). A selection is over current
assertions only. `marking:` means the effective TLP, so that an object without any counts as AMBER+STRICT; it also
takes the id of a marking-definition. `partner` is the node that says it, `owner` its author, else the node that says
it; `technique` is one ATT&CK id, without its sub-techniques.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hilf.accord.placing import ObjectState
from hilf.canonical import Json
from hilf.markings import tlp
from hilf.stix import observable
from hilf.stix.select import Term, moment
from hilf.store import database
from hilf.store.instant import microseconds
from hilf.store.intelligence import alike, fulltext
from hilf.store.intelligence.assertion import Kept
from hilf.store.intelligence.index import id_key, storable, value_key

Sql = tuple[str, tuple[object, ...]]
Check = Callable[[Kept], bool]

_NOTHING: Sql = ("1 = 0", ())
_DATE_CHARACTERS = 10


@dataclass(frozen=True, slots=True)
class Selection:
    """A condition over `object o` with its parameters, and what must be looked for in the bodies it leaves."""

    condition: str
    parameters: tuple[object, ...]
    checks: tuple[Check, ...]

    def holds(self, each: Kept) -> bool:
        """Whether the body of a row that meets the condition meets the rest."""
        return all(check(each) for check in self.checks)


def compile_terms(terms: Sequence[Term], index_key: bytes, asserter: str | None = None) -> Selection:
    """The selection that these terms mean.

    Args:
        terms: all of them must hold.
        index_key: `node.home.index_key`.
        asserter: only what this node says.
    """
    conditions = [f"o.state = {int(ObjectState.CURRENT)}"]
    parameters: list[object] = []
    checks: list[Check] = []
    if asserter is not None:
        conditions.append("o.asserter = %s")
        parameters.append(asserter)
    rest = alike.without_facts() if any(_of_facts(term) for term in terms) else None
    for term in terms:
        found = _by_facts(term, rest) if rest is not None and _of_facts(term) else None
        if found is None and (term.field in _IN_BODY or _names_definition(term)):
            checks.append(_check(term))
            continue
        sql, values = found or _COLUMN[term.field](term, index_key)
        conditions.append(f"NOT COALESCE(({sql}), FALSE)" if term.negated else f"({sql})")
        parameters.extend(values)
    return Selection(" AND ".join(conditions), tuple(parameters), tuple(checks))


def _of_facts(term: Term) -> bool:
    return term.field in _IN_FACTS or _names_definition(term)


def _by_facts(term: Term, rest: tuple[Kept, ...]) -> Sql | None:
    """The condition on facts and the columns beside them; None where bodies must be looked into."""
    if term.field == "confidence":
        return _by_confidence(term, rest)
    if term.field == "marking":
        levels = tuple(value for value in term.values if "--" not in value)
        return alike.by_marking(term, _marking(replace(term, values=levels), b"") if levels else None, rest)
    if term.field in _IN_FACTS_ALONE:
        return _IN_FACTS_ALONE[term.field](term, rest)
    found = alike.by_member(term, _IN_BODY[term.field], rest)
    return found if found is None or term.field != "label" else _any((found, _own_label(term)))


def _by_confidence(term: Term, rest: tuple[Kept, ...]) -> Sql:
    seqs = [row.seq for row in rest if _confidence(row.object, term)]
    of_column = _any(
        (f"o.confidence {'=' if term.op == ':' else term.op} %s", (int(v),)) for v in term.values
    )
    return _any((of_column, (f"o.seq IN ({', '.join(map(str, seqs))})", ()))) if seqs else of_column


def _own_label(term: Term) -> Sql:
    sql, values = _in("l.label", term.values)
    return (
        f"o.seq IN (SELECT q.seq FROM own_label l JOIN object q ON q.id_key = l.id_key WHERE {sql})",
        values,
    )


def has_value(kind: str, value: str, index_key: bytes) -> Sql:
    """SQL for the `seq` of assertions that speak of one observable value."""
    sql = (
        "SELECT k.seq FROM observable_key k JOIN observable v ON v.seq = k.seq"
        " WHERE k.h = %s AND v.kind = %s AND v.value = %s"
    )
    value = storable(value)
    return sql, (value_key(kind, value, index_key), kind, value)


def _in(column: str, values: Iterable[object]) -> Sql:
    listed = tuple(values)
    return f"{column} IN ({', '.join(['%s'] * len(listed))})", listed


def _any(parts: Iterable[Sql]) -> Sql:
    listed = list(parts)
    if not listed:
        return _NOTHING
    return " OR ".join(f"({sql})" for sql, _ in listed), tuple(
        value for _, values in listed for value in values
    )


def _of_column(column: str) -> Callable[[Term, bytes], Sql]:
    return lambda term, _: _in(column, term.values)


def _id(term: Term, index_key: bytes) -> Sql:
    return _any(
        ("o.id_key = %s AND o.stix_id = %s", (id_key(value, index_key), value)) for value in term.values
    )


def _time(column: str) -> Callable[[Term, bytes], Sql]:
    return lambda term, _: _any(_moment(column, term.op, value) for value in term.values)


def _moment(column: str, op: str, value: str) -> Sql:
    """A day without an hour is the whole day: `:` is inside it, `>` behind it, `<=` up to its end."""
    start = microseconds(moment(value))
    whole_day = len(value) == _DATE_CHARACTERS
    end = start + (86_400_000_000 if whole_day else 1)
    if op == ":":
        return f"{column} >= %s AND {column} < %s", (start, end)
    return {
        "<": (f"{column} < %s", (start,)),
        "<=": (f"{column} < %s", (end,)),
        ">": (f"{column} >= %s", (end,)),
        ">=": (f"{column} >= %s", (start,)),
    }[op]


def _marking(term: Term, _: bytes) -> Sql:
    return _in(f"COALESCE(o.tlp, {int(tlp.WHERE_MISSING)})", [int(tlp.parse(value)) for value in term.values])


def _names_definition(term: Term) -> bool:
    return term.field == "marking" and any(value.startswith("marking-definition--") for value in term.values)


def _marked(each: Kept, term: Term) -> bool:
    refs = each.object.get("object_marking_refs")
    held = {*each.overlay, *(refs if isinstance(refs, list) else ())}
    level = tlp.WHERE_MISSING if each.tlp is None else each.tlp
    return any(value in held if "--" in value else tlp.parse(value) == level for value in term.values)


def _value(term: Term, index_key: bytes) -> Sql:
    keys = (key for value in term.values for key in observable.guess(value))
    return _any(_within(has_value(kind, value, index_key)) for kind, value in keys)


def _technique(term: Term, index_key: bytes) -> Sql:
    values = (observable.normal("technique", value) for value in term.values)
    return _any(_within(has_value("technique", value, index_key)) for value in values)


def _within(sql: Sql) -> Sql:
    return f"o.seq IN ({sql[0]})", sql[1]


def _source(term: Term, _: bytes) -> Sql:
    sql, values = _in("source_id", term.values)
    return f"o.import_id IN (SELECT id FROM import WHERE {sql})", values


def _accord(term: Term, _: bytes) -> Sql:
    """An accord in whatever version, or with its version: "accord--… 3"."""
    return _any(
        ("o.accord = %s OR substr(o.accord, 1, %s) = %s", (value, len(value) + 1, f"{value} "))
        for value in term.values
    )


def _text(term: Term, _: bytes) -> Sql:
    found = (fulltext.condition(value) for value in term.values)
    return _any((f"o.seq IN ({each[0]})", (each[1],)) for each in found if each)


def _exercise(term: Term, _: bytes) -> Sql:
    return _any(
        ("o.exercise IS NOT NULL" if value == "true" else "o.exercise IS NULL", ()) for value in term.values
    )


_COLUMN: Mapping[str, Callable[[Term, bytes], Sql]] = {
    "type": _of_column("o.type"),
    "id": _id,
    "marking": _marking,
    "modified": _time("o.modified"),
    "created": _time("o.created"),
    "received": _time("o.received"),
    "value": _value,
    "technique": _technique,
    "owner": _of_column("COALESCE(o.author, o.asserter)"),
    "partner": _of_column("o.asserter"),
    "source": _source,
    "accord": _accord,
    "text": _text,
    "exercise": _exercise,
}


def _check(term: Term) -> Check:
    if term.field == "marking":
        return lambda each: _marked(each, term) is not term.negated
    is_one = _IN_BODY[term.field]
    if term.field == "label":
        return lambda each: (is_one(each.object, term) or _has_own_label(each, term)) is not term.negated
    return lambda each: is_one(each.object, term) is not term.negated


def _has_own_label(each: Kept, term: Term) -> bool:
    sql, values = _in("label", term.values)
    return bool(
        database.rows(
            f"SELECT 1 FROM own_label WHERE stix_id = %s AND {sql} LIMIT 1", (each.stix_id, *values)
        )
    )


def _listed(name: str) -> Callable[[Mapping[str, Json], Term], bool]:
    def is_listed(stix_object: Mapping[str, Json], term: Term) -> bool:
        held = stix_object.get(name)
        return isinstance(held, list) and any(value in held for value in term.values)

    return is_listed


def _confidence(stix_object: Mapping[str, Json], term: Term) -> bool:
    held = stix_object.get("confidence")
    if not isinstance(held, int) or isinstance(held, bool):
        return False
    return any(
        {":": held == n, "<": held < n, "<=": held <= n, ">": held > n, ">=": held >= n}[term.op]
        for n in map(int, term.values)
    )


def _lang(stix_object: Mapping[str, Json], term: Term) -> bool:
    return stix_object.get("lang", "en") in term.values  # STIX 2.1 section 3.2: without lang it is English


def _revoked(stix_object: Mapping[str, Json], term: Term) -> bool:
    return ("true" if stix_object.get("revoked") is True else "false") in term.values


_IN_BODY: Mapping[str, Callable[[Mapping[str, Json], Term], bool]] = {
    "label": _listed("labels"),
    "sector": _listed("sectors"),
    "confidence": _confidence,
    "lang": _lang,
    "revoked": _revoked,
}

_IN_FACTS_ALONE: Final = {
    "owner": alike.by_owner,
    "partner": alike.by_asserter,
    "accord": alike.by_accord,
    "exercise": alike.by_exercise,
}
"""What stands in columns as well, but is found in the facts without reading rows."""

_IN_FACTS: Final = frozenset({*_IN_BODY, *_IN_FACTS_ALONE})
