"""Indicators of about 850 bytes, of our own making, with values in documentation ranges; the same for the same seed."""

import random
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import orjson

from hilf.markings.tlp import Tlp

WORDS = ("beacon", "loader", "stealer", "proxy", "campaign", "victim", "network", "sinkhole")
STAMP = "2026-11-20T10:00:00.000Z"


def indicators(count: int, seed: int = 1) -> Iterator[dict]:
    """So many indicators: a quarter each of domains, addresses, hashes and URLs."""
    chance = random.Random(seed)
    author = f"identity--{UUID(int=chance.getrandbits(128), version=4)}"
    for n in range(count):
        host = f"{chance.getrandbits(40):x}.host{n % 997}.example"
        pattern = (
            f"[domain-name:value = '{host}']",
            f"[ipv4-addr:value = '198.51.100.{chance.randrange(256)}']",
            f"[file:hashes.'SHA-256' = '{chance.getrandbits(256):064x}']",
            f"[url:value = 'https://{host}/{chance.getrandbits(32):x}']",
        )[n % 4]
        yield {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{UUID(int=chance.getrandbits(128), version=4)}",
            "created_by_ref": author,
            "created": STAMP,
            "modified": STAMP,
            "name": f"Indicator {n} of campaign {n % 50}",
            "description": "Observed in phishing: " + " ".join(chance.choice(WORDS) for _ in range(24)),
            "indicator_types": ["malicious-activity"],
            "pattern": pattern,
            "pattern_type": "stix",
            "pattern_version": "2.1",
            "valid_from": STAMP,
            "labels": ["phishing", f"campaign-{n % 50}"],
            "confidence": chance.randrange(101),
            "object_marking_refs": [Tlp.GREEN.marking_id],
        }


def bundle(path: Path, count: int, seed: int = 1) -> str:
    """Write them as one bundle; the path as a text."""
    with path.open("wb") as out:
        out.write(b'{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[')
        for n, each in enumerate(indicators(count, seed)):
            out.write((b"," if n else b"") + orjson.dumps(each))
        out.write(b"]}")
    return str(path)
