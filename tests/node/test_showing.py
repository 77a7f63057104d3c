"""What is shown of a preview is read when it is looked at: of what went since nothing, and nothing else than was decided."""

from datetime import timedelta

import pytest

from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import (
    agreed_nations,
    carry,
    indicator,
    made_nations,
    malware,
    nations,
    relationship,
)

__all__ = ["agreed_nations", "made_nations", "nations"]

SOON = NOW + timedelta(minutes=5)
ALL = "type:indicator,malware,relationship"


def ids(part) -> list[str]:
    return [each.kept.stix_id for each in part]


def taken_back(nation, entry) -> None:
    from hilf.node import withdrawal

    withdrawal.retract(nation.home(), entry["id"], RetractionReason.ERROR, SOON)


def in_part(nation, name: str):
    marked = [{"selectors": ["description"], "marking_ref": Tlp.AMBER_STRICT.marking_id}]
    return indicator(nation, name, Tlp.GREEN, description="not for all", granular_markings=marked)


@pytest.fixture
def shown(nations):
    """QM's preview for QN: a whole, one in part, and one that stays with what joins it; all that leave were looked at."""
    qm, qn, _ = nations
    made = [indicator(qm, "whole", Tlp.GREEN), in_part(qm, "part"), malware(qm, "red", Tlp.RED)]
    qm.says(*made, joined := relationship(qm, made[0], made[2], Tlp.GREEN))
    found = qm.preview(qn, ALL)
    assert ids(found.allowed)[1:] == [made[0]["id"], made[1]["id"]]
    assert ids(found.withheld) == [made[2]["id"], joined["id"]]
    return qm, [*made, joined], found


def test_of_what_was_taken_back_since_nothing_is_shown(shown) -> None:
    qm, made, found = shown
    for each in made:
        taken_back(qm, each)
    assert ids(found.allowed)[1:] == []
    assert ids(found.withheld) == []
    assert ids(found.redacted) == []


def test_a_relation_that_lost_its_body_since_is_not_shown_as_one_that_leaves(shown) -> None:
    from hilf.store import database

    _, made, found = shown
    database.execute("UPDATE object SET body = NULL, state = 4 WHERE stix_id = %s", (made[3]["id"],))
    assert ids(found.withheld) == [made[2]["id"]]


def test_what_was_sent_and_went_since_is_not_listed_as_there(nations) -> None:
    qm, qn, _ = nations
    whole, part = indicator(qm, "whole", Tlp.GREEN), in_part(qm, "part")
    qm.says(whole, part)
    qm.release(qn)
    carry(qm, qn)
    found = qm.preview(qn, ALL)
    assert {each.stix_id for each in found.already} == {whole["id"], part["id"]}
    for each in (whole, part):
        taken_back(qm, each)
    assert [each.stix_id for each in found.already] == []


def test_a_newer_version_is_not_shown_in_place_of_what_was_decided(shown) -> None:
    qm, _, found = shown
    before = [(each.kept.seq, each.sha256) for each in found.allowed]
    qm.says(indicator(qm, "whole", Tlp.RED, modified=SOON, description="newer"), at=SOON)
    assert [(each.kept.seq, each.sha256) for each in found.allowed] == before
