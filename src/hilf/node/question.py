"""Questions to originators, whether what they wrote may go on (accord.md 2, 4; docs/adr/0014).

Decides whom to ask: the author, where it is a verified partner under an accord in force with us; else the node that we
have it from, which asks on in its own name. Nothing is asked that needs no consent, or that consent would not let go.
What becomes of the answer is `node/consent`; answers of ours are `node/answer`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.accord.decision import Reason, Says
from hilf.accord.document import InForce
from hilf.accord.onward import BY_CONSENT
from hilf.errors import CallerFault, Refusal
from hilf.federation.consent import Asked, Towards, Version, read_consent
from hilf.federation.peer import PeerState
from hilf.lists.hit import Action
from hilf.node import life, lists, peer
from hilf.node.federation import announce
from hilf.node.home import Home, index_key
from hilf.node.preview import Weighing, recipient_of
from hilf.node.profile import Profiles
from hilf.store.database import transaction
from hilf.store.instant import microseconds
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import consent as store
from hilf.store.release.consent import KeptConsent

ANSWER: Final = timedelta(days=3)
"""How long an originator has where nobody says otherwise."""

LONGEST: Final = timedelta(days=90)
"""No question waits longer: what is known by then is another thing."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is asked, and under which accord."""

    node: str
    under: InForce


@dataclass(slots=True)
class Originators:
    """Finds whom to ask; what is in force with whom is read once."""

    home: Home
    now: datetime
    _held: dict[str, tuple[InForce, ...]] = field(default_factory=dict)

    def of(self, kept: Kept, never: str | None = None) -> Whom | None:
        """Whom to ask about an assertion; None where there is nobody.

        Args:
            kept: the assertion.
            never: the node that asks us: it is not asked back.
        """
        for node in (kept.author, kept.asserter):
            if node is None or node in (self.home.node, never):
                continue
            held = self.in_force_with(node)
            if held:
                cited = (kept.accord or "").partition(" ")[0]
                same = [each for each in held if each.accord.id == cited]
                return Whom(node, (same or held)[0])
        return None

    def in_force_with(self, node: str) -> tuple[InForce, ...]:
        """Every accord under which a node can be asked; none where it is not verified."""
        if node not in self._held:
            verified = peer.state_of(node) is PeerState.VERIFIED
            self._held[node] = life.in_force_with(self.home, node, self.now) if verified else ()
        return self._held[node]


def ask(
    home: Home,
    stix_ids: Sequence[str],
    to: Towards,
    now: datetime,
    answer_by: datetime | None = None,
    reason: Mapping[str, str] | None = None,
    purpose: str | None = None,
) -> tuple[KeptConsent, ...]:
    """Ask whoever has to be asked about the newest versions that we hold; one question to each node.

    Args:
        home: this node.
        stix_ids: the objects.
        to: whom they would go to.
        now: aware.
        answer_by: the clock; None for three days from now.
        reason: why, for the people who decide; language → one sentence.
        purpose: of the release; None for the first purpose of the accords with the first recipient.

    Raises:
        CallerFault: "consent.unknown-object", "consent.answer-by" or "release.unknown-node".
        Refusal: "consent.own", "consent.not-needed", "consent.would-not-help", "consent.nobody-to-ask",
            "consent.asked-already", "consent.reason-on-a-list".
    """
    _check_clock(answer_by, now)
    with transaction():
        _check_reason(home, reason)
        for node in to.nodes:
            recipient_of(node)
        originators, groups = Originators(home, now), dict[str, tuple[Whom, dict[int, Kept]]]()
        for stix_id in dict.fromkeys(stix_ids):
            whom, rows = _rows_of(home, stix_id, originators, now)
            for node in to.nodes:
                _check_needed(home, stix_id, rows, node, purpose, now)
            groups.setdefault(whom.node, (whom, {}))[1].update({row.seq: row for row in rows})
        for_what = purpose or _purpose(home, to, originators, now)
        made = []
        for whom, by_seq in groups.values():
            asked = Asked(versions(by_seq.values()), to, for_what, answer_by or now + ANSWER, reason)
            _check_new(whom.node, asked, now)
            made.append(put(home, whom, by_seq.values(), asked, None, now))
        return tuple(made)


def put(
    home: Home, whom: Whom, rows: Iterable[Kept], asked: Asked, cause: int | None, now: datetime
) -> KeptConsent:
    """Ask, in the caller's transaction; `cause` is the partner's question that this one passes on."""
    under = whom.under.accord
    act = announce(home, whom.node, "consent", asked.json(), now, under.key)
    number = store.put(
        outgoing=True,
        peer=whom.node,
        act_id=bytes.fromhex(act.id),
        accord=f"{under.id} {under.version}",
        asked=orjson.dumps(asked.json()).decode(),
        at=microseconds(now),
        answer_by=microseconds(asked.answer_by),
        objects=[(row.seq, row.sha256) for row in rows],
        cause=cause,
    )
    return kept(number)


def kept(number: int) -> KeptConsent:
    """A question that is known to be kept."""
    found = store.get(number)
    assert found is not None  # noqa: S101  # the caller has its number from the store
    return found


def asked_of(question: KeptConsent) -> Asked:
    """What a kept question asks."""
    body = read_consent(orjson.loads(question.asked))
    assert isinstance(body, Asked)  # noqa: S101  # it was read when it was made, or came
    return body


def versions(rows: Iterable[Kept]) -> tuple[Version, ...]:
    """The versions that assertions are of, each once."""
    return tuple(dict.fromkeys(version_of(row) for row in rows))


def version_of(row: Kept) -> Version:
    """Which version an assertion is of, as a consent act names it."""
    modified = row.object.get("modified")
    return Version(row.stix_id, modified if isinstance(modified, str) else None, row.sha256.hex())


def _rows_of(
    home: Home, stix_id: str, originators: Originators, now: datetime
) -> tuple[Whom, tuple[Kept, ...]]:
    """Whom to ask about an object, and the assertions that the answer is for: the newest version of those."""
    rows = objects.current(stix_id, index_key(home))
    if not rows:
        raise CallerFault(
            "consent.unknown-object",
            f"There is no object {stix_id[:100]} here.",
            "",
            "Look for it: hilf search TEXT",
        )
    for row, _, profile in Profiles(home, now).read(rows):
        if profile.own or row.author == home.node:
            raise Refusal(
                "consent.own",
                f"{stix_id} is our own.",
                "What this node asserts itself is decided by the agreement with the recipient alone.",
                f"Look what may leave: hilf release preview --to NODE --select id:{stix_id}",
            )
    asked = [(row, whom) for row in rows if (whom := originators.of(row)) is not None]
    if not asked:
        named = sorted({row.author or row.asserter for row in rows})
        raise Refusal(
            "consent.nobody-to-ask",
            f"Nobody can be asked about {stix_id}: it is of {', '.join(named)}.",
            "The author or the node that we have it from must be verified, with an agreement in force.",
            "See how it stands with them: hilf peer list, hilf accord list",
        )
    newest = max(asked, key=lambda pair: (pair[1].node == pair[0].author, pair[0].modified or 0))
    chosen, whom = newest
    same = (row for row in rows if row.sha256 == chosen.sha256)
    return whom, tuple(
        row
        for row in same
        if ((found := originators.of(row)) is not None and found.node == whom.node)
        or (row.asserter == home.node and row.accord == chosen.accord)
    )


def _check_needed(
    home: Home, stix_id: str, rows: Sequence[Kept], node: str, purpose: str | None, now: datetime
) -> None:
    weighing = Weighing(home, node, purpose, now)
    against = Reason("accord.arrival-unknown", Says.REFUSES, "How it came is not known, so it stays.")
    for _, _, profile in Profiles(home, now).read(rows):
        decision = weighing.cache.decide(profile)
        if decision.allowed:
            raise Refusal(
                "consent.not-needed",
                f"{stix_id} may go to {node} without being asked for.",
                decision.main.text,
                f"Send it: hilf release send --to {node} --select id:{stix_id}",
            )
        if profile.arrival is None:
            continue
        named = replace(
            profile, arrival=replace(profile.arrival, consents=frozenset({(node, weighing.purpose)}))
        )
        with_consent = weighing.cache.decide(named)
        refusing = {reason.rule for reason in decision.reasons if reason.says is Says.REFUSES}
        if with_consent.allowed and refusing & BY_CONSENT:
            return
        against = with_consent.main
    raise Refusal(
        "consent.would-not-help",
        f"{stix_id} would not go to {node} with consent either: {against.text}",
        f"Rule {against.rule}: only the originator's wishes are his to waive.",
        f"See everything that speaks: hilf release why {stix_id} --to {node}",
    )


def _check_new(node: str, asked: Asked, now: datetime) -> None:
    for each in store.unanswered():
        before = asked_of(each)
        if (
            each.outgoing
            and each.peer == node
            and before.answer_by >= now
            and before.to == asked.to
            and set(asked.objects) <= set(before.objects)
        ):
            raise Refusal(
                "consent.asked-already",
                f"{node} is asked already and has until {before.answer_by:%Y-%m-%d %H:%M} UTC.",
                "The same question twice is answered no sooner.",
                "See how it stands: hilf consent list",
            )


def _check_clock(answer_by: datetime | None, now: datetime) -> None:
    if answer_by is not None and not now < answer_by <= now + LONGEST:
        raise CallerFault(
            "consent.answer-by",
            f"An answer by {answer_by:%Y-%m-%d %H:%M} UTC cannot be waited for.",
            f"The clock ends after now and within {LONGEST.days} days.",
            "Give another time with --by, or leave it out.",
        )


def _check_reason(home: Home, reason: Mapping[str, str] | None) -> None:
    """The one text of people that a question carries passes no release, so lists that stop are asked here (accord.md 4)."""
    hits = lists.look(home, {"type": "note", "content": "\n".join((reason or {}).values())})
    named = sorted({hit.list for hit in hits if hit.action is Action.STOP})
    if named:
        raise Refusal(
            "consent.reason-on-a-list",
            f"The reason holds something that stands on a list: {', '.join(named)}.",
            "It would go to whoever is asked, and from there nobody calls it back.",
            "Say why without it.",
        )


def _purpose(home: Home, to: Towards, originators: Originators, now: datetime) -> str:
    return Weighing(home, to.nodes[0], None, now).purpose if to.nodes else _any_purpose(originators)


def _any_purpose(originators: Originators) -> str:
    """Of the accords with whom is asked, where a community and no node is named."""
    named = (held[0].accord.purposes[0] for held in originators._held.values() if held)  # noqa: SLF001
    return next(named)
