"""The vocabularies of markings, as their community keeps them: the MISP taxonomies of the pytaxonomies package.

They are found beside the package without importing it (over half a second), and one taxonomy is read when it is first
asked for. Data that ships inside a package is no I/O of ours.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import orjson

from hilf.errors import OperatorFault

_FOLDER: Final = Path("data", "misp-taxonomies")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a taxonomy.

    Attributes:
        taxonomy: its namespace, for example "nato".
        predicate: for example "classification"; the word itself where the taxonomy has no values.
        value: for example "NS"; None where the taxonomy has no values.
        expanded: what a person reads, for example "NATO SECRET"; empty where it says no more than the word.
    """

    taxonomy: str
    predicate: str
    value: str | None
    expanded: str

    @property
    def word(self) -> str:
        """The value, or the predicate where it has none."""
        return self.predicate if self.value is None else self.value

    @property
    def tag(self) -> str:
        """As MISP writes it on an event: `nato:classification="NS"`, `euci:S-UE/EU-S`."""
        head = f"{self.taxonomy}:{self.predicate}"
        return head if self.value is None else f'{head}="{self.value}"'


@cache
def words(taxonomy: str) -> tuple[Word, ...]:
    """Every word of a taxonomy, in its own order.

    Raises:
        OperatorFault: "markings.vocabulary-missing": the package or the taxonomy is not there.
    """
    found = find_spec("pytaxonomies")
    places = list(found.submodule_search_locations or ()) if found else []
    path = Path(places[0] if places else "") / _FOLDER / taxonomy / "machinetag.json"
    if not path.is_file():
        raise OperatorFault(
            "markings.vocabulary-missing",
            f"The vocabulary {taxonomy} is not there.",
            "It is part of the pytaxonomies package.",
            "Install it again: pip install --force-reinstall pytaxonomies",
        )
    taxonomy_ = orjson.loads(path.read_bytes())
    with_values = {each["predicate"]: each["entry"] for each in taxonomy_.get("values", ())}
    return tuple(
        Word(taxonomy_["namespace"], predicate["value"], value, expanded)
        for predicate in taxonomy_["predicates"]
        for value, expanded in _values(predicate, with_values.get(predicate["value"]))
    )


def _values(predicate: dict[str, str], entries: list[dict[str, str]] | None) -> list[tuple[str | None, str]]:
    if entries is None:
        return [(None, predicate.get("expanded", ""))]
    return [(entry["value"], entry.get("expanded", "")) for entry in entries]
