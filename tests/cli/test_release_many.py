"""Several recipients in one command: a line and a release for each."""

from datetime import UTC, datetime, timedelta

import pytest

from hilf.markings.tlp import Tlp
from tests.cli.nations import Commands
from tests.nations import agree, indicator, make, meet


@pytest.fixture
def three(tmp_path):
    """QN between QM and QO, made now, and a way to run their commands."""
    from hilf.store import database

    at = datetime.now(UTC) - timedelta(minutes=1)
    qm, qn, qo = make(tmp_path, at=at)
    for other in (qm, qo):
        meet(qn, other, at)
        agree(qn, other, at)
    yield qm, qn, qo, Commands(tmp_path)
    database.use(":memory:")


def green_and_red(nation):
    at = datetime.now(UTC) - timedelta(seconds=30)
    made = [indicator(nation, tlp.word, tlp, at) for tlp in (Tlp.GREEN, Tlp.RED)]
    return [{**each, "created": each["modified"], "valid_from": each["modified"]} for each in made]


def test_each_recipient_has_a_line_and_a_release_of_its_own(three):
    qm, qn, qo, run = three
    qn.says(*green_and_red(qn), at=datetime.now(UTC))
    told = run(qn, "release", "preview", "--to", "all", "--select", "type:indicator").document
    assert [each["to"] for each in told["recipients"]] == [qm.node, qo.node]
    assert [(each["counts"]["allowed"], each["rules"]) for each in told["recipients"]] == [
        (2, {"accord.forbidden": 1})
    ] * 2
    sent = run(qn, "release", "send", "--to", qm.node, "--to", qo.node, "--select", "type:indicator")
    assert (sent.exit_code, [(each["to"], each["queued"]) for each in sent.document["releases"]]) == (
        0,
        [(qm.node, 2), (qo.node, 2)],
    )
    again = run(qn, "release", "preview", "--to", qm.node, "--to", qo.node, "--select", "type:indicator")
    assert [each["counts"]["already"] for each in again.document["recipients"]] == [1, 1]


def test_the_parties_of_an_agreement_are_its_other_parties(three):
    from hilf.node import life

    _, qn, qo, run = three
    qn.says(*green_and_red(qn)[:1], at=datetime.now(UTC))
    (held,) = life.in_force_with(qn.home(), qo.node, datetime.now(UTC))
    told = run(qn, "release", "preview", "--accord", held.accord.id, "--select", "type:indicator")
    assert (told.exit_code, told.document["to"], told.document["withheld"]) == (0, qo.node, [])
