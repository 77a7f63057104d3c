"""`hilf demo` as a newcomer runs it: a claim that does not hold ends it with 1; the whole story runs at night."""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from hilf.cli.demo.content import STORIES, bundle, objects
from hilf.cli.demo.nation import Nation
from hilf.stix.read import read
from hilf.stix.split import split
from tests.browser.reading import pattern
from tests.conftest import NOW


def demo(folder, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "hilf", "demo", "--no-serve", "--json", "--dir", str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=230,
    )
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.parametrize("country", STORIES)
def test_what_a_nation_of_the_demo_knows_is_sound_and_the_same_at_every_run(country):
    author = "identity--b4d0c1f2-3c3c-5f6e-8a51-1f1d0d7b0001"
    data = bundle(objects(country, author, NOW))
    pieces = [read(piece.raw, piece.place, NOW) for piece in split([data])]
    assert {(each.outcome, each.findings) for each in pieces} == {("accepted", ())}
    assert len({each.id for each in pieces}) == len(pieces) > 100
    assert data == bundle(objects(country, author, NOW))


def test_a_step_that_fails_ends_the_demo_with_1_and_says_which(tmp_path):
    code, told, errors = demo(tmp_path / "demo", HILF_LANGUAGE="none that there is")
    assert code == 1
    assert [step["ok"] for step in told["steps"]] == [True, True, True, False]
    assert told["steps"][-1]["name"] == "QM names a second officer and starts"
    assert errors.splitlines()[-1] == "[demo.command]"


def test_a_folder_that_holds_something_is_not_touched(tmp_path):
    (tmp_path / "kept").write_text("mine")
    code, told, _ = demo(tmp_path)
    assert (code, told["error"]["code"], [path.name for path in tmp_path.iterdir()]) == (
        3,
        "demo.folder",
        ["kept"],
    )


@pytest.mark.nightly
def test_every_step_of_the_story_holds(tmp_path):
    code, told, _ = demo(tmp_path / "demo")
    assert (code, [step["name"] for step in told["steps"] if not step["ok"]]) == (0, [])
    assert len(told["steps"]) > 20
    assert [node["country"] for node in told["nodes"]] == ["QM", "QN", "QO"]


@pytest.mark.nightly
def test_a_demo_that_is_ended_from_outside_leaves_no_node_running(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "hilf", "demo", "--no-serve", "--dir", str(tmp_path / "demo")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    while "QN and QO exchange cards" not in process.stdout.readline():
        pass
    process.terminate()
    assert process.wait(30) == 128 + signal.SIGTERM
    process.stdout.close()
    for country in ("qm", "qn", "qo"):
        with (tmp_path / "demo" / country / "serve.lock").open("r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A demo that was told whole: its document."""
    code, document, errors = demo(tmp_path_factory.mktemp("told") / "demo")
    assert code == 0, errors
    return document


@pytest.fixture(params=["QM", "QN", "QO"])
def left(told, request):
    """A nation of it, served again; with what was printed of it."""
    node = next(each for each in told["nodes"] if each["country"] == request.param)
    nation = Nation(request.param, "", Path(node["home"]), port_of(node["gateway"]), port_of(node["console"]))
    nation.start()
    yield nation, node
    nation.stop()
    nation.serving.stdout.close()


@pytest.mark.nightly
def test_people_of_the_demo_sign_in_with_what_it_prints_and_find_no_empty_page(left):
    nation, node = left
    empty = {}
    for person in node["people"]:
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        answer = post(
            opener,
            f"{node['console']}/account/login/",
            {"login": person["name"], "password": person["password"]},
        )
        assert answer.url.startswith(f"{node['console']}/account/2fa/authenticate/")
        answer = post(opener, answer.url, {"code": nation.code()})
        assert not answer.url.startswith(f"{node['console']}/account/")
        found = list(pages(opener, node["console"], answer.url))
        assert len(found) > 10
        for kind, page in found:
            if "empty-title" in page and not kind.endswith(GOOD_NEWS):
                empty[person["name"], kind] = re.findall(r'empty-title">([^<]+)', page)
    assert empty == {}


GOOD_NEWS = ("/refusals/", "/imports/*/", "/preview/", "/officer/")
"""Pages that are empty where nothing was refused or found wrong, where all is there already, and for who is no officer."""


def pages(opener, url, start):
    """Every kind of page that links lead to, once: (its address without what differs, its text)."""
    seen, waiting = set(), [start]
    while waiting:
        address = waiting.pop(0)
        kind = pattern(address)
        if kind in seen or kind.startswith(("/static/", "/language/", "/account/logout/")) or len(seen) > 150:
            continue
        seen.add(kind)
        try:
            answer = opener.open(address)
        except HTTPError as error:
            if error.code >= 500:
                pytest.fail(f"{address}: {error.read()!r}")
            continue
        if "text/html" not in answer.headers["Content-Type"]:
            continue
        page = answer.read().decode()
        yield kind, page
        waiting += [url + unescape(path) for path in re.findall(r'<a [^>]*href="(/[^"#]*)', page)]


def port_of(url):
    return int(url.rpartition(":")[2])


def post(opener, url, fields):
    page = opener.open(url).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    data = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
    return opener.open(Request(url, data, {"Referer": url}))
