"""Laws of STIX: what is cut is what was there, what is rendered is read, and no bytes make the reader fall over."""

import json
from collections.abc import Iterator

import orjson
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st
from stix2patterns.validator import validate

from hilf.stix.observable import guess, keys_of, normal
from hilf.stix.pattern import (
    Comparison,
    Expression,
    Joined,
    Observation,
    Path,
    PatternFault,
    Qualified,
    Qualifier,
    Star,
    Typed,
    parse,
    render,
)
from hilf.stix.read import read
from hilf.stix.reference import references
from hilf.stix.select import FIELDS, ORDERED, TIMES, TRUTHS, Term
from hilf.stix.select import parse as parse_selection
from hilf.stix.select import render as render_selection
from hilf.stix.split import split
from hilf.stix.text import text_of
from tests.stix.objects import NOW, indicator, relationship, sco

texts = st.text(max_size=8).filter(lambda text: text.encode("utf-8", "replace").decode() == text)
numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1000, 1000)
values = st.recursive(
    st.none()
    | st.booleans()
    | numbers
    | texts
    | st.sampled_from(['"', "\\", "]", "}", "{", '","', '},{"type"', "\n"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(texts.filter(lambda name: name not in ("type", "objects")), values, max_size=4)
sizes = st.sampled_from([1, 3, 17, 1 << 16])
layouts = st.sampled_from([{"separators": (",", ":")}, {"indent": 1}, {"ensure_ascii": False}])


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[i : i + size] for i in range(0, len(data), size))


@given(st.lists(objects, max_size=5), layouts, sizes)
def test_what_is_put_into_a_stream_is_cut_out_of_it(
    made: list[dict[str, object]], layout: dict[str, object], size: int
) -> None:
    written = [json.dumps(each, **layout).encode() for each in made]
    streams = [
        b"[" + b" ,\n".join(written) + b"]",
        b'{"objects":[' + b",".join(written) + b'],"type":"bundle"}',
        b"\n".join(written),
        b"".join(written),
    ]
    for stream in streams:
        pieces = list(split(chunks(stream, size)))
        assert [piece.raw for piece in pieces] == written
        assert [stream[piece.offset : piece.offset + len(piece.raw)] for piece in pieces] == written


fragments = st.lists(
    st.sampled_from([b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b" ", b'"type"', b'"bundle"', b'"objects"', b"1", b"x",
                     b'{"a":1}', b'{"type":"bundle","objects":[', b"\xff", b"\x00", b"\xef\xbb\xbf"]), max_size=30
).map(b"".join)  # fmt: skip


@given(st.binary(max_size=60) | fragments, sizes)
def test_any_bytes_are_cut_into_pieces_or_findings(data: bytes, size: int) -> None:
    pieces = list(split(chunks(data, size)))
    for piece in pieces:
        assert (piece.finding is None) == (piece.raw != b"")
        assert data[piece.offset : piece.offset + len(piece.raw)] == piece.raw
        assert read(piece.raw, piece.place, NOW).raw == piece.raw
    assert [piece.raw for piece in pieces] == [piece.raw for piece in split([data])]


@given(st.binary(max_size=40) | fragments | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_with_a_verdict(data: bytes) -> None:
    found = read(data, "line 1", NOW)
    errors = [finding for finding in found.findings if finding.severity == "error"]
    assert (found.outcome == "accepted") == (errors == [])


def mutated(base: dict[str, object]) -> st.SearchStrategy[dict[str, object]]:
    names = [*base, "labels", "granular_markings", "object_marking_refs", "created_by_ref", "valid_until", "extensions", "hashes",
             "external_references", "objects", "spec_version", "definition", "x_own"]  # fmt: skip
    return st.dictionaries(st.sampled_from(names), values, max_size=4).map(lambda change: {**base, **change})


@given(st.sampled_from([indicator(), relationship(), sco("file", name="a")]).flatmap(mutated))
def test_mutated_objects_get_a_verdict_and_canonical_bytes(made: dict[str, object]) -> None:
    found = read(orjson.dumps(made), "line 1", NOW)
    assert found.object is not None
    assert found.canonical == rfc8785.dumps(found.object)
    for function in (keys_of, references, text_of):
        function(found.object)


@given(objects, texts.filter(lambda name: name not in ("type", "objects")), values, values)
def test_name_that_stands_twice_is_never_accepted(
    made: dict[str, object], name: str, first: object, second: object
) -> None:
    inner = json.dumps({"x": made, name: first})[1:-1] + f",{json.dumps(name)}:{json.dumps(second)}"
    raw = orjson.dumps(indicator())[:-1] + b',"x_own":{' + inner.encode() + b"}}"
    assert "json.duplicate-name" in [finding.rule for finding in read(raw, "line 1", NOW).findings]


identifiers = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True)
pattern_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
steps = st.lists(identifiers | pattern_texts | st.integers(0, 99) | st.just(Star.ANY), max_size=3)
tree_paths = st.builds(
    lambda type_, first, rest: Path(type_, (first, *rest)),
    st.from_regex(r"[a-z]{2,4}(-[a-z]{1,3})?", fullmatch=True).filter(
        lambda name: name not in ("true", "false")
    ),
    identifiers | pattern_texts,
    steps,
)
orderable = (
    pattern_texts
    | st.integers(-(10**20), 10**20)
    | st.floats(-1e6, 1e6).map(lambda number: round(number, 6) + 0.0)
    | st.builds(Typed, st.just("h"), st.binary(max_size=3).map(bytes.hex))
    | st.just(Typed("t", "2026-11-24T09:30:00.5Z"))
)
tests = st.one_of(
    st.builds(
        lambda p, o, v, n: Comparison(p, o, (v,), n),
        tree_paths,
        st.sampled_from(["=", "!="]),
        orderable | st.booleans(),
        st.booleans(),
    ),
    st.builds(
        lambda p, o, v, n: Comparison(p, o, (v,), n),
        tree_paths,
        st.sampled_from(["<", "<=", ">", ">="]),
        orderable,
        st.booleans(),
    ),
    st.builds(
        lambda p, o, v, n: Comparison(p, o, (v,), n),
        tree_paths,
        st.sampled_from(["LIKE", "MATCHES", "ISSUBSET"]),
        pattern_texts,
        st.booleans(),
    ),
    st.builds(
        lambda p, v, n: Comparison(p, "IN", tuple(v), n),
        tree_paths,
        st.lists(orderable | st.booleans(), max_size=3),
        st.booleans(),
    ),
    st.builds(lambda p, n: Comparison(p, "EXISTS", (), n), tree_paths, st.booleans()),
)


def joined(inner: st.SearchStrategy[Expression], operators: list[str]) -> st.SearchStrategy[Expression]:
    return st.builds(Joined, st.sampled_from(operators), st.lists(inner, min_size=2, max_size=3).map(tuple))


qualifiers = st.lists(
    st.builds(Qualifier, st.just("WITHIN"), st.just(("5",))) | st.builds(Qualifier, st.just("REPEATS"), st.just(("2",)))
    | st.just(Qualifier("START", ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"))),
    min_size=1, max_size=3, unique_by=lambda each: each.name,
).map(tuple)  # fmt: skip
observations = st.builds(
    Observation, st.recursive(tests, lambda inner: joined(inner, ["AND", "OR"]), max_leaves=4)
)
patterns = st.recursive(
    observations,
    lambda inner: joined(inner, ["AND", "OR", "FOLLOWEDBY"]) | st.builds(Qualified, inner, qualifiers),
    max_leaves=4,
)


def fault_of(text: str) -> PatternFault | None:
    try:
        parse(text)
    except PatternFault as fault:
        return fault
    return None


@given(patterns)
def test_rendered_pattern_is_read_as_the_same_tree(tree: Expression) -> None:
    text = render(tree)
    assert parse(text) == tree
    assert render(parse(text)) == text


@given(patterns, st.data())
def test_verdict_on_damaged_patterns_is_that_of_the_oasis_validator(
    tree: Expression, data: st.DataObject
) -> None:
    text = render(tree)
    at = data.draw(st.integers(0, len(text)))
    text = (
        text[:at]
        + data.draw(st.sampled_from(["", " ", "'", "]", "(", ")", "AND", "=", "\\", "-", "."]))
        + text[at + 1 :]
    )
    accepted = fault_of(text) is None
    if "hashes" not in text.lower() and text.strip("( \t\n"):
        try:
            expected = validate(text, stix_version="2.1")
        except (AttributeError, RecursionError):
            return  # it falls over negative indexes
        assert accepted is expected


@given(pattern_texts | texts)
def test_any_text_is_a_pattern_or_a_fault(text: str) -> None:
    found = fault_of(text)
    assert parse(render(parse(text))) == parse(text) if found is None else 0 <= found.offset <= len(text)


@given(tree_paths, pattern_texts, st.sampled_from(["{}='{}'", " [ {} == '{}' ] ", "[{} = '{}']"]))
def test_quick_reading_of_plain_patterns_gives_the_tree_of_the_grammar(
    path: Path, value: str, form: str
) -> None:
    text = form.format(f"{path.type}:{path.dotted()}", value.replace("\\", "\\\\").replace("'", "\\'"))
    try:
        quick = parse(text)
    except PatternFault:
        return
    assert quick == parse(f"({text})") == Observation(Comparison(path, "=", (value,)))


def select_values(field: str) -> st.SearchStrategy[str]:
    if field in TIMES:
        return st.datetimes().map(lambda at: at.isoformat()[:19])
    if field == "confidence":
        return st.integers(0, 100).map(str)
    return st.sampled_from(["true", "false"]) if field in TRUTHS else st.text(max_size=6)


def select_terms(field: str) -> st.SearchStrategy[Term]:
    several = st.builds(
        Term,
        st.just(field),
        st.just(":"),
        st.lists(select_values(field), min_size=1, max_size=3).map(tuple),
        st.booleans(),
    )
    if field not in ORDERED:
        return several
    return several | st.builds(
        Term,
        st.just(field),
        st.sampled_from(["<", "<=", ">", ">="]),
        st.tuples(select_values(field)),
        st.booleans(),
    )


@given(st.lists(st.sampled_from(FIELDS).flatmap(select_terms), max_size=4).map(tuple))
def test_rendered_selection_is_read_as_the_same_terms(terms: tuple[Term, ...]) -> None:
    assert parse_selection(render_selection(terms)) == terms


kinds = st.sampled_from(["domain-name", "ipv4-addr", "ipv6-addr", "url", "email-addr", "mac-addr", "MD5", "TLSH", "SSDEEP",
                         "autonomous-system", "windows-registry-key", "vulnerability", "file-name", "x509-serial"])  # fmt: skip
odd = st.text(max_size=20) | st.text(
    alphabet="[](){}.:@/hxtpdoaA1fF%- \u0663\u0130\u00df\u017f\u3002", max_size=20
)
addresses = st.ip_addresses().map(str)


@given(kinds, odd | addresses)
@example("url", "A://[")
@example("domain-name", "\u0130.example")
def test_normal_form_of_a_normal_form_is_itself(kind: str, value: str) -> None:
    form = normal(kind, value)
    assert normal(kind, form) == form


@given(addresses, st.booleans())
def test_address_is_found_however_it_is_written(address: str, upper: bool) -> None:
    written = (address.upper() if upper else address).replace(".", "[.]").replace(":", "[:]")
    kind = "ipv6-addr" if ":" in address else "ipv4-addr"
    assert guess(written)[0] == (kind, normal(kind, address))
    assert normal(kind, written) == normal(kind, address)
