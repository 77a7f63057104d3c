"""The pages of intelligence: found, looked at, exported; nobody's text runs, and RED is for those who may see it."""

import csv
import io
import json

import pytest

from hilf.access.role import Role
from hilf.console.intelligence.tags import labelled
from hilf.node import asked, intake, search
from hilf.node.home import now
from hilf.store import database
from tests.console import hostile

RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


@pytest.fixture(autouse=True)
def _told(monkeypatch):
    """Let answers tell with what their templates were filled."""
    from django.template import Template
    from django.test.utils import instrumented_test_render

    monkeypatch.setattr(Template, "_render", instrumented_test_render)


def bring(console, tmp_path, objects, marking=None, source=None):
    console.use()
    file = tmp_path / "objects.json"
    file.write_text(json.dumps({"type": "bundle", "id": "bundle--0", "objects": objects}))
    return intake.import_files(console.home, [str(file)], marking, source, now())


def whole(answer):
    return b"".join(answer.streaming_content).decode()


def test_an_empty_list_says_what_to_do_first(console):
    answer = console.person(Role.ANALYST).get("/intelligence/?q=type:malware")
    assert answer.status_code == 200
    nothing = console.person(Role.ANALYST).get("/intelligence/")
    assert "/intelligence/intake/" in nothing.content.decode()


def test_a_line_mixes_words_values_and_terms(console, tmp_path):
    bring(
        console,
        tmp_path,
        [hostile.indicator(n, labels=["energy"] if n == 3 else ["test"]) for n in range(1, 6)],
    )
    person = console.person(Role.ANALYST)
    for line, found in (
        ("beacon", 5),
        ("label:energy", 1),
        ("beacon -label:test", 1),
        ("value:198.51.100.4", 1),
        ("198.51.100.4", 1),
        ('label:"energy" beacon', 1),
        ("type:malware", 0),
    ):
        page = person.get("/intelligence/", {"q": line}).content.decode()
        assert page.count('name="id"') == found, line


def test_a_line_that_is_not_understood_comes_back_with_the_reason(console):
    answer = console.person(Role.ANALYST).get("/intelligence/", {"q": "received:yesterday"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "select.syntax" in page
    assert 'value="received:yesterday"' in page


def test_pages_follow_each_other_by_key_and_lose_nothing(console, tmp_path):
    bring(console, tmp_path, [hostile.indicator(n) for n in range(1, 121)])
    person = console.person(Role.ANALYST)
    for order in ("", "received"):
        seen, places, address = [], [], f"/intelligence/?sort={order}"
        while address:
            answer = person.get(address)
            seen += [line.stix_id for line in answer.context["page"].rows]
            places += [line.seq for line in answer.context["page"].rows]
            address = answer.context["page"].next
        assert len(seen) == len(set(seen)) >= 120
        assert places == sorted(places, reverse=not order)


@pytest.mark.parametrize("number", range(1, 9))
def test_hostile_text_is_shown_as_text_with_warnings(console, tmp_path, number):
    bring(console, tmp_path, hostile.every())
    person = console.person(Role.ANALYST, language="ar")
    stix_id = hostile.indicator(number)["id"]
    listed = person.get("/intelligence/")
    page = person.get(f"/intelligence/{stix_id}/")
    assert (listed.status_code, page.status_code) == (200, 200)
    for answer in (listed, page):
        text = answer.content.decode()
        for tag in ("<script>alert", "<svg", "<img src=x", 'href="javascript', 'href="https://evil'):
            assert tag not in text
        assert "\u202e" not in text
        assert "\u200b" not in text
        assert len(text) < 250_000
        assert "SECRET_KEY }}" in text or number != 7 or answer is listed
    warned = page.context["suspicions"]
    expected = {
        1: "markup", 2: "markdown-link", 3: "formula", 4: "turns-text", 5: "very-long", 6: "look-alike", 7: "markup", 8: "unseen",
    }  # fmt: skip
    assert expected[number] in warned
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy


def test_what_is_no_utf8_is_refused_with_its_finding_and_breaks_no_page(console, tmp_path):
    console.use()
    file = tmp_path / "broken.json"
    file.write_bytes(json.dumps(hostile.indicator(1)).encode().replace(b"beacon", b"bea\xff\xfecon"))
    result = intake.import_files(console.home, [str(file)], None, None, now())
    page = console.person(Role.ANALYST).get(f"/intelligence/intake/imports/{result.imports[0]}/")
    assert result.refused == 1
    assert page.status_code == 200
    assert len(page.context["page"].rows) == 1


def test_a_table_holds_no_formula(console, tmp_path):
    bring(console, tmp_path, hostile.every())
    answer = console.person(Role.VIEWER).get("/intelligence/export/?as=csv&q=type:indicator")
    text = whole(answer)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 9
    for row in rows[1:]:
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert any(cell == f"'{hostile.FORMULA}" for row in rows for cell in row)


def test_a_bundle_holds_the_kept_objects_with_the_marking_laid_over_them(console, tmp_path):
    objects = [hostile.indicator(n) for n in range(1, 4)]
    bring(console, tmp_path, objects, marking="tlp:amber")
    bundle = json.loads(
        whole(console.person(Role.VIEWER).get("/intelligence/export/?as=stix&select=type:indicator"))
    )
    assert {each["id"] for each in bundle["objects"]} == {each["id"] for each in objects}
    assert all(each["object_marking_refs"] for each in bundle["objects"])


def test_red_is_found_and_shown_only_to_those_who_may_see_it(console, tmp_path):
    secret = hostile.indicator(1, name="source in the ministry", object_marking_refs=[RED])
    bring(console, tmp_path, [secret, hostile.indicator(2)])
    for role, sees in ((Role.ANALYST, True), (Role.VIEWER, False), (Role.ADMIN, False)):
        person = console.person(role)
        for line in ("", "ministry", "value:198.51.100.1", "marking:red", f"id:{secret['id']}"):
            page = person.get("/intelligence/", {"q": line}).content.decode()
            assert ("source in the ministry" in page) is sees, (role, line)
        shown = person.get(f"/intelligence/{secret['id']}/").content.decode()
        assert ("source in the ministry" in shown) is sees
        assert ("198.51.100.1" in shown) is sees
        assert person.get(f"/intelligence/{secret['id']}/bytes/").status_code == (200 if sees else 409)
        exported = whole(person.get("/intelligence/export/?as=stix&q=type:indicator"))
        assert ("source in the ministry" in exported) is sees
        chosen = person.post(
            "/intelligence/selection/", {"id": [secret["id"]], "scope": "ticked"}
        ).content.decode()
        assert ("source in the ministry" in chosen) is sees


def test_the_page_of_an_object_tells_all_that_is_known(console, tmp_path):
    family = {
        "type": "malware", "spec_version": "2.1", "id": "malware--00000000-0000-4000-8000-000000000009",
        "created": hostile.STAMP, "modified": hostile.STAMP, "name": "Sandfox", "is_family": True,
    }  # fmt: skip
    tie = {
        "type": "relationship", "spec_version": "2.1", "id": "relationship--00000000-0000-4000-8000-000000000008",
        "created": hostile.STAMP, "modified": hostile.STAMP, "relationship_type": "indicates",
        "source_ref": hostile.indicator(1)["id"], "target_ref": family["id"],
    }  # fmt: skip
    sighting = {
        "type": "sighting", "spec_version": "2.1", "id": "sighting--00000000-0000-4000-8000-000000000007",
        "created": hostile.STAMP, "modified": hostile.STAMP, "sighting_of_ref": hostile.indicator(1)["id"], "count": 3,
    }  # fmt: skip
    bring(console, tmp_path, [hostile.indicator(1), family, tie, sighting], source="feed of QM")
    page = console.person(Role.ANALYST).get(f"/intelligence/{hostile.indicator(1)['id']}/")
    text = page.content.decode()
    assert "Sandfox" in text
    assert "indicates" in text
    assert "feed of QM" in text
    assert page.context["sightings"][0]["count"] == 3
    assert [event.kind for event, _, _ in page.context["events"]].count("received") == 1
    graph = page.context["graph"]
    assert {node["name"] for node in graph["nodes"]} == {"beacon 1", "Sandfox"}
    assert page.content.count(b"echarts") == 1
    other = console.person(Role.ANALYST).get(f"/intelligence/{family['id']}/").content.decode()
    assert "beacon 1" in other


def test_an_unknown_object_is_no_error_of_ours(console):
    answer = console.person(Role.ANALYST).get("/intelligence/malware--00000000-0000-4000-8000-000000000001/")
    assert answer.status_code == 404
    assert "intelligence.unknown" in answer.content.decode()


def test_the_line_is_completed_by_fields_and_by_what_there_is(console, tmp_path):
    bring(console, tmp_path, [hostile.indicator(1, labels=["energy"])], source="feed")
    person = console.person(Role.VIEWER)

    def offers(line):
        return [each.line for each in person.get("/intelligence/complete/", {"q": line}).context["offers"]]

    assert "beacon type:" in offers("beacon ty")
    assert offers("type:ind") == ["type:indicator "]
    assert offers("-label:en") == ["-label:energy "]
    assert offers("type:malware,ind") == ["type:malware,indicator "]
    assert offers("source:f") == ["source:feed "]
    assert "marking:tlp:green " in offers("marking:tlp:g")
    assert offers("nothing:x") == []


@pytest.mark.parametrize("label", ['say "hi"', "back\\slash", "100%_sure", "طاقة", "a'b"])
def test_labels_with_signs_of_every_kind_are_found(console, tmp_path, label):
    bring(console, tmp_path, [hostile.indicator(1, labels=[label]), hostile.indicator(2, labels=["other"])])
    person, line = console.person(Role.VIEWER), labelled(label)
    assert person.get("/intelligence/", {"q": line}).context["found"].total == 1
    assert person.get("/intelligence/", {"q": f"-{line} type:indicator"}).context["found"].total == 1


def test_what_a_line_means_can_be_said_as_one_selection():
    meant = asked.understand('label:"two words" evil.example -type:malware')
    assert meant.words == "evil.example"
    assert meant.select == 'label:"two words" -type:malware text:evil.example'


def test_the_matrix_counts_techniques_by_tactic(console, tmp_path):
    pattern = {
        "type": "attack-pattern", "spec_version": "2.1", "id": "attack-pattern--00000000-0000-4000-8000-000000000001",
        "created": hostile.STAMP, "modified": hostile.STAMP, "name": "Phishing",
        "kill_chain_phases": [{"kill_chain_name": "mitre-attack", "phase_name": "initial-access"}],
        "external_references": [{"source_name": "mitre-attack", "external_id": "T1566"}],
    }  # fmt: skip
    uses = {
        "type": "relationship", "spec_version": "2.1", "id": "relationship--00000000-0000-4000-8000-000000000002",
        "created": hostile.STAMP, "modified": hostile.STAMP, "relationship_type": "indicates",
        "source_ref": hostile.indicator(1)["id"], "target_ref": pattern["id"],
    }  # fmt: skip
    alone = hostile.indicator(
        2, external_references=[{"source_name": "mitre-attack", "external_id": "T1059"}]
    )
    bring(console, tmp_path, [hostile.indicator(1), pattern, uses, alone])
    columns = console.person(Role.VIEWER).get("/intelligence/techniques/").context["columns"]
    assert [(str(tactic), [(each.number, each.count) for each, _ in cells]) for tactic, cells in columns] == [
        ("Initial access", [("T1566", 1)]),
        ("", [("T1059", 1)]),
    ]


def test_a_list_reads_no_more_than_its_page(console, tmp_path, monkeypatch):
    bring(console, tmp_path, [hostile.indicator(n) for n in range(1, 400)])
    read = []
    whole_rows = search.search.read.by_seq
    monkeypatch.setattr(
        search.search.read, "by_seq", lambda seqs: (read.extend(seqs := list(seqs)), whole_rows(seqs))[1]
    )
    console.person(Role.VIEWER).get("/intelligence/?q=label:nothing")
    assert len(read) < 20  # those few without facts
    read.clear()
    console.person(Role.VIEWER).get("/intelligence/?q=type:indicator")
    assert len(read) <= 51
    assert database.rows("SELECT count(*) FROM object")[0][0] >= 399


def test_that_red_content_was_seen_is_written_down(console, tmp_path):
    secret = hostile.indicator(1, object_marking_refs=[RED])
    bring(console, tmp_path, [secret, hostile.indicator(2)])
    person = console.person(Role.ANALYST)
    person.get(f"/intelligence/{hostile.indicator(2)['id']}/")
    assert database.rows("SELECT count(*) FROM audit_entry WHERE kind = 'saw'") == [(0,)]
    person.get(f"/intelligence/{secret['id']}/")
    (entry,) = database.rows("SELECT subject FROM audit_entry WHERE kind = 'saw'")
    assert secret["id"] in entry[0]


def test_why_an_object_may_go_or_stays_is_told_for_each_partner(allied, tmp_path):
    bring(
        allied,
        tmp_path,
        [hostile.indicator(1), hostile.indicator(2, object_marking_refs=[RED])],
        marking="tlp:green",
    )
    person = allied.person(Role.ANALYST)
    for number, goes in ((1, True), (2, False)):
        stix_id = hostile.indicator(number)["id"]
        page = person.get(f"/intelligence/{stix_id}/").content.decode()
        assert "cert.qn.example" in page
        answer = person.get(
            f"/intelligence/{stix_id}/why/", {"to": "cert.qn.example"}, headers={"HX-Request": "true"}
        )
        assert answer.context["decision"].allowed is goes
        assert answer.context["reasons"]
        assert "<html" not in answer.content.decode()
    hidden = allied.person(Role.VIEWER).get(f"/intelligence/{stix_id}/why/", {"to": "cert.qn.example"})
    assert hidden.context["why"] is None
    unknown = person.get(f"/intelligence/{stix_id}/why/", {"to": "cert.nowhere.example"})
    assert unknown.status_code == 400
