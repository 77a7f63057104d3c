"""Pages about accords: drafted with clauses as forms, by several people at once; compared, signed, ended, printed."""

import pytest

from hilf.access.role import Role
from hilf.accord.life import State
from hilf.node import accord as accords
from hilf.node import edit
from hilf.node.home import now
from tests.conftest import PASSPHRASE
from tests.console.filled import filled

QN = "cert.qn.example"


def held(console):
    """The accord that is in force between the nations."""
    console.use()
    return next(
        shown.life.accord
        for shown in accords.every(console.home, now())
        if shown.standing.state is State.IN_FORCE and QN in shown.life.accord.nodes
    )


def drafted(console, person) -> str:
    person.post("/accords/new/", {"partners": [QN], "template": "intelligence"})
    console.use()
    return next(
        s for s in accords.every(console.home, now()) if s.standing.state is State.DRAFT
    ).life.accord.id


def text_of(console, accord_id):
    console.use()
    return edit.draft(console.home, accord_id, now()).life.accord


def test_an_empty_list_says_what_to_do_first(console):
    page = console.person(Role.VIEWER).get("/accords/").content.decode()
    assert "No accord yet" in page


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_an_accord_is_read_in_words_in_each_language(allied, language):
    accord = held(allied)
    person = allied.person(Role.VIEWER, language=language)
    for path in (
        "/accords/",
        f"/accords/{accord.id}/",
        f"/accords/{accord.id}/?lang=fr",
        f"/accords/{accord.id}/effects/",
        f"/accords/{accord.id}/effects/?step=end",
        f"/accords/{accord.id}/memorandum/{language}/",
    ):
        answer = person.get(path)
        assert answer.status_code == 200, path
        assert f'lang="{language}"' in answer.content.decode()


def test_a_draft_begins_from_a_template_and_shows_every_part(allied):
    person = allied.person(Role.LIAISON)
    accord_id = drafted(allied, person)
    text = text_of(allied, accord_id)
    page = person.get(f"/accords/{accord_id}/draft/").content.decode()
    assert all(clause.id in page for clause in text.clauses)
    for part in ("parties", "terms", "promises", "contacts", "clause", f"clause/{text.clauses[0].id}"):
        assert person.get(f"/accords/{accord_id}/draft/{part}/").status_code == 200, part


def test_a_clause_saved_as_it_was_shown_stays_as_it_was(allied):
    person = allied.person(Role.LIAISON)
    accord_id = drafted(allied, person)
    for clause in text_of(allied, accord_id).clauses:
        before = text_of(allied, accord_id).json()
        page = person.get(f"/accords/{accord_id}/draft/clause/{clause.id}/")
        sent = filled(page.content)
        answer = person.post(f"/accords/{accord_id}/draft/clause/{clause.id}/", sent)
        assert answer.status_code == 302, answer.content.decode()
        assert text_of(allied, accord_id).json() == before


def test_terms_saved_as_they_were_shown_stay_as_they_were(allied):
    person = allied.person(Role.LIAISON)
    accord_id = drafted(allied, person)
    before = text_of(allied, accord_id).json()
    page = person.get(f"/accords/{accord_id}/draft/terms/")
    sent = filled(page.content)
    answer = person.post(f"/accords/{accord_id}/draft/terms/", sent)
    assert answer.status_code == 302, answer.content.decode()
    after = text_of(allied, accord_id).json()
    assert {name for name in before if before[name] != after[name]} <= {"from", "until", "review"}


def clause(**changes):
    return {
        "id": "c-9",
        "effect": "permit",
        "acts": ["sighting"],
        "marking": "amber",
        "text_en": "Sightings may go.",
        "before": "",
        **changes,
    }


def test_a_new_clause_is_added_and_what_it_lacks_is_said(allied):
    person = allied.person(Role.LIAISON)
    accord_id = drafted(allied, person)
    url = f"/accords/{accord_id}/draft/clause/"
    wrong = person.post(url, clause(acts=[], text_en=""))
    assert wrong.status_code == 400
    assert "Choose at least one kind." in wrong.content.decode()
    assert person.post(url, clause(effect="require")).status_code == 400
    assert person.post(url, clause()).status_code == 302
    put = edit.clause_of(text_of(allied, accord_id), "c-9")
    assert put["when"] == {"marking_max": "amber"}
    person.post(url, clause(id="c-10", effect="require", approvals="2", personal_data="yes"))
    put = edit.clause_of(text_of(allied, accord_id), "c-10")
    assert (put["require"], put["when"]) == (
        {"approvals": 2},
        {"marking_min": "amber", "personal_data": True},
    )
    twice = person.post(url, clause())
    assert twice.status_code == 409
    assert "accord.text" in twice.content.decode()


def test_two_people_edit_one_clause_and_the_second_is_told_and_loses_nothing(allied):
    one, two = allied.person(Role.LIAISON), allied.person(Role.LIAISON)
    accord_id = drafted(allied, one)
    url = f"/accords/{accord_id}/draft/clause/"
    one.post(url, clause())
    url = f"{url}c-9/"
    before = filled(two.get(url).content)["before"]
    one.post(url, clause(text_en="What the first wrote.", before=before))
    told = two.post(url, clause(text_en="What the second wrote.", before=before))
    page = told.content.decode()
    assert told.status_code == 409
    assert "Somebody else saved this part while you edited it" in page
    assert "What the first wrote." in page
    assert "What the second wrote." in page
    assert edit.clause_of(text_of(allied, accord_id), "c-9")["text"]["en"] == "What the first wrote."
    saved = two.post(url, clause(text_en="What the second wrote.", before=filled(told.content)["before"]))
    assert saved.status_code == 302
    assert edit.clause_of(text_of(allied, accord_id), "c-9")["text"]["en"] == "What the second wrote."


def test_two_people_edit_different_parts_and_both_stay(allied):
    one, two = allied.person(Role.LIAISON), allied.person(Role.LIAISON)
    accord_id = drafted(allied, one)
    terms = two.get(f"/accords/{accord_id}/draft/terms/")
    one.post(f"/accords/{accord_id}/draft/clause/", clause())
    sent = {**filled(terms.content), "retention_days": "77"}
    assert two.post(f"/accords/{accord_id}/draft/terms/", sent).status_code == 302
    text = text_of(allied, accord_id)
    assert text.retention_days == 77
    assert "c-9" in {each.id for each in text.clauses}


def test_what_somebody_took_out_is_told_and_comes_back_if_wanted(allied):
    one, two = allied.person(Role.LIAISON), allied.person(Role.LIAISON)
    accord_id = drafted(allied, one)
    one.post(f"/accords/{accord_id}/draft/clause/", clause())
    url = f"/accords/{accord_id}/draft/clause/c-9/"
    before = filled(two.get(url).content)["before"]
    one.post(f"{url}remove/", {"before": before})
    told = two.post(url, clause(before=before))
    assert "They took this clause out" in told.content.decode()
    assert two.post(url, clause(before=filled(told.content)["before"])).status_code == 302
    assert edit.clause_of(text_of(allied, accord_id), "c-9") is not None


def test_promises_and_contacts_are_rows(allied):
    person = allied.person(Role.LIAISON)
    accord_id = drafted(allied, person)
    url = f"/accords/{accord_id}/draft/promises/"
    page = person.get(url)
    rows = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "before": filled(page.content)["before"]}
    row = {
        "request": "aid",
        "urgency": "high",
        "receipt_min": "5",
        "acknowledge_min": "30",
        "decide_min": "60",
        "deliver_min": "240",
    }
    sent = {**rows, **{f"form-0-{name}": value for name, value in row.items()}}
    assert person.post(url, sent).status_code == 302
    assert text_of(allied, accord_id).promises[0].decide_min == 60
    url = f"/accords/{accord_id}/draft/contacts/"
    untouched = filled(person.get(url).content)
    assert person.post(url, untouched).status_code == 302
    sent = {**untouched, "form-0-kind": "technical", "form-0-name": "Duty desk", "form-0-phone": "+000 1"}
    assert person.post(url, sent).status_code == 302
    assert text_of(allied, accord_id).json()["contacts"] == [
        {"kind": "technical", "name": "Duty desk", "phone": "+000 1"}
    ]


def test_what_is_proposed_is_what_was_read(allied):
    one, two = allied.person(Role.LIAISON), allied.person(Role.LIAISON)
    accord_id = drafted(allied, one)
    read = text_of(allied, accord_id).hash
    two.post(f"/accords/{accord_id}/draft/clause/", clause())
    assert one.post(f"/accords/{accord_id}/propose/", {"text": read}).status_code == 409
    assert (
        one.post(f"/accords/{accord_id}/propose/", {"text": text_of(allied, accord_id).hash}).status_code
        == 302
    )
    allied.use()
    assert accords.show(allied.home, accord_id, now())[-1].standing.state is State.PROPOSED


def test_an_amendment_is_compared_side_by_side(allied):
    accord, person = held(allied), allied.person(Role.LIAISON)
    person.post(f"/accords/{accord.id}/amend/")
    person.post(f"/accords/{accord.id}/draft/clause/", clause())
    page = person.get(f"/accords/{accord.id}/compare/").content.decode()
    assert "Two versions side by side" in page
    assert "clause c-9" in page
    person.post(f"/accords/{accord.id}/draft/drop/")
    assert person.get(f"/accords/{accord.id}/draft/").status_code == 409


def test_two_officers_suspend_and_the_effects_stand_on_the_page(allied):
    accord = held(allied)
    first = allied.person(Role.LIAISON, officer="officer", stepped_up=True)
    page = first.get(f"/accords/{accord.id}/suspend/").content.decode()
    assert "If we suspend it" in page
    first.post(f"/accords/{accord.id}/suspend/", {"passphrase": PASSPHRASE, "text": accord.hash})
    again = first.post(f"/accords/{accord.id}/suspend/", {"passphrase": PASSPHRASE, "text": accord.hash})
    assert "accord.signed-already" in again.content.decode()
    second = allied.person(Role.LIAISON, officer="amal", stepped_up=True)
    second.post(f"/accords/{accord.id}/suspend/", {"passphrase": PASSPHRASE, "text": accord.hash})
    assert accords.show(allied.home, accord.id, now())[-1].standing.state is State.SUSPENDED


def test_signing_asks_for_the_second_factor_again_and_for_the_power(allied):
    accord = held(allied)
    assert (
        allied.person(Role.LIAISON, officer="officer").get(f"/accords/{accord.id}/sign/").status_code == 302
    )
    for part in ("sign", "suspend", "end", "withdraw", "propose", "amend", "draft/drop", "draft/terms"):
        assert allied.person(Role.ANALYST).post(f"/accords/{accord.id}/{part}/").status_code == 403


@pytest.mark.parametrize("part", ["", "compare/", "effects/", "draft/", "memorandum/en/"])
def test_an_accord_that_nobody_knows_is_told_and_no_fault_of_the_server(console, part):
    assert console.person(Role.LIAISON).get(f"/accords/accord--nothing/{part}").status_code == 404
