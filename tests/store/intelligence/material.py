"""Assertions to write in tests."""

from hashlib import sha256

import orjson

from hilf.stix.observable import keys_of
from hilf.stix.reference import references
from hilf.stix.select import Term
from hilf.store.intelligence.assertion import Assertion, Kept
from hilf.store.intelligence.search import find
from tests.conftest import INDEX_KEY, NODE

KEY = INDEX_KEY
QN = "cert.qn.example"


def speaking_of(value: str, key: bytes = KEY) -> tuple[Kept, ...]:
    """What a person finds who asks for a value."""
    return find((Term("value", ":", (value,)),), key).objects


def identifier(stix_type: str, number: int) -> str:
    return f"{stix_type}--00000000-0000-4000-8000-{number:012d}"


def indicator(number: int = 1, modified: int | None = 1, *, asserter: str = NODE, **members) -> Assertion:
    return assertion("indicator", number, modified, asserter=asserter, **members)


def assertion(
    stix_type: str, number: int, modified: int | None, *, asserter: str = NODE, columns=None, **members
) -> Assertion:
    """An assertion of an object with these members; `columns` are those beside the object."""
    body = {"type": stix_type, "id": identifier(stix_type, number), "modified": modified, **members}
    data = orjson.dumps(body)
    return Assertion(
        stix_id=body["id"],
        type=stix_type,
        asserter=asserter,
        sha256=sha256(data).digest(),
        body=data,
        received=1_000,
        created=1,
        modified=modified,
        keys=keys_of(body),
        references=references(body),
        **(columns or {}),
    )
