"""The keys of a node in a file of their own, under a passphrase: apart from the database and from every backup of it.

Decides what belongs to them: everything in HOME/keys (online key, index key, TLS key and certificate, officers' keys, which
stay under their own passphrases as well). Root keys are never among them: they were carried away (wire.md 2).
"""

import base64
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson

from hilf.canonical import Json, timestamp
from hilf.errors import CallerFault, HilfError, OperatorFault, Refusal
from hilf.node import identity
from hilf.node.home import Home, now, read_secret, write_secret
from hilf.seal.locked import NONCE_BYTES, SALT_BYTES, lock, unlock

VERSION: Final = 1
PLACES: Final = ("online.pem", "index.key", "tls.pem", "tls.crt")
"""Without these a node cannot speak; officers' keys lie in officers/."""


def write(home: Home, out: Path, passphrase: str) -> tuple[str, ...]:
    """Write the keys of a node to a file; which ones.

    Raises:
        CallerFault: "backup.exists" or "officer.passphrase".
        OperatorFault: "home.key-missing" or "backup.cannot-write".
    """
    check_new(out)
    identity.check_passphrase(passphrase)
    files = [home.keys / place for place in PLACES] + sorted((home.keys / "officers").glob("*.pem"))
    held = {str(file.relative_to(home.keys)): base64.b64encode(read_secret(file)).decode() for file in files}
    shown: dict[str, Json] = {
        "hilf_keys": VERSION,
        "node": home.node,
        "fingerprint": identity.own(home).fingerprint,
        "taken": timestamp(now()),
    }
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    try:
        write_secret(out, orjson.dumps(lock(orjson.dumps(held), shown, passphrase, salt, nonce)))
    except OSError as error:
        raise OperatorFault(
            "backup.cannot-write", f"{out} cannot be written: {error.strerror}.", "", "Name another place."
        ) from error
    return tuple(held)


def check_new(out: Path) -> None:
    """Return if nothing is there yet.

    Raises:
        CallerFault: "backup.exists".
    """
    if out.exists():
        raise CallerFault(
            "backup.exists", f"{out} exists already.", "No backup is ever written over.", "Name another file."
        )


def read(file: Path) -> dict[str, Json]:
    """What a file of keys shows without its passphrase: its node and fingerprint.

    Raises:
        OperatorFault: "keys.unreadable".
    """
    try:
        value = orjson.loads(file.read_bytes())
        if isinstance(value, dict) and value.get("hilf_keys") == VERSION:
            return value
        why = "it is no file of keys"
    except OSError as error:
        why = error.strerror or "it cannot be opened"
    except ValueError:
        why = "it is no file of keys"
    raise OperatorFault(
        "keys.unreadable",
        f"{file} cannot be read: {why}.",
        "",
        "Name a file that hilf backup keys has written.",
    )


def fingerprint(document: Mapping[str, Json], passphrase: str) -> str:
    """Of the node whose keys these are; the passphrase shows that nobody altered it.

    Raises:
        CallerFault: "seal.locked".
    """
    unlock(document, passphrase)
    return str(document["fingerprint"])


def put_back(home: Home, document: Mapping[str, Json], passphrase: str) -> tuple[str, ...]:
    """Put the keys of a file into a home; which ones were missing.

    Raises:
        CallerFault: "seal.locked".
        Refusal: "keys.other-node": they are another node's, or "keys.differ": the home holds other keys already.
    """
    if document["node"] != home.node:
        raise Refusal(
            "keys.other-node",
            f"These are the keys of {str(document['node'])[:100]}, and the home is that of {home.node}.",
            "One home is one node for its whole life.",
            "Name the file with the keys of this node.",
        )
    held: dict[str, str] = orjson.loads(unlock(document, passphrase))
    missing = []
    for place, text in sorted(held.items()):
        file, data = home.keys / place, base64.b64decode(text)
        if not file.exists():
            missing.append(place)
        elif file.read_bytes() != data:
            raise Refusal(
                "keys.differ",
                f"{file} holds another key than the file of keys.",
                "Keys are never written over: one of the two was replaced since.",
                "If the one in the home is the older one, move it away, then restore again.",
            )
    for place in missing:
        write_secret(home.keys / place, base64.b64decode(held[place]))
    return tuple(missing)


def check_present(home: Home) -> None:
    """Return if the home holds the keys without which a node cannot speak.

    Raises:
        OperatorFault: "restore.no-keys".
    """
    try:
        for place in PLACES:
            read_secret(home.keys / place)
    except HilfError as error:
        raise OperatorFault(
            "restore.no-keys",
            error.what,
            "Keys are in no backup of the database; they are kept apart from it.",
            "Give the file that hilf backup keys has written: --keys FILE",
        ) from error
