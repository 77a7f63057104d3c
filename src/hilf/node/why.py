"""Why an object may leave to a node, or may not, and on what ground it left before (accord.md 3, 4).

Decides nothing: it asks `node/preview` as a release would. For what was sent already it hears the very version of the
accord that the act cites, at the time of the act; an act holds no clause, and both the text and the object are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from hilf.accord.decide import decide
from hilf.accord.decision import VERIFIED, Decision, Reason
from hilf.accord.document import InForce
from hilf.errors import CallerFault
from hilf.node import approval, identity
from hilf.node.home import Home, index_key
from hilf.node.past import Past, past
from hilf.node.preview import Weighed, Weighing, cited, recipient_of, terms_of
from hilf.node.profile import Profiles, cited_accord
from hilf.store.federation import record
from hilf.store.instant import moment
from hilf.store.intelligence import read as objects
from hilf.store.release import consent, proposal, sent
from hilf.store.release.order import KeptOrder
from hilf.store.release.proposal import KeptRelease
from hilf.store.release.sent import Sent


@dataclass(frozen=True, slots=True)
class Went:
    """One act that carried the object to the node.

    Attributes:
        at: time of the act.
        state: waiting, sent, or what the receipt says; "retracted" once it was taken back.
        sha256: content id of the version, 32 bytes.
        accord: (id, version) that it went under.
        clause: the clause that permitted it; None where the object is hidden or marked more strictly by now.
        release: the release that it belongs to.
        refusal: the code with which the recipient refused it.
        redacted: whether parts were taken out before.
        order: the standing order that sent it; None where a person did.
        people: who proposed and approved it, as far as officers had to.
        consents: nodes and communities that the originator's consent named at that time, for what another node wrote.
    """

    at: datetime
    state: str
    sha256: bytes
    accord: tuple[str, int] | None
    clause: str | None
    release: str | None
    refusal: str | None
    redacted: bool = False
    order: str | None = None
    people: tuple["Signed", ...] = ()
    consents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """An officer's record for exactly the acts of a release.

    Attributes:
        name: of the officer, in our identity document of that time; the kid where none names it.
        at: when it was signed.
        proposed: whether this is the one who proposed.
    """

    name: str
    kid: str
    at: datetime
    proposed: bool


@dataclass(frozen=True, slots=True)
class Why:
    """The decision on one object for one node, and what went there before.

    Attributes:
        weighed: each assertion of it with its decision, the one that a release would take first.
        went: the acts that carried it, the oldest first.
        past: what was to be decided at an earlier instant; None where only today was asked for.
        taken_back: whether the node was told to let go of what a release would take, so that it would refuse it.
    """

    stix_id: str
    to: str
    purpose: str
    weighed: tuple[Weighed, ...]
    went: tuple[Went, ...]
    past: Past | None = None
    taken_back: bool = False

    @property
    def decision(self) -> Decision | None:
        """The decision that a release would follow; None where nobody asserts the object any more."""
        return self.weighed[0].decision if self.weighed else None


def why(
    home: Home, stix_id: str, to: str, now: datetime, purpose: str | None = None, at: datetime | None = None
) -> Why:
    """Every clause and rule that speaks about an object and a node.

    Args:
        home: this node.
        stix_id: the object.
        to: the node.
        now: aware.
        purpose: of the act; None for the accord's first.
        at: aware; an earlier instant for which the same is answered, as far as that time is kept.

    Raises:
        CallerFault: "release.unknown-object", "release.unknown-node" or "release.at-ahead".
    """
    if at is not None and at > now:
        raise CallerFault(
            "release.at-ahead",
            f"{at.isoformat()} has not come yet.",
            "Only what was can be told.",
            "Give a time before now.",
        )
    recipient_of(to)
    went = tuple(_went(home, act) for act in sent.to(to, [stix_id], index_key(home)))
    rows = objects.current(stix_id, index_key(home))
    then = past(home, stix_id, to, at, purpose) if at is not None else None
    if not rows and not went and (then is None or not then.said):
        raise CallerFault(
            "release.unknown-object",
            f"There is no object {stix_id[:100]} here.",
            "",
            "Look for it: hilf search TEXT",
        )
    weighing = Weighing(home, to, purpose, now)
    weighed = [weighing.weigh_together([row])[row.seq] for row in rows]
    weighed.sort(key=lambda each: (each.kept.asserter != home.node, not each.decision.allowed))
    taken = weighing.taken_back(each.kept for each in weighed[:1])
    return Why(stix_id, to, weighing.purpose, tuple(weighed), went, then, bool(taken))


def why_each(
    home: Home, selection: str, to: str, now: datetime, purpose: str | None = None
) -> Iterator[Weighed]:
    """The decision on everything that is selected, what leaves first; what the node has already is left out.

    Raises:
        CallerFault: "release.unknown-node", or the selection is not understood.
    """
    shown = Weighing(home, to, purpose, now).preview(selection)
    yield from shown.allowed
    yield from shown.withheld


def _went(home: Home, act: Sent) -> Went:
    reason = orjson.loads(act.reason) if act.reason else None
    state = "retracted" if act.hidden and act.state != "dropped" else act.state
    accord = cited(act.envelope)
    kept = proposal.get(act.release_id) if act.release_id else None
    return Went(
        moment(act.at),
        state,
        act.sha256,
        accord,
        _clause(home, act, accord),
        act.release_id,
        reason["code"] if reason else None,
        terms_of(act.envelope).redacted_from is not None,
        kept.order_id if kept else None,
        people(home, kept) if kept else (),
        tuple(sorted({whom for whom, _ in consent.live(act.at).get(act.object_seq, ())})),
    )


def people(home: Home, kept: KeptRelease | KeptOrder) -> tuple[Signed, ...]:
    """Whose records bind a release that needed officers, or a standing order; the one who proposed first."""
    if kept.proposed_by is None:
        return ()
    names = {
        kid: each.name for document in identity.own(home).chain for kid, each in document.officers.items()
    }
    signed = []
    for text in record.about(approval.ROLE, kept.subject):
        body = orjson.loads(text)
        at = datetime.fromisoformat(body["at"])
        kid = body["kid"]
        signed.append(Signed(names.get(kid, kid), kid, at, kid == kept.proposed_by))
    return tuple(sorted(signed, key=lambda each: (not each.proposed, each.at)))


def _clause(home: Home, act: Sent, accord: tuple[str, int] | None) -> str | None:
    text = cited_accord(f"{accord[0]} {accord[1]}") if accord else None
    row = objects.by_seq([act.object_seq]).get(act.object_seq)
    if text is None or row is None or row.body is None:
        return None
    ((_, _, profile),) = Profiles(home, moment(act.at)).read([row])
    recipient = replace(recipient_of(act.peer), state=VERIFIED)
    purpose = orjson.loads(act.envelope)["purpose"]
    decision = decide(profile, recipient, [InForce(text, home.node)], purpose, moment(act.at))
    return decision.main.clause if decision.allowed else None


def spoken(decision: Decision) -> tuple[Reason, ...]:
    """Every reason once, the one that decided first."""
    rest = [reason for reason in decision.reasons if reason != decision.main]
    return (decision.main, *dict.fromkeys(rest))
