"""Bringing in at the console, taking back, quarantine, and what is done with a selection."""

import json
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hilf.access.role import Role
from hilf.node import intake as node_intake
from hilf.node import mark, search
from hilf.node.home import now
from hilf.store import database
from tests.console import hostile

GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"


@pytest.fixture(autouse=True)
def _told(monkeypatch):
    """Let answers tell with what their templates were filled."""
    from django.template import Template
    from django.test.utils import instrumented_test_render

    monkeypatch.setattr(Template, "_render", instrumented_test_render)


def bring(console, tmp_path, objects, **how):
    console.use()
    file = tmp_path / "objects.json"
    file.write_text(json.dumps({"type": "bundle", "id": "bundle--0", "objects": objects}))
    return node_intake.import_files(console.home, [str(file)], how.get("marking"), how.get("source"), now())


def ended(person, address):
    """The page of an upload once it is over."""
    for _ in range(300):
        answer = person.get(address)
        if answer.status_code == 302 or answer.context["is_over"]:
            return answer
        time.sleep(0.1)
    raise AssertionError("it never ended")


@pytest.mark.parametrize("way", ["file", "text"])
def test_what_is_handed_over_is_taken_in_beside_and_its_findings_are_shown(console, way):
    person = console.person(Role.ANALYST)
    wrong = {**hostile.indicator(2), "valid_from": "yesterday"}
    text = json.dumps({"type": "bundle", "id": "bundle--0", "objects": [hostile.indicator(1), wrong]})
    given = (
        {"file": SimpleUploadedFile("../ev\u202eil <b>.json", text.encode())}
        if way == "file"
        else {"text": text}
    )
    begun = person.post("/intelligence/intake/", {**given, "marking": "tlp:green", "source": "paper"})
    assert begun.status_code == 302, begun.content.decode()
    assert person.get(begun["Location"]).status_code in (200, 302)
    over = ended(person, begun["Location"])
    page = person.get(over["Location"])
    assert page.context["counts"]["new"] == 1
    assert page.context["counts"]["refused"] == 1
    assert "valid_from" in page.content.decode()
    assert not list((console.home.path / "uploads").glob("*/*.json"))
    kept = search.show(console.home, hostile.indicator(1)["id"]).best
    assert kept.overlay == (GREEN,)
    told = person.get(begun["Location"], headers={"HX-Request": "true"})
    assert told.headers["HX-Redirect"] == over["Location"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"text": "   "},
        {"text": "x", "file": SimpleUploadedFile("a.json", b"{}")},
        {"file": SimpleUploadedFile("a.json", b"")},
    ],
)
def test_nothing_or_two_things_are_told_and_the_form_comes_back(console, given):
    answer = console.person(Role.ANALYST).post("/intelligence/intake/", {**given, "source": "kept as typed"})
    assert answer.status_code == 400
    assert "kept as typed" in answer.content.decode()


def test_what_is_no_stix_ends_with_the_reason(console):
    person = console.person(Role.ANALYST)
    begun = person.post("/intelligence/intake/", {"text": "not json at all <script>"})
    page = ended(person, begun["Location"]).content.decode()
    assert "import.not-json" in page
    assert "<script>alert" not in page


def test_a_whole_import_is_taken_back(console, tmp_path):
    done = bring(console, tmp_path, [hostile.indicator(1)])
    person = console.person(Role.ANALYST)
    address = f"/intelligence/intake/imports/{done.imports[0]}/"
    assert person.post(f"{address}undo/").status_code == 302
    assert person.get("/intelligence/?q=type:indicator").context["found"].total == 0
    again = person.post(f"{address}undo/", follow=True)
    assert "imports.undone" in again.content.decode()
    listed = person.get("/intelligence/intake/imports/").context["page"].rows
    assert [str(row["state"]) for row in listed] == ["taken back"]


def test_what_waits_is_looked_at_and_decided_with_a_reason(console, tmp_path):
    bring(console, tmp_path, [hostile.indicator(1)])
    bring(console, tmp_path, [hostile.indicator(1, name="said otherwise <script>")])
    person = console.person(Role.ANALYST)
    (row,) = person.get("/intelligence/quarantine/").context["page"].rows
    address = f"/intelligence/quarantine/{row['each'].stix_id}/{row['each'].sha256}/"
    page = person.get(address)
    assert not page.context["may_accept"]
    assert "<script>" not in page.context["body"] or b"otherwise <script>" not in page.content
    without = person.post(address, {"decision": "drop", "reason": " "})
    assert without.status_code == 400
    refused = person.post(address, {"decision": "accept", "reason": "hurry"})
    assert refused.status_code == 409
    assert "quarantine.equivocation" in refused.content.decode()
    assert 'value="hurry"' in refused.content.decode()
    done = person.post(address, {"decision": "drop", "reason": "asked the author"}, follow=True)
    assert done.status_code == 200
    assert done.context["page"].rows == []
    late = person.post(address, {"decision": "drop", "reason": "again"}, follow=True)
    assert late.status_code == 200
    assert console.person(Role.VIEWER).post(address, {"decision": "drop", "reason": "x"}).status_code == 403


def test_what_was_ticked_is_labelled_and_found_by_the_label(console, tmp_path):
    bring(console, tmp_path, [hostile.indicator(n) for n in range(1, 5)])
    person, ids = console.person(Role.ANALYST), [hostile.indicator(n)["id"] for n in (1, 2)]
    chosen = person.post("/intelligence/selection/", {"id": ids, "scope": "ticked"})
    assert chosen.context["found"].total == 2
    selection = {"select": chosen.context["selection"]}
    person.post("/intelligence/selection/label/", {**selection, "label": "case 14", "do": "put"})
    assert person.get("/intelligence/", {"q": 'label:"case 14"'}).context["found"].total == 2
    assert person.get("/intelligence/", {"q": '-label:"case 14" type:indicator'}).context["found"].total == 2
    assert search.show(console.home, ids[0]).best.object.get("labels") is None
    person.post("/intelligence/selection/label/", {**selection, "label": "case 14", "do": "take"})
    assert person.get("/intelligence/", {"q": 'label:"case 14"'}).context["found"].total == 0
    wrong = person.post("/intelligence/selection/label/", {**selection, "label": 'a,"b', "do": "put"})
    assert wrong.status_code == 400
    assert "label.word" in wrong.content.decode()


def test_everything_that_a_line_finds_is_marked_stricter_and_never_looser(console, tmp_path):
    bring(console, tmp_path, [hostile.indicator(n) for n in range(1, 4)], marking="tlp:amber")
    person = console.person(Role.ANALYST)
    found = person.get("/intelligence/", {"q": "beacon"})
    chosen = person.post("/intelligence/selection/", {"scope": "all", "select": found.context["select"]})
    assert chosen.context["found"].total == 3
    for level, expected in (("tlp:green", "TLP:AMBER"), ("tlp:red", "TLP:RED")):
        person.post("/intelligence/selection/mark/", {"select": "text:beacon", "marking": level})
        shown = {line.marking for line in person.get("/intelligence/", {"q": "beacon"}).context["page"].rows}
        assert shown == {expected}
    facts = database.rows(
        "SELECT count(*) FROM object o JOIN facts f ON f.id = o.facts_id WHERE o.tlp = 4 AND f.json LIKE '%e828b379%'"
    )
    assert facts[0][0] == 3


def test_a_selection_goes_on_to_release_with_what_was_selected(console, tmp_path):
    bring(console, tmp_path, [hostile.indicator(1)])
    page = console.person(Role.RELEASER).post(
        "/intelligence/selection/", {"scope": "all", "select": "type:indicator"}
    )
    assert "/release/new/?select=type%3Aindicator" in page.content.decode()
    assert "/intelligence/selection/mark/" not in page.content.decode()


def test_a_selection_of_nothing_changes_nothing(console, tmp_path):
    bring(console, tmp_path, [hostile.indicator(1)])
    person = console.person(Role.ANALYST)
    assert person.post("/intelligence/selection/", {"scope": "ticked"}).status_code == 302
    answer = person.post("/intelligence/selection/mark/", {"select": "", "marking": "tlp:red"})
    assert answer.status_code == 400
    assert database.rows("SELECT count(*) FROM object WHERE tlp = 4") == [(0,)]


def test_a_partners_word_without_a_level_is_not_loosened(allied, monkeypatch):
    from hilf.markings.tlp import Tlp
    from hilf.node.mark import _has
    from hilf.store.intelligence.assertion import Kept

    home = allied.use()
    row = Kept.__new__(Kept)
    for name, value in (("tlp", None), ("author", None), ("asserter", "cert.qn.example"), ("overlay", ())):
        object.__setattr__(row, name, value)
    assert _has(home.node, row, Tlp.GREEN)
    assert not _has(home.node, row, Tlp.RED)
    assert mark.mark(home, [], "tlp:red").stricter == 0


def test_nothing_is_fetched_from_anywhere_until_the_settings_name_a_host(console):
    person = console.person(Role.ANALYST)
    assert 'name="url"' not in person.get("/intelligence/intake/").content.decode()
    assert person.post("/intelligence/intake/", {"url": "https://feed.example/x.json"}).status_code == 400
    with (console.home.path / "hilf.toml").open("a") as out:
        out.write('intake_hosts = "feed.invalid, other.example"\n')
    assert 'name="url"' in person.get("/intelligence/intake/").content.decode()
    for url in (
        "https://169.254.169.254/latest",
        "https://localhost:8443/",
        "https://feed.invalid@evil.example/",
        "http://feed.invalid/",
    ):
        answer = person.post("/intelligence/intake/", {"url": url})
        assert answer.status_code == 400
        assert "upload.host" in answer.content.decode()
    begun = person.post("/intelligence/intake/", {"url": "https://feed.invalid/x.json"})
    assert "import.feed" in ended(person, begun["Location"]).content.decode()
