"""Restoring: a backup becomes the database of a home, and the node knows that it was restored (protocol.md 4, 5).

Decides the order, so that an instant of failure never leaves half a node: the backup fills a new database and is proved there;
the tombstones of the home's journal are replayed there, also those that the old database still knew; the restoration is
noted there, open with every peer; only then the old database is moved aside, whole, and the new one takes its place.
PostgreSQL needs an empty database for it, which the settings name. What partners have to give back comes with the next
rounds (`node/sync`, `node/reconcile`).
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from hilf.errors import HilfError, Refusal
from hilf.node import backup, highwater, identity, keychain, replay
from hilf.node.backup import Backup
from hilf.node.home import Home, online_key, write_secret
from hilf.node.process import only_one
from hilf.node.replay import JOURNAL, Replayed
from hilf.node.restored import BY_COMMAND
from hilf.store import archive, copy, database
from hilf.store.copy import Told
from hilf.store.intelligence import tombstone

_PARTS: Final = ("", "-wal", "-shm")
"""Files of one SQLite database."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a restoration did.

    Attributes:
        backup: what was restored.
        replayed: what the journal of tombstones hid again.
        aside: where the old database lies; None where there was none.
    """

    backup: Backup
    replayed: Replayed
    aside: Path | None


def proven_settings(path: Path, file: Path, fingerprint: str | None, told: Told) -> Mapping[str, str]:
    """The settings that a backup names for a home that is gone, once it is shown whose it is: they name programs to run.

    Raises:
        OperatorFault: "restore.no-keys", or as `backup.check`.
        Refusal: "restore.other-node" or "restore.not-proven".
    """
    with archive.reading(file) as read:
        named = str(read.head.get("node"))
    if fingerprint is None:
        keychain.check_present(Home(path, named, ""))
    described = backup.check(file, told)
    _check_ours(Home(path, described.node, ""), described, fingerprint)
    return described.settings


def make_home(path: Path, settings: Mapping[str, str]) -> None:
    """A home for a node that has none any more: its settings; keys and database come next."""
    quoted = {name: text.replace("\\", "\\\\").replace('"', '\\"') for name, text in settings.items()}
    lines = ["# Settings of this node, as its backup knew them; `hilf settings check` shows all of them."]
    lines += [f'{name} = "{text}"' for name, text in quoted.items()]
    write_secret(path / "hilf.toml", ("\n".join(lines) + "\n").encode())


def restore(
    home: Home, url: str, file: Path, now: datetime, told: Told, fingerprint: str | None = None
) -> Done:
    """Make a backup the database of a home that is not served.

    Args:
        home: with its keys; what it holds beside the database stays.
        url: the database that its settings name.
        file: the backup.
        now: aware.
        told: hears of the progress.
        fingerprint: of the node, where it is known from elsewhere; needed where neither the database that is replaced nor
            the home's online key says that the backup is this node's.

    Raises:
        OperatorFault: "serve.locked", "restore.no-keys", "backup.not-empty", or as `backup.check`.
        Refusal: "restore.other-node" or "restore.not-proven".
    """
    with only_one(home, now):
        keychain.check_present(home)
        _check_node(home, file)
        if "://" in url:
            _check_ours(home, backup.check(file, told), fingerprint)  # it fills a database in place
            database.use(url)
            return _filled(home, file, now, told, fingerprint)
        target = Path(url)
        fingerprint = fingerprint or _remember_old(home, target)
        fresh = target.with_name(target.name + ".restoring")
        _remove(fresh)
        try:
            with copy.elsewhere(fresh):
                done = _filled(home, file, now, told, fingerprint)
            _sync(fresh)
            aside = _move_aside(home, target, now)
            fresh.replace(target)
        except BaseException:
            _remove(fresh)
            raise
        return Done(done.backup, done.replayed, aside)


def _check_node(home: Home, file: Path) -> None:
    with archive.reading(file) as read:
        node = str(read.head.get("node"))
    if node != home.node:
        raise Refusal(
            "restore.other-node",
            f"{file} is a backup of {node[:100]}, and the home is that of {home.node}.",
            "One home is one node for its whole life.",
            "Name a backup of this node, or another home with --home.",
        )


def _check_ours(home: Home, described: Backup, fingerprint: str | None) -> None:
    """Return if it is known from elsewhere whose backup it is: anybody can make a node of the same name with other keys."""
    if fingerprint is None and described.kid == online_key(home).kid:
        return
    if described.fingerprint == fingerprint:
        return
    if fingerprint is not None:
        raise Refusal(
            "restore.other-node",
            f"{described.path} is of the node {described.fingerprint}, and this one is {fingerprint}.",
            "Both have the same name; the fingerprint says which is which.",
            "Take a backup that this node has made.",
        )
    raise Refusal(
        "restore.not-proven",
        f"Nothing here shows that {described.path}, of the node {described.fingerprint}, is this node's.",
        "The old database is gone, and the backup is not signed by the online key of this home.",
        "Compare the fingerprint with what partners hold, then name it: --fingerprint HEX",
    )


def _filled(home: Home, file: Path, now: datetime, told: Told, fingerprint: str | None) -> Done:
    with archive.reading(file) as read:
        backup.fill(read, file, told)
        described = backup.described(read, file)
    _check_ours(home, described, fingerprint)
    tombstone.keep_in(home.path / JOURNAL)
    replayed = replay.recover(home, BY_COMMAND, described.taken, now)
    database.clean()
    return Done(described, replayed, None)


def _remember_old(home: Home, target: Path) -> str | None:
    """Complete the journal and the high-water mark from the database that is replaced, where it can still be read.

    Returns: the fingerprint of its node; None where it cannot be read.
    """
    if not target.is_file():
        return None
    try:
        database.use(str(target))
        tombstone.keep_in(home.path / JOURNAL)
        tombstone.complete()
        highwater.note(home)
        database.clean()
        return identity.own(home).fingerprint
    except HilfError:
        return None  # it is damaged, or older than these tables: what the journal says must do
    finally:
        database.close()


def _move_aside(home: Home, target: Path, now: datetime) -> Path | None:
    if not target.is_file():
        return None
    aside = home.path / f"before-restore-{now:%Y%m%dT%H%M%S.%fZ}"
    aside.mkdir(mode=0o700)
    for part in _PARTS:
        old = target.with_name(target.name + part)
        if old.exists():
            shutil.move(old, aside / old.name)
    return aside


def _sync(file: Path) -> None:
    """Let the file, whose pages were not synced one by one, be on the disk."""
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(file: Path) -> None:
    for part in _PARTS:
        file.with_name(file.name + part).unlink(missing_ok=True)
