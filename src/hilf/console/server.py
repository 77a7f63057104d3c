"""The server of the console: granian, plain HTTP on loopback, for a proxy or a browser on this machine (stack.md 2)."""

import multiprocessing
from typing import Final

from django.core.wsgi import get_wsgi_application
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

HEAD_TIMEOUT_MS: Final = 10_000
WORKERS: Final = 2
"""At least two, so that one slow page does not hold up the others."""

_KILL_AFTER_S: Final = 1
_RESPAWN_S: Final = 0.5

application = get_wsgi_application()


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; the workers end with this process."""
    multiprocessing.set_start_method("fork", force=True)
    Granian(
        "hilf.console.server:application",
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
