"""Permission: which steps in the life of an accord this node may take itself, and what it is told where it may not.

Decides when our officers may sign a text, take one back, or suspend and end a version (accord.md 1). What a step leads to,
and which steps of partners are taken, is decided in `accord.transition`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from hilf.accord.document import Accord
from hilf.accord.life import Life, Standing, State, state_of
from hilf.accord.signature import Chains
from hilf.accord.transition import is_taken, predecessor
from hilf.errors import Refusal

_OPEN: Final = (State.PROPOSED, State.SIGNED_BY_SOME)
_DEAD: Final = (State.WITHDRAWN, State.EXPIRED)


def check_may_sign(life: Life, lives: Sequence[Life], us: str, chains: Chains, now: datetime) -> None:
    """Return if this node's officers, or its node key, may sign a version now.

    Raises:
        Refusal: "accord.not-a-party", "accord.not-to-be-signed", "accord.successor-signed",
            "accord.predecessor-not-signed" or "accord.proposer-signs-last".
    """
    accord = life.accord
    if us not in accord.nodes:
        raise Refusal(
            "accord.not-a-party",
            f"This node is no party of {accord.id}.",
            "Only parties sign an accord.",
            _see(accord),
        )
    standing = state_of(life, lives, chains, now)
    lapsed = standing.state is State.EXPIRED and now < accord.until and not is_taken(accord, lives)
    if standing.state not in _OPEN and not lapsed:
        raise Refusal(
            "accord.not-to-be-signed",
            _title(accord, standing),
            "Only a proposed version can be signed.",
            _see(accord),
        )
    _check_no_rival(life, lives, us, chains, now)
    if accord.version > 1 and predecessor(accord, lives) is None:
        text = f"Version {accord.version - 1} of {accord.id} with hash {accord.prev} is not signed by all."
        raise Refusal(
            "accord.predecessor-not-signed",
            text,
            "An amendment follows a version that all have signed.",
            _see(accord),
        )
    # A signature that has expired does not count towards a full set with one of now.
    fresh = tuple(record for record in life.records if record.type != "accord" or record.expires >= now)
    missing = replace(life, records=fresh).missing(chains, (us,))
    if us == accord.proposer and missing:
        text = f"{', '.join(missing)} must sign first; this node proposed {accord.id} and signs last."
        raise Refusal(
            "accord.proposer-signs-last", text, "After the proposer nothing can be withdrawn.", _see(accord)
        )


def check_may_withdraw(life: Life, lives: Sequence[Life], us: str, chains: Chains, now: datetime) -> None:
    """Return if this node may take its proposal back.

    Raises:
        Refusal: "accord.not-the-proposer", "accord.proposer-has-signed" or "accord.not-to-be-withdrawn".
    """
    accord = life.accord
    if us != accord.proposer:
        raise Refusal(
            "accord.not-the-proposer",
            f"{accord.proposer} proposed {accord.id}.",
            "Only the proposer withdraws.",
            _see(accord),
        )
    if any(record.node == us for record in life.of_type("accord")):
        text = f"This node has signed version {accord.version} of {accord.id}."
        raise Refusal(
            "accord.proposer-has-signed",
            text,
            "After the proposer has signed nothing can be withdrawn.",
            _see(accord),
        )
    standing = state_of(life, lives, chains, now)
    if standing.state not in (*_OPEN, State.EXPIRED):
        raise Refusal(
            "accord.not-to-be-withdrawn",
            _title(accord, standing),
            "Only a proposal can be withdrawn.",
            _see(accord),
        )


def check_may_stop(life: Life, lives: Sequence[Life], us: str, chains: Chains, now: datetime) -> None:
    """Return if this node may suspend or end a version.

    Raises:
        Refusal: "accord.not-a-party" or "accord.not-in-force".
    """
    if us not in life.accord.nodes:
        raise Refusal(
            "accord.not-a-party",
            f"This node is no party of {life.accord.id}.",
            "Only parties stop an accord.",
            _see(life.accord),
        )
    standing = state_of(life, lives, chains, now, us)
    if standing.state not in (State.IN_FORCE, State.SIGNED_BY_ALL, State.SUSPENDED):
        raise Refusal(
            "accord.not-in-force",
            _title(life.accord, standing),
            "Only an accord in force can be stopped.",
            _see(life.accord),
        )


def _check_no_rival(life: Life, lives: Sequence[Life], us: str, chains: Chains, now: datetime) -> None:
    found = rival(life, lives, us, chains, now)
    if found is None:
        return
    accord = life.accord
    raise Refusal(
        "accord.successor-signed",
        f"This node has signed another version {accord.version} of {accord.id} ({found.accord.hash[:8]}).",
        "A node signs at most one successor of a version.",
        f"If its proposer waits as well, one of the two proposers takes its own back: "
        f"hilf accord withdraw {accord.id} --as OFFICER",
    )


def rival(life: Life, lives: Sequence[Life], us: str, chains: Chains, now: datetime) -> Life | None:
    """Another text in the same place that this node has signed and that is neither withdrawn nor expired."""
    for other in lives:
        same_place = other.accord.key == life.accord.key and other.accord != life.accord
        signed = any(record.node == us for record in other.of_type("accord"))
        if same_place and signed and state_of(other, lives, chains, now).state not in _DEAD:
            return other
    return None


def _title(accord: Accord, standing: Standing) -> str:
    return f"Version {accord.version} of {accord.id} is {standing.state.value}: {standing.text}"


def _see(accord: Accord) -> str:
    return f"See: hilf accord show {accord.id}"
