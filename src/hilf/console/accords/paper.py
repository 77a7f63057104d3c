"""The memorandum as a PDF, set by typst from the very page that is shown, so that paper and page never say two things.

Typst is given data, never markup: what parties wrote stays text (stack.md 6). Every fault and every warning of it is an error.
"""

import json
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from hilf.console.foreign import parts
from hilf.errors import OperatorFault

FONTS: Final = Path(__file__).parent.parent / "print"
STANDARDS: Final = ("a-2a", "ua-1")
"""PDF/A-2a (ISO 19005-2), for archives; PDF/UA-1 (ISO 14289-1), for screen readers."""

LONGEST_TITLE: Final = 500

LONGEST_WORD: Final = 80
"""Characters, before a line may end within a word; the longest hash has 64."""

_PAPER: Final = Path(__file__).parent / "paper.typ"
_BLOCKS: Final = frozenset({"h1", "h2", "h3", "p", "li", "dt", "dd"})
_ISOLATE: Final = {"ltr": "\u2066", "rtl": "\u2067", "auto": "\u2068"}
_END_OF_ISOLATE: Final = "\u2069"


class _Blocks(HTMLParser):
    """The blocks of <main>, in order: what each is, its text, its direction, and where it stands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[dict[str, str]] = []
        self._within: list[tuple[str, str]] = []
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "br":
            self.handle_data(" ")
            return
        if tag in _BLOCKS and any(name == "main" for name, _ in self._within):
            self._end_block()
            classes = " ".join(kept for _, kept in self._within) + " " + values.get("class", "")
            self.found.append(
                {
                    "kind": tag,
                    "language": values.get("lang", ""),
                    "direction": values.get("dir", ""),
                    "place": next(
                        (name for name in ("obeyed", "line", "kind") if f"hilf-{name}" in classes), ""
                    ),
                }
            )
            self._text = []
        if tag == "bdi" and self._text is not None:
            self._text.append(_ISOLATE.get(values.get("dir", "auto"), _ISOLATE["auto"]))
        if tag not in {"meta", "link"}:
            self._within.append((tag, values.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "bdi" and self._text is not None:
            self._text.append(_END_OF_ISOLATE)
        if tag in _BLOCKS:
            self._end_block()
        while self._within and self._within.pop()[0] != tag:
            continue

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end_block(self) -> None:
        if self._text is not None:
            text = " ".join(_breakable(word) for word in "".join(self._text).split())
            if text:
                self.found[-1]["text"] = text
            else:
                self.found.pop()
        self._text = None


def _breakable(word: str) -> str:
    """A word that fits on paper: a line may end in one that is too long (and a string of PDF/A holds 32,767 characters)."""
    return "\u200b".join(word[at : at + LONGEST_WORD] for at in range(0, len(word), LONGEST_WORD))


def blocks(page: str) -> list[dict[str, str]]:
    """The blocks of the page of a memorandum: `kind` (a tag), `text`, `language`, `direction`, `place`."""
    reader = _Blocks()
    reader.feed(page)
    reader.close()
    return reader.found


def pdf(page: str, title: str, language: str, direction: str) -> bytes:
    """A PDF of the page of a memorandum.

    Args:
        page: HTML, as a browser shows it.
        title: of the document.
        language: of the page, BCP 47.
        direction: "ltr" or "rtl".

    Raises:
        OperatorFault: "print.missing": typst or its fonts are not installed; "print.fault": typst refused or warned.
    """
    plain = "".join(piece for is_hidden, piece in parts(title) if not is_hidden)[:LONGEST_TITLE]
    data = {"title": plain, "language": language, "direction": direction, "blocks": blocks(page)}
    typst = _typst()
    try:
        compiled, warnings = typst.compile_with_warnings(
            str(_PAPER),
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=list(STANDARDS),
        )
    except typst.TypstError as error:
        raise _fault(error) from error
    if warnings:
        raise _fault(warnings[0])
    return bytes(compiled)


def _fault(said: object) -> OperatorFault:
    return OperatorFault(
        "print.fault",
        "The memorandum could not be set in print.",
        f"typst says: {said}"[:500],
        "Print the page from the browser instead, and report this.",
    )


def _typst() -> Any:  # noqa: ANN401  its types say nothing of warnings
    typst: Any
    try:
        typst = import_module("typst")  # late: an extra, and 80 MB
    except ImportError:
        typst = None
    if typst is None or not any(FONTS.glob("*.ttf")):
        raise OperatorFault(
            "print.missing",
            "PDFs cannot be made here: typst or its fonts are not installed.",
            "typst is an extra, since it weighs 80 MB; the fonts come with what `make assets` builds.",
            "Install it: pip install 'hilf[print]'. Or print the page from the browser.",
        )
    return typst
