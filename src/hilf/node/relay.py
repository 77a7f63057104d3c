"""Relays: how a step in the life of an accord reaches every party, though not all have met (accord.md 1; docs/adr/0012).

Decides to whom this node says a step itself (parties that it verified), which parties it asks them to pass it on to, whose
cards go along so that signatures can be verified (introduced, not verified), and when it passes on what others said: once,
when it was news here. Records verify on their own, so it does not matter who brings them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from hilf.accord.history import told_of
from hilf.accord.life import Life
from hilf.accord.step import Kind, Proposal, Step, proposal_body, signed_body
from hilf.canonical import Json
from hilf.federation.peer import PeerState
from hilf.node import identity, introduction, peer
from hilf.node import life as lives_
from hilf.node.federation import announce
from hilf.node.home import Home
from hilf.node.life import Lives
from hilf.seal.record import Record

_REACHED = (PeerState.VERIFIED, PeerState.SUSPENDED)

Body = Callable[[str, Sequence[str]], Mapping[str, Json]]
"""The body of a step to a node, with the parties that it is asked to pass it on to."""


def reached(nodes: Iterable[str]) -> tuple[str, ...]:
    """Those to which acts may wait; to a suspended peer they leave once it is verified again."""
    return tuple(node for node in nodes if peer.state_of(node) in _REACHED)


def tell_text(home: Home, life: Life, lives: Lives, now: datetime) -> None:
    """Let a text wait for everybody whom it concerns, in the caller's transaction."""
    _tell(home, lives_.audience(home, life, lives), _text_body(life, lives), _speakers(life, lives), now)


def tell_records(
    home: Home, life: Life, lives: Lives, kind: Kind, records: Sequence[Record], now: datetime
) -> None:
    """Let what was signed about a version wait for everybody whom it concerns, in the caller's transaction."""
    body = _records_body(kind, life, [dict(record.body) for record in records])
    _tell(home, lives_.audience(home, life, lives), body, {record.node for record in records}, now)


def pass_on(home: Home, step: Step, life: Life, lives: Lives, sender: str, now: datetime) -> None:
    """Let a partner's step that was news here wait for those whom the partner does not reach, in the caller's transaction."""
    named = set(step.relay) & set(lives_.audience(home, life, lives)) - {sender}
    wanted = [node for node in step.relay if node in named]
    if isinstance(step, Proposal):
        _tell(home, wanted, _text_body(life, lives), _speakers(life, lives), now)
    else:
        speakers = {str(each["node"]) for each in step.records if isinstance(each, dict)}
        _tell(home, wanted, _records_body(step.kind, life, step.records), speakers, now)


def _tell(home: Home, nodes: Sequence[str], body: Body, speakers: set[str], now: datetime) -> None:
    # Of two parties the other is told in any case; the act waits until it is verified again.
    there = reached(nodes) if len(nodes) > 1 else tuple(nodes)
    relay = [node for node in nodes if node not in there]
    for node in there:
        _introduce(home, node, speakers - {node, home.node}, now)
        announce(home, node, "accord", body(node, relay), now)


def _text_body(life: Life, lives: Lives) -> Body:
    before = told_of(life, lives.all)
    old = {node for accord, _ in before for node in accord.nodes}

    def body(node: str, relay: Sequence[str]) -> Mapping[str, Json]:
        joins = node not in old or bool(set(relay) - old)
        return proposal_body(life.accord, relay, before if joins else ())

    return body


def _records_body(kind: Kind, life: Life, records: Sequence[Mapping[str, Json] | Json]) -> Body:
    plain = [each for each in records if isinstance(each, dict)]
    return lambda _, relay: signed_body(kind, life.accord, plain, relay)


def _speakers(life: Life, lives: Lives) -> set[str]:
    """Whose records a text brings along."""
    known = {each.accord: each for each in lives.all}
    past = (known[accord] for accord, _ in told_of(life, lives.all))
    return {record.node for each in past for record in each.records}


def _introduce(home: Home, to: str, nodes: Iterable[str], now: datetime) -> None:
    """Let the cards of parties wait before what they signed, once for each document that we know."""
    wanted = sorted(nodes)
    told = set(introduction.introduced(to)) if wanted else set()
    for node in wanted:
        known = identity.kept(node)
        if known is not None and (node, known.newest.seq) not in told:
            announce(home, to, "identity", {"card": known.card}, now)
