"""What a browser would send back of a form that nobody touched: read from the page, as it came."""

from html.parser import HTMLParser


def filled(page: bytes, action: str | None = None) -> dict[str, object]:
    """The fields of the one form that is sent by POST, beside those that sign out and choose a language.

    Args:
        page: as it came.
        action: of the form; None for one that is sent to its own page.
    """
    reader = _Reader(action)
    reader.feed(page.decode())
    return {name: values[0] if len(values) == 1 else values for name, values in reader.fields.items()}


class _Reader(HTMLParser):
    def __init__(self, action: str | None) -> None:
        super().__init__()
        self.action, self.fields = action, dict[str, list[str]]()
        self._inside = False
        self._name: str | None = None
        self._text: list[str] = []
        self._first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("method") == "post" and given.get("action") == self.action
        if not self._inside:
            return
        name = given.get("name")
        if tag == "input" and name and name != "csrfmiddlewaretoken":
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self._put(name, given.get("value") or ("" if given.get("type") != "checkbox" else "on"))
        elif tag == "textarea":
            self._name, self._text = name, []
        elif tag == "select":
            self._name, self._first = name, None
        elif tag == "option" and self._name:
            if "selected" in given:
                self._put(self._name, given.get("value") or "")
            elif self._first is None:
                self._first = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._name:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea" and self._inside and self._name:
            self._put(self._name, "".join(self._text).removeprefix("\n"))
            self._name = None
        if tag == "select" and self._inside and self._name:
            if self._name not in self.fields:
                self._put(self._name, self._first or "")
            self._name = None

    def _put(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)
