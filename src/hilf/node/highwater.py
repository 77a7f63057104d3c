"""How far this node has come, kept outside of its database: so an older database that is put back is noticed.

HOME/highwater names the position of every stream and the last row of objects. The worker renews it when something moved;
a database that stands behind it in anything is older than the node is. What moved in the moment between the last renewal
and a crash is not in the file: the comparison with the partner at the next connection still finds it (protocol.md 4).
"""

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from hilf.node.home import Home
from hilf.store.federation import restoration

FILE: Final = "highwater"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a node has come: rows of objects, and (epoch, seq) of each stream by peer and direction ("in", "out")."""

    objects: int
    streams: Mapping[str, Mapping[str, tuple[int, int]]]

    def json(self) -> bytes:
        """As it stands in the file: one line."""
        value = {"objects": self.objects, "streams": self.streams}
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def of_database() -> Mark:
    """How far the database in use has come."""
    return Mark(restoration.objects(), restoration.positions())


def kept(home: Home) -> Mark:
    """How far the node had come when the file was written; nothing where there is none, or it cannot be read."""
    try:
        value = orjson.loads(_file(home).read_bytes().split(b"\n", 1)[0])
        streams = {
            peer: {way: (int(at[0]), int(at[1])) for way, at in ways.items()}
            for peer, ways in value["streams"].items()
        }
        return Mark(int(value["objects"]), streams)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return Mark(0, {})


def note(home: Home) -> None:
    """Renew the file if the database has come further."""
    had, has = kept(home), of_database()
    if has != had and not lacks(had, has):
        put(home, has)


def put(home: Home, mark: Mark) -> None:
    """Write the line, whatever stood there, onto the disk; what is left of a longer one behind it is not read."""
    descriptor = os.open(_file(home), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.pwrite(descriptor, mark.json(), 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lacks(had: Mark, has: Mark) -> dict[str, object]:
    """What a database lacks: "objects" and "streams" as (had, has); empty where it lacks nothing."""
    lacking: dict[str, object] = {}
    if had.objects > has.objects:
        lacking["objects"] = (had.objects, has.objects)
    streams = {
        peer: behind
        for peer, ways in had.streams.items()
        if (
            behind := {
                way: (at, has.streams.get(peer, {}).get(way, (1, 0)))
                for way, at in ways.items()
                if at > has.streams.get(peer, {}).get(way, (1, 0))
            }
        )
    }
    return {**lacking, "streams": streams} if streams else lacking


def _file(home: Home) -> Path:
    return home.path / FILE
