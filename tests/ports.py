"""Ports for nodes of tests: each is given once, so that what is made now and served later finds it free.

They lie below those that systems lend to outgoing connections and beside those of `hilf demo`; each process of a parallel run
has a range of its own.
"""

import os
import socket
from contextlib import suppress

FIRST = 26_000
EACH = 750
PROCESSES = 8

_number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PROCESSES
_left = iter(range(FIRST + EACH * _number, FIRST + EACH * (_number + 1)))


def free_port() -> int:
    """A port of loopback that nobody listens on, and that this process has given to nobody."""
    for port in _left:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError(f"all {EACH} ports of this process were given away")
