"""Real intelligence: each object is accepted, or the rule beyond the OASIS schemas that refuses it is named."""

import os
from collections import Counter
from pathlib import Path

import orjson
import pytest
import rfc8785

from hilf.stix.observable import keys_of
from hilf.stix.read import read
from hilf.stix.schema import faults
from hilf.stix.split import split
from tests.stix.objects import NOW

CORPUS = os.environ.get("HILF_CORPUS", "")
pytestmark = pytest.mark.skipif(not CORPUS, reason="HILF_CORPUS names no folder with the corpus")
FILES = sorted(
    path
    for pattern in ("mvt/*.stix2", "amnesty/*.stix2", "attack/*.json")
    for path in Path(CORPUS).glob(pattern)
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_object_is_accepted_and_its_bytes_are_where_they_were(path: Path) -> None:
    data = path.read_bytes()
    expected = orjson.loads(data)["objects"]
    pieces = list(split(data[i : i + 10_000] for i in range(0, len(data), 10_000)))
    assert [orjson.loads(data[piece.offset : piece.offset + len(piece.raw)]) for piece in pieces] == expected
    found = [read(piece.raw, piece.place, NOW) for piece in pieces]
    assert [each.object for each in found] == expected
    assert [fault for each in expected for fault in faults(each)] == []
    assert Counter(each.outcome for each in found) == {"accepted": len(expected)}


def test_warnings_of_the_corpus_are_known() -> None:
    rules = Counter(
        finding.rule
        for path in FILES
        for piece in split([path.read_bytes()])
        for finding in read(piece.raw, piece.place, NOW).findings
    )
    assert rules == {"stix.reference": 5}


def test_content_ids_of_the_corpus_are_those_of_another_writer() -> None:
    for path in FILES:
        for piece in list(split([path.read_bytes()]))[:300]:
            assert read(piece.raw, piece.place, NOW).canonical == rfc8785.dumps(orjson.loads(piece.raw))


def test_every_indicator_of_the_corpus_can_be_looked_up() -> None:
    kinds: Counter[str] = Counter()
    for path in FILES:
        for made in orjson.loads(path.read_bytes())["objects"]:
            if made["type"] == "indicator":
                keys = keys_of(made)
                assert keys
                kinds.update(kind for kind, _ in keys)
    assert set(kinds) == {
        "app-id", "configuration-profile:id", "domain-name", "file-name", "file-path", "ipv4-addr", "process-name", "SHA-256",
    }  # fmt: skip
