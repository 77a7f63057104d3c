"""What somebody asks to release: to whom, what, for what purpose, despite which lists; as it stands in an address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

MOST_NODES = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A selection and its recipients.

    Attributes:
        to: nodes; "all" for every verified one.
        accord: id of an accord, for its other parties; empty for none.
        select: the select text.
        purpose: of the acts; empty for the first one agreed.
        despite: names of lists that stop nothing this time.
    """

    to: tuple[str, ...]
    accord: str = ""
    select: str = ""
    purpose: str = ""
    despite: tuple[str, ...] = ()

    def query(self, to: str | None = None, **more: str | int) -> str:
        """As the query of an address; of one recipient alone where one is named."""
        pairs: list[tuple[str, str | int]] = [("to", each) for each in ((to,) if to else self.to)]
        pairs += [("despite", each) for each in self.despite]
        fixed: Mapping[str, str | int] = {
            "accord": "" if to else self.accord,
            "select": self.select,
            "purpose": self.purpose,
            **more,
        }
        return urlencode([*pairs, *((name, value) for name, value in fixed.items() if value != "")])

    def request(self, looked: Iterable[tuple[str, str]]) -> str:
        """As the query with which a release is asked for: each recipient with the mark of what was looked at for it."""
        pairs = [(name, value) for to, mark in looked for name, value in (("to", to), ("mark", mark))]
        pairs += [("despite", each) for each in self.despite]
        pairs += [
            (name, value) for name, value in (("select", self.select), ("purpose", self.purpose)) if value
        ]
        return urlencode(pairs)


def read(data: QueryDict) -> Asked:
    """What the query or the form of a request asks."""
    return Asked(
        tuple(dict.fromkeys(data.getlist("to")))[:MOST_NODES],
        data.get("accord", ""),
        data.get("select", "").strip(),
        data.get("purpose", "").strip(),
        tuple(sorted({*data.getlist("despite")})),
    )
