"""The nodes of the vectors with all their keys, and their documents as JSON."""

import copy
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from hilf.canonical import parse_timestamp
from hilf.seal.identity import Identity, make_card, read_card, sign_document
from hilf.seal.key import PrivateKey

VECTORS = Path(__file__).parent.parent / "vectors" / "hilf-1"


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def by_name(cases: Iterable[Any]) -> dict[str, Any]:
    return {case["name"]: case for case in cases}


def at(text: str) -> datetime:
    return parse_timestamp(text, "test")


IDENTITY = vectors("identity")
INPUTS = IDENTITY["inputs"]
NOW = at(INPUTS["now"])
KEYS = {
    label: PrivateKey.from_seed(bytes.fromhex(key["seed_hex"])) for label, key in IDENTITY["keys"].items()
}
ROOTS = [KEYS[f"qm root {n}"] for n in (1, 2, 3)]
OFFICERS = [KEYS[f"qm officer {n}"] for n in (1, 2)]


def qm_identity() -> Identity:
    return read_card(card_of(INPUTS["card"]), NOW)


def card_of(card: Any) -> Any:
    """A card of the vectors, with the entries that it names put in."""
    return {**card, "chain": [INPUTS[entry] if isinstance(entry, str) else entry for entry in card["chain"]]}


def first_document(**changes: Any) -> dict[str, Any]:
    """Document 1 of QM with other members; a name with two underscores reaches inside."""
    document = copy.deepcopy(INPUTS["qm_1"]["document"])
    for member, value in changes.items():
        outer, _, inner = member.partition("__")
        if inner:
            document[outer][inner] = value
        else:
            document[outer] = value
    return document


def second_document(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(INPUTS["qm_2"]["document"]), **changes}


def chain_of_two(second: dict[str, Any], *keys: PrivateKey) -> Any:
    first = INPUTS["qm_1"]
    return make_card([(first["document"], first["signatures"]), (second, sign_document(second, keys))])
