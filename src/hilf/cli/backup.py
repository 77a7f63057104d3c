"""`hilf backup` and `hilf restore`: a node's database as one checked file, its keys as another."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hilf.canonical import timestamp
from hilf.cli.counting import counting
from hilf.cli.face import Face, command, example
from hilf.errors import CallerFault

if TYPE_CHECKING:
    from hilf.node.backup import Backup
    from hilf.node.home import Home
    from hilf.node.restore import Done
    from hilf.node.sync import Round
    from hilf.settings import Value

KEEPER = "backup"
"""In whose name the passphrase of a file of keys is asked for: HILF_PASSPHRASE_FILE_BACKUP names a file with it."""

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(
    invoke_without_command=True,
    epilog=example("hilf backup --out /backup/monday.hilf", "hilf backup keys --out /safe/keys.json"),
)
@click.option("--out", type=_FILE, help="The file to write; never written over.")
@click.option("--keys", type=_FILE, help="Write the keys too, to a file of their own under a passphrase.")
@command
def backup(face: Face, out: Path | None, keys: Path | None) -> None:
    """Back the database up while the node works, and check the file by restoring it once.

    The file holds all but the keys and the full text, for SQLite and PostgreSQL alike. Its folder needs room for it and
    for two databases. It is not encrypted: guard it as you guard the node.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    if out is None:
        raise CallerFault(
            "backup.no-file",
            "It is not said where the backup goes.",
            "",
            "Name a new file: hilf backup --out FILE",
        )
    home = face.open()
    from hilf.node import backup as verbs  # late, so that --help needs no database
    from hilf.node.home import now
    from hilf.settings import values_of

    if keys is not None:
        _write_keys(face, home, keys)
    with _counting(face) as told:
        made = verbs.make(home, out, _kept(values_of(home.path)), now(), told)
    _show(face, made, "is written, and was restored once to check it")
    face.say(
        "Keep it apart from the keys, and no longer than you need it: what is retracted later stays in it."
    )
    face.finish({**_json(made), "keys": str(keys) if keys else None})


@backup.command(epilog=example("hilf backup check /backup/monday.hilf"))
@click.argument("file", type=_FILE)
@command
def check(face: Face, file: Path) -> None:
    """Restore a backup into a temporary database beside it, and say what it holds; no home is needed or touched."""
    from hilf.node import backup as verbs  # late, so that --help needs no database

    with _counting(face) as told:
        found = verbs.check(file, told)
    _show(face, found, "is good: it was restored into a temporary database")
    face.finish(_json(found))


@backup.command(epilog=example("hilf backup keys --out /safe/keys.json"))
@click.option("--out", type=_FILE, required=True, help="The file to write; never written over.")
@command
def keys(face: Face, out: Path) -> None:
    """Write online, index, TLS and officers' keys to a file under a passphrase; root keys are never in it.

    The passphrase is asked for, or read from the file that HILF_PASSPHRASE_FILE_BACKUP names. Officers' keys stay under
    their own passphrases inside. Keep the file offline, apart from every backup.
    """
    home = face.open()
    document = _write_keys(face, home, out)
    face.finish(document)


def _write_keys(face: Face, home: "Home", out: Path) -> dict[str, object]:
    from hilf.node import keychain  # late, so that --help needs no database

    keychain.check_new(out)
    passphrase, made = face.new_passphrase(KEEPER)
    held = keychain.write(home, out, passphrase)
    face.say(f"{out} holds {len(held)} keys of {home.node} under a passphrase.")
    if made:
        face.say(f"Write it down now; it is shown once: {passphrase}")
    return {"file": str(out), "keys": list(held), **({"passphrase": passphrase} if made else {})}


@click.command(epilog=example("hilf restore /backup/monday.hilf --keys /safe/keys.json"))
@click.argument("file", type=_FILE)
@click.option("--keys", type=_FILE, help="The file of keys, where the home has none.")
@click.option(
    "--fingerprint", metavar="HEX", help="Of this node, where nothing here shows whose backup it is."
)
@click.option("--no-sync", is_flag=True, help="Do not call the partners now; the worker does later.")
@command
def restore(face: Face, file: Path, keys: Path | None, fingerprint: str | None, no_sync: bool) -> None:
    """Restore a backup: prove it, replay the tombstones of this home, put the old database aside, ask partners back.

    Stop hilf serve and hilf worker first. A home that is gone is made again; its journal HOME/tombstones, if it can be saved
    from the old disk, goes into the empty home before. Exit code 1 when a partner could not be asked yet.
    """
    from hilf.node import restore as verbs  # late, so that --help needs no database
    from hilf.node.home import now
    from hilf.settings import database_url, home_of, values_of

    if keys is not None:
        fingerprint = fingerprint or _fingerprint_of(face, keys)
    if not (face.home_path / "hilf.toml").exists():
        with _counting(face) as told:
            settings = verbs.proven_settings(face.home_path, file, fingerprint, told)
        verbs.make_home(face.home_path, settings)
    values = values_of(face.home_path)
    home = home_of(face.home_path, values)
    if keys is not None:
        _put_keys_back(face, home, keys)
    with _counting(face) as told:
        done = verbs.restore(home, database_url(home.path, values), file, now(), told, fingerprint)
    _show(face, done.backup, "is restored")
    _say_done(face, done)
    rounds = () if no_sync else _ask_partners(face)
    _finish(face, done, rounds)


def _fingerprint_of(face: Face, file: Path) -> str:
    """The fingerprint that a file of keys names, once its passphrase has shown that nobody altered it."""
    from hilf.node import keychain  # late, so that --help needs no database

    return keychain.fingerprint(keychain.read(file), face.passphrase(KEEPER))


def _put_keys_back(face: Face, home: "Home", file: Path) -> None:
    from hilf.node import keychain  # late, so that --help needs no database

    document = keychain.read(file)
    missing = keychain.put_back(home, document, face.passphrase(KEEPER))
    face.say(f"{len(missing)} keys were put back into {home.keys}.")


def _say_done(face: Face, done: "Done") -> None:
    face.say(
        f"{done.replayed.lines} tombstones were replayed; {done.replayed.versions} versions are hidden or erased again."
    )
    if done.aside is not None:
        face.say(
            f"The old database lies in {done.aside}. Delete it once the node works: what is retracted stays in it."
        )


def _ask_partners(face: Face) -> "tuple[Round, ...]":
    from hilf.node import sync  # late, so that --help needs no database
    from hilf.node.home import now

    return sync.sync(face.open(), None, now)


def _finish(face: Face, done: "Done", rounds: "tuple[Round, ...]") -> None:
    home = face.open()
    from hilf.node import incident
    from hilf.node.home import now

    face.say(*(line for each in incident.remarks(now()) for line in ("", each.what, f"  {each.remedy}")))
    faults = [f"{each.node}: {each.detail} [{each.error}]" for each in rounds if each.error]
    face.say(*faults)
    document = {
        **_json(done.backup),
        "home": str(home.path),
        "aside": str(done.aside) if done.aside else None,
        "tombstones": {"lines": done.replayed.lines, "versions": done.replayed.versions},
        "restoration": incident.document(),
        "faults": faults,
    }
    face.finish(document, ok=not faults)


def _kept(values: "Mapping[str, Value]") -> dict[str, str]:
    """The settings that a new home needs; the database's address may hold a password and is of its own place."""
    return {
        name: each.text
        for name, each in values.items()
        if name != "database_url" and each.source not in {"default", f"HILF_{name.upper()}"}
    }


def _show(face: Face, found: "Backup", what: str) -> None:
    objects, acts = found.rows.get("object", 0), found.rows.get("act", 0)
    face.say(
        f"{found.path} {what}.",
        f"{found.node}, {found.taken:%Y-%m-%d %H:%M:%S} UTC, hilf {found.hilf} on {found.engine}:"
        f" {objects} objects, {acts} acts, {found.size_bytes / 2**20:.1f} MiB.",
        f"Fingerprint of the node: {found.fingerprint}",
    )


def _json(found: "Backup") -> dict[str, object]:
    return {
        "file": str(found.path),
        "hilf": found.hilf,
        "migration": found.migration,
        "node": found.node,
        "identity_sha256": found.fingerprint,
        "taken": timestamp(found.taken),
        "engine": found.engine,
        "rows": dict(found.rows),
        "bytes": found.size_bytes,
    }


@contextmanager
def _counting(face: Face) -> Iterator[Callable[[str, int], None]]:
    """Tell a person on a terminal how many rows were read so far."""
    with counting(face) as say:
        rows = 0

        def told(table: str, count: int) -> None:
            nonlocal rows
            rows += count
            say(f"{table}: {rows:,} rows so far")

        yield told
