"""The peer: OpenTAXII's TAXII 2.1 server on SQLite behind gunicorn with one worker, posts of 1,000 objects.

It runs in bench/.venv from bench/peers.lock, so that nothing of it enters hilf's environment.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = HERE / ".venv"
PORT = 9311
MEDIA_TYPE = "application/taxii+json;version=2.1"

CONFIGURATION = """---
domain: "127.0.0.1:{port}"
support_basic_auth: yes
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters: {{db_connection: "sqlite:///{folder}/auth.db", create_tables: yes, secret: for-the-benchmark-only}}
taxii1:
taxii2:
  public_discovery: true
  max_content_length: 104857600
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters: {{db_connection: "sqlite:///{folder}/data.db", create_tables: yes}}
logging: {{opentaxii: error, root: error}}
"""


def prepare() -> None:
    """Make the peers' environment, once."""
    if (ENVIRONMENT / "ready").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    pip = [ENVIRONMENT / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", HERE / "peers.lock"], check=True)
    (ENVIRONMENT / "ready").touch()


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A running server with one collection that anyone may write; yields the address of its objects."""
    prepare()
    configuration = folder / "opentaxii.yml"
    configuration.write_text(CONFIGURATION.format(port=PORT, folder=folder))
    environment = {**os.environ, "OPENTAXII_CONFIG": str(configuration)}
    tool = ENVIRONMENT / "bin"
    quiet = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([tool / "opentaxii-add-api-root", "-t", "bench", "--default"], check=True, **quiet)
    root = _id(folder, "api_root")
    subprocess.run(
        [tool / "opentaxii-add-collection", "-r", root, "-t", "c", "--public", "--public-write"],
        check=True,
        **quiet,
    )
    collection = _id(folder, "collection")
    command = [
        tool / "gunicorn",
        "-w",
        "1",
        "-b",
        f"127.0.0.1:{PORT}",
        "--no-control-socket",
        "--chdir",
        HERE / "peer",
        "app:app",
    ]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{PORT}/taxii2/{root}/collections/{collection}/objects/"
        _wait(address)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def post(address: str, objects: Sequence[dict]) -> float:
    """Seconds that the server takes for one post; every object must have been accepted."""
    body = json.dumps({"objects": list(objects)}).encode()
    request = urllib.request.Request(
        address, body, {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE}, method="POST"
    )
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=120) as answer:
        status = json.load(answer)
    seconds = time.perf_counter() - began
    if status["success_count"] != len(objects):
        raise RuntimeError(f"OpenTAXII took {status['success_count']} of {len(objects)}")
    return seconds


def rate(objects: Sequence[dict], batch: int = 1000) -> float:
    """Objects per second over all posts, as a client sees it."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
        post(address, objects[:1])
        posts = [objects[at : at + batch] for at in range(1, len(objects), batch)]
        seconds = sum(post(address, part) for part in posts)
    return (len(objects) - 1) / seconds


def _id(folder: Path, kind: str) -> str:
    with sqlite3.connect(folder / "data.db") as database:
        found = database.execute(f"SELECT id FROM opentaxii_{kind}").fetchone()[0]
    return str(uuid.UUID(found)) if isinstance(found, str) else str(uuid.UUID(bytes=found))


def _wait(address: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(
                urllib.request.Request(address, headers={"Accept": MEDIA_TYPE}), timeout=2
            ).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("OpenTAXII did not start")
