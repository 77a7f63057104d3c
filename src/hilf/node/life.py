"""Lives of accords as this node keeps them: read with their records and the chains of their parties, written back.

Holds no rule: records were verified when they came (`accord/transition`); what they amount to is `accord/life`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import orjson

from hilf.accord.document import Accord, InForce, read_accord
from hilf.accord.life import Life, in_force
from hilf.accord.signature import Chains
from hilf.accord.transition import life_of, predecessor
from hilf.canonical import dumps, loads_canonical
from hilf.node import identity
from hilf.node.home import Home
from hilf.seal.record import Record, read_record
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


def all_in_force(home: Home, now: datetime) -> tuple[InForce, ...]:
    """Every accord of this node that is in force."""
    lives = signed_by_all()
    return in_force(lives.all, home.node, lives.chains, now)


def in_force_with(home: Home, node: str, now: datetime) -> tuple[InForce, ...]:
    """Every accord in force between this node and another; empty when there is none."""
    return tuple(held for held in all_in_force(home, now) if held.binds(node))


def audience(home: Home, life: Life, lives: Lives) -> tuple[str, ...]:
    """Whom a step about a version concerns: its parties and those of the version before, without us."""
    before = predecessor(life.accord, lives.all)
    involved = (*life.accord.nodes, *(before.accord.nodes if before else ()))
    return tuple(node for node in dict.fromkeys(involved) if node != home.node)


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
    lives = [_life(version, about[version.row]) for version in each]
    chains = _chains(life.accord for life in lives)
    of: dict[str, list[Life]] = {}
    for life in lives:
        of.setdefault(life.accord.id, []).append(life)
    return Lives(tuple(_with_quorum(life, of[life.accord.id], chains) for life in lives), chains)


def _with_quorum(life: Life, lives: list[Life], chains: Chains) -> Life:
    """The life with those whose signatures it takes, which follows from the version before."""
    if life.accord.version == 1:
        return life
    return replace(life, quorum=life_of(life.accord, lives, chains).quorum)


def _life(kept: KeptAccord, about: tuple[KeptRecord, ...]) -> Life:
    return Life(
        _text(kept.document),
        moment(kept.received) if kept.proposed else None,
        tuple(_record(record.record) for record in about),
        None if kept.in_force is None else moment(kept.in_force),
    )


@lru_cache(maxsize=256)
def _text(document: bytes) -> Accord:
    return read_accord(loads_canonical(document))


@lru_cache(maxsize=4096)
def _record(text: str) -> Record:
    return read_record(orjson.loads(text))


def _chains(accords: Iterable[Accord]) -> Chains:
    held = {node: identity.kept(node) for node in {node for accord in accords for node in accord.nodes}}
    return {node: found.chain for node, found in held.items() if found is not None}
