"""Lives of accords as this node keeps them: read with their records and the chains of their parties, written back.

Holds no rule: records were verified when they came (`accord/transition`); what they amount to is `accord/life`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from hilf.accord.document import Accord, read_accord
from hilf.accord.life import Life
from hilf.accord.signature import Chains
from hilf.canonical import dumps, loads_canonical
from hilf.node import identity
from hilf.node.home import Home
from hilf.seal.record import read_record
from hilf.store.accord import record as records
from hilf.store.accord import version as versions
from hilf.store.accord.record import KeptRecord
from hilf.store.accord.version import KeptAccord
from hilf.store.instant import microseconds, moment


@dataclass(frozen=True, slots=True)
class Lives:
    """Every version of some accords, with the identities of their parties."""

    all: tuple[Life, ...]
    chains: Chains


def every() -> Lives:
    """Every version of every accord that this node knows."""
    return _lives(versions.every())


def signed_by_all() -> Lives:
    """Every version that all its parties have signed: no other can be in force, however many are proposed."""
    return _lives(kept for kept in versions.every() if kept.in_force is not None)


def of(accord_id: str) -> Lives:
    """Every version of one accord; none when it is not known."""
    return _lives(versions.versions(accord_id))


def with_parties(lives: Lives, accord: Accord) -> Lives:
    """The same lives, with the identities of the parties of one more accord."""
    return Lives(lives.all, {**lives.chains, **_chains([accord])})


def keep(life: Life, now: datetime) -> None:
    """Write what a life has become, in the caller's transaction; what is kept already stays."""
    accord = life.accord
    proposed = life.proposed_at is not None
    at = microseconds(life.proposed_at or now)
    row = versions.put(accord.id, accord.version, accord.hash, accord.canonical, at, proposed=proposed)
    for record in life.records:
        text = dumps(dict(record.body)).decode()
        records.put(KeptRecord(row, record.type, record.node, record.kid, text))
    if life.complete_at is not None:
        versions.put_in_force(row, microseconds(life.complete_at))


def own_signature_needed(home: Home, life: Life, chains: Chains) -> int:
    """How many officers of this node must still sign before its node key does; 0 when enough have."""
    for signing in life.signings(chains):
        if signing.node == home.node:
            return max(0, signing.needed - len(signing.officers))
    return 0


def _lives(kept: Iterable[KeptAccord]) -> Lives:
    each = tuple(kept)
    about = records.about_each(version.row for version in each)
    lives = tuple(_life(version, about[version.row]) for version in each)
    return Lives(lives, _chains(life.accord for life in lives))


def _life(kept: KeptAccord, about: tuple[KeptRecord, ...]) -> Life:
    return Life(
        read_accord(loads_canonical(kept.document)),
        moment(kept.received) if kept.proposed else None,
        tuple(read_record(orjson.loads(record.record)) for record in about),
        None if kept.in_force is None else moment(kept.in_force),
    )


def _chains(accords: Iterable[Accord]) -> Chains:
    held = {node: identity.kept(node) for accord in accords for node in accord.nodes}
    return {node: found.chain for node, found in held.items() if found is not None}
