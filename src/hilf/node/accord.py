"""Accords: proposed, signed, suspended and ended by this node (accord.md 1).

Decides what a step means for this node: whose records are still missing, when the node key signs and what goes out, and
that what waits under an accord for a node that it binds no more stops at once. Which step may follow which is
`accord/transition`; drafting is `node/draft`, a partner's step `node/accord_receive`, how a step reaches every party `node/relay`, what else follows from it
`node/effects`. Every verb is one transaction.

    proposer: draft ─ propose ──▶ parties: officers sign, node key signs ──▶ proposer: officers sign, node key signs
                                                                              └──▶ full set to all parties: in force
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from hilf.accord.document import Accord
from hilf.accord.life import Life, Standing, State, speakers, state_of, texts_to_sign, with_text
from hilf.accord.permission import check_may_sign, check_may_stop, check_may_withdraw
from hilf.accord.step import Kind
from hilf.accord.transition import with_notice, with_signatures
from hilf.errors import CallerFault, Refusal
from hilf.federation.peer import PeerState, may_exchange_acts
from hilf.node import identity, peer, relay, user
from hilf.node import life as lives_
from hilf.node.accord_receive import drop_unbound
from hilf.node.home import Home, online_key
from hilf.node.life import Lives
from hilf.node.passkey import Exact
from hilf.seal.key import PrivateKey
from hilf.store.database import transaction

if TYPE_CHECKING:
    from hilf.seal.record import Record

SIGNATURE: Final = timedelta(days=90)
"""How long a signature counts while others are missing: a parliament may have to be asked."""

NOTICE: Final = timedelta(days=7)
"""How long the first officer's suspension waits for the second's."""

ROLE: Final = "accord"
"""What an officer must be trusted with to sign, suspend or end an accord."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of an accord as a person sees it."""

    life: Life
    standing: Standing
    signed: tuple[tuple[str, int, int, bool], ...]
    """For each party: its node, officers who signed, officers needed, whether its node key signed."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """What a step of ours led to.

    Attributes:
        shown: the version afterwards.
        missing: officers of this node who must still do the same; 0 when it is done.
        dropped: acts that waited under the accord and leave no more.
    """

    shown: Shown
    missing: int = 0
    dropped: int = 0


def propose(home: Home, accord_id: str, now: datetime) -> Stepped:
    """Send the newest draft of an accord to all its parties that this node reaches, who pass it on to the others.

    Raises:
        Refusal: "accord.nothing-to-propose", or "accord.party-not-verified": no party is a verified peer.
        CallerFault: "accord.unknown".
    """
    with transaction():
        lives = _known(accord_id)
        life = lives.all[-1]
        standing = state_of(life, lives.all, lives.chains, now, home.node)
        if standing.state is not State.DRAFT or life.accord.proposer != home.node:
            raise Refusal(
                "accord.nothing-to-propose",
                f"Version {life.accord.version} of {accord_id} is {standing.state.value}.",
                standing.text,
                f"See whom it waits for: hilf accord show {accord_id}",
            )
        _check_reached(lives_.audience(home, life, lives))
        life = with_text(life, now)
        relay.tell_text(home, life, lives, now)
        lives_.keep(life, now)
    return Stepped(show(home, accord_id, now)[-1])


def check_step(home: Home, accord_id: str, kind: Kind, kid: str, now: datetime, text: str = "") -> None:
    """What `sign`, `suspend`, `end` or `withdraw` would refuse, found before the officer is asked for a passphrase.

    Raises:
        CallerFault, Refusal: as the verb of this kind.
    """
    lives = _known(accord_id)
    if kind is Kind.SIGNATURE:
        _to_sign(home, lives, kid, now, text)
    else:
        _to_stop(home, lives, kind, kid, now)


def sign(home: Home, accord_id: str, officer: PrivateKey, now: datetime, text: str = "") -> Stepped:
    """Sign the newest text of an accord as one officer; with the last officer's signature the node key signs too.

    Args:
        home: this node.
        accord_id: the accord.
        officer: who signs.
        now: aware.
        text: how the hash of the text begins that the officer has read; needed where several can be signed.

    Raises:
        Refusal: "accord.which-text", as `accord.transition.check_may_sign`, or "accord.signed-already".
        CallerFault: "accord.unknown".
    """
    with transaction():
        lives = _known(accord_id)
        life = _to_sign(home, lives, officer.kid, now, text)
        life = _with_own(home, life, lives, "officer", officer, now)
        missing = lives_.own_signature_needed(home, life, lives.chains)
        if not missing:
            life = _with_own(home, life, lives, "node", online_key(home), now)
            ours = life.complete_at is not None
            records = [r for r in life.of_type("accord") if ours or r.node == home.node]
            relay.tell_records(home, life, lives, Kind.SIGNATURE, records, now)
        lives_.keep(life, now)
        dropped = drop_unbound(home, life, "accord.amended", now)
    return Stepped(_shown_version(home, life, now), missing, dropped)


def meant(home: Home, accord_id: str, kind: Kind, now: datetime, text: str = "") -> tuple[Life, Lives]:
    """The version that a step would be about, with all versions of its accord: also before it can be taken.

    Raises:
        CallerFault: "accord.unknown".
        Refusal: "accord.which-text".
    """
    lives = _known(accord_id)
    named = [life for life in lives.all if text and life.accord.hash.startswith(text.lower())]
    if kind is Kind.SIGNATURE:
        return (named[0] if len(named) == 1 else _chosen(home, lives, text, now)), lives
    return _meant_to_stop(home, lives, kind), lives


def exact(home: Home, accord_id: str, kind: Kind, now: datetime, text: str = "") -> Exact:
    """What an officer signs for a step, but for the time; a passkey answers for it (docs/adr/0023).

    Raises:
        CallerFault: "accord.unknown".
        Refusal: "accord.which-text".
    """
    life, _ = meant(home, accord_id, kind, now, text)
    return _exact(life, kind)


def _exact(life: Life, kind: Kind) -> Exact:
    if kind is Kind.SIGNATURE:
        return Exact(ROLE, life.accord.subject, SIGNATURE)
    return Exact(kind.record_type, life.accord.hash, NOTICE)


def _meant_to_stop(home: Home, lives: Lives, kind: Kind) -> Life:
    """The proposal that a withdrawal takes back; what counts, for a suspension or an end."""
    if kind is Kind.WITHDRAWAL:
        ours = [each for each in lives.all if each.accord.proposer == home.node and each.complete_at is None]
        return (ours or lives.all)[-1]
    return _newest_signed_by_all(lives) or lives.all[-1]


def _to_sign(home: Home, lives: Lives, kid: str, now: datetime, text: str) -> Life:
    life = _chosen(home, lives, text, now)
    check_may_sign(life, lives.all, home.node, lives.chains, now)
    _check_community(home, life.accord)
    _check_new(life, "accord", kid, now)
    return life


def _check_community(home: Home, accord: Accord) -> None:
    """What came under one accord at TLP:GREEN stays in its community: no other accord of ours lets others into it."""
    for other in lives_.every().all:
        ours = other.complete_at is not None or any(r.node == home.node for r in other.of_type("accord"))
        if ours and other.accord.id != accord.id and other.accord.community == accord.community:
            raise Refusal(
                "accord.community-of-another",
                f"The community {accord.community} is that of {other.accord.id} already.",
                "Who is party of another accord only would get what came under that one at TLP:GREEN.",
                f"Let {accord.proposer} propose it with a community of its own.",
            )


def _chosen(home: Home, lives: Lives, text: str, now: datetime) -> Life:
    """The text that an officer means: a partner may send another one while the first is being read."""
    offered = texts_to_sign(lives.all, home.node, lives.chains, now) or lives.all[-1:]
    meant = [life for life in offered if life.accord.hash.startswith(text.lower())]
    if len(meant) == 1:
        return meant[0]
    others = [life for life in lives.all if text and life.accord.hash.startswith(text.lower())]
    if not meant and len(others) == 1:
        check_may_sign(others[0], lives.all, home.node, lives.chains, now)  # says why it cannot be signed
    raise Refusal(
        "accord.which-text",
        f"Texts that can be signed: {', '.join(life.accord.hash[:16] for life in offered)}; "
        f"{len(meant)} of them begin with {text[:64]!r}.",
        "A signature binds one text, and it must be the one that the officer has read.",
        f"Read them (hilf accord show {offered[0].accord.id}), then sign one by its hash with --text.",
    )


def suspend(home: Home, accord_id: str, officer: PrivateKey, now: datetime) -> Stepped:
    """Suspend an accord alone: what waits under it is dropped, and the partners are told.

    Raises:
        Refusal: "accord.not-in-force", "accord.not-a-party" or "accord.signed-already".
        CallerFault: "accord.unknown".
    """
    return _stop(home, accord_id, Kind.SUSPENSION, officer, now)


def end(home: Home, accord_id: str, officer: PrivateKey, now: datetime) -> Stepped:
    """End an accord alone, or leave a community: what waits under it is dropped, and the partners are told.

    Raises:
        Refusal: "accord.not-in-force", "accord.not-a-party" or "accord.signed-already".
        CallerFault: "accord.unknown".
    """
    return _stop(home, accord_id, Kind.END, officer, now)


def withdraw(home: Home, accord_id: str, officer: PrivateKey, now: datetime) -> Stepped:
    """Take a proposal of ours back, which is possible until this node has signed it.

    Raises:
        Refusal: "accord.not-the-proposer", "accord.proposer-has-signed", "accord.not-to-be-withdrawn", ….
        CallerFault: "accord.unknown".
    """
    return _stop(home, accord_id, Kind.WITHDRAWAL, officer, now)


def _stop(home: Home, accord_id: str, kind: Kind, officer: PrivateKey, now: datetime) -> Stepped:
    with transaction():
        lives = _known(accord_id)
        life = _to_stop(home, lives, kind, officer.kid, now)
        record = _exact(life, kind).signed(home.node, now, officer)
        life = with_notice(life, kind, [record], home.node, lives.chains, now, whole=False)
        lives_.keep(life, now)
        dropped, missing = 0, 1
        if home.node in speakers(life, kind.record_type, lives.chains):
            missing = 0
            records = [r for r in life.of_type(kind.record_type) if r.node == home.node]
            dropped = drop_unbound(home, life, f"accord.{kind.value}", now)
            relay.tell_records(home, life, lives, kind, records, now)
        else:
            needed = identity.own(home).newest.officers_per_act
            missing = max(1, needed - len({r.kid for r in life.of_type(kind.record_type)}))
    return Stepped(_shown_version(home, life, now), missing, dropped)


def _to_stop(home: Home, lives: Lives, kind: Kind, kid: str, now: datetime) -> Life:
    life = _meant_to_stop(home, lives, kind)
    check = check_may_withdraw if kind is Kind.WITHDRAWAL else check_may_stop
    check(life, lives.all, home.node, lives.chains, now)
    _check_new(life, kind.record_type, kid, now)
    return life


def show(home: Home, accord_id: str, now: datetime) -> tuple[Shown, ...]:
    """Every version of one accord, in order.

    Raises:
        CallerFault: "accord.unknown".
    """
    lives = _known(accord_id)
    return tuple(_shown(home, life, lives, now) for life in lives.all)


def every(home: Home, now: datetime) -> tuple[Shown, ...]:
    """Every version of every accord, in the order in which they came."""
    lives = lives_.every()
    return tuple(_shown(home, life, lives, now) for life in lives.all)


def _shown(home: Home, life: Life, lives: Lives, now: datetime) -> Shown:
    signed = tuple((s.node, len(s.officers), s.needed, s.by_node) for s in life.signings(lives.chains))
    return Shown(life, state_of(life, lives.all, lives.chains, now, home.node), signed)


def _shown_version(home: Home, life: Life, now: datetime) -> Shown:
    return next(s for s in show(home, life.accord.id, now) if s.life.accord == life.accord)


def _known(accord_id: str) -> Lives:
    lives = lives_.of(accord_id)
    if not lives.all:
        raise CallerFault(
            "accord.unknown",
            f"There is no accord {accord_id[:80]} here.",
            "",
            "See which there are: hilf accord list",
        )
    return lives


def _newest_signed_by_all(lives: Lives) -> Life | None:
    return next((life for life in reversed(lives.all) if life.complete_at is not None), None)


def _check_reached(nodes: Sequence[str]) -> None:
    """Return if somebody gets it: of two parties the other, of more at least one, who can pass it on."""
    if any(may_exchange_acts(peer.state_of(node)) for node in nodes):
        return
    node, state = nodes[0], peer.state_of(nodes[0])
    verb = "add its card, then verify it" if state is PeerState.UNKNOWN else "verify it"
    raise Refusal(
        "accord.party-not-verified",
        f"{node} is {state.value}." if len(nodes) == 1 else "None of its parties is verified here.",
        "An accord is proposed to verified nodes only, who pass it on to the others.",
        f"First {verb}: hilf peer verify {node} --fingerprint …",
    )


def _with_own(home: Home, life: Life, lives: Lives, role: str, key: PrivateKey, now: datetime) -> Life:
    record = _exact(life, Kind.SIGNATURE).signed(home.node, now, key, role)
    return with_signatures(life, [record], lives.chains, now)


def _check_new(life: Life, type_: str, kid: str, now: datetime) -> None:
    standing: list[Record] = [r for r in life.of_type(type_) if r.kid == kid and r.expires >= now]
    if standing:
        raise Refusal(
            "accord.signed-already",
            f"This officer has signed already, on {standing[0].at.date().isoformat()}.",
            "It takes different officers.",
            "Let another officer do the same with --as.",
        )
    user.check_other_person(kid, (each.kid for each in life.of_type(type_) if each.expires >= now))
