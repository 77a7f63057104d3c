from datetime import timedelta
from typing import Any

import pytest

from hilf.errors import PartnerFault
from hilf.seal.annex import TAG, latest, read_annex
from hilf.seal.signed import sign
from tests.seal.nodes import IDENTITY, INPUTS, KEYS, NOW, at, by_name, qm_identity

QM = qm_identity()
NEGATIVE = by_name(case for case in IDENTITY["negative"] if "annex" in case)


def annex(**changes: Any) -> Any:
    return sign(TAG, {**INPUTS["annex"], **changes}, KEYS["qm online 2"])


def test_the_annex_of_the_vectors_counts_with_its_unknown_member() -> None:
    read = read_annex(INPUTS["annex"], QM, NOW)
    assert (read.node, read.identity_seq, read.body) == ("cert.qm.example", 2, INPUTS["annex"])
    assert read.expires - read.issued == timedelta(days=34)
    assert read_annex(INPUTS["annex"], QM, read.expires) == read


@pytest.mark.parametrize("name", NEGATIVE)
def test_an_annex_of_the_vectors_is_refused_by_its_rule(name: str) -> None:
    case = NEGATIVE[name]
    with pytest.raises(PartnerFault) as fault:
        read_annex(case["annex"], QM, at(case["now"]))
    assert fault.value.rule == case["refused_at"]


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (None, "annex: members"),
        ({name: member for name, member in annex().items() if name != "issued"}, "annex: members"),
        (annex(v=True), "annex: v or type"),
        (annex(v=2), "annex: v or type"),
        (annex(type="hilf-card"), "annex: v or type"),
        (annex(node="cert.qn.example"), "annex: node"),
        (annex(identity_seq=0), "annex: identity_seq"),
        (annex(identity_seq=3), "annex: identity_seq"),
        (annex(identity_seq=True), "annex: identity_seq"),
        (annex(issued="2026-01-02"), "annex: time form"),
        (annex(expires="2026-01-02T00:00:00.000Z"), "annex: lifetime"),
        (annex(issued="2026-01-02T02:24:20.001Z"), "annex: issued ahead"),
    ],
)
def test_an_annex_in_another_form_is_refused(value: Any, rule: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        read_annex(value, QM, NOW)
    assert fault.value.rule == rule


def test_an_annex_may_be_issued_60_s_ahead() -> None:
    assert read_annex(annex(issued="2026-01-02T02:24:20.000Z"), QM, NOW).issued == NOW + timedelta(seconds=60)


def test_an_annex_may_live_35_days() -> None:
    assert read_annex(annex(expires="2026-02-06T00:00:00.000Z"), QM, NOW).expires.day == 6


def test_an_annex_without_keys_is_one() -> None:
    kept = {name: member for name, member in INPUTS["annex"].items() if name not in {"sealing", "later"}}
    bare = sign(TAG, kept, KEYS["qm online 2"])
    assert read_annex(bare, QM, NOW).body == bare


def test_the_annex_that_was_issued_last_counts() -> None:
    early, late = (
        read_annex(annex(issued=f"2026-01-0{day}T00:00:00.000Z", expires="2026-01-20T00:00:00.000Z"), QM, NOW)
        for day in (1, 2)
    )
    assert latest([early, late]) == latest([late, early]) == late
    assert latest([]) is None
