"""The first page: what needs whom now, and the situation."""

import re
from pathlib import Path

import pytest

from hilf.access.role import Role
from hilf.console.home.needs import KINDS
from hilf.store.federation import stream

QN = "cert.qn.example"
NODE = Path(__file__).parents[2] / "src" / "hilf" / "node"


def test_an_empty_node_says_what_to_do_first(console):
    page = console.person(Role.VIEWER).get("/").content.decode()
    assert "This node knows nobody yet" in page or "What needs you now" in page
    assert "/partners/card/" in page


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_the_situation_shows_every_stream(allied, language):
    page = allied.person(Role.VIEWER, language=language).get("/").content.decode()
    assert QN in page
    assert "network-data" in page


def test_what_somebody_can_deal_with_comes_before_what_waits_for_others(allied):
    allied.use()
    stream.went_wrong(QN, "wire.unreachable", 0)
    liaison = allied.person(Role.LIAISON).get("/").content.decode()
    viewer = allied.person(Role.VIEWER).get("/").content.decode()
    assert f'href="/partners/{QN}/" aria-label="Look: A partner is not reached' in liaison
    assert liaison.index("A partner is not reached") < liaison.index("The situation")
    assert "waits for others" in viewer or "wait for others" in viewer


def test_the_volumes_are_real_counts(allied):
    person = allied.person(Role.VIEWER)
    whole = person.get("/situation/volumes/").content.decode()
    piece = person.get("/situation/volumes/", headers={"hx-request": "true"}).content.decode()
    assert "<!doctype html>" in whole
    assert "<!doctype html>" not in piece
    assert "What passed, by partner" in piece


def test_every_remark_of_the_node_has_a_heading():
    said = {
        code
        for file in NODE.glob("*.py")
        for code in re.findall(r'"(status\.[a-z-]+)"', file.read_text("utf-8"))
    }
    assert said - set(KINDS) == set()
