"""Every text of the console is there in every language: marked in the pages, translated in the catalogues, none doubtful."""

import re
import runpy
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).parent.parent.parent
CONSOLE = ROOT / "src" / "hilf" / "console"
TEMPLATES = CONSOLE / "templates"
SPOKEN = {"title", "alt", "placeholder", "aria-label", "aria-description", "aria-roledescription", "label"}
"""Attributes that people read or hear."""

NO_WORDS = {"hilf", "UTC", "TLP", "STIX", "CSV", "JSON", "PDF", "ATT&CK", "SHA-256", "ID", "URL", "CERT"}
"""Names that are the same in every language."""

messages_of = runpy.run_path(str(ROOT / "assets" / "messages.py"), run_name="messages")
LANGUAGES = tuple(messages_of["PLURALS"])


@pytest.fixture(scope="module")
def marked():
    return {message: room for room, found in messages_of["messages"]().items() for message in found}


def entries(language: str):
    return [
        (file.stem, entry)
        for file in sorted((CONSOLE / "locale" / language).glob("*.po"))
        for entry in polib.pofile(str(file))
    ]


def key(entry: polib.POEntry):
    return entry.msgid, entry.msgid_plural, entry.msgctxt or ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marked_text_is_translated(marked, language: str) -> None:
    done = {key(entry) for _, entry in entries(language) if entry.translated()}
    missing = [
        message.text for message in marked if (message.text, message.plural, message.context) not in done
    ]
    assert missing == [], "run make messages, and fill in what is empty"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_doubtful_or_of_a_text_that_is_gone(marked, language: str) -> None:
    stands = {(message.text, message.plural, message.context) for message in marked}
    doubtful = [entry.msgid for _, entry in entries(language) if entry.fuzzy or entry.obsolete]
    gone = [entry.msgid for _, entry in entries(language) if key(entry) not in stands]
    assert (doubtful, gone) == ([], []), "run make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_of_the_language_is_there(language: str) -> None:
    forms = {"ar": 6, "fr": 2}[language]
    short = [
        entry.msgid
        for _, entry in entries(language)
        if any(entry.msgstr_plural.values())
        and len([text for text in entry.msgstr_plural.values() if text]) != forms
    ]
    assert short == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_name_the_same_values(language: str) -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)", text))

    other = []
    for _, entry in entries(language):
        if not entry.translated():
            continue
        wanted = names(entry.msgid) | names(entry.msgid_plural)
        texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        # One or two of a thing may be said without its number; a name that nobody gives may not.
        if any(names(text) - wanted for text in texts) or (
            not entry.msgid_plural and names(entry.msgstr) != wanted
        ):
            other.append(entry.msgid)
    assert other == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_stands_in_one_catalogue_of_a_language(language: str) -> None:
    seen = [key(entry) for _, entry in entries(language)]
    assert sorted({each for each in seen if seen.count(each) > 1}) == []


class Words(HTMLParser):
    """Texts of a template that stand outside of every mark."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs) -> None:
        self.silent += tag in {"code", "kbd", "pre", "script", "style"}
        for name, value in attrs:
            if name in SPOKEN and value:
                self.read(value)

    def handle_endtag(self, tag) -> None:
        self.silent -= tag in {"code", "kbd", "pre", "script", "style"}

    def handle_data(self, data) -> None:
        if not self.silent:
            self.read(data)

    def read(self, text: str) -> None:
        for name in NO_WORDS:
            text = re.sub(rf"\b{re.escape(name)}\b", "", text)
        if re.search(r"[^\W\d_]{2,}", text):
            self.found.append(text.strip())


def unmarked(template: str) -> list[str]:
    for pattern in (
        r"\{#.*?#\}",
        r"\{%\s*comment.*?endcomment\s*%\}",
        r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}",
        r"\{%.*?%\}",
        r"\{\{.*?\}\}",
    ):
        template = re.sub(pattern, "", template, flags=re.DOTALL)
    words = Words()
    words.feed(template)
    words.close()
    return words.found


@pytest.mark.parametrize(
    "template", messages_of["templates"](), ids=lambda path: path.relative_to(TEMPLATES).as_posix()
)
def test_no_text_of_a_page_is_unmarked(template: Path) -> None:
    assert unmarked(template.read_text(encoding="utf-8")) == []


def test_an_unmarked_text_is_noticed() -> None:
    assert unmarked('<p>{% translate "Here" %} there</p><input placeholder="Name">') == ["there", "Name"]
    assert unmarked("<p>{{ name }} {% blocktranslate %}All of this{% endblocktranslate %} · UTC</p>") == []


def test_texts_are_found_in_templates_and_modules(marked) -> None:
    assert messages_of["Message"]("Go to the content") in marked
    assert messages_of["Message"]("never") in marked
    assert (
        messages_of["Message"]("… and %(count)s character more", "… and %(count)s characters more") in marked
    )
