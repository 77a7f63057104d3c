"""Nations in one process: real homes that verified each other and agreed, and a courier that carries their batches.

Each nation has a home and a database of its own; `Nation.home()` puts its database in use, so that only one nation acts
at a time. The homes are made once and copied. A courier does what the wire does, without a socket: signed request in,
signed answer out.
"""

import itertools
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4, uuid5

import orjson
import pytest

from hilf.canonical import Json, dumps, loads, timestamp
from hilf.markings.extension import NAMESPACE
from hilf.markings.tlp import Tlp
from hilf.node.home import Home, officer_key
from hilf.seal.http import Request, sign_request, verify_response
from hilf.seal.key import PrivateKey
from tests.conftest import NOW, PASSPHRASE

SECOND = "amal"
COUNTRIES = ("QM", "QN", "QO")
BEGAN = NOW - timedelta(days=1)
"""When the nations made their homes, met and agreed: a day before the tests."""


@dataclass
class Nation:
    """One nation's node; `keys` are those of its officers."""

    country: str
    path: Path
    keys: Mapping[str, PrivateKey] = field(default_factory=dict)

    @property
    def node(self) -> str:
        return f"cert.{self.country.lower()}.example"

    @property
    def author(self) -> str:
        """The STIX identity object that stands for it."""
        from hilf.node.init import stix_identity_id

        return stix_identity_id(self.node)

    def home(self) -> Home:
        """Its home, its database in use from now on."""
        from hilf.settings import open_home

        return open_home(self.path)

    def says(self, *objects: dict[str, Json], marking: str | None = None, at=NOW) -> None:
        """Bring objects in, as a file of its own."""
        from hilf.node import intake

        file = self.path.parent / f"{self.country}-{secrets.token_hex(4)}.json"
        file.write_bytes(
            json.dumps(
                {"type": "bundle", "id": f"bundle--{uuid5(NAMESPACE, 'b')}", "objects": objects}
            ).encode()
        )
        result = intake.import_files(self.home(), [str(file)], marking, "own", at)
        file.unlink()
        counts = result.counts()
        assert counts["refused"] == counts["quarantined"] == 0, result

    def holds(self, words: str | bytes) -> bool:
        """Whether the bytes stand in a file of its database, after everything was written to it."""
        from hilf.store import database

        self.home()
        database.use(":memory:")
        data = words.encode() if isinstance(words, str) else words
        return any(data in file.read_bytes() for file in self.path.glob("hilf.sqlite3*"))

    def objects(self, asserter: str | None = None) -> dict[str, bytes]:
        """What a reader of this node finds: id → bytes of every current assertion, by one node or by all."""
        from hilf.store import database

        self.home()
        found = database.rows("SELECT stix_id, body, asserter FROM object WHERE state = 0")
        return {stix_id: bytes(body) for stix_id, body, by in found if asserter in (None, by)}

    def release(self, to: "Nation", select: str = "", officer: str | None = None, at=NOW):
        from hilf.node import release

        return release.send(self.home(), to.node, at, select, None, self.keys[officer] if officer else None)

    def preview(self, to: "Nation", select: str = "", at=NOW):
        from hilf.node import preview

        return preview.preview(self.home(), to.node, at, select)


def carry(sender: Nation, receiver: Nation, at=NOW) -> list[dict]:
    """Carry everything that waits from one nation to another, batch by batch; the results that were receipted."""
    from hilf.node import federation, inbox, peer
    from hilf.node.home import online_key
    from hilf.store.federation import stream

    results: list[dict] = []
    for _ in itertools.count():
        home = sender.home()
        there = peer.identity_of(receiver.node)
        position = stream.position(receiver.node, outgoing=True)
        ready = federation.next_batch(home, receiver.node, (position.receipted if position else 0) + 1, at)
        if ready is None:
            return results
        url = f"{there.newest.endpoints[0]}/hilf/1/acts"
        plain = Request("POST", url, (("content-encoding", "identity"),), ready.body)
        seconds = int(at.timestamp())
        request = sign_request(
            plain, sender.node, online_key(home), receiver.node, seconds, secrets.token_hex(16)
        )
        response = inbox.receive(receiver.home(), request, at)
        home = sender.home()
        keys = {receiver.node: peer.keys(receiver.node, at)}
        verify_response(response, request, keys, seconds, lambda *_: False)
        assert response.status == 200, response.body
        document = loads(response.body)
        federation.keep_receipt(receiver.node, ready, document, response.body, at)
        results += document["results"]
    raise AssertionError


class Courier:
    """Carries requests of one nation to the gateway of another, without a socket; `lose` may take some away.

    `lose(path, way)` is asked twice for each request: with "out" before it arrives, and with "back" before its answer does.
    """

    def __init__(self, sender: Nation, receiver: Nation, at=NOW, lose=lambda _path, _way: False) -> None:
        self.sender, self.receiver, self.at, self.lose = sender, receiver, at, lose
        self.bytes = 0

    def exchange(self, request: Request):
        from hilf.errors import PartnerFault
        from hilf.node import inbox, reconcile

        path = request.url.rsplit("/", 1)[-1]
        verbs = {"acts": inbox.receive, "state": inbox.tell_state, "reconcile": reconcile.answer}
        if self.lose(path, "out"):
            raise PartnerFault("wire: broken off", path)
        try:
            response = verbs[path](self.receiver.home(), request, self.at)
        finally:
            self.sender.home()
        self.bytes += len(request.body or b"") + len(response.body)
        if self.lose(path, "back"):
            raise PartnerFault("wire: broken off", path)
        return response

    def close(self) -> None:
        pass


def meet_again(sender: Nation, receiver: Nation, at=NOW, lose=lambda _path, _way: False):
    """One round from one nation to another as `hilf sync` goes it: compare, reconcile, send; what it did."""
    from hilf.node import identity, sync
    from hilf.node.partner import Partner

    home, tally = sender.home(), sync.Tally()
    courier = Courier(sender, receiver, at, lose)
    with Partner(home, identity.kept(receiver.node), lambda: at, connection=courier) as partner:
        sync.converse(home, partner, lambda: at, tally)
    return tally


def back_up(nation: Nation, name: str = "backup") -> Path:
    """A copy of the nation's database as it stands now."""
    at_rest([nation])
    copy = nation.path.parent / f"{nation.country}-{name}.sqlite3"
    shutil.copyfile(nation.path / "hilf.sqlite3", copy)
    return copy


def put_back(nation: Nation, copy: Path) -> None:
    """The older database in place of the present one, as somebody may copy it who knows no better."""
    from hilf.store import database

    database.use(":memory:")
    for file in nation.path.glob("hilf.sqlite3*"):
        file.unlink()
    shutil.copyfile(copy, nation.path / "hilf.sqlite3")


def agree(one: Nation, other: Nation, at=BEGAN, **members: Json) -> str:
    """An accord between two nations, in force on both sides; its id."""
    from hilf.node import accord, draft

    drafted = (
        draft.from_template(one.home(), [other.node], at) if not members else _from(one, other, at, members)
    )
    accord_id = drafted.life.accord.id
    accord.propose(one.home(), accord_id, at)
    carry(one, other, at)
    for officer in other.keys:
        accord.sign(other.home(), accord_id, other.keys[officer], at)
    carry(other, one, at)
    for officer in one.keys:
        accord.sign(one.home(), accord_id, one.keys[officer], at)
    carry(one, other, at)
    return accord_id


def _from(one: Nation, other: Nation, at, members: Mapping[str, Json]):
    from hilf.accord.template import TEMPLATES, frame
    from hilf.node import draft

    framed = frame([one.node, other.node], f"accord--{uuid4()}", str(uuid4()), at, at + timedelta(days=900))
    return draft.from_file(one.home(), [other.node], {**TEMPLATES["intelligence"](framed), **members}, at)


def meet(one: Nation, other: Nation, at=BEGAN) -> None:
    """Two nations exchange cards and verify each other, with both officers of each."""
    from hilf.node import identity, peer

    for giver, taker in ((one, other), (other, one)):
        card = identity.own(giver.home())
        home = taker.home()
        peer.add(home, card.card, at)
        for officer in taker.keys.values():
            peer.verify(home, giver.node, card.fingerprint, officer, at)


def make(folder: Path, countries: Sequence[str] = COUNTRIES, at=BEGAN) -> list[Nation]:
    """Nations with two officers each that know nobody yet."""
    from hilf.node import init, proposal
    from hilf.node.change import Change, NewOfficer
    from hilf.node.identity import ROLES
    from hilf.store import database

    made = []
    for number, country in enumerate(countries):
        nation = Nation(country, folder / country)
        url = f"https://127.0.0.1:{18443 + number}"
        new = init.NewNode(nation.node, f"CERT of {country}", country, gateway_url=url, passphrase=PASSPHRASE)
        home = init.create(nation.path, new, at).home
        proposal.propose(home, Change(officer=NewOfficer(SECOND, ROLES, PASSPHRASE)), home.root_keys, at)
        proposal.publish(home, at)
        nation.keys = {name: officer_key(home, name, PASSPHRASE) for name in ("officer", SECOND)}
        database.clean()
        made.append(nation)
    database.use(":memory:")
    return made


@pytest.fixture(scope="session")
def made_nations(tmp_path_factory) -> list[Nation]:
    """Three nations with two officers each that know nobody yet, to copy."""
    return make(tmp_path_factory.mktemp("nations"))


@pytest.fixture(scope="session")
def agreed_nations(made_nations, tmp_path_factory) -> list[Nation]:
    """QM and QN, and QN and QO, have met and agreed, onward free: what the one sends may go on as far as TLP says."""
    qm, qn, qo = copied(made_nations, tmp_path_factory.mktemp("agreed"))
    for one, other in ((qm, qn), (qn, qo)):
        meet(one, other)
        agree(one, other, onward="free")
    at_rest((qm, qn, qo))
    return [qm, qn, qo]


def at_rest(nations: Sequence[Nation]) -> None:
    """Leave the nations' databases as files that can be copied, with nothing open."""
    from hilf.store import database

    for nation in nations:
        nation.home()
        database.clean()
    database.use(":memory:")


def copied(nations: Sequence[Nation], folder: Path) -> list[Nation]:
    """The nations again, in another folder."""
    fresh = []
    for nation in nations:
        shutil.copytree(nation.path, folder / nation.country)
        fresh.append(Nation(nation.country, folder / nation.country, nation.keys))
    return fresh


@pytest.fixture
def strangers(made_nations, tmp_path) -> Iterator[list[Nation]]:
    """Three nations that know nobody."""
    from hilf.store import database

    yield copied(made_nations, tmp_path)
    database.use(":memory:")


@pytest.fixture
def nations(agreed_nations, tmp_path) -> Iterator[list[Nation]]:
    """QM — QN — QO: neighbours verified each other and agreed on the default template, passing on is free."""
    from hilf.store import database

    yield copied(agreed_nations, tmp_path)
    database.use(":memory:")


def indicator(nation: Nation, name: str, tlp: Tlp | None, modified=NOW, **members: Json) -> dict[str, Json]:
    """An indicator that the nation wrote; the same name gives the same id."""
    made = entry("indicator", nation, name, tlp, modified, **members)
    address = int(uuid5(NAMESPACE, name)) % 250
    return {
        "pattern": f"[ipv4-addr:value = '192.0.2.{address}']",
        "pattern_type": "stix",
        "valid_from": timestamp(NOW),
        "indicator_types": ["malicious-activity"],
        "name": name,
        **made,
    }


def entry(
    kind: str, nation: Nation, key: str, tlp: Tlp | None, modified=NOW, **members: Json
) -> dict[str, Json]:
    """A STIX object that the nation wrote."""
    made: dict[str, Json] = {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{uuid5(NAMESPACE, f'{nation.country} {kind} {key}')}",
        "created_by_ref": nation.author,
        "created": timestamp(NOW),
        "modified": timestamp(modified),
    }
    if tlp is not None:
        made["object_marking_refs"] = [tlp.marking_id]
    return {**made, **members}


def relationship(
    nation: Nation, source: dict[str, Json], target: dict[str, Json], tlp: Tlp | None
) -> dict[str, Json]:
    """That one object indicates another."""
    name = f"{source['id']} {target['id']}"
    ends = {"relationship_type": "indicates", "source_ref": source["id"], "target_ref": target["id"]}
    return entry("relationship", nation, name, tlp, **ends)


def malware(nation: Nation, name: str, tlp: Tlp | None) -> dict[str, Json]:
    """A family of malware that the nation wrote about."""
    return entry("malware", nation, name, tlp, name=name, is_family=True)


def canonical(entry_: dict[str, Json]) -> bytes:
    """The bytes that travel."""
    return dumps(orjson.loads(orjson.dumps(entry_)))
