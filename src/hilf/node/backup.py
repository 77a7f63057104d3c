"""Backups: written while the node works, and believed only after they were restored once (protocol.md 4).

Decides what a backup says of itself (version, last migration, node, fingerprint, time, a table's rows and their hash, all
signed by the node's online key), and when it is good: it fills an empty database, that database is sound, and what it holds is
what was signed. Keys are never in it (wire.md 2); `node/keychain` keeps them apart.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from hilf import __version__
from hilf.canonical import Json, dumps, loads, parse_timestamp, sha256, sha256_hex, timestamp
from hilf.errors import HilfError, PartnerFault
from hilf.node import highwater, identity, keychain
from hilf.node.home import Home, online_key
from hilf.seal.signed import sign, verify
from hilf.store import archive, copy
from hilf.store.archive import Reader
from hilf.store.copy import Told
from hilf.store.database import is_postgresql
from hilf.store.intelligence import tombstone

NAME: Final = "hilf backup"
"""What the signature of a backup is tagged with."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was checked.

    Attributes:
        hilf: the version that wrote it.
        migration: the last one that its tables had seen.
        fingerprint: of its node.
        kid: of the key that signed it.
        taken: the moment that it shows.
        engine: the kind of database that it came from; it is restored into either.
        settings: of the node, without addresses of databases.
        rows: in each table.
        size_bytes: of the file.
    """

    path: Path
    hilf: str
    migration: str
    node: str
    fingerprint: str
    kid: str
    taken: datetime
    engine: str
    settings: Mapping[str, str]
    rows: Mapping[str, int]
    size_bytes: int


def make(home: Home, out: Path, settings: Mapping[str, str], now: datetime, told: Told) -> Backup:
    """Write a backup of the database in use to `out`, restore it beside that once, and say what it holds.

    Args:
        home: this node; it may be served meanwhile.
        out: a file that does not exist yet, in a folder with room for the file and for two databases.
        settings: by name, what a new home needs; never what opens a database.
        now: aware.
        told: hears of the progress, first of the copy, then of the check.

    Raises:
        CallerFault: "backup.exists".
        OperatorFault: "backup.cannot-write", or what `check` raises; then no file is left.
    """
    keychain.check_new(out)
    tombstone.complete()
    highwater.note(home)
    known = identity.own(home)
    head: dict[str, Json] = {
        "hilf": __version__,
        "migration": copy.migration(),
        "node": home.node,
        "fingerprint": known.fingerprint,
        "taken": timestamp(now),
        "engine": "postgresql" if is_postgresql() else "sqlite",
        "settings": dict(settings),
    }
    key = online_key(home)
    archive.write(
        out,
        head,
        lambda writer: copy.copy_out(writer, told, out.parent),
        lambda tables, first: sign(NAME, {"tables": tables, "head": sha256_hex(dumps(first))}, key),
    )
    try:
        return check(out, told)
    except HilfError:
        out.unlink()
        raise


def check(path: Path, told: Told) -> Backup:
    """Restore a backup into a temporary database beside it, and say what it holds.

    Raises:
        OperatorFault: "backup.unreadable", "backup.none", "backup.version", "backup.too-new" or "backup.damaged".
    """
    with (
        tempfile.TemporaryDirectory(prefix=".hilf-check-", dir=path.parent) as folder,
        archive.reading(path) as backup,
        copy.elsewhere(Path(folder) / "check.sqlite3"),
    ):
        fill(backup, path, told)
        return described(backup, path)


def fill(backup: Reader, path: Path, told: Told) -> None:
    """Fill the empty database in use with a backup, and prove it.

    Raises:
        OperatorFault: as `check`.
    """
    held = copy.copy_in(backup, path, told)
    faults = [*copy.faults_of(held), *_altered_bodies(), *_faults_of_signature(backup)]
    if faults:
        raise archive.damaged(path, "; ".join(faults[:3]))


def described(backup: Reader, path: Path) -> Backup:
    """What a backup that was read says of itself."""
    head, tables = backup.head, backup.end["tables"]
    try:
        return Backup(
            path,
            str(head["hilf"]),
            str(head["migration"]),
            str(head["node"]),
            str(head["fingerprint"]),
            str(backup.end["kid"]),
            parse_timestamp(head["taken"], "backup"),
            str(head["engine"]),
            {str(name): str(text) for name, text in head["settings"].items()},
            {name: int(table["rows"]) for name, table in tables.items()},
            path.stat().st_size,
        )
    except (KeyError, AttributeError, PartnerFault) as error:
        raise archive.damaged(path, "its head lacks something") from error


def _altered_bodies() -> Iterator[str]:
    altered = sum(sha256(dumps(loads(body))) != content_id for body, content_id in copy.sample())
    if altered:
        yield f"{altered} objects are not those that their hashes name"


def _faults_of_signature(backup: Reader) -> Iterator[str]:
    """Who signed the backup must be a key that the node's own documents, which are in it, named at some time."""
    node = str(backup.head.get("node"))
    known = identity.kept(node)
    if known is None or known.fingerprint != backup.head.get("fingerprint"):
        yield f"it does not hold the identity of {node[:100]} that it names"
        return
    ever = {kid: key for document in known.chain for kid, key in document.sign.items()}
    signed = {name: value for name, value in backup.end.items() if name != "end"}
    try:
        verify(NAME, signed, ever, "backup")
    except PartnerFault as fault:
        yield f"its signature does not hold ({fault.rule})"
    if signed.get("head") != sha256_hex(dumps(backup.head)):
        yield "its head was altered"
