"""A node that was put back to an older backup, and its partner, come together again: nothing is lost, nothing returns."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from hilf.canonical import dumps
from hilf.errors import PartnerFault
from hilf.federation import guard, limits
from hilf.federation.act import read_act
from hilf.federation.reconcile import Comparison, Ids, first_ranges
from hilf.federation.recovery import Want, read_given, read_gone
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from hilf.node import (
    federation,
    highwater,
    identity,
    inbox,
    incident,
    peer,
    quota,
    reconcile,
    reconciled,
    takeback,
    withdrawal,
)
from hilf.node.home import online_key
from hilf.node.recovery import Later, Recovered
from hilf.seal.http import Request, sign_request
from hilf.store import database
from hilf.store.federation import stream
from tests.conftest import NOW
from tests.nations import agreed_nations, back_up, indicator, made_nations, meet_again, nations, put_back  # noqa: F401
from tests.partner import Partner, introduce

LATER = NOW + timedelta(hours=2)


@pytest.fixture
def pair(nations):  # noqa: F811
    """QM has released `before` to QN, with a backup of each taken then, and `after` since."""
    qm, qn, _ = nations
    release(qm, qn, "before")
    backups = back_up(qm), back_up(qn)
    release(qm, qn, "after")
    return qm, qn, *backups


def release(sender, receiver, name, at=NOW):
    made = indicator(sender, name, Tlp.GREEN)
    sender.says(made)
    sender.release(receiver, f"id:{made['id']}")
    meet_again(sender, receiver, at)
    return made["id"]


def names(nation):
    found = [orjson.loads(body) for body in nation.objects().values()]
    return sorted(each["name"] for each in found if each["type"] == "indicator")


def place(nation, peer, *, outgoing):
    nation.home()
    kept = stream.position(peer.node, outgoing=outgoing)
    return kept.epoch, kept.seq, kept.chain


def states(nation, peer):
    nation.home()
    return dict(
        database.rows(
            "SELECT state, count(*) FROM act WHERE outgoing = %s AND peer = %s GROUP BY state",
            (True, peer.node),
        )
    )


def test_a_restored_sender_takes_back_what_it_had_released(pair):
    qm, qn, of_qm, _ = pair
    put_back(qm, of_qm)
    assert names(qm) == ["before"]
    done = meet_again(qm, qn, LATER)
    assert done.recovered == Recovered(taken=1, gone=0, again=0, withdrawn=0, unknown=0)
    assert names(qm) == ["after", "before"]
    assert place(qm, qn, outgoing=True) == place(qn, qm, outgoing=False)
    assert place(qm, qn, outgoing=True)[0] == 2


def test_what_came_back_is_not_sent_twice_and_more_can_be_sent(pair):
    qm, qn, of_qm, _ = pair
    put_back(qm, of_qm)
    meet_again(qm, qn, LATER)
    assert not qm.preview(qn, "", LATER).allowed
    release(qm, qn, "new", LATER)
    assert names(qn) == ["after", "before", "new"]


def test_a_restored_receiver_gets_again_what_it_had_receipted(pair):
    qm, qn, _, of_qn = pair
    put_back(qn, of_qn)
    assert names(qn) == ["before"]
    done = meet_again(qm, qn, LATER)
    assert done.recovered == Recovered(taken=0, gone=0, again=1, withdrawn=0, unknown=1)
    assert names(qn) == ["after", "before"]
    assert place(qm, qn, outgoing=True) == place(qn, qm, outgoing=False)


def retract(nation, stix_id, at=NOW):
    withdrawal.retract(nation.home(), stix_id, RetractionReason.ERROR, at)


def test_a_retraction_that_came_back_hides_here_what_the_backup_still_shows(pair):
    qm, qn, of_qm, _ = pair
    retract(qm, indicator(qm, "before", Tlp.GREEN)["id"])
    meet_again(qm, qn)
    assert names(qn) == ["after"]
    put_back(qm, of_qm)
    (qm.path / "tombstones").unlink(missing_ok=True)  # nor has anybody the journal
    done = meet_again(qm, qn, LATER)
    assert (done.recovered.taken, done.recovered.again) == (2, 0)
    assert names(qm) == ["after"]
    assert names(qn) == ["after"]


def test_what_only_the_journal_knows_to_be_retracted_does_not_come_back_and_the_partner_is_told(pair):
    qm, qn, of_qm, _ = pair
    retract(qm, indicator(qm, "after", Tlp.GREEN)["id"])  # and the disk is lost before anybody is told
    put_back(qm, of_qm)
    meet_again(qm, qn, LATER)
    assert (names(qm), names(qn)) == (["before"], ["before"])


def test_what_was_retracted_comes_back_as_an_id_only(pair):
    qm, qn, of_qm, _ = pair
    retract(qm, indicator(qm, "after", Tlp.GREEN)["id"])
    meet_again(qm, qn)
    put_back(qm, of_qm)
    done = meet_again(qm, qn, LATER)
    assert done.recovered == Recovered(taken=1, gone=1, again=0, withdrawn=0, unknown=0)
    assert (names(qm), names(qn)) == (["before"], ["before"])
    assert not qm.holds('"name":"after"')


def test_a_receiver_that_lost_a_retracted_object_does_not_get_it_back(pair):
    qm, qn, _, of_qn = pair
    retract(qm, indicator(qm, "after", Tlp.GREEN)["id"])
    meet_again(qm, qn)
    put_back(qn, of_qn)
    done = meet_again(qm, qn, LATER)
    assert done.recovered == Recovered(taken=0, gone=0, again=1, withdrawn=1, unknown=2)
    assert names(qn) == ["before"]
    assert not qn.holds('"name":"after"')
    assert place(qm, qn, outgoing=True) == place(qn, qm, outgoing=False)


def test_a_retraction_that_was_refused_for_want_of_its_object_is_said_again_where_the_object_is_back(pair):
    qm, qn, _, without = pair
    with_it = back_up(qn, "later")
    put_back(qn, without)
    retract(qm, indicator(qm, "after", Tlp.GREEN)["id"])
    meet_again(qm, qn, NOW + timedelta(hours=2))
    assert states(qm, qn)["refused"] == 1
    assert names(qn) == ["before"]
    put_back(qn, with_it)
    assert names(qn) == ["after", "before"]
    meet_again(qm, qn, NOW + timedelta(hours=4))
    assert names(qn) == ["before"]


def test_an_act_that_waits_in_the_backup_and_went_since_is_not_sent_again(nations):  # noqa: F811
    qm, qn, _ = nations
    made = indicator(qm, "waits", Tlp.GREEN)
    qm.says(made)
    qm.release(qn, f"id:{made['id']}")
    backup = back_up(qm)
    meet_again(qm, qn)
    put_back(qm, backup)
    done = meet_again(qm, qn, LATER)
    assert (done.recovered.taken, done.recovered.again) == (2, 0)  # the author's identity object went along
    assert "waiting" not in states(qm, qn)
    assert names(qn) == ["waits"]


def test_both_put_back_keep_what_either_of_them_has_and_the_operator_is_told(pair):
    qm, qn, _, of_qn = pair
    release(qn, qm, "other way")
    newer = back_up(qm, "newer")
    release(qm, qn, "last")
    highwater.note(qm.home())
    put_back(qm, newer)
    put_back(qn, of_qn)
    meet_again(qm, qn, LATER)
    meet_again(qn, qm, LATER)
    assert (names(qm), names(qn)) == (["after", "before", "other way"],) * 2
    assert place(qm, qn, outgoing=True) == place(qn, qm, outgoing=False)
    assert place(qn, qm, outgoing=True) == place(qm, qn, outgoing=False)
    qm.home()
    told = [each.what for each in incident.remarks(LATER) if each.code == "status.last-copies-gone"]
    assert len(told) == 1
    assert "0 were lost here, 1 there" in told[0]


def test_a_link_that_breaks_at_any_question_is_no_harm(pair):
    qm, qn, of_qm, _ = pair
    put_back(qm, of_qm)
    for broken in range(12):
        questions = iter(range(100))
        try:
            done = meet_again(
                qm, qn, LATER, lambda _path, way, n=broken, q=questions: way == "back" and next(q) == n
            )
        except PartnerFault:
            continue
        break
    assert done.recovered is None or done.recovered.taken <= 1
    assert (names(qm), names(qn)) == (["after", "before"],) * 2
    assert place(qm, qn, outgoing=True) == place(qn, qm, outgoing=False)
    assert place(qm, qn, outgoing=True)[0] == 2


def test_a_batch_that_arrives_while_the_two_compare_is_taken_back_too(pair):
    qm, qn, of_qm, _ = pair
    made = indicator(qm, "on the wire", Tlp.GREEN)
    qm.says(made)
    qm.release(qn, f"id:{made['id']}")
    home, seq = qm.home(), place(qm, qn, outgoing=True)[1]
    ready = federation.next_batch(home, qn.node, seq + 1, LATER)
    url = f"{peer.identity_of(qn.node).newest.endpoints[0]}/hilf/1/acts"
    plain = Request("POST", url, (("content-encoding", "identity"),), ready.body)
    late = sign_request(plain, qm.node, online_key(home), qn.node, int(LATER.timestamp()), "5" * 32)
    put_back(qm, of_qm)
    arrived = []

    def arrives(path, way):
        if (path, way) == ("reconcile", "back") and not arrived:
            arrived.append(inbox.receive(qn.home(), late, LATER).status)
            qm.home()
        return False

    meet_again(qm, qn, LATER, arrives)
    assert arrived == [200]
    assert names(qm) == names(qn) == ["after", "before", "on the wire"]
    assert place(qm, qn, outgoing=True) == place(qn, qm, outgoing=False)


def test_what_another_process_of_ours_opens_and_sends_while_we_compare_is_not_lost(pair):
    qm, qn, of_qm, _ = pair
    put_back(qm, of_qm)
    asked = iter(range(100))

    def another_comes(path, way):
        if (path, way) == ("state", "out") and next(asked) == 1:
            with pytest.raises(PartnerFault):
                meet_again(qm, qn, LATER, lambda path, way: (path, way) == ("acts", "out"))
        return False

    meet_again(qm, qn, LATER, another_comes)
    assert names(qm) == ["after", "before"]
    assert set(states(qm, qn)) == {"applied"}
    assert place(qm, qn, outgoing=True) == place(qn, qm, outgoing=False)
    qm.home()
    assert database.rows("SELECT count(*) FROM batch WHERE outgoing = %s AND epoch = 2", (True,)) == [(1,)]


def test_a_node_is_reconciled_once_an_hour_and_then_goes_on(pair):
    qm, qn, of_qm, _ = pair
    put_back(qm, of_qm)
    meet_again(qm, qn, LATER)
    put_back(qm, of_qm)
    with pytest.raises(Later) as caught:
        meet_again(qm, qn, LATER + timedelta(minutes=5))
    assert caught.value.code == "reconcile.too-often"
    assert names(qm) == ["before"]
    meet_again(qm, qn, LATER + timedelta(hours=1))
    assert names(qm) == ["after", "before"]


def test_a_partner_that_claims_loss_at_each_connect_is_not_sent_everything_each_time(pair):
    qm, qn, _, of_qn = pair
    put_back(qn, of_qn)
    meet_again(qm, qn, LATER)
    put_back(qn, of_qn)
    with pytest.raises(Later, match=r"reconcile\.too-often"):
        meet_again(qm, qn, LATER + timedelta(minutes=1))


def test_a_partner_that_begins_to_compare_at_each_connect_is_asked_to_wait_until_the_hour_is_over(home):
    partner = Partner(home.node, at=NOW)
    introduce(partner)
    partner.meet(identity.own(home).newest)
    question = dumps(Comparison(partner.node, first_ranges(Ids([]))).json(partner.node, home.node))

    def begin(at):
        asked = partner.request("POST", "reconcile", question, home_url=home.gateway_url, created=at)
        answer = reconcile.answer(home, asked, at)
        return answer.status, dict(answer.headers).get("retry-after"), partner.verified(answer, asked, at)

    for _ in range(quota.ATTEMPTS):
        assert begin(NOW)[0] == 200
    status, pause, document = begin(NOW)
    assert (status, pause, document["code"]) == (429, "1800", "reconcile.too-often")
    assert begin(NOW + timedelta(hours=1))[0] == 200


def test_status_says_what_was_reconciled_and_what_the_partner_still_holds(pair):
    qm, qn, of_qm, _ = pair
    put_back(qm, of_qm)
    asked = iter(range(100))
    with pytest.raises(PartnerFault):
        meet_again(qm, qn, LATER, lambda path, way: path == "reconcile" and way == "out" and next(asked) == 1)
    codes = {each.code: each.what for each in reconciled.remarks(qn.node, LATER)}
    assert codes["status.partner-holds"] == f"{qn.node} holds 1 acts that this node signed and has lost."
    meet_again(qm, qn, LATER)
    (told,) = reconciled.remarks(qn.node, LATER)
    assert (told.code, "1 acts taken back, 0 sent again" in told.what) == ("status.reconciled", True)
    assert list(reconciled.remarks(qn.node, LATER + reconciled.SHOWN * 2)) == []


def test_what_another_nation_wrote_waits_until_it_sends_it_again(nations):  # noqa: F811
    qm, qn, qo = nations
    backups = back_up(qn)
    made = indicator(qm, "passed on", Tlp.CLEAR)
    qm.says(made)
    qm.release(qn, f"id:{made['id']}")
    meet_again(qm, qn)
    qn.release(qo, f"id:{made['id']}")
    meet_again(qn, qo)
    assert names(qo) == ["passed on"]
    put_back(qn, backups)
    meet_again(qn, qo, LATER)
    assert names(qn) == []  # quarantined: it is not QN's own word
    meet_again(qm, qn, LATER)
    assert names(qn) == ["passed on"]
    retract(qm, made["id"], LATER)
    meet_again(qm, qn, LATER)
    meet_again(qn, qo, LATER)
    assert (names(qn), names(qo)) == ([], [])


def test_a_retraction_finds_what_came_back_before_its_author_sent_it_again(nations):  # noqa: F811
    qm, qn, qo = nations
    made = indicator(qm, "passed on", Tlp.CLEAR)
    backup = back_up(qn)
    qm.says(made)
    qm.release(qn, f"id:{made['id']}")
    meet_again(qm, qn)
    qn.release(qo, f"id:{made['id']}")
    meet_again(qn, qo)
    assert names(qo) == ["passed on"]
    put_back(qn, backup)
    meet_again(qn, qo, LATER)
    retract(qm, made["id"], LATER)
    meet_again(qm, qn, LATER)
    meet_again(qn, qo, LATER)
    assert names(qo) == []


def test_an_answer_that_gives_back_what_we_never_signed_gives_nothing(pair):
    qm, qn, of_qm, _ = pair
    theirs = reconcile_answer(qn, qm)
    put_back(qm, of_qm)
    home = qm.home()
    (given,) = theirs.given
    changed = {**given, "act": {**given["act"], "purpose": "else"}}
    answer = replace(theirs, given=(changed,))
    wanted = frozenset([read_act(changed["act"], qm.node, qn.node).id])
    with database.transaction():
        assert takeback.take(home, qn.node, answer, wanted, LATER) == (0, 0)
    assert names(qm) == ["before"]


def reconcile_answer(giver, asker):
    """What the giver answers when the asker wants its last act back."""
    home = giver.home()
    ((act_id,),) = database.rows(
        "SELECT act_id FROM act WHERE outgoing = %s AND peer = %s AND kind = 'object' ORDER BY pos DESC LIMIT 1",
        (False, asker.node),
    )
    told = reconcile.given_back(home, asker.node, [bytes(act_id).hex()])
    return read_given(told, 1, asker.node, giver.node)


def test_the_deepest_object_that_may_leave_comes_back_too(nations):  # noqa: F811
    qm, qn, _ = nations
    of_qm = back_up(qm)
    deepest = limits.ACT_DEPTH - len(("act", "body"))  # what is deeper never comes in
    nested = orjson.loads("[" * (deepest - 1) + "]" * (deepest - 1))
    qm.says(indicator(qm, "deepest", Tlp.GREEN, x_deep=nested))
    qm.release(qn)
    meet_again(qm, qn)
    assert (names(qn), "dropped" in states(qm, qn)) == (["deepest"], False)
    put_back(qm, of_qm)
    meet_again(qm, qn, LATER)
    assert names(qm) == ["deepest"]


def test_an_act_that_a_partner_nested_as_deep_as_a_batch_may_be_is_given_back_as_its_id(home):
    partner = Partner(home.node, at=NOW)
    introduce(partner)
    depth = limits.DEFAULT.depth - len(("batch", "acts")) - 1
    acts = [partner.act(body={"x": orjson.loads("[" * n + "]" * n)}) for n in (1, depth - 1)]
    batch = partner.batch(acts)
    request = partner.request("POST", "acts", batch.canonical, home_url=home.gateway_url)
    assert inbox.receive(home, request, NOW).status == 200
    want = dumps(Want(tuple(batch.ids)).json(partner.node, home.node))
    asked = partner.request("POST", "reconcile", want, home_url=home.gateway_url)
    answer = reconcile.answer(home, asked, NOW)
    told = guard.open_body(answer.body, "identity")
    assert [each["act"]["body"] for each in told["given"]] == [acts[0].body]
    assert [each["id"] for each in told["gone"]] == [acts[1].id]
    assert read_gone(told["gone"][0], partner.node, home.node, {partner.key.kid: partner.key.public}).seq == 2
