# ruff: noqa: F811 fixtures are imported by name
"""Attacks on what was agreed: on texts and notices of accords, consents, retention, proofs, backups and reconciling.

As in `test_attacks`: the attacker has valid keys of a nation of its own, or is an insider with one officer's key, or holds a
file that somebody will use; each attack is made in good form, and each fails.
"""

import secrets
from datetime import timedelta

import pytest

from hilf.canonical import dumps, timestamp
from hilf.federation.act import Act
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.end_to_end.test_attacks import accord_of, act, proof, saying, slip, taking_back, terms
from tests.nations import (  # noqa: F401
    BEGAN,
    SECOND,
    Courier,
    Nation,
    agree,
    agreed_nations,
    carry,
    entry,
    indicator,
    made_nations,
    meet,
    nations,
    strangers,
)

DAY = timedelta(days=1)


# one officer where it takes two


def notice(nation, other, kind, at, expires, officers) -> Act:
    """A suspension or an end by some officers of a nation, with times of their choice."""
    from hilf.accord.step import signed_body
    from hilf.node import life
    from hilf.seal.record import make_record

    accord = life.in_force_with(nation.home(), other.node, NOW)[0].accord
    keys = [nation.keys[name] for name in officers]
    records = [
        make_record(kind.record_type, nation.node, "officer", accord.hash, at, expires, k) for k in keys
    ]
    return act(nation, other, "accord", signed_body(kind, accord, records))


def publish(nation, at, **changed):
    from hilf.node import proposal
    from hilf.node.change import Change

    home = nation.home()
    proposal.propose(home, Change(**changed), home.root_keys, at)
    proposal.publish(home, at)


def learn(nation, of, at=NOW):
    """What a round does first: the partner's newer documents are asked for."""
    from hilf.node import identity, peer
    from hilf.store.database import transaction

    card = identity.own(of.home()).card
    home = nation.home()
    with transaction():
        peer.refresh(home, of.node, card, at)


@pytest.mark.parametrize("kind", ["SUSPENSION", "END"])
@pytest.mark.parametrize("at", [NOW, BEGAN + timedelta(minutes=90), BEGAN - 300 * DAY])
def test_one_officer_stops_no_accord_by_signing_for_a_day_when_one_was_enough(nations, kind, at):
    """For an hour of the day before one officer was enough in QM; now it takes two again."""
    from hilf.accord.step import Kind

    qm, qn, _ = nations
    publish(qm, BEGAN + timedelta(hours=1), officers_per_act=1)
    publish(qm, BEGAN + timedelta(hours=2), officers_per_act=2)
    learn(qn, qm)
    before = accord_of(qn, qm)
    alone = notice(qm, qn, Kind[kind], at, NOW + DAY, ["officer"])
    assert slip(qm, qn, alone)[-1] == ("refused", "record.too-few-officers")
    assert accord_of(qn, qm) == before


# communities


def test_another_accord_does_not_take_a_community_s_name_to_get_what_came_under_it(strangers):
    """QO names the community of QM and QN in its own accord with QN, so that GREEN of that community would go on to it."""
    from hilf.errors import Refusal
    from hilf.node import accord, draft, life

    qm, qn, qo = strangers
    for one, other in ((qm, qn), (qn, qo)):
        meet(one, other)
    agree(qm, qn, onward="free")
    community = life.in_force_with(qm.home(), qn.node, NOW)[0].accord.community
    text = draft.from_template(qo.home(), [qn.node], NOW).life.accord
    body = {"step": "proposal", "document": {**text.json(), "community": community}}
    assert slip(qo, qn, act(qo, qn, "accord", body)) == [("applied", None)]
    with pytest.raises(Refusal) as refused:
        accord.sign(qn.home(), text.id, qn.keys["officer"], NOW)
    assert refused.value.code == "accord.community-of-another"


# a thief of the online key who makes a victim delete


MANY = 205


def test_a_thief_of_the_online_key_takes_nothing_away_by_shortening_how_long_it_may_be_kept(nations):
    """What was given for ever comes again with an end that is over, and is then taken back as expired."""
    from hilf.node import retention

    qm, qn, _ = nations
    given = [{"type": "ipv4-addr", "spec_version": "2.1", "value": f"192.0.2.{n}"} for n in range(MANY)]
    for n, said in enumerate(given):
        said["id"] = f"ipv4-addr--00000000-0000-4000-8000-{n:012}"
    for_ever, over = terms("free"), terms("free", until=timestamp(NOW))
    assert set(slip(qm, qn, *(saying(qm, qn, each, terms=for_ever) for each in given))) == {("applied", None)}
    retention.carry_out(qn.home(), NOW)
    again = slip(qm, qn, *(saying(qm, qn, each, terms=over) for each in given), at=NOW + timedelta(minutes=1))
    assert again[100:] == [("refused", "retention.shortened-too-often")] * (MANY - 100)
    retention.carry_out(qn.home(), NOW + timedelta(minutes=2))
    assert len(qn.objects(qm.node)) == MANY - 100, "a hundred an hour, as for retractions"
    expired = [taking_back(qm, qn, each["id"], "expired") for each in given[100:]]
    told = slip(qm, qn, *expired, at=NOW + timedelta(minutes=3))
    assert told.count(("held", "retraction.too-many-in-an-hour")) == MANY - 200
    assert len(qn.objects(qm.node)) == MANY - 200


def test_an_end_of_retention_that_comes_closer_is_kept_to(nations):
    """What is over is not kept for good because its terms were read before they became stricter."""
    from hilf.node import retention

    qm, qn, _ = nations
    said = indicator(qm, "shorter", Tlp.CLEAR)
    far, near = (terms("free", until=timestamp(NOW + days * DAY)) for days in (100, 2))
    assert slip(qm, qn, saying(qm, qn, said, proof(qm, said), terms=far)) == [("applied", None)]
    retention.carry_out(qn.home(), NOW)
    assert slip(qm, qn, saying(qm, qn, said, proof(qm, said), terms=near)) == [("applied", None)]
    retention.carry_out(qn.home(), NOW + 3 * DAY)
    assert said["id"] not in qn.objects()
    assert not qn.holds("shorter")


# consent


def asking(sender, receiver, said, to, answer_by, at=NOW) -> Act:
    from hilf.canonical import content_id
    from hilf.federation.consent import Asked, Towards, Version

    version = Version(said["id"], said["modified"], content_id(said))
    body = Asked((version,), Towards((to.node,)), "defence", answer_by).json()
    return act(sender, receiver, "consent", body, accord_of(sender, receiver), at=at)


def test_questions_without_end_do_not_keep_a_node_busy(nations, monkeypatch):
    """A hundred an hour are few, and all that nobody answers would be read again every few seconds."""
    from hilf.node import consent
    from hilf.store.release import consent as store

    monkeypatch.setattr(consent, "MOST_UNANSWERED", 3)
    qm, qn, qo = nations
    said = indicator(qm, "asked-about", Tlp.GREEN)
    qm.says(said)
    qm.release(qn)
    carry(qm, qn)
    soon, later = NOW + timedelta(seconds=1), NOW + 9 * DAY
    flood = [asking(qn, qm, said, qo, soon) for _ in range(5)]
    told = [None] * 3 + ["consent.too-many-unanswered"] * 2
    assert [code for _, code in slip(qn, qm, *flood)] == told
    assert slip(qn, qm, asking(qn, qm, said, qo, later + DAY, later), at=later) == [("applied", None)]
    qm.home()
    assert len(store.unanswered(int((later - 7 * DAY).timestamp() * 1e6))) == 1
    assert len(list(consent.remarks(qm.home(), later))) == 1


def test_a_victim_s_name_leaves_in_no_question(nations):
    """A sentence of reason is the one text of people that a consent act carries."""
    from hilf.errors import Refusal
    from hilf.federation.consent import Towards
    from hilf.lists.entry import read_entry
    from hilf.node import lists, question

    qm, qn, qo = nations
    said = indicator(qm, "for-a-question", Tlp.AMBER)
    assert slip(qm, qn, saying(qm, qn, said, proof(qm, said), terms=terms("free"))) == [("applied", None)]
    lists.add("victims", [read_entry("Acme Bank")], NOW) if qn.home() else None
    with pytest.raises(Refusal) as refused:
        question.ask(qn.home(), [said["id"]], Towards((qo.node,)), NOW, reason={"en": "ACME  bank was hit."})
    assert refused.value.code == "consent.reason-on-a-list"
    assert "cme" not in str(refused.value.lines()), "lists are for no log"
    assert carry(qn, qm) == []


# lists


@pytest.mark.parametrize(
    "hidden",
    [
        {
            "type": "email-message",
            "is_multipart": False,
            "body": "-",
            "additional_header_fields": {"X-AcmeBank-Id": "7"},
        },
        {"type": "process", "environment_variables": {"ACMEBANK_HOME": "c"}},
        {"type": "process", "environment_variables": {"HOME": "/srv/acmebank/bin"}},
        {"type": "file", "name": "a", "extensions": {"pdf-ext": {"document_info_dict": {"AcmeBank": "1"}}}},
        {
            "type": "file",
            "name": "a",
            "extensions": {"ntfs-ext": {"alternate_data_streams": [{"name": "ACMEBANK"}]}},
        },
        {"type": "indicator", "pattern_type": "acmebank", "pattern": "x"},
        {"type": "indicator", "pattern_version": "2.1 acmebank", "pattern_type": "stix", "pattern": "x"},
        {"type": "report", "x_note": {"payload_bin": "acmebank"}},
        {"type": "report", "labels": ["x-acmebank--11111111-1111-4111-8111-111111111111"]},
    ],
)
def test_a_victim_is_found_wherever_its_name_is_hidden(hidden):
    from hilf.lists.entry import read_entry
    from hilf.lists.matcher import Matcher

    found = Matcher({"victims": [read_entry("AcmeBank")]}).look(hidden)
    assert [each.list for each in found] == ["victims"]


# reconciling


class Liar(Courier):
    """A partner that answers what it likes, signed with its own key: `told` is path → what makes the document."""

    def __init__(self, sender, receiver, told) -> None:
        super().__init__(sender, receiver, NOW)
        self.told, self.asked = told, []

    def exchange(self, request):
        from hilf.node import door, intake
        from hilf.seal.http import Response

        path = request.url.rsplit("/", 1)[-1]
        self.asked.append(path)
        if path not in self.told:
            return super().exchange(request)
        home = self.receiver.home()
        try:
            coding = dict(request.headers).get("content-encoding", "identity")
            asked = intake.open_body(request.body, coding) if request.body else None
            body = dumps(self.told[path](asked))
            return door.signed(home, request, Response(200, (), body), NOW)
        finally:
            self.sender.home()


def converse(sender, receiver, told):
    """One round with a liar; (what was raised, the liar)."""
    from hilf.errors import PartnerFault
    from hilf.node import identity, sync
    from hilf.node.partner import Partner

    home, liar = sender.home(), Liar(sender, receiver, told)
    with Partner(home, identity.kept(receiver.node), lambda: NOW, connection=liar) as partner:
        try:
            sync.converse(home, partner, lambda: NOW, sync.Tally())
        except PartnerFault as fault:
            return fault, liar
    return None, liar


def stands(qm, qn, epoch, seq):
    """A state of QN: it stands in that place of QM's stream, under a chain that QM never made."""
    from hilf.federation.state import Outgoing, make_state
    from hilf.federation.stream import Position
    from hilf.node.home import online_key

    key = online_key(qn.home())
    incoming, outgoing = Position(epoch, seq, secrets.token_bytes(32)), Outgoing(1, 1, bytes(32), 0)
    state = make_state(qn.node, qm.node, incoming, outgoing, NOW, key)
    return lambda _: state


@pytest.mark.parametrize("epoch", [2**53 - 1, 2**53 - 2, 2**40])
def test_an_epoch_that_is_jumped_to_breaks_no_stream(nations, epoch):
    """The next epoch would be one that no number can be written for, or one behind which none is left."""
    from hilf.store.federation import stream

    qm, qn, _ = nations
    fault, _ = converse(qm, qn, {"state": stands(qm, qn, epoch, 1)})
    qm.home()
    kept = stream.position(qn.node, outgoing=True)
    assert (kept.epoch, fault.code) == (1, "state.epoch")
    assert carry(qm, qn) == []


def test_a_partner_that_only_says_that_it_holds_acts_of_ours_makes_no_incident(nations):
    """Ids out of the air: nothing of it carries our signature, so this node was not restored."""
    from hilf.node import incident

    qm, qn, _ = nations
    ids = sorted(secrets.token_hex(32) for _ in range(1_000))

    def answer(asked):
        head = {"v": 1, "by": qn.node, "for": qm.node}
        if "want" in asked:
            return {**head, "given": [], "gone": [], "receipts": [], "answered": 1}
        told = [{"prefix": "", "ids": "".join(ids)}]
        return {**head, "ranges": told, "answered": len(asked["ranges"])}

    fault, liar = converse(qm, qn, {"state": stands(qm, qn, 1, 1), "reconcile": answer})
    qm.home()
    assert (fault.code, liar.asked.count("reconcile")) == ("reconcile.answer-gives-nothing", 2)
    assert list(incident.remarks(NOW)) == []


def test_a_partner_that_lists_ids_without_end_fills_no_memory(nations, monkeypatch):
    from hilf.node import recovery

    monkeypatch.setattr(recovery, "MOST_FOUND", 1_000)
    qm, qn, _ = nations

    def answer(asked):
        told = []
        for each in asked["ranges"]:
            ids = [each["prefix"] + secrets.token_hex(32)[len(each["prefix"]) :] for _ in range(2_000)]
            told.append({"prefix": each["prefix"], "ids": "".join(sorted(ids))})
        return {"v": 1, "by": qn.node, "for": qm.node, "ranges": told, "answered": len(told)}

    fault, liar = converse(qm, qn, {"state": stands(qm, qn, 1, 1), "reconcile": answer})
    assert (fault.code, liar.asked.count("reconcile")) == ("reconcile.answer-too-many", 1)


# what arrives late, and what changes while officers sign


def test_a_line_that_is_cut_for_long_keeps_no_accord_alive(nations):
    """QM ends it, and whoever cuts the line for more than a week would have QN go on as if nothing was said."""
    from hilf.node import accord, life

    qm, qn, _ = nations
    accord_id, _ = accord_of(qm, qn)
    for officer in qm.keys.values():
        accord.end(qm.home(), accord_id, officer, NOW)
    late = NOW + 20 * DAY
    assert [each["outcome"] for each in carry(qm, qn, late)] == ["applied"]
    assert life.in_force_with(qn.home(), qm.node, late) == ()


def test_officers_whose_words_never_stood_together_end_nothing(nations):
    """The first word had expired before the second was given."""
    from hilf.accord.step import Kind, signed_body
    from hilf.node import life
    from hilf.seal.record import make_record

    qm, qn, _ = nations
    before = accord_of(qn, qm)
    held = life.in_force_with(qm.home(), qn.node, NOW)[0].accord
    times = {"officer": (NOW - 9 * DAY, NOW - 2 * DAY), SECOND: (NOW, NOW + 7 * DAY)}
    records = [
        make_record("withdrawal", qm.node, "officer", held.hash, *times[name], key)
        for name, key in qm.keys.items()
    ]
    ended = act(qm, qn, "accord", signed_body(Kind.END, held, records))
    assert slip(qm, qn, ended) == [("refused", "record.expired")]
    assert accord_of(qn, qm) == before
