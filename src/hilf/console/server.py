"""The server of the console: granian, plain HTTP on loopback, for a proxy or a browser on this machine (stack.md 2)."""

import multiprocessing
import os
from collections.abc import Callable
from typing import Any, Final

from django.core.wsgi import get_wsgi_application
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from hilf.node.process import end_with_parent

HEAD_TIMEOUT_MS: Final = 10_000
WORKERS: Final = 2
"""At least two, so that one slow page does not hold up the others."""

_KILL_AFTER_S: Final = 1
_RESPAWN_S: Final = 0.5

_PARENT: Final = "HILF_CONSOLE_PID"
"""The variable that names the process which started the workers."""

_pages = get_wsgi_application()


def application() -> Callable[..., Any]:
    """The pages, in a worker: what it answers with ends with the process that started it."""
    end_with_parent(int(os.environ[_PARENT]))
    return _pages


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; the workers end with this process."""
    os.environ[_PARENT] = str(os.getpid())
    multiprocessing.set_start_method("fork", force=True)
    Granian(
        "hilf.console.server:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=1,
        websockets=False,
        http="1",  # type: ignore[arg-type]  # granian takes the value of its enumeration
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_TIMEOUT_MS),
        respawn_failed_workers=True,
        respawn_interval=_RESPAWN_S,
        workers_kill_timeout=_KILL_AFTER_S,
        log_enabled=False,
    ).serve()
