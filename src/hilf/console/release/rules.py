"""What the rules of a decision say, in the reader's language; a test holds them against the rules that there are."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RULES: Final[dict[str, Promise]] = {
    "accord.recipient-not-verified": _("Only a node that two people verified receives anything."),
    "accord.marking-unreadable": _("What carries a marking that cannot be read stays."),
    "accord.rel-to": _("What names the nations or communities it may go to goes to these only."),
    "accord.classified": _(
        "What bears a classification of a state or an alliance stays, unless the nation has mapped that classification."
    ),
    "accord.marked-not-onward": _(
        "What is marked so that nobody passes it on is not passed on, whatever the agreement says."
    ),
    "accord.provider-not-named": _(
        "What came under an IEP that forbids to name the provider is not passed on, since that names its author."
    ),
    "accord.control-marking": _(
        "What bears an ACS or CUI marking is treated as TLP:AMBER+STRICT at least, unless the nation has mapped it."
    ),
    "accord.actions-limited": _(
        "PAP, or the permitted actions of an IEP, limit what may be done with it; that does not keep it from leaving."
    ),
    "accord.iep-outside-period": _(
        "What is under an IEP outside its period is treated as TLP:AMBER+STRICT at least, and all that it forbids holds."
    ),
    "accord.encrypted-in-transit": _(
        "An IEP that asks for encryption in transit is kept: every way out of this node is encrypted."
    ),
    "accord.nobody-notified": _("An IEP that forbids to notify who is affected goes along and is said."),
    "accord.exercise-material": _("Exercise material leaves for the purpose exercise only."),
    "accord.tlp-missing": _("What states no TLP is treated as TLP:AMBER+STRICT, and sent on as such."),
    "accord.revoked": _("What is revoked may leave, and says that it is revoked."),
    "accord.arrival-unknown": _("What a partner asserts stays while it is not known how it came."),
    "accord.retention-over": _("What may no longer be kept is not passed on either."),
    "accord.onward-none": _("What came on the term `none` is not passed on."),
    "accord.onward-ask-originator": _("What came on the term `ask originator` needs his consent."),
    "accord.onward-listed": _("What came on the term `listed` goes to parties of its agreement only."),
    "accord.onward-open": _("The term on which it came lets it be passed on to this recipient."),
    "accord.onward-consented": _(
        "The originator's consent names this recipient and purpose, and lifts what the term of arrival and TLP say of passing on."
    ),
    "accord.originator-control": _("What is under originator control needs his consent to go on."),
    "accord.green-outside-community": _("Received at GREEN it stays in the community it came under."),
    "accord.amber-not-onward": _("Received at AMBER it stays with the team and whom it serves."),
    "accord.amber-strict-not-onward": _("Received at AMBER+STRICT it stays with the receiving team."),
    "accord.red-named-people": _("Received at RED it stays with the people it was named to."),
    "accord.forbidden": _("A forbid in any agreement in force denies whatever another permits."),
    "accord.purpose-not-agreed": _("Nothing leaves under an agreement for a purpose that it does not name."),
    "accord.personal-data-forbidden": _("The agreement forbids personal data."),
    "accord.personal-data-withheld": _(
        "The agreement wants personal data redacted, and here that cannot be: another wrote it, or nothing else is in it."
    ),
    "accord.personal-data-redacted": _(
        "The agreement wants personal data redacted, so the members that hold it are taken out."
    ),
    "accord.duty-sealed": _("A duty to send in a sealed body cannot be fulfilled yet, so it stays."),
    "accord.duty-purpose": _("A clause lets it leave for one purpose only, and this is another."),
    "accord.duty-unknown": _("A duty that cannot be read cannot be fulfilled, so it stays."),
    "accord.permitted": _("A clause permits it."),
    "accord.duty": _("A clause adds a duty, before it leaves or after it has arrived."),
    "accord.second-officer": _("From AMBER on a release needs a second officer."),
    "accord.none-in-force": _("No agreement in force, no release."),
    "accord.kind-not-covered": _("No clause permits things of this kind."),
    "accord.marking-above": _("It is marked more strictly than the clause permits."),
    "accord.pap-above": _("Less may be done with it than the clause permits (PAP, IEP)."),
    "accord.confidence-below": _("It is stated with less confidence than the clause asks for, or with none."),
    "accord.labels-differ": _("It has none of the labels that the clause names."),
    "accord.sectors-differ": _("It is about none of the sectors that the clause names."),
    "accord.purpose-differs": _("The clause is for another purpose."),
    "accord.exercise-differs": _("The clause is for exercise material and this is real, or the reverse."),
    "accord.language-differs": _("It is in none of the languages that the clause names."),
    "accord.personal-data-differs": _("The clause asks for things with personal data, or without."),
    "accord.condition-unknown": _("A permit with a condition that cannot be read permits nothing."),
    "accord.part-redacted": _("A part of it may not go and is taken out before the rest leaves."),
    "accord.granular-withheld": _(
        "A part of it may not go, and as another wrote it, or the part cannot be named, all of it stays."
    ),
    "accord.redaction-impossible": _(
        "Without the parts that may not go it would be no valid object or say something else, so all of it stays."
    ),
    "accord.end-stays": _("A relation stays when one of its ends stays and is not held by the recipient."),
    "accord.end-held-narrower": _("A relation stays when one of its ends is held under stricter terms."),
    "accord.definition-alone": _("A definition of a marking stays when nothing that carries it leaves."),
    "accord.definition-along": _("A definition of a marking goes along with what carries it."),
    "lists.own-asset": _("It names an asset of our own, and that list stops what it finds."),
    "lists.victim": _("It names a victim, and that list stops what it finds."),
    "lists.special-use": _(
        "It holds an address or name that means nobody in particular, and that list stops what it finds."
    ),
    "lists.warning-list": _("It holds a value of a warning list that stops what it finds."),
    "lists.set-aside": _("Officers set aside a list that stops it; so it needs a second officer."),
    "lists.warned": _("A list warns of it; it leaves nevertheless, where nothing else keeps it."),
    "release.taken-back": _(
        "The partner was told to let it go; only a version that was modified later goes there again."
    ),
}
"""Rule → its sentence. Source: accord/explain, lists/explain."""
