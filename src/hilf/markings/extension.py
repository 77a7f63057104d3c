"""Our own extensions of STIX markings: who writes them, and the definition that says what each one means.

An extension-definition carries its JSON schema as text, so that it says all by itself and no address must be fetched
(STIX 2.1 section 7.3). It does not travel with a marking: nodes know the extension by its id, and refuse what they do
not know. The schemas are the .json files beside this one.
"""

from functools import cache
from importlib.resources import files
from typing import Final
from uuid import UUID, uuid5

import orjson

from hilf.canonical import Json, dumps

# A fixed namespace of this project; every id of an extension and of a marking follows from it.
NAMESPACE: Final = UUID("6f0a4c2e-52d1-5b0e-9d0c-6b1f6d1c8a77")
AUTHOR_ID: Final = f"identity--{uuid5(NAMESPACE, 'identity')}"
CREATED: Final = "2026-01-01T00:00:00.000Z"


def extension_id(what: str) -> str:
    """The id of an extension: name-based, from its name and version ("releasability 1.0")."""
    return f"extension-definition--{uuid5(NAMESPACE, f'extension-definition: {what}')}"


@cache
def schema_text(name: str) -> str:
    """The JSON schema of an extension ("releasability"), as canonical JSON."""
    text = files(__package__).joinpath(f"{name}.json").read_bytes()
    return dumps(orjson.loads(text)).decode()


def schema(name: str) -> dict[str, Json]:
    """The JSON schema of what stands in a marking-definition under the extension's id."""
    read: dict[str, Json] = orjson.loads(schema_text(name))
    return read


def extension_definition(identifier: str, name: str, title: str, description: str) -> dict[str, Json]:
    """The extension-definition object of one of our extensions. Source: STIX 2.1 section 7.3."""
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": identifier,
        "created_by_ref": AUTHOR_ID,
        "created": CREATED,
        "modified": CREATED,
        "name": title,
        "description": description,
        "schema": schema_text(name),
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }


def marking_definition(identifier: str, body: dict[str, Json], name: str) -> dict[str, Json]:
    """A marking-definition that carries one extension; its id follows from the content, so equal ones are one."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid5(NAMESPACE, 'marking-definition: ' + dumps(body).decode())}",
        "created": CREATED,
        "created_by_ref": AUTHOR_ID,
        "name": name,
        "extensions": {identifier: body},
    }


def author() -> dict[str, Json]:
    """The identity that the extension-definitions and their markings name as their creator."""
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": AUTHOR_ID,
        "created": CREATED,
        "modified": CREATED,
        "name": "hilf",
        "identity_class": "organization",
    }
