"""Which steps this node may take with an accord now, so that a page offers no button that only says no (accord.md 1).

Decides nothing: the rules are `accord/permission`, and every step is judged again when it is taken.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from hilf.accord.life import Life, texts_to_sign
from hilf.accord.permission import check_may_sign, check_may_stop, check_may_withdraw
from hilf.accord.signature import Chains
from hilf.accord.step import Kind
from hilf.errors import Refusal
from hilf.node import life as lives_
from hilf.node.home import Home

Check = Callable[[Life, Sequence[Life], str, Chains, datetime], None]


def steps(home: Home, accord_id: str, now: datetime) -> frozenset[tuple[Kind, str]]:
    """The steps that may be taken, each with the hash of the text that it is about."""
    lives = lives_.of(accord_id)
    signed = [each for each in lives.all if each.complete_at is not None][-1:]
    proposals = [each for each in lives.all if each.complete_at is None and each.proposed_at is not None]
    asked: tuple[tuple[Kind, Sequence[Life], Check], ...] = (
        (Kind.SIGNATURE, texts_to_sign(lives.all, home.node, lives.chains, now), check_may_sign),
        (Kind.SUSPENSION, signed, check_may_stop),
        (Kind.END, signed, check_may_stop),
        (Kind.WITHDRAWAL, proposals[-1:], check_may_withdraw),
    )
    return frozenset(
        (kind, life.accord.hash)
        for kind, about, check in asked
        for life in about
        if _may(check, life, lives, home.node, now)
    )


def _may(check: Check, life: Life, lives: lives_.Lives, us: str, now: datetime) -> bool:
    try:
        check(life, lives.all, us, lives.chains, now)
    except Refusal:
        return False
    return True
