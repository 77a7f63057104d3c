# ruff: noqa: F811 fixtures are imported by name
"""Attacks of a partner with valid keys, of a thief of the online key, of an insider: each is tried, and each fails.

Everything is said in good form: the attacker's own node signs it, so that only the rules of the receiver stand between.
"""

import secrets
from datetime import timedelta

import pytest

from hilf.canonical import loads, timestamp
from hilf.federation.act import Act, make_act
from hilf.federation.authorship import prove
from hilf.markings.tlp import Tlp
from hilf.node import fresh
from hilf.stix.marking_definition import tlp_2
from hilf.store import database
from tests.conftest import NOW, PASSPHRASE
from tests.nations import (  # noqa: F401
    BEGAN,
    SECOND,
    agree,
    agreed_nations,
    canonical,
    carry,
    entry,
    indicator,
    made_nations,
    meet,
    nations,
    strangers,
)

SOON = NOW + timedelta(minutes=1)


def accord_of(nation, other, at=NOW):
    """(id, version) of the accord in force between two nations."""
    from hilf.node import life

    return life.in_force_with(nation.home(), other.node, at)[0].accord.key


def terms(onward="none", *markings, until=None):
    return {
        "markings": list(markings),
        "onward": onward,
        "retention_until": until,
        "redacted_from": None,
    }


def proof(nation, entry):
    """That the nation wrote it, as its online key says."""
    from hilf.node.home import online_key

    key = online_key(nation.home())
    return prove([canonical(entry)], [secrets.token_bytes(32)], nation.node, NOW, key)[0]


def act(sender, receiver, kind, body, accord=None, at=NOW, **members) -> Act:
    given = {"terms": {}, "purpose": "defence"} | members
    return make_act(
        kind,
        sender.node,
        receiver.node,
        at,
        secrets.token_hex(16),
        accord,
        given["purpose"],
        given["terms"],
        body,
    )


def saying(sender, receiver, entry, authorship=None, accord=None, **members) -> Act:
    """An object act, whatever the sender's own rules say."""
    accord = accord or accord_of(sender, receiver)
    given = {"terms": terms()} | members
    return act(sender, receiver, "object", {"object": entry, "authorship": authorship}, accord, **given)


def slip(sender, receiver, *acts, at=NOW):
    """Send acts past every rule of the sender; (outcome, code) of each."""
    from hilf.node.federation import microseconds
    from hilf.store.database import transaction
    from hilf.store.federation import outbox

    sender.home()
    waiting = [
        outbox.Waiting(bytes.fromhex(a.id), a.kind, microseconds(a.at), a.canonical, None) for a in acts
    ]
    with transaction():
        outbox.put(receiver.node, waiting, None)
    return [(r["outcome"], r["reason"]["code"] if r["reason"] else None) for r in carry(sender, receiver, at)]


def rows(nation, sql, *parameters):
    nation.home()
    return database.rows(sql, parameters)


def taking_back(sender, receiver, stix_id, reason="error", versions=None, at=SOON, deadline=None) -> Act:
    """A retraction act, whatever the sender asserts."""
    body = {
        "object": stix_id,
        "versions": versions,
        "reason": reason,
        "deadline": timestamp(deadline or at + timedelta(days=1)),
    }
    return act(sender, receiver, "retraction", body, at=at)


def may_go_on(nation, to, entry, at=NOW) -> bool:
    """Whether a nation would pass an object on."""
    return bool(nation.preview(to, f"id:{entry['id']}", at).allowed)


# who wrote it


def test_an_author_cannot_be_claimed_without_with_a_stale_or_with_another_proof(nations):
    qm, qn, qo = nations
    entry = indicator(qm, "by-qm", Tlp.CLEAR)
    stale = proof(qm, {**entry, "name": "an earlier text"})
    for number, claimed in enumerate((None, stale, proof(qo, entry), {"salt": "00"}, {})):
        forged = {**entry, "name": f"forged {number}"}
        given = claimed if number != 2 else proof(qo, forged)
        assert slip(qo, qn, saying(qo, qn, forged, given)) == [("held", "ownership.no-proof")], number
    assert entry["id"] not in qn.objects()


def test_an_identity_object_of_a_node_is_that_node_s_whoever_is_named_as_its_creator(nations):
    qm, qn, qo = nations
    forged = entry("identity", qo, "QM", Tlp.CLEAR, name="We are QM", identity_class="organization")
    forged["id"] = qm.author
    assert slip(qo, qn, saying(qo, qn, forged, proof(qo, forged))) == [("held", "ownership.no-proof")]
    mine = {**forged, "id": qn.author}
    assert slip(qo, qn, saying(qo, qn, mine, proof(qo, mine))) == [("held", "ownership.no-proof")]


def test_an_author_in_capitals_is_the_same_author(nations):
    """UUIDs are read in either case (RFC 9562 4), so a claim in capitals is a claim."""
    qm, qn, qo = nations
    kind, _, uuid = qm.author.partition("--")
    forged = {**indicator(qm, "capitals", Tlp.CLEAR), "created_by_ref": f"{kind}--{uuid.upper()}"}
    assert slip(qo, qn, saying(qo, qn, forged)) == [("held", "ownership.no-proof")]


def test_squatting_on_the_id_of_another_s_object_changes_nothing(nations):
    qm, qn, qo = nations
    theirs = indicator(qm, "theirs", Tlp.CLEAR)
    assert slip(qm, qn, saying(qm, qn, theirs, proof(qm, theirs))) == [("applied", None)]
    squat = {**indicator(qo, "squat", Tlp.CLEAR), "id": theirs["id"]}
    assert slip(qo, qn, saying(qo, qn, squat, proof(qo, squat))) == [("held", "ownership.other-author")]
    anonymous = {name: value for name, value in squat.items() if name != "created_by_ref"}
    assert slip(qo, qn, saying(qo, qn, anonymous)) == [("held", "ownership.other-author")]
    assert qn.objects()[theirs["id"]] == canonical(theirs)


# under which agreement


def test_an_accord_of_other_parties_or_that_was_never_signed_or_has_ended_carries_nothing(nations):
    from hilf.node import accord, draft

    qm, qn, qo = nations
    of_others = accord_of(qn, qo)
    ours = accord_of(qm, qn)
    drafted = draft.from_template(qm.home(), [qn.node], NOW).life.accord
    accord.propose(qm.home(), drafted.id, NOW)
    carry(qm, qn)
    said = indicator(qm, "under-what", Tlp.CLEAR)
    for cited in (of_others, drafted.key, (ours[0], ours[1] + 1), ("accord--0", 1)):
        acts = saying(qm, qn, said, proof(qm, said), cited)
        assert slip(qm, qn, acts) == [("refused", "accord.not-in-force")], cited
    for officer in qn.keys.values():
        accord.end(qn.home(), ours[0], officer, NOW)
    acts = saying(qm, qn, said, proof(qm, said), ours)
    assert slip(qm, qn, acts) == [("refused", "accord.not-in-force")]
    assert not qn.holds("under-what")


def test_terms_looser_than_the_accord_count_as_the_accord_has_them(strangers):
    qm, qn, qo = strangers
    for one, other, onward in ((qm, qn, "none"), (qn, qo, "free")):
        meet(one, other)
        agree(one, other, onward=onward, retention_days=30)
    said = indicator(qm, "let-it-fly", Tlp.CLEAR)
    loose = terms("free", until=timestamp(NOW + timedelta(days=3000)))
    assert slip(qm, qn, saying(qm, qn, said, proof(qm, said), terms=loose)) == [("applied", None)]
    (withheld,) = qn.preview(qo, f"id:{said['id']}").withheld
    assert withheld.decision.main.rule == "accord.onward-none"
    late = qn.preview(qo, f"id:{said['id']}", NOW + timedelta(days=32)).withheld
    assert "accord.retention-over" in {reason.rule for each in late for reason in each.decision.reasons}


def test_a_marking_of_its_own_making_is_no_tlp_and_what_it_marks_goes_nowhere(nations):
    qm, qn, qo = nations
    made = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": Tlp.RED.marking_id,
        "created": "2022-10-01T00:00:00.000Z",
        "name": "TLP:RED",
        "extensions": tlp_2("clear")["extensions"],
    }
    assert slip(qm, qn, saying(qm, qn, made)) == [("refused", "stix.tlp")]
    own_id = {**tlp_2("clear"), "id": "marking-definition--" + "4" * 8 + "-4444-4444-8444-" + "4" * 12}
    assert slip(qm, qn, saying(qm, qn, own_id)) == [("refused", "stix.tlp")]
    marked = indicator(qm, "self-made", Tlp.CLEAR)
    marked["object_marking_refs"] = [own_id["id"]]
    assert slip(qm, qn, saying(qm, qn, marked, proof(qm, marked), terms=terms("free"))) == [("applied", None)]
    assert not may_go_on(qn, qo, marked)


def test_an_overlay_never_loosens_what_stands_in_the_object(nations):
    qm, qn, qo = nations
    red = indicator(qm, "red-under-clear", Tlp.RED)
    said = saying(qm, qn, red, proof(qm, red), terms=terms("free", Tlp.CLEAR.marking_id))
    assert slip(qm, qn, said) == [("applied", None)]
    (withheld,) = qn.preview(qo, f"id:{red['id']}").withheld
    assert withheld.decision.main.rule == "accord.red-named-people"


@pytest.mark.parametrize("overlay", [(), (Tlp.AMBER.marking_id,)])
def test_bringing_in_from_a_file_what_a_partner_sent_frees_it_of_nothing(nations, overlay):
    """An officer alone exports what came under terms, and imports it again as if this node said it."""
    qm, qn, qo = nations
    said = indicator(qm, "laundered", Tlp.CLEAR if overlay else Tlp.GREEN)
    onward = "free" if overlay else "none"
    act_ = saying(qm, qn, said, proof(qm, said), terms=terms(onward, *overlay))
    assert slip(qm, qn, act_) == [("applied", None)]
    assert not may_go_on(qn, qo, said)
    qn.says(said)
    assert not may_go_on(qn, qo, said)
    assert not qn.release(qo, f"id:{said['id']}").queued


# what was taken back


@pytest.mark.parametrize("again", ["same", "bad proof", "refused form"])
def test_what_was_erased_stays_erased_however_it_comes_again(nations, again):
    qm, qn, _ = nations
    said = indicator(qm, "erased-for-good", Tlp.CLEAR)
    slip(qm, qn, saying(qm, qn, said, proof(qm, said)), taking_back(qm, qn, said["id"]))
    erase(qn, NOW + timedelta(days=8))
    assert not qn.holds("erased-for-good")
    bad = {**proof(qm, said), "index": 7}
    sent = {**said, "pattern": "[broken"} if again == "refused form" else said
    ((outcome, _),) = slip(qm, qn, saying(qm, qn, sent, bad if again == "bad proof" else proof(qm, said)))
    assert outcome == "refused"
    assert again == "refused form" or not qn.holds("erased-for-good")


def erase(nation, at):
    from hilf.node import erasure

    return erasure.erase_due(nation.home(), at)


def test_an_id_in_capitals_can_be_taken_back(nations):
    qm, qn, _ = nations
    said = indicator(qm, "in-capitals", Tlp.CLEAR)
    kind, _, uuid = said["id"].partition("--")
    said["id"] = f"{kind}--{uuid.upper()}"
    assert slip(qm, qn, saying(qm, qn, said, proof(qm, said))) == [("applied", None)]
    assert slip(qm, qn, taking_back(qm, qn, said["id"])) == [("applied", None)]
    erase(qn, NOW + timedelta(days=8))
    assert not qn.holds("in-capitals")


def test_a_form_that_was_refused_after_the_erasure_is_taken_back_as_well(nations):
    qm, qn, _ = nations
    said = indicator(qm, "never-kept", Tlp.CLEAR)
    slip(qm, qn, saying(qm, qn, said, proof(qm, said)), taking_back(qm, qn, said["id"]))
    erase(qn, NOW + timedelta(days=8))
    broken = {**said, "pattern": "[broken"}
    assert slip(qm, qn, saying(qm, qn, broken, proof(qm, broken))) == [("refused", "stix.pattern")]
    assert slip(qm, qn, taking_back(qm, qn, said["id"])) == [("applied", None)]
    assert not qn.holds("never-kept")


# to wear a node out


def test_an_object_of_countless_faults_fills_no_disk(nations):
    qm, qn, _ = nations
    said = indicator(qm, "faults", Tlp.CLEAR)
    selectors = [f"nothing{n}" for n in range(5_000)]
    said["granular_markings"] = [{"marking_ref": Tlp.RED.marking_id, "selectors": selectors}]
    assert slip(qm, qn, saying(qm, qn, said, proof(qm, said))) == [("refused", "stix.selector")]
    assert rows(qn, "SELECT count(*) FROM finding") == [(100,)]


def test_objects_and_pings_in_turn_make_the_node_read_its_identities_once(nations, monkeypatch):
    from hilf.node import author, judging

    qm, qn, _ = nations
    read = []
    monkeypatch.setattr(judging, "known_authors", lambda home: read.append(1) or author.known_authors(home))
    acts = []
    for n in range(20):
        said = {"type": "ipv4-addr", "spec_version": "2.1", "value": f"192.0.2.{n}"}
        said["id"] = f"ipv4-addr--00000000-0000-4000-8000-{n:012}"
        acts += [saying(qm, qn, said), act(qm, qn, "ping", {})]
    assert set(slip(qm, qn, *acts)) == {("applied", None)}
    assert len(read) == 1


def test_an_author_that_is_introduced_in_the_middle_of_a_batch_is_known_from_then_on(nations):
    from hilf.node import identity

    qm, qn, qo = nations
    said = indicator(qo, "by-qo", Tlp.CLEAR)
    other = indicator(qn, "by-qn", Tlp.CLEAR)
    card = identity.own(qo.home()).card
    acts = [
        saying(qn, qm, other, proof(qn, other)),
        act(qn, qm, "identity", {"card": card}),
        saying(qn, qm, said, proof(qo, said)),
    ]
    assert slip(qn, qm, *acts) == [("applied", None)] * 3
    assert rows(qm, "SELECT author FROM object WHERE stix_id = %s", said["id"]) == [(qo.node,)]


def test_what_a_batch_holds_counts_however_well_it_is_packed(home):
    from hilf.node import identity, inbox
    from tests.partner import Partner, introduce

    partner = Partner(home.node, at=NOW)
    introduce(partner)
    partner.meet(identity.own(home).newest)
    pad = "a" * 90_000
    batch = partner.batch([partner.act("ping", {"pad": pad + secrets.token_hex(1500)}) for _ in range(20)])
    request = partner.request("POST", "acts", batch.canonical, home_url=home.gateway_url, encoding="zstd")
    assert len(request.body) < 100_000
    quota = inbox.Quota(unpacked_bytes=1_000_000)
    assert inbox.receive(home, request, NOW, quota).status == 429


# agreements


@pytest.fixture
def proposed(strangers):
    """QM proposed an accord to QN; its first text is as QM meant it to be read."""
    from hilf.node import accord, draft

    qm, qn, _ = strangers
    meet(qm, qn)
    text = draft.from_template(qm.home(), [qn.node], BEGAN).life.accord
    accord.propose(qm.home(), text.id, BEGAN)
    carry(qm, qn, BEGAN)
    return qm, qn, text


def proposing(sender, receiver, text, **changed) -> Act:
    body = {"step": "proposal", "document": {**text.json(), **changed}}
    return act(sender, receiver, "accord", body, at=BEGAN)


def test_a_text_that_is_put_in_place_of_the_one_that_was_read_is_not_signed_unseen(proposed):
    from hilf.errors import Refusal
    from hilf.node import accord

    qm, qn, text = proposed
    worse = proposing(qm, qn, text, onward="free", retention_days=3000)
    assert slip(qm, qn, worse, at=BEGAN) == [("applied", None)]
    with pytest.raises(Refusal) as refused:
        accord.sign(qn.home(), text.id, qn.keys["officer"], BEGAN)
    assert refused.value.code == "accord.which-text"
    first = accord.sign(qn.home(), text.id, qn.keys["officer"], BEGAN, text.hash[:16])
    assert first.shown.life.accord.hash == text.hash
    second = accord.sign(qn.home(), text.id, qn.keys[SECOND], BEGAN)
    assert (second.shown.life.accord.hash, second.missing) == (text.hash, 0)


def test_a_rival_text_does_not_keep_the_second_officer_from_signing_the_first(proposed):
    from hilf.node import accord

    qm, qn, text = proposed
    accord.sign(qn.home(), text.id, qn.keys["officer"], BEGAN)
    assert slip(qm, qn, proposing(qm, qn, text, onward="free"), at=BEGAN) == [("applied", None)]
    done = accord.sign(qn.home(), text.id, qn.keys[SECOND], BEGAN)
    assert (done.shown.life.accord.hash, done.missing) == (text.hash, 0)


def test_nobody_has_to_read_texts_without_end(proposed, monkeypatch):
    from hilf.node import accord_receive

    qm, qn, text = proposed
    monkeypatch.setattr(accord_receive, "MOST_PROPOSALS", 3)
    acts = [proposing(qm, qn, text, id=f"accord--00000000-0000-4000-8000-{n:012}") for n in range(3)]
    assert slip(qm, qn, *acts, at=BEGAN)[2:] == [("refused", "accord.too-many-proposals")]


def test_a_stolen_online_key_signs_suspends_and_ends_no_accord(proposed):
    """The thief has QN's online key, which also signs as the node; what it lacks are officers."""
    from hilf.accord.step import Kind, signed_body
    from hilf.node.home import online_key
    from hilf.seal.record import make_record

    qm, qn, text = proposed
    stolen = online_key(qn.home())
    until = BEGAN + timedelta(days=9)

    def record(type_, subject, role):
        return make_record(type_, qn.node, role, subject, BEGAN, until, stolen)

    def step(kind, *records):
        return act(qn, qm, "accord", signed_body(kind, text, records), at=BEGAN)

    as_officer = step(Kind.SIGNATURE, record("accord", text.subject, "officer"))
    as_node = step(Kind.SIGNATURE, record("accord", text.subject, "node"))
    assert slip(qn, qm, as_officer, as_node, at=BEGAN) == [
        ("refused", "accord.unknown-kid"),
        ("applied", None),
    ]
    from hilf.node import accord

    shown = accord.show(qm.home(), text.id, BEGAN)[-1]
    assert shown.standing.state.value == "proposed"
    in_force = sign_all(qm, qn, text)
    for kind, type_ in ((Kind.SUSPENSION, "suspension"), (Kind.END, "withdrawal")):
        forged = step(kind, record(type_, text.hash, "officer"))
        ((outcome, _),) = slip(qn, qm, forged, at=BEGAN)
        assert outcome == "refused"
    assert accord_of(qm, qn) == in_force


def sign_all(qm, qn, text):
    from hilf.node import accord

    for one, other in ((qn, qm), (qm, qn)):
        for officer in one.keys.values():
            accord.sign(one.home(), text.id, officer, BEGAN)
        carry(one, other, BEGAN)
    return text.key


def test_an_accord_that_a_third_party_signs_for_another_is_not_signed(proposed):
    """QM signs for both, with records that name QN and are made with QM's keys."""
    from hilf.accord.step import Kind, signed_body
    from hilf.node.home import online_key
    from hilf.seal.record import make_record

    qm, qn, text = proposed
    until = BEGAN + timedelta(days=9)
    keys = [(key, "officer") for key in qm.keys.values()] + [(online_key(qm.home()), "node")]
    for node in (qn.node, qm.node):
        records = [make_record("accord", node, role, text.subject, BEGAN, until, key) for key, role in keys]
        step = act(qm, qn, "accord", signed_body(Kind.SIGNATURE, text, records), at=BEGAN)
        ((outcome, code),) = slip(qm, qn, step, at=BEGAN)
        assert (outcome, code) == (
            "refused",
            "accord.unknown-kid" if node == qn.node else "accord.proposer-signed-before-others",
        )


# a thief of the online key, and an officer alone


def test_a_thief_of_the_online_key_erases_nothing_at_once_and_takes_no_hundred_objects_back(nations):
    from hilf.canonical import content_id
    from hilf.node.home import online_key
    from hilf.seal.record import make_record

    qm, qn, _ = nations
    said = indicator(qm, "stolen", Tlp.CLEAR)
    back = taking_back(qm, qn, said["id"], "source-at-risk")
    slip(qm, qn, saying(qm, qn, said, proof(qm, said)), back)
    forged = make_record(
        "retraction",
        qm.node,
        "officer",
        content_id([back.id]),
        NOW,
        SOON + timedelta(days=1),
        online_key(qm.home()),
    )
    word = act(qm, qn, "retraction", {"acts": [back.id], "records": [forged]})
    assert slip(qm, qn, word) == [("refused", "retraction.unknown-kid")]
    assert erase(qn, SOON) == 0


def test_the_word_of_officers_for_one_retraction_is_none_for_another(nations):
    from hilf.canonical import content_id
    from hilf.seal.record import make_record

    qm, qn, _ = nations
    said = [indicator(qm, f"at risk {n}", Tlp.CLEAR) for n in range(2)]
    backs = [taking_back(qm, qn, each["id"], "source-at-risk") for each in said]
    slip(qm, qn, *[saying(qm, qn, each, proof(qm, each)) for each in said], *backs)
    until = SOON + timedelta(days=1)
    records = [
        make_record("retraction", qm.node, "officer", content_id([backs[0].id]), NOW, until, key)
        for key in qm.keys.values()
    ]
    for acts in ([backs[1].id], sorted(each.id for each in backs)):
        word = act(qm, qn, "retraction", {"acts": acts, "records": records})
        assert slip(qm, qn, word) == [("refused", "record.subject")]
    once = act(qm, qn, "retraction", {"acts": [backs[0].id], "records": [records[0], records[0]]})
    assert slip(qm, qn, once) == [("refused", "record.kid-twice")]


def test_nobody_takes_back_confirms_or_settles_what_is_another_s(nations):
    qm, qn, qo = nations
    said = indicator(qm, "mine", Tlp.CLEAR)
    slip(qm, qn, saying(qm, qn, said, proof(qm, said)))
    assert slip(qo, qn, taking_back(qo, qn, said["id"])) == [("refused", "retraction.not-asserted")]
    back = taking_back(qm, qn, said["id"])
    slip(qm, qn, back)
    confirmed = {
        "retraction": back.id,
        "state": "erased",
        "at": timestamp(SOON),
        "further": {"named": [], "counted": counted()},
    }
    assert slip(qo, qn, act(qo, qn, "confirmation", confirmed)) == [("refused", "confirmation.unknown")]
    settled = {"act": back.id, "outcome": "applied", "reason": None}
    ((outcome, _),) = slip(qo, qn, act(qo, qn, "outcome", settled))
    assert outcome == "refused"


def counted():
    return {"open": 0, "hidden": 0, "erased": 0, "held": 0}


def test_one_officer_under_two_names_is_one_officer(nations):
    """The key file is copied: what counts is the key, not what its holder is called."""
    from hilf.errors import Refusal
    from hilf.node import release
    from hilf.node.home import officer_key

    qm, qn, _ = nations
    qm.says(indicator(qm, "two names", Tlp.AMBER))
    proposed_ = qm.release(qn, officer="officer")
    folder = qm.path / "keys" / "officers"
    (folder / "alias.pem").write_bytes((folder / "officer.pem").read_bytes())
    (folder / "alias.pem").chmod(0o600)
    alias = officer_key(qm.home(), "alias", PASSPHRASE)
    with pytest.raises(Refusal) as refused:
        release.approve(qm.home(), proposed_.release, alias, NOW)
    assert refused.value.code == "release.same-officer"
    carry(qm, qn)
    assert not qn.holds("two names")


def test_an_officer_who_came_back_under_a_new_key_is_not_a_second_one(nations):
    """The proposer leaves, and the proposal dies at once: added again under a new key, he approves nothing of it."""
    from hilf.errors import Refusal
    from hilf.node import proposal, release
    from hilf.node.change import Change, NewOfficer
    from hilf.node.home import officer_key
    from hilf.node.identity import ROLES

    qm, qn, _ = nations
    qm.says(indicator(qm, "came back", Tlp.AMBER))
    proposed_ = qm.release(qn, officer=SECOND)
    for change in (Change(leaving=SECOND), Change(officer=NewOfficer("again", ROLES, PASSPHRASE))):
        home = qm.home()
        proposal.propose(home, change, home.root_keys, NOW)
        proposal.publish(home, NOW)
    with pytest.raises(Refusal) as refused:
        release.approve(qm.home(), proposed_.release, officer_key(qm.home(), "again", PASSPHRASE), NOW)
    assert refused.value.code == "release.not-proposed"
    assert "died (approval.unknown-kid)" in refused.value.what


def test_fewer_officers_from_now_on_change_nothing_about_what_was_proposed(nations):
    from hilf.errors import Refusal
    from hilf.node import proposal, release
    from hilf.node.change import Change

    qm, qn, _ = nations
    qm.says(indicator(qm, "lowered", Tlp.AMBER))
    proposed_ = qm.release(qn, officer="officer")
    home = qm.home()
    proposal.propose(home, Change(officers_per_act=1), home.root_keys, NOW)
    proposal.publish(home, NOW)
    with pytest.raises(Refusal) as refused:
        release.approve(qm.home(), proposed_.release, qm.keys["officer"], NOW)
    assert refused.value.code == "release.same-officer"


def test_a_partner_whose_batches_keep_the_processor_busy_is_asked_to_wait(home, partner):
    """A pattern of 256 KiB takes seconds to read, and a batch of 8 MiB on the wire holds a hundred of them."""
    from hilf.node import inbox

    def send(batch):
        request = partner.request("POST", "acts", batch.canonical, home_url=home.gateway_url)
        return inbox.receive(home, request, NOW, inbox.Quota(processor_s=0))

    first = partner.batch([partner.act() for _ in range(300)])
    assert send(first).status == 200
    partner.sent(first)
    answer = send(partner.batch([partner.act()]))
    assert (answer.status, loads(answer.body)["code"]) == (429, "peer.quota")


# nodes that a partner invents


def invented(node, *stix_identities):
    from tests.homes import Partner

    return Partner(node=node, country="ZZ", stix_identities=list(stix_identities)).document().card


def introducing(sender, receiver, card) -> Act:
    return act(sender, receiver, "identity", {"card": card})


def test_a_name_that_a_partner_took_first_is_given_to_the_node_whose_card_a_person_brings(nations):
    """What was said under the name until then waits for a person."""
    from hilf.node import identity, peer
    from hilf.node.search import show
    from tests.homes import key

    qm, qn, qo = nations
    mine = "identity--11111111-1111-4111-8111-111111111111"
    said = {**indicator(qo, "in a borrowed name", Tlp.CLEAR), "created_by_ref": mine}
    borrowed = prove([canonical(said)], [b"s" * 32], qo.node, NOW, key(f"{qo.node} online 1"))[0]
    acts = [introducing(qn, qm, invented(qo.node, mine)), saying(qn, qm, said, borrowed)]
    assert slip(qn, qm, *acts) == [("applied", None)] * 2
    assert said["id"] in qm.objects()
    real = identity.own(qo.home())
    assert peer.add(qm.home(), real.card, NOW).fingerprint == real.fingerprint
    assert said["id"] not in qm.objects()
    assert {(each.author, each.state.name) for each in show(qm.home(), said["id"], True).assertions} == {
        (None, "QUARANTINED")
    }
    assert slip(qn, qm, introducing(qn, qm, invented(qo.node))) == [("refused", "identity.not-what-is-held")]


def test_a_name_that_a_person_brought_or_verified_is_not_taken(nations):
    from hilf.errors import Refusal
    from hilf.node import peer

    qm, qn, qo = nations
    assert slip(qm, qn, introducing(qm, qn, invented(qo.node))) == [("refused", "identity.not-what-is-held")]
    with pytest.raises(Refusal) as refused:
        peer.add(qn.home(), invented(qo.node), NOW)
    assert refused.value.code == "identity.not-what-is-held"
    assert peer.state_of(qo.node) == "verified"


def test_a_node_that_a_partner_invents_keeps_nobody_s_identity_and_is_never_verified_with_it(nations):
    from hilf.errors import Refusal
    from hilf.node import identity, peer

    qm, qn, qo = nations
    fake = invented("cert.fake.example", qo.author)
    assert slip(qn, qm, introducing(qn, qm, fake)) == [("applied", None)]
    card = identity.own(qo.home())
    home = qm.home()
    assert peer.add(home, card.card, NOW).fingerprint == card.fingerprint
    fingerprint = peer.identity_of("cert.fake.example").fingerprint
    with pytest.raises(Refusal) as refused:
        peer.verify(home, "cert.fake.example", fingerprint, qm.keys["officer"], NOW)
    assert refused.value.code == "identity.stix-identity-of-another-node"


def test_a_partner_introduces_no_crowd_and_no_card_without_end(nations, monkeypatch):
    from hilf.node import card, peer

    qm, qn, _ = nations
    monkeypatch.setattr(peer, "MOST_INTRODUCED", 2)
    acts = [introducing(qm, qn, invented(f"cert.n{n}.example")) for n in range(3)]
    assert slip(qm, qn, *acts)[1:] == [("applied", None), ("refused", "peer.too-many-introduced")]
    monkeypatch.setattr(card, "LARGEST_BYTES", 500)
    assert slip(qm, qn, introducing(qm, qn, invented("cert.big.example")))[0][0] == "refused"


def test_a_card_that_lists_our_keys_or_our_identity_or_is_rolled_back_is_refused(nations):
    from hilf.node import identity
    from hilf.node.home import online_key
    from tests.homes import Partner

    qm, qn, _ = nations
    thief = Partner(node="cert.thief.example", country="ZZ").document(online=online_key(qn.home())).card
    claims = invented("cert.claims.example", qn.author)
    rolled_back = {**(card := identity.own(qm.home()).card), "chain": card["chain"][:1]}
    ours = identity.own(qn.home()).card
    acts = [introducing(qm, qn, each) for each in (thief, claims, rolled_back, ours)]
    assert slip(qm, qn, *acts) == [
        ("refused", "identity.key-of-another-node"),
        ("refused", "identity.stix-identity-of-another-node"),
        ("refused", "identity.not-what-is-held"),
        ("refused", "peer.ourselves"),
    ]


# strangers


@pytest.fixture
def partner(home):
    """A verified partner of the node, and the node's key to verify answers with."""
    from hilf.node import identity
    from tests.partner import Partner, introduce

    partner = Partner(home.node, at=NOW)
    introduce(partner)
    partner.meet(identity.own(home).newest)
    return partner


def asked(home, request, at=NOW):
    from hilf.node import inbox

    response = inbox.tell_state(home, request, at)
    return response.status, {n: v for n, v in loads(response.body).items() if n != "time"}


def test_a_stranger_cannot_find_out_whom_we_know(home, partner):
    """Kids are public, so anybody can name a node's key; what is answered must not depend on whether it is known."""
    from dataclasses import replace

    from tests.partner import Partner, introduce

    expired = Partner(home.node, "cert.qo.example", "QO", at=NOW - timedelta(days=399))
    introduce(expired)
    unknown = Partner(home.node, "cert.qx.example", "QX", at=NOW)
    answers = []
    for each in (partner, expired, unknown):
        for created in (NOW, NOW - timedelta(hours=1)):
            request = each.request("GET", "state", home_url=home.gateway_url, created=created)
            wrong = tuple(
                (n, "hilf=:" + "A" * 86 + "==:" if n == "signature" else v) for n, v in request.headers
            )
            answers.append(asked(home, replace(request, headers=wrong)))
    assert answers == [answers[0]] * 6
    assert answers[0][1]["code"] == "http.unknown-kid"
    own = expired.request("GET", "state", home_url=home.gateway_url, created=NOW)
    assert asked(home, own)[1]["code"] == "identity.expired"


def test_nothing_is_written_for_whoever_cannot_sign(home, partner):
    from tests.partner import Partner

    unknown = Partner(home.node, "cert.qx.example", "QX", at=NOW)
    for each, key in ((unknown, None), (partner, fresh.key())):
        request = each.request("GET", "state", home_url=home.gateway_url, created=NOW, key=key)
        assert asked(home, request)[0] == 401
    assert database.rows("SELECT count(*) FROM nonce") == [(0,)]


# epochs


def sending(home, partner, batch):
    from hilf.node import inbox

    request = partner.request("POST", "acts", batch.canonical, home_url=home.gateway_url)
    response = inbox.receive(home, request, NOW)
    return response.status, loads(response.body)


def state_told(home, partner):
    """What the node signs about both streams."""
    from hilf.federation.state import read_state

    document = asked(home, partner.request("GET", "state", home_url=home.gateway_url))[1]
    return read_state(document, home.node, partner.node, partner.theirs)


def test_an_epoch_is_opened_only_from_what_this_node_signed_and_only_while_it_is_so(home, partner):
    from hilf.federation.state import Outgoing, make_state, read_state

    first = partner.batch([partner.act(), partner.act()])
    old = state_told(home, partner)
    assert sending(home, partner, first)[0] == 200
    partner.sent(first)
    keys = {partner.key.kid: partner.key.public}
    out = Outgoing(1, 1, partner.position.chain, 0)
    by_itself = make_state(home.node, partner.node, first.header.end, out, NOW, partner.key)
    forged = read_state(by_itself, home.node, partner.node, keys)
    status, answer = sending(home, partner, partner.batch([partner.act()], opening=forged))
    assert (status, answer["code"]) == (400, "state.unknown-kid")
    status, answer = sending(home, partner, partner.batch([partner.act()], opening=old))
    assert (status, answer["code"]) == (409, "stream.diverges")
    opened = partner.batch([first.acts[0], partner.act()], opening=state_told(home, partner))
    status, answer = sending(home, partner, opened)
    assert (status, [each["outcome"] for each in answer["results"]]) == (200, ["duplicate", "applied"])
    fork = partner.batch([partner.act()], after=first.header.end)
    assert sending(home, partner, fork)[1]["code"] == "stream.diverges"
    assert database.rows("SELECT count(*) FROM act") == [(3,)]


def test_a_partner_jumps_over_no_epoch_and_into_none_that_it_did_not_open(home, partner):
    from hilf.federation.stream import Position

    first = partner.batch([partner.act()])
    assert sending(home, partner, first)[0] == 200
    told = state_told(home, partner)
    jumped = Position(4, 0, bytes(32))
    refusals = {
        "over": (partner.batch([partner.act()], after=jumped, opening=told), 400, "batch.epoch"),
        "inside": (partner.batch([partner.act()], after=Position(2, 7, bytes(32))), 409, "stream.diverges"),
        "the very last": (
            partner.batch([partner.act()], after=Position(2**53 - 2, 7, bytes(32))),
            409,
            "stream.diverges",
        ),
    }
    for name, (batch, status, code) in refusals.items():
        answered, answer = sending(home, partner, batch)
        assert (answered, answer["code"]) == (status, code), name
    assert state_told(home, partner).incoming == first.header.end
    assert database.rows("SELECT count(*) FROM act") == [(1,)]


def test_what_is_withdrawn_is_not_sent_in_the_same_breath(home, partner):
    act_ = partner.act()
    opened = partner.batch([act_], opening=state_told(home, partner), withdrawn=[act_.id])
    status, answer = sending(home, partner, opened)
    assert (status, answer["code"]) == (400, "withdrawn.twice-or-sent")


@pytest.mark.parametrize(
    "name", ["hilf-to", "content-digest", "content-type", "signature", "Signature-Input"]
)
def test_a_covered_field_that_comes_twice_in_whatever_case_is_refused(home, partner, name):
    from dataclasses import replace

    from hilf.node import inbox

    batch = partner.batch([partner.act()])
    request = partner.request("POST", "acts", batch.canonical, home_url=home.gateway_url)
    twice = dict(request.headers)[name.lower()]
    doubled = replace(request, headers=(*request.headers, (name.title(), twice)))
    response = inbox.receive(home, doubled, NOW)
    assert (response.status, loads(response.body)["code"]) == (401, f"http.field-twice-{name.lower()}")


@pytest.mark.parametrize(
    "path", ["acts/", "acts?x=1", "ACTS", "%61cts", "./acts", "acts%00", "../1/acts", "acts#x"]
)
def test_an_address_that_only_looks_like_ours_is_none(home, partner, path):
    from hilf.node import inbox

    batch = partner.batch([partner.act()])
    request = partner.request("POST", path, batch.canonical, home_url=home.gateway_url)
    response = inbox.receive(home, request, NOW)
    assert (response.status, loads(response.body)["code"]) == (401, "http.target")
