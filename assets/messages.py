"""Bring the catalogues of the console's languages up to what its pages and modules say: python assets/messages.py.

A catalogue is a file of one room in one language, `console/locale/<language>/<room>.po`; what several rooms say stands in
`console.po`. Nothing is guessed: a text that is new gets an empty translation, one that is gone leaves, and no entry is ever
marked as doubtful. The files are compiled into one when the console is built (assets/build.py).
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polib
from django.conf import settings
from django.utils.translation.template import templatize

CONSOLE: Final = Path(__file__).parent.parent / "src" / "hilf" / "console"
TEMPLATES: Final = CONSOLE / "templates"
LOCALE: Final = CONSOLE / "locale"
SHARED: Final = "console"
"""The catalogue of what stands in no room of its own, or in several."""

PLURALS: Final = {
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;",
    "fr": "nplurals=2; plural=(n > 1);",
}
"""The languages that pages are translated into, with their plurals; English stands in the pages themselves."""

_CALL: Final = re.compile(r"\b(n?p?gettext|_)\(")
_CONTEXT: Final = {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}
_PLURAL: Final = {"ngettext", "ngettext_lazy", "npgettext", "npgettext_lazy"}
_MARKS: Final = {"_", "gettext", "gettext_lazy", "gettext_noop"} | _CONTEXT | _PLURAL


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """A text that is marked for translation."""

    text: str
    plural: str = ""
    context: str = ""


def messages() -> dict[str, dict[Message, list[str]]]:
    """Every marked text with the files in which it stands, by catalogue."""
    places: dict[Message, set[Path]] = defaultdict(set)
    for path, message in (*_in_templates(), *_in_modules()):
        places[message].add(path)
    found: dict[str, dict[Message, list[str]]] = defaultdict(dict)
    for message, paths in sorted(places.items()):
        rooms = {_room(path) for path in paths}
        room = rooms.pop() if len(rooms) == 1 else SHARED
        found[room][message] = sorted(path.relative_to(CONSOLE).as_posix() for path in paths)
    return found


def _room(path: Path) -> str:
    parts = path.relative_to(TEMPLATES if TEMPLATES in path.parents else CONSOLE).parts
    is_shared = len(parts) == 1 or parts[0] in {
        "parts",
        "allauth",
        "mfa",
        "usersessions",
        "account",
        "socialaccount",
    }
    return SHARED if is_shared else parts[0]


def templates() -> list[Path]:
    """Every template."""
    return sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"})


def _in_templates() -> Iterator[tuple[Path, Message]]:
    if not settings.configured:
        settings.configure(USE_I18N=True)
    for path in templates():
        text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for match in _CALL.finditer(text):
            for end in (m.end() for m in re.finditer(r"\)", text[match.start() :])):
                try:
                    call = ast.parse(text[match.start() : match.start() + end].strip(), mode="eval").body
                except SyntaxError:
                    continue
                if isinstance(call, ast.Call) and (message := _message(call)):
                    yield path, message
                break


def _in_modules() -> Iterator[tuple[Path, Message]]:
    for path in sorted(CONSOLE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (message := _message(node)):
                yield path, message


def _message(call: ast.Call) -> Message | None:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in _MARKS:
        return None
    texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    context = texts.pop(0) if name in _CONTEXT and texts else ""
    if not texts:
        return None
    return Message(texts[0], texts[1] if name in _PLURAL else "", context)


def update(language: str) -> int:
    """Bring the catalogues of one language up to date; how many texts wait for a translation."""
    known = {}
    for file in sorted((LOCALE / language).rglob("*.po")):
        for entry in polib.pofile(str(file)):
            key = Message(entry.msgid, entry.msgid_plural, entry.msgctxt or "")
            if key not in known or not known[key].translated():
                known[key] = entry
    waiting = 0
    found = messages()
    for file in (LOCALE / language).glob("*.po"):
        if file.stem not in found:
            file.unlink()
    for room, entries in found.items():
        catalogue = polib.POFile(wrapwidth=110)
        catalogue.metadata = {
            "Language": language,
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": PLURALS[language],
        }
        for message, places in entries.items():
            entry = _entry(message, known.get(message), language)
            entry.occurrences = [(place, "") for place in places]
            waiting += not entry.translated()
            catalogue.append(entry)
        file = LOCALE / language / f"{room}.po"
        file.parent.mkdir(parents=True, exist_ok=True)
        catalogue.save(str(file))
    return waiting


def _entry(message: Message, known: polib.POEntry | None, language: str) -> polib.POEntry:
    entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
    if message.plural:
        forms = int(PLURALS[language].split("nplurals=", 1)[1].split(";", 1)[0])
        kept = known.msgstr_plural if known else {}
        entry.msgid_plural = message.plural
        entry.msgstr_plural = {n: kept.get(n, "") for n in range(forms)}
    else:
        entry.msgstr = known.msgstr if known else ""
    if "%(" in message.text or "%(" in message.plural:
        entry.flags.append("python-format")
    return entry


def main() -> None:
    """Bring all languages up to date and say how many texts wait."""
    for language in PLURALS:
        sys.stdout.write(f"{language}: {update(language)} texts wait for a translation\n")


if __name__ == "__main__":
    main()
