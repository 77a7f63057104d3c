"""Files that people hand over at the console: laid into the home, taken in by a process beside, looked at while it runs.

The process is `hilf import`, so that the console takes in exactly what the command line does, a page never waits for it, and a
person may leave and come back: how far it is stands in its import. The file is gone when it has ended.

    HOME/uploads/ID/NAME        the file          HOME/uploads/ID/answer      what the import said at its end
    HOME/uploads/ID/about       by whom and how
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import orjson

from hilf.canonical import Json, timestamp
from hilf.errors import CallerFault, OperatorFault, Refusal
from hilf.markings import overlay
from hilf.node import sources
from hilf.node.home import Home
from hilf.store.instant import moment
from hilf.store.intelligence import imports
from hilf.store.intelligence.imports import ImportRecord

KEPT: Final = timedelta(days=1)
"""How long the answer of an upload can be looked at; its import and findings stay."""

_FOLDER: Final = "uploads"
_ANSWER: Final = "answer"
_ABOUT: Final = "about"
_ID: Final = re.compile(r"[0-9a-f]{32}")
_UNSAFE: Final = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was handed over.

    Attributes:
        upload_id: names it in an address.
        name: of the file, as far as it is harmless.
        record: its import, once it has begun.
        answer: what the import said at its end: counts, or code, what, why and remedy; None while it runs.
    """

    upload_id: str
    name: str
    by: str
    at: datetime
    record: ImportRecord | None
    answer: Mapping[str, Json] | None

    @property
    def fault(self) -> CallerFault | None:
        """Why nothing was taken in, where that is so."""
        if self.answer is None or "code" not in self.answer:
            return None
        words = (str(self.answer.get(part, "")) for part in ("code", "what", "why", "remedy"))
        return CallerFault(*words)


def begin(
    home: Home, name: str, pieces: Iterable[bytes], marking: str, source: str, by: str, now: datetime
) -> str:
    """Lay a file into the home and start taking it in; the upload's id.

    Args:
        home: an open home.
        name: what the person calls it.
        pieces: its bytes.
        marking: laid over every object; empty for the source's default.
        source: where it comes from; empty for "unnamed".
        by: the account that hands it over.
        now: aware.

    Raises:
        CallerFault: "markings.tlp", "markings.pap", "markings.twice", "upload.empty"; nothing was kept.
        OperatorFault: "upload.unwritable".
    """
    if marking:
        overlay.parse(marking)
    sweep(home, now)
    upload_id = secrets.token_hex(16)
    folder = home.path / _FOLDER / upload_id
    file = folder / _harmless(name)
    try:
        folder.mkdir(parents=True, mode=0o700)
        size = _write(file, pieces)
        about = {"by": by, "at": timestamp(now), "name": file.name, "source": source, "marking": marking}
        _write(folder / _ABOUT, [orjson.dumps(about)])
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise OperatorFault(
            "upload.unwritable",
            f"{folder} cannot be written: {error.strerror}.",
            "Nothing was taken in.",
            "Check the disk.",
        ) from error
    if not size:
        shutil.rmtree(folder, ignore_errors=True)
        raise CallerFault("upload.empty", "There is nothing in it.", "", "Choose a file, or paste its text.")
    _start(_command(home, str(file), marking, source), folder, file)
    return upload_id


def fetch(
    home: Home, url: str, hosts: Collection[str], marking: str, source: str, by: str, now: datetime
) -> str:
    """Start taking in what stands at an https address; the upload's id.

    Args:
        home: an open home.
        url: the address.
        hosts: hosts that this node may fetch from, as its settings say; none lets nothing be fetched.
        marking: as in `begin`; so are `source`, `by` and `now`.
        source: as in `begin`.
        by: as in `begin`.
        now: as in `begin`.

    Raises:
        CallerFault: "markings.tlp", "markings.pap", "markings.twice".
        Refusal: "upload.host": nobody said that this node may fetch from there.
    """
    if marking:
        overlay.parse(marking)
    parts = urlsplit(url)
    if parts.scheme != "https" or (parts.hostname or "") not in hosts:
        raise Refusal(
            "upload.host",
            f"Nothing is fetched from {url[:200]}.",
            "A node fetches over https, from hosts that its settings name, or it could be sent to look around in its own network.",
            "Name the host under intake_hosts in hilf.toml, or fetch the file yourself and bring it in.",
        )
    sweep(home, now)
    upload_id = secrets.token_hex(16)
    folder = home.path / _FOLDER / upload_id
    folder.mkdir(parents=True, mode=0o700)
    about = {"by": by, "at": timestamp(now), "name": url, "source": source, "marking": marking}
    _write(folder / _ABOUT, [orjson.dumps(about)])
    _start(_command(home, url, marking, source), folder, None)
    return upload_id


def _command(home: Home, what: str, marking: str, source: str) -> list[str]:
    command = [sys.executable, "-m", "hilf", "import", what, "--home", str(home.path), "--json"]
    command += [f"--marking={marking}"] if marking else []
    return command + ([f"--source={source}"] if source else [])


def look(home: Home, upload_id: str) -> Upload:
    """How far an upload is.

    Raises:
        CallerFault: "upload.unknown".
    """
    folder = home.path / _FOLDER / upload_id
    if not _ID.fullmatch(upload_id) or not (folder / _ABOUT).is_file():
        raise CallerFault(
            "upload.unknown",
            "There is no such upload.",
            "It ended more than a day ago.",
            "Look for its import.",
        )
    about = orjson.loads((folder / _ABOUT).read_bytes())
    at, answer = datetime.fromisoformat(about["at"]), folder / _ANSWER
    is_url = "://" in about["name"]
    record = imports.of_file(about["name"] if is_url else str(folder / about["name"]))
    if record is not None and moment(record.started) < at:  # of the same address, earlier
        record = None
    return Upload(
        upload_id,
        about["name"],
        about["by"],
        at,
        sources.one(home, record.import_id) if record else None,
        _answer(answer) if answer.is_file() else None,
    )


def sweep(home: Home, now: datetime) -> None:
    """Let go of what ended more than a day ago, and of files that a stopped node left behind."""
    for folder in (home.path / _FOLDER).glob("*"):
        if now.timestamp() - folder.stat().st_mtime > KEPT.total_seconds():
            shutil.rmtree(folder, ignore_errors=True)


def _start(command: list[str], folder: Path, file: Path | None) -> None:
    out = os.open(folder / "answer.partial", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = subprocess.Popen(  # noqa: S603  # our own program; names stand in arguments of their own
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        os.close(out)
    threading.Thread(target=_await, args=(process, folder, file), name="upload", daemon=True).start()


def _await(process: "subprocess.Popen[bytes]", folder: Path, file: Path | None) -> None:
    process.wait()
    if file is not None:
        file.unlink(missing_ok=True)
    (folder / "answer.partial").replace(folder / _ANSWER)


def _answer(path: Path) -> Mapping[str, Json]:
    try:
        found = orjson.loads(path.read_bytes())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return {
            "code": "upload.failed",
            "what": "The import ended without an answer.",
            "why": "",
            "remedy": "Try it again.",
        }
    inner = found.get("error", found)
    return inner if isinstance(inner, dict) else found


def _write(path: Path, pieces: Iterable[bytes]) -> int:
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for piece in pieces:
            size += len(piece)
            out.write(piece)
    return size


def _harmless(name: str) -> str:
    """The name without what a file system or a reader could stumble over."""
    safe = _UNSAFE.sub("_", Path(name).name).strip("._")[-100:]
    return safe if safe and safe not in (_ANSWER, _ABOUT, "answer.partial") else f"file-{safe}"
