"""Passed on with consent: the third nation has the author's proof, and no trace of the accord between the first two.

Issue 4, "Done when": a forwarded object reaches the third nation with the author's proof and no trace of the accord
between the first two; checked in its database, and in all that goes to it over the wire.
"""

import re
from collections.abc import Iterator

import orjson
import pytest

from hilf.federation.consent import Towards
from hilf.federation.retraction import RetractionReason
from hilf.markings.tlp import Tlp
from tests.conftest import NOW
from tests.nations import SECOND, Nation, agree, canonical, carry, copied, indicator, made_nations, meet  # noqa: F401

TITLE = "Understanding of the two ministries on the waterworks"
CLAUSES = [
    {
        "id": "waterworks-9f3",
        "effect": "permit",
        "kinds": ["object", "sighting"],
        "when": {"marking_max": "amber"},
        "text": {"en": "What the ministries know of the waterworks."},
    }
]


@pytest.fixture
def three(made_nations, tmp_path) -> Iterator[tuple[Nation, Nation, Nation, str]]:  # noqa: F811
    """QM and QN agreed on something of their own, QN and QO on the default template; QM and QO never met."""
    from hilf.store import database

    qm, qn, qo = copied(made_nations, tmp_path)
    meet(qm, qn)
    accord = agree(qm, qn, title={"en": TITLE}, clauses=CLAUSES)
    meet(qn, qo)
    agree(qn, qo)
    yield qm, qn, qo, accord
    database.use(":memory:")


def forwarded(qm: Nation, qn: Nation, qo: Nation) -> dict:
    """QM's AMBER indicator goes to QN, which asks, is given consent by QM's officers, and passes it on to QO."""
    from hilf.node import answer, question
    from hilf.store.release import consent

    made = indicator(qm, "pump", Tlp.AMBER)
    qm.says(made)
    send(qm, qn, made["id"])
    question.ask(qn.home(), [made["id"]], Towards((qo.node,)), NOW)
    carry(qn, qm)
    home = qm.home()
    for officer in ("officer", SECOND):
        (asked,) = consent.every()
        answer.give(home, asked.number, NOW, qm.keys[officer])
    carry(qm, qn)
    send(qn, qo, made["id"])
    return made


def send(giver: Nation, taker: Nation, stix_id: str) -> None:
    from hilf.node import release

    done = giver.release(taker, f"id:{stix_id}", "officer")
    release.approve(giver.home(), done.release, giver.keys[SECOND], NOW)
    assert {each["outcome"] for each in carry(giver, taker)} == {"applied"}


def between(one: Nation, other: Nation, accord: str) -> set[bytes]:
    """Everything that only these two nations know: their accord in all its names, and every act between them."""
    from hilf.store import database
    from hilf.store.accord import version

    one.home()
    secrets: set[bytes] = {
        accord.encode(),
        accord.removeprefix("accord--").encode(),
        TITLE.encode(),
        b"waterworks-9f3",
    }
    secrets.add(b"What the ministries know")
    for kept in version.versions(accord):
        document = orjson.loads(kept.document)
        secrets |= {document["community"].encode(), kept.hash.encode()}
    for act_id, envelope in database.rows("SELECT act_id, envelope FROM act WHERE peer = %s", (other.node,)):
        secrets |= {bytes(act_id), bytes(act_id).hex().encode(), orjson.loads(envelope)["nonce"].encode()}
    for (release_id,) in database.rows("SELECT release_id FROM release"):
        secrets.add(release_id.encode())
    return secrets


def files(nation: Nation) -> list[bytes]:
    """Every file of the home, the database and what it has not written back yet among them."""
    from hilf.store import database

    nation.home()
    database.use(":memory:")
    return [file.read_bytes() for file in nation.path.rglob("*") if file.is_file()]


def on_the_wire(giver: Nation, taker: Nation) -> list[bytes]:
    """Every batch that went from one to the other, byte for byte as it was sent."""
    from hilf.node import federation
    from hilf.store import database

    home = giver.home()
    sent = database.rows(
        "SELECT first FROM batch WHERE peer = %s AND outgoing = %s ORDER BY first", (taker.node, True)
    )
    ready = [federation.next_batch(home, taker.node, first, NOW) for (first,) in sent]
    return [each.body for each in ready if each is not None]


def found(secrets: set[bytes], places: list[bytes]) -> set[bytes]:
    return {each for each in secrets if any(each in place for place in places)}


def raw(secrets: set[bytes]) -> set[bytes]:
    """The same, and what is written in hex as the bytes themselves."""
    return secrets | {
        bytes.fromhex(each.decode()) for each in secrets if re.fullmatch(b"(?:[0-9a-f]{2}){16,}", each)
    }


def test_the_third_nation_has_the_author_s_proof_and_no_trace_of_the_accord_of_the_first_two(three):
    from hilf.node import identity, peer
    from hilf.node.author import known_authors
    from hilf.store import database

    qm, qn, qo, accord = three
    made = forwarded(qm, qn, qo)
    home = qo.home()
    ((author, asserter, cited, proof, body),) = database.rows(
        "SELECT author, asserter, accord, authorship, body FROM object WHERE stix_id = %s", (made["id"],)
    )
    assert (author, asserter, bytes(body)) == (qm.node, qn.node, canonical(made))
    authors = known_authors(home)
    assert (
        authors.proven(orjson.loads(bytes(proof)), canonical(made), made["id"], made["created_by_ref"])
        == qm.node
    )
    assert (peer.state_of(qm.node).value, identity.kept(qm.node) is not None) == ("introduced", True)
    assert not cited.startswith(accord)

    secrets = between(qm, qn, accord) | between(qn, qm, accord)
    wire = on_the_wire(qn, qo)
    assert canonical(made) in b"".join(wire)
    # what is looked for can be found: in the homes and on the wire of the two who know it
    assert found(secrets, [*files(qm), *files(qn)]) == secrets
    assert len(found(secrets, on_the_wire(qm, qn))) > 10
    assert found(raw(secrets), files(qo)) == set()
    assert found(raw(secrets), wire) == set()


def test_what_the_author_takes_back_is_gone_in_the_third_nation_and_leaves_no_trace_either(three):
    from hilf.node import confirmed, withdrawal

    qm, qn, qo, accord = three
    made = forwarded(qm, qn, qo)
    assert made["id"] in qo.objects()
    withdrawal.retract(qm.home(), made["id"], RetractionReason.CONSENT_WITHDRAWN, NOW)
    for giver, taker in ((qm, qn), (qn, qo), (qo, qn), (qn, qm)):
        carry(giver, taker)
    assert made["id"] not in qo.objects()
    (told,) = confirmed.status(qm.home(), made["id"], NOW)
    assert [(each.node, each.state) for each in told.nodes] == [(qn.node, "hidden")]
    secrets = between(qm, qn, accord) | between(qn, qm, accord)
    assert found(raw(secrets), files(qo)) == set()
    assert found(raw(secrets), on_the_wire(qn, qo)) == set()
