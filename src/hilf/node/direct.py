"""What we would refuse to a recipient directly we do not consent to either (accord.md 3; docs/adr/0014).

Decides whether a consent of ours may be given: not for what may not be read here any more, and not where our own markings,
a clause that forbids with that recipient, or its suspension stand against it. That no agreement is in force with it is no
reason: consent is for nations that the originator has none with. Of a community, whom we know to be in it is asked about.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from hilf.accord.decide import decide
from hilf.accord.decision import Reason, Recipient
from hilf.accord.onward import refused_directly
from hilf.accord.placing import ObjectState
from hilf.errors import Refusal
from hilf.federation.consent import Given, Version
from hilf.federation.peer import PeerState
from hilf.node import life, peer
from hilf.node.home import Home
from hilf.node.profile import Profiles
from hilf.node.question import asked_of
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.assertion import Kept
from hilf.store.release import consent as store
from hilf.store.release.consent import KeptConsent


def check(home: Home, question: KeptConsent, given: Given, now: datetime) -> None:
    """Return if we would give what we consent to directly as well, as far as our own wishes go.

    Raises:
        Refusal: "consent.object-gone" or "consent.refused-directly".
    """
    rows = [
        row for row in objects.by_seq(store.objects(question.number)).values() if _is_in(row, given.objects)
    ]
    gone = next((row for row in rows if row.state >= ObjectState.QUARANTINED or row.body is None), None)
    if gone is not None:
        raise Refusal(
            "consent.object-gone",
            f"{gone.stix_id} was taken back or waits for a person.",
            "What may not be read here is not given away.",
            f"Deny it: hilf consent deny {question.act_id.hex()[:16]} --code outdated",
        )
    purpose = asked_of(question).purpose
    for node in given.to.nodes or _members(home, question, given.to.community):
        speaks = _refused(home, rows, node, purpose, now)
        if speaks is not None:
            raise Refusal(
                "consent.refused-directly",
                f"{node} would not get it from us either: {speaks.text}",
                "What is refused directly is refused through any onward path (accord.md 3).",
                f"Deny it: hilf consent deny {question.act_id.hex()[:16]} --code recipient",
            )


def _refused(home: Home, rows: Iterable[Kept], node: str, purpose: str, now: datetime) -> Reason | None:
    known, state = peer.identity_of(node), peer.state_of(node)
    recipient = Recipient(node, known.newest.country if known else "", state=state.value)
    held = life.in_force_with(home, node, now)
    stopped = state in (PeerState.SUSPENDED, PeerState.REVOKED)
    for _, _, profile in Profiles(home, now).read(rows):
        if profile.own:
            spoken = refused_directly(decide(profile, recipient, held, purpose, now), stopped=stopped)
            if spoken is not None:
                return spoken
    return None


def _members(home: Home, question: KeptConsent, community: str | None) -> tuple[str, ...]:
    """Whom we know to be in a community, beside us and the one that asks."""
    known = {
        node
        for each in life.signed_by_all().all
        if each.accord.community == community
        for node in each.accord.nodes
    }
    return tuple(sorted(known - {home.node, question.peer}))


def _is_in(row: Kept, versions: Sequence[Version]) -> bool:
    return any(each.sha256 == row.sha256.hex() for each in versions)
