"""Explanations: every rule that can speak in a decision or keep somebody from a step, with one sentence each.

Decides nothing: it is the list from which the documentation and the tables of codes are made. A test holds it against
the rules that the room really uses, so a new rule brings its sentence.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of this room.

    Attributes:
        slug: as it stands in `Reason.rule`, or as the code of a refusal.
        text: one sentence for people.
        source: where it is agreed.
    """

    slug: str
    text: str
    source: str = "accord.md 3"


RULES: Final = (
    Rule(
        "accord.recipient-not-verified",
        "Only a node that two people verified receives anything.",
        "protocol.md 1",
    ),
    Rule("accord.marking-unreadable", "What carries a marking that cannot be read stays.", "accord.md 2"),
    Rule(
        "accord.rel-to",
        "What names the nations or communities it may go to goes to these only.",
        "accord.md 2",
    ),
    Rule(
        "accord.classified",
        "What bears a classification of a state or an alliance stays, unless the nation has mapped that classification.",
        "accord.md 2",
    ),
    Rule(
        "accord.marked-not-onward",
        "What is marked so that nobody passes it on is not passed on, whatever the agreement says.",
        "accord.md 2",
    ),
    Rule(
        "accord.provider-not-named",
        "What came under an IEP that forbids to name the provider is not passed on, since that names its author.",
        "FIRST IEP 2.0, provider attribution",
    ),
    Rule(
        "accord.control-marking",
        "What bears an ACS or CUI marking is treated as TLP:AMBER+STRICT at least, unless the nation has mapped it.",
        "accord.md 2",
    ),
    Rule(
        "accord.actions-limited",
        "PAP, or the permitted actions of an IEP, limit what may be done with it; that does not keep it from leaving.",
        "MISP taxonomy PAP; FIRST IEP 2.0",
    ),
    Rule(
        "accord.iep-outside-period",
        "What is under an IEP outside its period is treated as TLP:AMBER+STRICT at least, and all that it forbids holds.",
        "FIRST IEP 2.0, start and end date",
    ),
    Rule(
        "accord.encrypted-in-transit",
        "An IEP that asks for encryption in transit is kept: every way out of this node is encrypted.",
        "FIRST IEP 2.0, encrypt in transit; wire.md 5",
    ),
    Rule(
        "accord.nobody-notified",
        "An IEP that forbids to notify who is affected goes along and is said.",
        "FIRST IEP 2.0, affected party notifications",
    ),
    Rule("accord.exercise-material", "Exercise material leaves for the purpose exercise only."),
    Rule(
        "accord.tlp-missing",
        "What states no TLP is treated as TLP:AMBER+STRICT, and sent on as such.",
        "accord.md 2",
    ),
    Rule("accord.revoked", "What is revoked may leave, and says that it is revoked.", "STIX 2.1 3.2"),
    Rule(
        "accord.arrival-unknown",
        "What a partner asserts stays while it is not known how it came.",
        "accord.md 2",
    ),
    Rule("accord.retention-over", "What may no longer be kept is not passed on either.", "accord.md 1"),
    Rule("accord.onward-none", "What came on the term `none` is not passed on.", "accord.md 1"),
    Rule(
        "accord.onward-ask-originator",
        "What came on the term `ask originator` needs his consent.",
        "accord.md 1",
    ),
    Rule(
        "accord.onward-listed",
        "What came on the term `listed` goes to parties of its agreement only.",
        "accord.md 1",
    ),
    Rule(
        "accord.onward-open",
        "The term on which it came lets it be passed on to this recipient.",
        "accord.md 1",
    ),
    Rule(
        "accord.onward-consented",
        "The originator's consent names this recipient and purpose, and lifts what the term of arrival and TLP say of passing on.",
        "accord.md 2",
    ),
    Rule(
        "accord.originator-control",
        "What is under originator control needs his consent to go on.",
        "accord.md 2",
    ),
    Rule(
        "accord.green-outside-community",
        "Received at GREEN it stays in the community it came under.",
        "accord.md 2",
    ),
    Rule(
        "accord.amber-not-onward",
        "Received at AMBER it stays with the team and whom it serves.",
        "accord.md 2",
    ),
    Rule(
        "accord.amber-strict-not-onward",
        "Received at AMBER+STRICT it stays with the receiving team.",
        "accord.md 2",
    ),
    Rule(
        "accord.red-named-people", "Received at RED it stays with the people it was named to.", "accord.md 2"
    ),
    Rule(
        "accord.forbidden",
        "A forbid in any agreement in force denies whatever another permits.",
        "accord.md 1",
    ),
    Rule(
        "accord.purpose-not-agreed", "Nothing leaves under an agreement for a purpose that it does not name."
    ),
    Rule("accord.personal-data-forbidden", "The agreement forbids personal data.", "accord.md 1"),
    Rule(
        "accord.personal-data-withheld",
        "The agreement wants personal data redacted, and here that cannot be: another wrote it, or nothing else is in it.",
        "accord.md 1",
    ),
    Rule(
        "accord.personal-data-redacted",
        "The agreement wants personal data redacted, so the members that hold it are taken out.",
        "accord.md 1",
    ),
    Rule(
        "accord.duty-sealed",
        "A duty to send in a sealed body cannot be fulfilled yet, so it stays.",
        "accord.md 1",
    ),
    Rule(
        "accord.duty-purpose",
        "A clause lets it leave for one purpose only, and this is another.",
        "accord.md 1",
    ),
    Rule(
        "accord.duty-unknown", "A duty that cannot be read cannot be fulfilled, so it stays.", "accord.md 1"
    ),
    Rule("accord.permitted", "A clause permits it.", "accord.md 1"),
    Rule("accord.duty", "A clause adds a duty, before it leaves or after it has arrived.", "accord.md 1"),
    Rule("accord.second-officer", "From AMBER on a release needs a second officer.", "accord.md 4"),
    Rule("accord.none-in-force", "No agreement in force, no release."),
    Rule("accord.kind-not-covered", "No clause permits things of this kind."),
    Rule("accord.marking-above", "It is marked more strictly than the clause permits."),
    Rule("accord.pap-above", "Less may be done with it than the clause permits (PAP, IEP)."),
    Rule(
        "accord.confidence-below", "It is stated with less confidence than the clause asks for, or with none."
    ),
    Rule("accord.labels-differ", "It has none of the labels that the clause names."),
    Rule("accord.sectors-differ", "It is about none of the sectors that the clause names."),
    Rule("accord.purpose-differs", "The clause is for another purpose."),
    Rule("accord.exercise-differs", "The clause is for exercise material and this is real, or the reverse."),
    Rule("accord.language-differs", "It is in none of the languages that the clause names."),
    Rule("accord.personal-data-differs", "The clause asks for things with personal data, or without."),
    Rule(
        "accord.condition-unknown",
        "A permit with a condition that cannot be read permits nothing.",
        "accord.md 1",
    ),
    Rule("accord.part-redacted", "A part of it may not go and is taken out before the rest leaves."),
    Rule(
        "accord.granular-withheld",
        "A part of it may not go, and as another wrote it, or the part cannot be named, all of it stays.",
    ),
    Rule(
        "accord.redaction-impossible",
        "Without the parts that may not go it would be no valid object or say something else, so all of it stays.",
    ),
    Rule("accord.end-stays", "A relation stays when one of its ends stays and is not held by the recipient."),
    Rule("accord.end-held-narrower", "A relation stays when one of its ends is held under stricter terms."),
    Rule("accord.definition-alone", "A definition of a marking stays when nothing that carries it leaves."),
    Rule("accord.definition-along", "A definition of a marking goes along with what carries it."),
)
"""Rules that speak in decisions, roughly in the order in which they are asked."""

REFUSALS: Final = (
    Rule("accord.not-a-party", "Only a party signs, suspends or ends an accord.", "accord.md 1"),
    Rule(
        "accord.not-to-be-signed",
        "Only a version that is proposed and not yet signed by all is signed.",
        "accord.md 1",
    ),
    Rule("accord.successor-signed", "A node signs at most one successor of a version.", "accord.md 1"),
    Rule(
        "accord.predecessor-not-signed", "An amendment follows a version that all have signed.", "accord.md 1"
    ),
    Rule("accord.proposer-signs-last", "The proposer signs when all others have.", "accord.md 1"),
    Rule("accord.not-the-proposer", "Only the proposer takes a proposal back.", "accord.md 1"),
    Rule(
        "accord.proposer-has-signed", "Once the proposer has signed nothing can be withdrawn.", "accord.md 1"
    ),
    Rule(
        "accord.not-to-be-withdrawn",
        "Only a proposal can be withdrawn; what is in force is ended.",
        "accord.md 1",
    ),
    Rule(
        "accord.not-in-force", "Only an accord that all have signed can be suspended or ended.", "accord.md 1"
    ),
)
"""Codes of the refusals that keep this node from a step in the life of an accord."""
