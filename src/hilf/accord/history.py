"""History: what a party that joins is told of the versions before, and whether it holds.

Decides whether the versions that an amendment brings along are a chain up to the one that it follows (docs/adr/0012):
the first is signed by each of its own parties, each next one follows it by hash and is signed by those whom the one
before asks for, and every record verifies on its own. Their times are not judged: they were when they were given.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from hilf.accord.document import Accord
from hilf.accord.life import Life
from hilf.accord.signature import Chains, check_against_chain, check_full, check_signature
from hilf.accord.step import Past
from hilf.accord.transition import life_of
from hilf.canonical import Json, content_id
from hilf.errors import PartnerFault
from hilf.seal.record import Record, read_record

NOTICES = ("suspension", "withdrawal")


def read_history(accord: Accord, history: Sequence[Past], chains: Chains, now: datetime) -> tuple[Life, ...]:
    """The versions before an amendment, all of them complete.

    Args:
        accord: the amendment.
        history: as it came, the oldest first.
        chains: identities of all parties that stand in it.
        now: aware; when they count as complete here.

    Raises:
        PartnerFault: "accord: history" where a version does not follow, or what is wrong with its signatures.
    """
    lives: list[Life] = []
    for past in history:
        if past.accord.id != accord.id or (lives and past.accord.prev != lives[-1].accord.hash):
            raise PartnerFault("accord: history", f"version {past.accord.version}")
        records = tuple(_record(past.accord, value, chains) for value in past.records)
        signed = tuple(record for record in records if record.type == "accord")
        life = life_of(past.accord, lives, chains, now)
        check_full(past.accord, signed, chains, None, life.quorum)
        lives.append(replace(life, records=records, complete_at=now))
    if not lives or lives[-1].accord.hash != accord.prev:
        raise PartnerFault("accord: history", "it does not lead to the amendment")
    return tuple(lives)


def told_of(life: Life, lives: Sequence[Life]) -> tuple[tuple[Accord, list[Json]], ...]:
    """The versions before a text with all their records, from the last one that each of its own parties signed.

    Args:
        life: the amendment.
        lives: every version of the accord that is known here.
    """
    by_hash = {each.accord.hash: each for each in lives if each.complete_at is not None}
    told: list[tuple[Accord, list[Json]]] = []
    before = by_hash.get(life.accord.prev or "")
    while before is not None:
        told.insert(0, (before.accord, [dict(record.body) for record in before.records]))
        before = by_hash.get(before.accord.prev or "") if before.quorum is not None else None
    return tuple(told)


def _record(accord: Accord, value: Json, chains: Chains) -> Record:
    record = read_record(value)
    if record.type not in NOTICES:
        return check_signature(accord, value, chains)
    if record.node not in accord.nodes:
        raise PartnerFault("accord: no party", record.node[:100])
    if content_id(record.subject) != content_id(accord.hash):
        raise PartnerFault("record: subject")
    check_against_chain(record, record.type, chains)
    return record
