"""The memorandum in print: every clause in every language, as text that can be read out, and what parties wrote stays text."""

import io
import json
import re

import pypdf
import pytest
from click.testing import CliRunner

from hilf.access.role import Role
from hilf.cli.main import hilf
from hilf.console.accords import paper
from hilf.console.tags import foreign
from hilf.errors import OperatorFault
from tests.console.test_accords import held

HOSTILE = "#panic[now] $x$ \u202eevil\u202c *bold* <script>alert(1)</script> @ref \\ ]"


def text_of(pdf: bytes) -> str:
    """What stands in a PDF; lines of Arabic come in the order in which they are seen."""
    return _bare("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def words(pdf: bytes) -> set[str]:
    """Every word of it."""
    return set(re.findall(r"\w+", text_of(pdf)))


def _bare(text: str) -> str:
    """Without marks over letters, which print apart, and without isolates."""
    return re.sub("[\u064b-\u0652\u2066-\u2069]", "", text)


@pytest.fixture
def agreed(allied) -> str:
    """The accord of QM and QN."""
    return held(allied).id


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_the_paper_says_what_the_page_says(allied, agreed, language):
    page = allied.person(Role.LIAISON).get(f"/accords/{agreed}/memorandum/{language}/")
    answer = allied.person(Role.LIAISON).get(f"/accords/{agreed}/memorandum/{language}/pdf/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    shown = " ".join(block["text"] for block in paper.blocks(page.content.decode()))
    expected = {word for word in re.findall(r"\w+", _bare(shown)) if language != "ar" or word.isascii()}
    assert len(expected) > 10
    assert {word for word in expected if word not in text_of(answer.content)} == set()


def test_arabic_can_be_read_out_of_the_paper(allied, agreed):
    pdf = allied.person(Role.LIAISON).get(f"/accords/{agreed}/memorandum/ar/pdf/").content
    assert {"المعلومات", "الأطراف", "التوقيعات"} <= words(pdf)


def test_the_paper_is_tagged_for_screen_readers_and_names_its_language(allied, agreed):
    pdf = allied.person(Role.LIAISON).get(f"/accords/{agreed}/memorandum/ar/pdf/").content
    catalogue = pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    assert (bool(catalogue["/MarkInfo"]["/Marked"]), str(catalogue["/Lang"])) == (True, "ar")


def test_what_parties_wrote_stays_text():
    page = f"<main><h1>{foreign(HOSTILE)}</h1><p>{foreign('x' * 20_000)}</p></main>"
    pdf = paper.pdf(page, HOSTILE, "en", "ltr")
    assert {"panic", "bold", "script", "alert"} <= words(pdf)
    assert "evil" in text_of(pdf)
    assert not {"\u202e", "\u202c"} & {*text_of(pdf), *str(pypdf.PdfReader(io.BytesIO(pdf)).metadata.title)}


def test_no_language_no_paper(allied, agreed):
    assert allied.person(Role.LIAISON).get(f"/accords/{agreed}/memorandum/de/pdf/").status_code == 404


def test_without_fonts_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(paper, "FONTS", tmp_path)
    with pytest.raises(OperatorFault) as raised:
        paper.pdf("<main><p>x</p></main>", "x", "en", "ltr")
    assert raised.value.code == "print.missing"


def test_the_command_line_prints_the_same(allied, agreed, tmp_path):
    file = tmp_path / "memorandum.pdf"
    words_ = [
        "accord",
        "print",
        agreed,
        "--lang",
        "fr",
        "--out",
        str(file),
        "--home",
        str(allied.home.path),
        "--json",
    ]
    answer = CliRunner().invoke(hilf, words_)
    told = json.loads(answer.stdout)
    assert (answer.exit_code, told["language"], told["file"]) == (0, "fr", str(file))
    assert told["pages"] == len(pypdf.PdfReader(file).pages)
