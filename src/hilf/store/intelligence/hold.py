"""Legal holds as kept: which objects may not be erased, why, and what officers did about it. Holds no rule.

A hold names objects by id, so it covers every version of them, whoever says it, those that come later too.
Times are microseconds since 1970, UTC.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hilf.accord.placing import ObjectState
from hilf.store.database import execute, execute_many, row, rows
from hilf.store.intelligence.index import id_key

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class KeptHold:
    """One hold.

    Attributes:
        number: its number here.
        name: what people call it: `hold--` and a UUID.
        reason: why.
        selection: what was selected, as it was written.
        at: when it was set.
        lifted: when it was lifted; None while it stands.
    """

    number: int
    name: str
    reason: str
    selection: str
    at: int
    lifted: int | None


@dataclass(frozen=True, slots=True)
class HoldAct:
    """What one officer did about a hold.

    Attributes:
        at: when.
        word: set, show or lift.
        kid: whose key signed it.
        about: the object that was looked at; empty for the others.
        record: the signed record, JSON.
    """

    at: int
    word: str
    kid: str
    about: str
    record: str


@dataclass(frozen=True, slots=True)
class HeldBody:
    """A body that is hidden from every door and not erased."""

    asserter: str
    modified: int | None
    sha256: bytes
    body: bytes


_COLUMNS = "id, name, reason, selection, at, lifted"


def put(name: str, reason: str, selection: str, at_us: int, stix_ids: Iterable[str]) -> KeptHold:
    """Set a hold over these objects."""
    found = row(
        f"INSERT INTO hold (name, reason, selection, at) VALUES (%s, %s, %s, %s) RETURNING {_COLUMNS}",
        (name, reason, selection, at_us),
    )
    assert found is not None  # noqa: S101  # it was inserted
    kept = KeptHold(*found)
    execute_many(
        "INSERT INTO hold_object (hold_id, stix_id) VALUES (%s, %s)",
        [(kept.number, stix_id) for stix_id in sorted(set(stix_ids))],
    )
    return kept


def get(name: str) -> KeptHold | None:
    """The hold of that name."""
    return next(
        (KeptHold(*each) for each in rows(f"SELECT {_COLUMNS} FROM hold WHERE name = %s", (name,))), None
    )


def every() -> tuple[KeptHold, ...]:
    """All holds, the newest first."""
    return tuple(KeptHold(*each) for each in rows(f"SELECT {_COLUMNS} FROM hold ORDER BY id DESC"))


def objects(number: int) -> tuple[str, ...]:
    """The objects under a hold, in order."""
    return tuple(
        i for (i,) in rows("SELECT stix_id FROM hold_object WHERE hold_id = %s ORDER BY stix_id", (number,))
    )


def count(number: int) -> int:
    """How many objects are under a hold."""
    found = row("SELECT count(*) FROM hold_object WHERE hold_id = %s", (number,))
    return int(found[0]) if found else 0


def lift(number: int, at_us: int) -> None:
    """Note that a hold stands no more."""
    execute("UPDATE hold SET lifted = %s WHERE id = %s", (at_us, number))


def held(stix_ids: Iterable[str]) -> frozenset[str]:
    """Which of these objects are under a hold that stands."""
    wanted: Sequence[str] = sorted(set(stix_ids))
    found: set[str] = set()
    for n in range(0, len(wanted), _AT_ONCE):
        piece = wanted[n : n + _AT_ONCE]
        marks = ", ".join(["%s"] * len(piece))
        found.update(
            stix_id
            for (stix_id,) in rows(
                "SELECT o.stix_id FROM hold_object o JOIN hold h ON h.id = o.hold_id"
                f" WHERE h.lifted IS NULL AND o.stix_id IN ({marks})",
                piece,
            )
        )
    return frozenset(found)


def names_of(stix_id: str) -> tuple[str, ...]:
    """Names of the holds that stand over an object, the oldest first."""
    found = rows(
        "SELECT h.name FROM hold_object o JOIN hold h ON h.id = o.hold_id"
        " WHERE h.lifted IS NULL AND o.stix_id = %s ORDER BY h.id",
        (stix_id,),
    )
    return tuple(name for (name,) in found)


def held_of_import(import_id: int) -> frozenset[str]:
    """Which objects that an import brought are under a hold that stands."""
    found = rows(
        "SELECT DISTINCT o.stix_id FROM object o JOIN hold_object ho ON ho.stix_id = o.stix_id"
        " JOIN hold h ON h.id = ho.hold_id WHERE h.lifted IS NULL AND o.import_id = %s",
        (import_id,),
    )
    return frozenset(stix_id for (stix_id,) in found)


def hidden(stix_id: str, index_key: bytes) -> tuple[HeldBody, ...]:
    """The hidden bodies of an object that still stand in the database; whoever asks has asked `held` before."""
    found = rows(
        "SELECT asserter, modified, sha256, body FROM object WHERE id_key = %s AND stix_id = %s AND state = %s"
        " AND body IS NOT NULL ORDER BY seq",
        (id_key(stix_id, index_key), stix_id, int(ObjectState.HIDDEN)),
    )
    return tuple(
        HeldBody(asserter, modified, bytes(sha256), bytes(body)) for asserter, modified, sha256, body in found
    )


def note(number: int, act: HoldAct) -> None:
    """Keep what an officer did about a hold."""
    execute(
        "INSERT INTO hold_act (hold_id, at, word, kid, about, record) VALUES (%s, %s, %s, %s, %s, %s)",
        (number, act.at, act.word, act.kid, act.about, act.record),
    )


def acts(number: int) -> tuple[HoldAct, ...]:
    """What officers did about a hold, in order."""
    found = rows(
        "SELECT at, word, kid, about, record FROM hold_act WHERE hold_id = %s ORDER BY id", (number,)
    )
    return tuple(HoldAct(*each) for each in found)
