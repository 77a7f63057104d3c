import pytest

from hilf.accord.decision import VERIFIED, Decision, Reason, Recipient, Says, refusal
from hilf.accord.terms import Onward, Terms
from tests.accord.agreements import ID

KEY = (ID, 1)
TERMS = Terms((), Onward.NONE)
YES = Reason("accord.permitted", Says.PERMITS, "Yes.", KEY, "c-1")
NO = Reason("accord.forbidden", Says.REFUSES, "No.", KEY, "c-2")
NOTE = Reason("accord.tlp-missing", Says.NOTES, "Note.")


def test_a_decision_without_a_reason_cannot_be_made() -> None:
    for allowed in (True, False):
        with pytest.raises(ValueError, match="without a reason"):
            Decision(allowed=allowed, accord=None, reasons=(), terms=None)
    with pytest.raises(ValueError, match="without a reason"):
        refusal()


def test_a_release_needs_a_permit_an_accord_and_terms_and_no_refusal() -> None:
    assert Decision(allowed=True, accord=KEY, reasons=(YES,), terms=TERMS).main == YES
    for accord, reasons, terms in (
        (KEY, (NOTE,), TERMS),
        (KEY, (YES, NO), TERMS),
        (None, (YES,), TERMS),
        (KEY, (YES,), None),
    ):
        with pytest.raises(ValueError, match="a release needs"):
            Decision(allowed=True, accord=accord, reasons=reasons, terms=terms)


def test_a_refusal_needs_something_that_refuses_and_carries_nothing() -> None:
    assert refusal(NOTE, YES, NO).main == NO
    for accord, reasons, terms in (
        (None, (YES,), None),
        (None, (NOTE,), None),
        (KEY, (NO,), None),
        (None, (NO,), TERMS),
    ):
        with pytest.raises(ValueError, match="a refusal needs"):
            Decision(allowed=False, accord=accord, reasons=reasons, terms=terms)
    with pytest.raises(ValueError, match="a refusal needs"):
        Decision(allowed=False, accord=None, reasons=(NO,), terms=None, redact=("name",))


def test_the_main_reason_of_a_release_is_the_permit_of_the_accord_that_is_cited() -> None:
    other = Reason("accord.permitted", Says.PERMITS, "Other.", ("accord--0", 1), "x")
    assert Decision(allowed=True, accord=KEY, reasons=(NOTE, other, YES), terms=TERMS).main == YES


def test_a_recipient_is_verified_unless_said_otherwise() -> None:
    assert Recipient("cert.qn.example", "QN").state == VERIFIED
