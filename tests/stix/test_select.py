from datetime import UTC, datetime

import pytest

from hilf.errors import CallerFault
from hilf.stix.select import FIELDS, Term, moment, parse, render


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        (" \n", []),
        ("type:indicator,malware", [Term("type", ":", ("indicator", "malware"))]),
        ("-label:test  TYPE:tool", [Term("label", ":", ("test",), negated=True), Term("type", ":", ("tool",))]),
        ('text:"energy sector",x', [Term("text", ":", ("energy sector", "x"))]),
        ('text:"a \\"b\\" \\\\"', [Term("text", ":", ('a "b" \\',))]),
        ('label:""', [Term("label", ":", ("",))]),
        ("value:http://a.example:8080/x?y<z", [Term("value", ":", ("http://a.example:8080/x?y<z",))]),
        ("marking:tlp:green", [Term("marking", ":", ("tlp:green",))]),
        ("modified>=2026-11-01T00:00:00Z", [Term("modified", ">=", ("2026-11-01T00:00:00Z",))]),
        ("confidence>50 confidence<=90 confidence<80", [Term("confidence", ">", ("50",)), Term("confidence", "<=", ("90",)),
                                                        Term("confidence", "<", ("80",))]),
        ("revoked:false", [Term("revoked", ":", ("false",))]),
    ],
)  # fmt: skip
def test_selection_is_read(text: str, terms: list[Term]) -> None:
    assert parse(text) == tuple(terms)


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("indicator", 1, "A term is field:value"),
        ("type:a colour:b", 8, "There is no field 'colour'"),
        ("type<a", 1, "Type has no order"),
        ("type:", 6, "A value is missing"),
        ("type:a,", 8, "A value is missing"),
        ('type:"a', 6, "A double quote is not closed"),
        ('type:"a"b', 9, "A blank must follow a term"),
        ("modified:yesterday", 10, "Modified wants an ISO time"),
        ("received<2026-13-01", 10, "Received wants an ISO time"),
        ("modified<2026-11-01,2026-11-02", 10, "< takes one value"),
        ("confidence:101", 12, "Confidence is a whole number"),
        ("exercise:yes", 10, "Exercise is true or false"),
    ],
)
def test_fault_says_place_reason_and_allowed_fields(text: str, place: int, why: str) -> None:
    with pytest.raises(CallerFault) as fault:
        parse(text)
    assert (fault.value.code, fault.value.exit_code) == ("select.syntax", 2)
    assert f"at character {place}:" in fault.value.what
    assert fault.value.why.startswith(why)
    assert fault.value.remedy.startswith(f"Fields: {', '.join(FIELDS)}.")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-24T09:30", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("2026-11-24t09:30:00.5z", datetime(2026, 11, 24, 9, 30, 0, 500000, tzinfo=UTC)),
        ("2026-11-24T09:30:00+03:00", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
    ],
)
def test_times_are_utc_unless_a_zone_is_given(text: str, at: datetime) -> None:
    assert (moment(text), moment(text).tzinfo) == (at, UTC)


@pytest.mark.parametrize(
    "text", ["", "now", "2026-02-30", "24.11.2026", "2026-11-24T25:00", "0001-01-01T00:00:00+03:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(CallerFault) as fault:
        moment(text)
    assert fault.value.code == "select.time"


def test_rendered_terms_are_quoted_where_needed() -> None:
    assert render(
        (Term("text", ":", ("a b", 'c"', "d"), negated=True), Term("modified", "<", ("2026-11-24",)))
    ) == ('-text:"a b","c\\"",d modified<2026-11-24')
