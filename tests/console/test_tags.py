"""Tags of pages: identifiers, times, words of partners, markings, lists."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Engine
from django.test import RequestFactory
from django.utils import timezone, translation

from hilf.accord.decision import Reason, Says
from hilf.console import foreign, listing, reader, tags

AT = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    "hidden",
    [
        "\u202e",
        "\u2066",
        "\u200f",
        "\u200b",
        "\ufeff",
        "\x00",
        "\x1b",
        "\x85",
        "\ud800",
        "\u2028",
        "\U000e0041",
    ],
)
def test_a_hidden_character_of_a_partner_is_shown_by_its_number(hidden: str) -> None:
    shown = tags.foreign(f"invoice{hidden}fdp.exe")
    assert hidden not in shown
    assert f"U+{ord(hidden):04X}" in shown


def test_joiners_and_line_ends_stay() -> None:
    assert list(foreign.parts("می\u200cخواهم\nنعم")) == [(False, "می\u200cخواهم\nنعم")]


def test_markup_of_a_partner_is_text() -> None:
    shown = tags.foreign("<script>alert(1)</script><svg onload=x> [a](javascript:x)")
    assert "<script" not in shown
    assert "<svg" not in shown
    assert "&lt;script&gt;" in shown


def test_a_megabyte_of_text_is_cut_and_said_to_be_cut() -> None:
    shown = tags.foreign("a" * 1_000_000)
    assert len(shown) < 5_000
    assert "996,000 characters more" in shown


def test_an_identifier_stands_left_to_right_with_its_marks_visible() -> None:
    assert tags.ltr("192.0.2.1") == '<bdi dir="ltr" class="hilf-id">192.0.2.1</bdi>'
    assert "U+202E" in tags.ltr("a\u202eb.example")
    assert tags.ltr(None) == '<bdi dir="ltr" class="hilf-id"></bdi>'


def test_a_name_that_mixes_scripts_is_warned_of_and_shown_as_machines_write_it() -> None:
    shown = tags.ltr("p\u0430ypal.example")
    assert "xn--" in shown
    assert "letters that look alike" in shown
    assert "letters that look alike" not in tags.ltr("مثال.example")


def test_a_time_is_the_readers_with_utc_beside() -> None:
    with timezone.override("Asia/Riyadh"):
        shown = tags.when(AT)
    assert 'datetime="2026-11-24T22:30:00Z"' in shown
    assert "2026-11-25 01:30" in shown
    assert "2026-11-24 22:30 UTC" in shown


def test_a_time_in_utc_stands_once() -> None:
    with timezone.override("UTC"):
        assert (
            tags.when("2026-11-24T22:30:00Z").count("22:30") == 3
        )  # for machines, in the title, and for people once
        assert "never" in tags.when(None)


def test_markings_have_the_colours_of_their_standard() -> None:
    assert (
        tags.marking("tlp:amber+strict")
        == '<bdi dir="ltr" class="badge hilf-tlp hilf-tlp-amber">TLP:AMBER+STRICT</bdi>'
    )
    assert "hilf-tlp-other" in tags.marking("pap:white<b>")
    assert "<b>" not in tags.marking("pap:white<b>")


@pytest.mark.parametrize(
    "zone", ["", "../../etc/passwd", "No/Where", "x" * 400, "UTC\n", "America", "\0", "\ud800"]
)
def test_an_unknown_zone_is_utc(zone: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES[reader.ZONE] = zone
    assert reader.zone(request).key == "UTC"


def page(source: str, **context: object) -> str:
    request = RequestFactory().get(context.pop("path", "/list/"))
    engine = Engine.get_default()
    return engine.from_string(source).render(Context({"request": request, **context}))


LIST = (
    '{% listing page caption="All" %}<thead><tr>{% column "Node" "name" %}{% column "State" %}</tr></thead>'
    "<tbody>{% for row in page.rows %}<tr><td>{{ row }}</td></tr>{% endfor %}</tbody>{% nothing %}<p>Begin here</p>{% endlisting %}"
)


def test_a_list_leads_to_the_next_page_by_the_key_of_its_last_row(console) -> None:
    request = RequestFactory().get("/list/?kind=x&after=b")
    shown = listing.listing(request, ["c", "d", "e"], str, size=2, filters=("kind",), sorted_by="name")
    assert list(shown.rows) == ["c", "d"]
    assert shown.next == "/list/?kind=x&after=d"
    assert shown.first == "/list/?kind=x"
    html = page(LIST, page=shown, path="/list/?kind=x&after=b")
    assert 'href="/list/?kind=x&amp;after=d"' in html
    assert 'aria-sort="ascending"><a href="/list/?kind=x&amp;sort=-name"' in html
    assert "Begin here" not in html


def test_an_empty_list_says_what_to_do_first_and_a_filtered_one_offers_everything(console) -> None:
    request = RequestFactory().get("/list/")
    assert "Begin here" in page(LIST, page=listing.listing(request, [], str))
    request = RequestFactory().get("/list/?kind=x")
    html = page(LIST, page=listing.listing(request, [], str, filters=("kind",)))
    assert "Begin here" not in html
    assert 'href="/list/"' in html


def test_a_sort_that_a_list_does_not_offer_is_its_usual_one() -> None:
    request = RequestFactory().get("/list/?sort=password")
    assert listing.sort(request, {"name"}, "name") == "name"
    assert listing.sort(RequestFactory().get("/list/?sort=-name"), {"name"}, "state") == "-name"


def test_reasons_stand_one_click_away(console) -> None:
    reason = Reason("accord.rel-to", Says.REFUSES, "It names <other> nations.", ("accord--1", 1), "c1")
    html = page('{% include "parts/reasons.html" with reasons=reasons %}', reasons=[reason])
    assert "<details" in html
    assert "refuses" in html
    assert "It names &lt;other&gt; nations." in html
    assert "accord.rel-to" in html
