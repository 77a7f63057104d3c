"""The server of the gateway: granian with TLS 1.3 and our settings (docs/developers/gateway.md).

Workers are forked from this process, which has loaded the application and nothing else: one thread, no database.

Timeouts that do not hold a worker: granian drops a connection whose head is not there after HEAD_TIMEOUT_MS, also one
that is idle; bodies are the business of `door`.
"""

import multiprocessing
import os
from pathlib import Path
from typing import Final

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from hilf.gateway import door, urls

HEAD_TIMEOUT_MS: Final = 10_000
"""For the head of a request, and for the next request on a connection that is kept open."""

LOADED: Final = (door, urls)
"""What the workers need, loaded before they are forked."""

_CONNECTIONS: Final = 2048
_KILL_AFTER_S: Final = 1
_RESPAWN_S: Final = 0.5


def serve(host: str, port: int, workers: int, certificate: Path, key: Path) -> None:
    """Serve until SIGTERM or SIGINT; the workers end with this process.

    Args:
        host: address to bind.
        port: port to bind.
        workers: processes, each with one thread that runs Django.
        certificate: PEM.
        key: PEM.
    """
    os.environ[door.PARENT] = str(os.getpid())
    multiprocessing.set_start_method("fork", force=True)
    server = Granian(
        "hilf.gateway.door:door",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=workers,
        websockets=False,
        http="1",  # type: ignore[arg-type]  # granian takes the value of its enumeration
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_TIMEOUT_MS),
        backlog=_CONNECTIONS,
        backpressure=_CONNECTIONS,
        ssl_cert=certificate,
        ssl_key=key,
        respawn_failed_workers=True,
        respawn_interval=_RESPAWN_S,
        workers_kill_timeout=_KILL_AFTER_S,
        log_enabled=False,
    )
    server.serve()
