"""What a person decides on what waits: accepted, dropped, refused to decide; and what partners are told of it."""

from datetime import timedelta

import pytest

from hilf.accord.placing import ObjectState
from hilf.canonical import dumps, timestamp
from hilf.errors import CallerFault, Refusal
from hilf.federation.authorship import prove
from hilf.markings.tlp import Tlp
from hilf.node.quarantine import Which
from hilf.store import database
from tests.conftest import NOW
from tests.end_to_end.test_attacks import act, saying, slip
from tests.homes import key
from tests.nations import agreed_nations, canonical, carry, indicator, made_nations, nations  # noqa: F401

LATER = NOW + timedelta(minutes=5)
ANY = Which()
SECRET = "a word that nobody else uses"


def claimed(nation, name, **members):
    """An indicator that another says was written by the nation."""
    return indicator(nation, name, Tlp.GREEN, **members)


def waits(nation, at=LATER):
    from hilf.node import quarantine

    return quarantine.waiting(nation.home(), at)


def decide(nation, verb, stix_id, which=ANY, reason="asked by phone", at=LATER):
    from hilf.node import quarantine

    return getattr(quarantine, verb)(nation.home(), stix_id, which, reason, "ops", at)


def states(nation, stix_id):
    nation.home()
    found = database.rows(
        "SELECT asserter, author, state FROM object WHERE stix_id = %s ORDER BY seq", (stix_id,)
    )
    return [(asserter, author, ObjectState(state).name) for asserter, author, state in found]


def acts(nation, stix_or_id=None):
    """(peer, state, reason) of the object acts that the nation sent."""
    nation.home()
    return [
        (state, reason)
        for state, reason in database.rows(
            "SELECT state, reason FROM act WHERE outgoing = %s AND kind = 'object' ORDER BY pos", (True,)
        )
    ]


def notes(nation, stix_id):
    from hilf.store.intelligence import imports

    nation.home()
    return [each for _, each in imports.findings() if each.object == stix_id]


def imported(nation, tmp_path, *objects, at=NOW):
    from hilf.node import intake
    from tests.stix_objects import bundle

    file = tmp_path / "file.json"
    file.write_bytes(bundle(*objects))
    return intake.import_files(nation.home(), [str(file)], None, None, at)


def without_proof(nation, *others):
    """QM passes to QN what `nation` is said to have written, without its proof."""
    qm, qn = others
    said = claimed(nation, SECRET)
    assert slip(qm, qn, saying(qm, qn, said)) == [("held", "ownership.no-proof")]
    return said


def test_nothing_waits(nations):  # noqa: F811
    assert waits(nations[0]) == ()


def test_what_a_partner_sent_without_proof_is_listed_with_what_it_would_be(nations):  # noqa: F811
    qm, qn, qo = nations
    said = without_proof(qo, qm, qn)
    (each,) = waits(qn)
    assert (each.stix_id, each.peer, each.import_id, each.rule) == (
        said["id"],
        qm.node,
        None,
        "ownership.no-proof",
    )
    assert (each.becomes, each.without_author, each.name, each.type) == ("current", True, SECRET, "indicator")


def test_accepted_it_is_the_word_of_the_partner_without_author_and_the_partner_is_told(nations):  # noqa: F811
    qm, qn, qo = nations
    said = without_proof(qo, qm, qn)
    assert acts(qm) == [("held", '{"clause":null,"code":"ownership.no-proof"}')]
    done = decide(qn, "accept", said["id"])
    assert (done.became, done.without_author, done.told) == ("current", True, (qm.node,))
    assert states(qn, said["id"]) == [(qm.node, None, "CURRENT")]
    assert said["id"] in qn.objects(qm.node)
    assert waits(qn) == ()
    last = notes(qn, said["id"])[-1]
    assert (last.rule, last.message, last.outcome, last.peer) == (
        "quarantine.accepted", "ops: asked by phone", "accepted", qm.node,
    )  # fmt: skip
    assert [r["outcome"] for r in carry(qn, qm, LATER)] == ["applied"]
    assert acts(qm) == [("applied", None)]
    again = slip(qm, qn, saying(qm, qn, said), at=LATER)
    assert again == [("applied", None)]


def test_accepted_it_is_found_by_its_words_and_values(nations):  # noqa: F811
    from hilf.node import search
    from hilf.store.intelligence import fulltext

    qm, qn, qo = nations
    without_proof(qo, qm, qn)
    home = qn.home()
    with database.transaction():
        fulltext.fill()
    decide(qn, "accept", claimed(qo, SECRET)["id"])
    with database.transaction():
        fulltext.fill()
    assert search.find(home, [], SECRET, 10, None).total == 1


def test_what_is_accepted_without_author_is_passed_on_only_as_received(nations, tmp_path):  # noqa: F811
    qm, qn, qo = nations
    said = claimed(qm, "said to be of QM")
    assert imported(qn, tmp_path, said).quarantined == 1
    decide(qn, "accept", said["id"])
    assert states(qn, said["id"]) == [(qn.node, None, "CURRENT")]
    (weighed,) = [each for each in qn.preview(qo).withheld if each.kept.stix_id == said["id"]]
    assert weighed.decision.main.rule == "accord.arrival-unknown"


def test_dropped_its_words_are_gone_it_is_not_taken_again_and_the_partner_is_told(nations):  # noqa: F811
    qm, qn, qo = nations
    said = without_proof(qo, qm, qn)
    done = decide(qn, "drop", said["id"])
    assert (done.became, done.told) == ("dropped", (qm.node,))
    assert states(qn, said["id"]) == [(qm.node, None, "DROPPED")]
    assert waits(qn) == ()
    assert not qn.holds(SECRET)
    carry(qn, qm, LATER)
    refused = '{"clause":null,"code":"quarantine.dropped"}'
    assert acts(qm) == [("refused", refused)]
    assert slip(qm, qn, saying(qm, qn, said), at=LATER) == [("refused", "quarantine.dropped")]
    assert not qn.holds(SECRET)
    newer = claimed(qo, "another version", modified=LATER) | {"id": said["id"]}
    assert slip(qm, qn, saying(qm, qn, newer), at=LATER) == [("held", "ownership.no-proof")]


def test_dropping_what_comes_from_the_future_keeps_no_older_version_out(nations, tmp_path):  # noqa: F811
    qm, *_ = nations
    ahead = claimed(qm, "ahead", modified=NOW + timedelta(days=900))
    assert imported(qm, tmp_path, ahead).quarantined == 1
    assert waits(qm)[0].rule == "stix.future"
    decide(qm, "drop", ahead["id"])
    qm.says(claimed(qm, "ahead"))
    assert states(qm, ahead["id"]) == [(qm.node, None, "DROPPED"), (qm.node, qm.node, "CURRENT")]
    assert imported(qm, tmp_path, ahead).refused == 1


def test_an_own_object_from_the_future_is_accepted_with_its_author(nations, tmp_path):  # noqa: F811
    qm, *_ = nations
    ahead = claimed(qm, "ahead", modified=NOW + timedelta(days=1))
    imported(qm, tmp_path, ahead)
    qm.says(claimed(qm, "ahead"))
    assert [(each.becomes, each.without_author) for each in waits(qm)] == [("current", False)]
    assert decide(qm, "accept", ahead["id"]).without_author is False
    assert sorted(states(qm, ahead["id"])) == [(qm.node, qm.node, "CURRENT"), (qm.node, qm.node, "OLDER")]


def test_an_older_version_is_accepted_into_history(nations):  # noqa: F811
    qm, qn, qo = nations
    old, new = claimed(qo, "old"), claimed(qo, "new", modified=LATER) | {"id": claimed(qo, "old")["id"]}
    slip(qm, qn, saying(qm, qn, old), saying(qm, qn, new), at=LATER)
    first, second = waits(qn)
    with pytest.raises(CallerFault) as fault:
        decide(qn, "accept", old["id"])
    assert fault.value.code == "quarantine.which"
    assert decide(qn, "accept", old["id"], Which(sha256=second.sha256)).became == "current"
    assert [each.becomes for each in waits(qn)] == ["older"]
    assert decide(qn, "accept", old["id"], Which(peer=qm.node, sha256=first.sha256[:8])).became == "older"


def test_evidence_of_a_contradiction_is_not_accepted_and_both_stay(nations):  # noqa: F811
    qm, qn, _ = nations
    one = {name: value for name, value in claimed(qm, "one").items() if name != "created_by_ref"}
    two = {**one, "name": "two"}
    assert [o for o, _ in slip(qm, qn, saying(qm, qn, one), saying(qm, qn, two))] == ["applied", "held"]
    assert [each.becomes for each in waits(qn)] == ["evidence"]
    with pytest.raises(Refusal) as refused:
        decide(qn, "accept", one["id"])
    assert refused.value.code == "quarantine.equivocation"
    assert states(qn, one["id"]) == [(qm.node, None, "CURRENT"), (qm.node, None, "QUARANTINED")]
    assert notes(qn, one["id"])[-1].rule == "intake.equivocation"
    decide(qn, "drop", one["id"])
    assert states(qn, one["id"]) == [(qm.node, None, "CURRENT"), (qm.node, None, "DROPPED")]


def test_squatting_that_is_accepted_gives_no_claim_on_the_id(nations):  # noqa: F811
    qm, qn, qo = nations
    mine = claimed(qm, "mine")
    qm.says(mine)
    qm.release(qn)
    carry(qm, qn)
    squat = {**claimed(qo, "theirs"), "id": mine["id"], "modified": timestamp(LATER)}
    borrowed = prove([canonical(squat)], [b"s" * 32], qo.node, NOW, key(f"{qo.node} online 1"))[0]
    slip(qo, qn, saying(qo, qn, squat, borrowed), at=LATER)
    assert decide(qn, "accept", mine["id"]).became == "current"
    newer = claimed(qm, "mine", modified=LATER)
    qm.says(newer, at=LATER)
    qm.release(qn, at=LATER)
    assert [r["outcome"] for r in carry(qm, qn, LATER)] == ["applied"]
    assert (qo.node, None, "CURRENT") in states(qn, mine["id"])
    assert (qm.node, qm.node, "CURRENT") in states(qn, mine["id"])


@pytest.mark.parametrize("between", [None, (), ("ping",)], ids=["later", "together", "with a ping between"])
def test_an_act_that_was_held_counts_once_the_proof_comes_and_its_sender_is_told(nations, between):  # noqa: F811
    qm, qn, _ = nations
    said = claimed(qm, "proven later")
    qm.says(said)
    bare = saying(qm, qn, said)
    from hilf.node.home import online_key

    proof = prove([canonical(said)], [b"s" * 32], qm.node, NOW, online_key(qm.home()))[0]
    proven = saying(qm, qn, said, proof)
    if between is not None:
        pings = [act(qm, qn, kind, {}) for kind in between]
        assert set(slip(qm, qn, bare, *pings, proven)) == {("applied", None)}
        assert carry(qn, qm) == []
    else:
        assert slip(qm, qn, bare) == [("held", "ownership.no-proof")]
        assert slip(qm, qn, proven) == [("applied", None)]
        assert [r["outcome"] for r in carry(qn, qm)] == ["applied"]
    assert acts(qm) == [("applied", None)] * 2
    assert states(qn, said["id"]) == [(qm.node, qm.node, "CURRENT")]
    assert waits(qn) == ()


def test_a_retraction_reaches_what_was_accepted_and_what_was_dropped(nations):  # noqa: F811
    qm, qn, qo = nations
    from tests.end_to_end.test_attacks import taking_back

    said = without_proof(qo, qm, qn)
    decide(qn, "drop", said["id"])
    assert slip(qm, qn, taking_back(qm, qn, said["id"], at=LATER), at=LATER) == [("applied", None)]
    assert states(qn, said["id"]) == [(qm.node, None, "ERASED")]


def test_receipts_say_what_became_of_what_was_held(nations):  # noqa: F811
    from hilf.node import receipts

    qm, qn, qo = nations
    said = without_proof(qo, qm, qn)
    assert receipts.held(qm.home())[0].since == {}
    decide(qn, "accept", said["id"])
    carry(qn, qm, LATER)
    (newest, *_) = receipts.held(qm.home())
    assert (newest.outcomes, newest.since) == ({"held": 1}, {"applied": 1})


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501])
def test_a_decision_needs_a_reason(nations, reason):  # noqa: F811
    with pytest.raises(CallerFault) as fault:
        decide(nations[0], "accept", "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", reason=reason)
    assert fault.value.code == "quarantine.reason"


def test_what_does_not_wait_cannot_be_decided(nations, tmp_path):  # noqa: F811
    qm, *_ = nations
    said = claimed(qm, "counts")
    qm.says(said)
    for verb in ("accept", "drop"):
        with pytest.raises(CallerFault) as fault:
            decide(qm, verb, said["id"])
        assert fault.value.code == "quarantine.unknown"
    big = dumps({**claimed(qm, "big"), "x_size": 1}).replace(b'"x_size":1', b'"x_size":9007199254740993')
    (tmp_path / "big.json").write_bytes(big)
    from hilf.node import intake

    intake.import_files(qm.home(), [str(tmp_path / "big.json")], None, None, NOW)
    with pytest.raises(Refusal) as refused:
        decide(qm, "accept", claimed(qm, "big")["id"])
    assert refused.value.code == "quarantine.not-kept"
