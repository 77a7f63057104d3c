"""The line to a node: a TCP proxy in front of its gateway that cuts connections at moments of the test's choosing.

It moves bytes and knows nothing of them. A way of cutting is armed; the next connection that has moved so many bytes is cut
that way, and counted:

    reset    both sides get a reset in the middle of what they say
    close    both sides see an end where there is none
    answer   what the caller sent arrives whole, and the answer is cut at its first byte: the lost answer
    stall    nothing moves for a while, then both get a reset
    refuse   the connection is reset before anything was said
"""

import contextlib
import selectors
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass

WAYS = ("reset", "close", "answer", "stall", "refuse")
STALL_S = 1.0
_PIECE = 16_384
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Armed:
    """How, and after how many bytes towards the node, a connection is cut."""

    way: str
    after: int


class Line:
    """Listens where partners look for a node and passes on to where it listens; `hits` counts what was cut how."""

    def __init__(self, front: int, back: int) -> None:
        self.front, self.back = front, back
        self.hits: Counter[str] = Counter()
        self._armed: list[Armed] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", front), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, way: str, after: int) -> None:
        """Let the next connection that gets so far be cut this way, instead of another that none has met yet."""
        with self._lock:
            self._armed = [Armed(way, after)]

    def end(self) -> None:
        self._ended.set()
        self._listener.close()

    def _hit(self, moved: int, answered: bool) -> Armed | None:
        """What is due for a connection that moved so many bytes towards the node; it is then no longer armed."""
        with self._lock:
            for armed in self._armed:
                if moved >= armed.after and (answered or armed.way != "answer"):
                    self._cut(armed)
                    return armed
        return None

    def _cut(self, armed: Armed) -> None:
        self._armed.remove(armed)
        self.hits[armed.way] += 1

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(caller,), daemon=True).start()

    def _carry(self, caller: socket.socket) -> None:
        with self._lock:
            refused = next((armed for armed in self._armed if armed.way == "refuse"), None)
            if refused:
                self._cut(refused)
        if refused:
            _reset(caller)
            return
        try:
            node = socket.create_connection(("127.0.0.1", self.back), timeout=5)
        except OSError:
            _reset(caller)  # the node is down: so is its port
            return
        with contextlib.suppress(OSError):  # one side went while the other spoke: that is an end as well
            self._pass_on(caller, node)
        for side in (caller, node):
            side.close()

    def _pass_on(self, caller: socket.socket, node: socket.socket) -> None:
        """Move bytes both ways until both sides have ended, or it is cut."""
        moved = 0
        with selectors.DefaultSelector() as ready:
            ready.register(caller, selectors.EVENT_READ, node)
            ready.register(node, selectors.EVENT_READ, caller)
            while ready.get_map() and not self._ended.is_set():
                for key, _ in ready.select(0.5):
                    source, target = key.fileobj, key.data
                    data = source.recv(_PIECE)
                    moved += len(data) if source is caller else 0
                    armed = self._hit(moved, answered=source is node) if data else None
                    if armed:
                        if armed.way == "stall":
                            time.sleep(STALL_S)
                        for side in (caller, node):
                            (_end if armed.way == "close" else _reset)(side)
                        return
                    if not data:
                        ready.unregister(source)
                        target.shutdown(socket.SHUT_WR)
                        continue
                    target.sendall(data)


def _reset(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        side.close()


def _end(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)
        side.close()
