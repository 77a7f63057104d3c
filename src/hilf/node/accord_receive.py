"""Accords: what a partner's step means for this node (accord.md 1).

Decides what follows at once from a step that was taken: it is kept, passed on if it was news, and what waits under the accord
for a node that it binds no more is dropped. Which steps are taken is `accord/transition`; our own are `node/accord`; what
else follows is found by `node/effects`, soon after.
"""

from datetime import datetime
from typing import Final

from hilf.accord.history import read_history
from hilf.accord.life import Life, in_force
from hilf.accord.step import Kind, Proposal, Step, read_step
from hilf.accord.transition import predecessor
from hilf.accord.transition import receive as follow
from hilf.errors import PartnerFault
from hilf.federation.act import Act
from hilf.federation.outcome import Outcome, Reason
from hilf.node import life as lives_
from hilf.node import relay
from hilf.node.home import Home
from hilf.node.life import Lives
from hilf.store.accord import queue
from hilf.store.federation import inbox, stream

MOST_PROPOSALS: Final = 50
"""Texts that one partner may send in an hour: people have to read them."""


def receive(home: Home, act: Act, now: datetime) -> tuple[Outcome, Reason | None]:
    """Take a partner's step in the life of an accord, in the caller's transaction.

    Returns: applied; or refused, with the rule that keeps the step from being taken.
    """
    try:
        step = read_step(act.body)
        if isinstance(step, Proposal):
            if inbox.count(f"inbox {now:%Y-%m-%dT%H} proposals {act.sender}", 1) > MOST_PROPOSALS:
                return Outcome.REFUSED, Reason("accord.too-many-proposals")
            lives, learnt = _with_history(
                home, lives_.with_parties(lives_.of(step.accord.id), step.accord), step, now
            )
        else:
            lives, learnt = lives_.of(step.subject.id), ()
        life = follow(lives.all, step, act.sender, home.node, lives.chains, now)
    except PartnerFault as fault:
        return Outcome.REFUSED, Reason(fault.code[:100])
    for each in (*learnt, life):
        lives_.keep(each, now)
    if life not in lives.all:
        _follow_up(home, step, life, lives, act.sender, now)
    return Outcome.APPLIED, None


def _with_history(home: Home, lives: Lives, step: Proposal, now: datetime) -> tuple[Lives, tuple[Life, ...]]:
    """With the versions before that a party which joins is told of; those that are known here count as they are."""
    joins = home.node in step.accord.nodes and predecessor(step.accord, lives.all) is None
    if not (joins and step.history):
        return lives, ()
    for past in step.history:
        lives = lives_.with_parties(lives, past.accord)
    learnt = read_history(step.accord, step.history, lives.chains, now)
    known = {life.accord: life for life in lives.all}
    if any(known[each.accord].complete_at for each in learnt if each.accord in known):
        raise PartnerFault("accord: history", "another one is held")
    return Lives((*(life for life in lives.all if life not in learnt), *learnt), lives.chains), learnt


def _follow_up(home: Home, step: Step, life: Life, lives: Lives, sender: str, now: datetime) -> None:
    """What a step that was news here leads to at once: it is passed on, and what waits under the accord may stop."""
    relay.pass_on(home, step, life, lives, sender, now)
    if not isinstance(step, Proposal):
        code = "accord.amended" if step.kind is Kind.SIGNATURE else f"accord.{step.kind.value}"
        drop_unbound(home, life, code, now)


def drop_unbound(home: Home, life: Life, code: str, now: datetime) -> int:
    """Drop what waits under an accord for nodes that no version of it binds now; how many acts.

    What else a step changes is found by `node/effects`, soon after.
    """
    if life.complete_at is None:
        return 0
    lives = lives_.of(life.accord.id)
    held = in_force(lives.all, home.node, lives.chains, now)
    reason, parties = Reason(code).text(), {node for each in lives.all for node in each.accord.nodes}
    return sum(
        stream.drop_unsent(node, reason, act_ids)
        for node, act_ids in queue.waiting_under(life.accord.id, parties - {home.node}).items()
        if not any(each.binds(node) for each in held)
    )
