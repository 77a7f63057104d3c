"""What people do, see, try and are denied in the console stands in the trail; an auditor searches, checks and exports it."""

import orjson
import pytest

from hilf.access.role import Role
from hilf.access.trail import Kind, Who
from hilf.node import audit
from hilf.node.audit import Query
from hilf.store import database
from tests.conftest import NOW
from tests.console.conftest import PASSWORD


def trail():
    return [(each.person, each.kind, each.action) for each in audit.entries(Query())]


def test_what_is_denied_is_written(console):
    console.person(Role.VIEWER, name="huda").get("/people/")
    assert trail()[0] == ("huda", "denied", "people")


def test_what_is_read_without_being_red_is_not(console):
    huda = console.person(Role.VIEWER, name="huda")
    before = len(trail())
    huda.get("/")
    assert len(trail()) == before


def test_a_rule_that_refuses_is_written_with_its_code(console):
    admin = console.person(Role.ADMIN, name="root", stepped_up=True)
    admin.post("/people/nobody/end/")
    newest = audit.entries(Query())[0]
    assert (newest.kind, newest.action) == ("tried", "person end")


def test_signing_in_and_failing_to_is_written(console):
    from django.test import Client

    console.person(Role.VIEWER, name="huda", factor=False)
    somebody = Client(headers={"host": "localhost:8400"})
    somebody.post("/account/login/", {"login": "huda", "password": "wrong"})
    assert trail()[0] == ("huda", "denied", "sign in")
    somebody.post("/account/login/", {"login": "huda", "password": PASSWORD})
    assert trail()[0] == ("huda", "did", "sign in")
    somebody.post("/account/logout/")
    assert trail()[0] == ("huda", "did", "sign out")


def test_nothing_is_done_where_the_trail_cannot_be_written(console):
    admin = console.person(Role.ADMIN, name="root", stepped_up=True)
    console.person(Role.VIEWER, name="huda")
    database.execute("ALTER TABLE audit_entry RENAME TO gone")
    admin.raise_request_exception = False
    assert admin.post("/people/huda/change/", {"what": "disable"}).status_code >= 500
    database.execute("ALTER TABLE gone RENAME TO audit_entry")
    from hilf.node import user

    assert user.named("huda").enabled


@pytest.fixture
def auditor(console):
    for n in range(60):
        audit.write(Kind.DID, Who(f"person{n % 2}", None, "console"), "import", f"import--{n}", NOW)
    return console.person(Role.AUDITOR, name="auditor")


def test_the_trail_is_read_page_by_page(auditor):
    page = auditor.get("/audit/").content.decode()
    assert "import--59" in page
    assert "import--2<" not in page
    assert "import--2<" in auditor.get("/audit/?after=5").content.decode()


def test_the_trail_is_searched(auditor):
    page = auditor.get("/audit/?person=person1&kind=did&action=imp").content.decode()
    assert "import--59" in page
    assert "import--58" not in page
    assert "Nothing is like this" in auditor.get("/audit/?since=2026-12-01").content.decode()


@pytest.mark.parametrize(
    "query", ["after=x", "kind=ate", "since=yesterday", "after=" + "9" * 40, "person=%00"]
)
def test_a_strange_search_breaks_nothing(auditor, query):
    assert auditor.get(f"/audit/?{query}").status_code == 200


def test_an_export_holds_what_is_hashed_and_is_itself_written(auditor):
    answer = auditor.get("/audit/export/?person=person1")
    lines = [orjson.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert len(lines) == 30
    assert orjson.loads(lines[0]["body"])["person"] == "person1"
    assert trail()[0] == ("auditor", "saw", "audit export")


def test_checking_names_what_somebody_edited(auditor):
    assert "all of them hold" in auditor.post("/audit/verify/").content.decode()
    database.execute("UPDATE audit_entry SET person = 'nobody' WHERE seq = 7")
    page = auditor.post("/audit/verify/").content.decode()
    assert "1 entry does not hold" in page
    assert ">7<" in page
