"""Nations with officers, agreements between them, and signatures, for the tests of this room."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hilf.accord.decide import decide
from hilf.accord.decision import Decision, Recipient
from hilf.accord.document import Accord, InForce, read_accord
from hilf.accord.profile import Arrival, Profile
from hilf.accord.template import frame, intelligence
from hilf.accord.terms import Onward
from hilf.canonical import Json
from hilf.markings.marking import Markings
from hilf.markings.tlp import Tlp
from hilf.seal.document import Document, Officer, read_document
from hilf.seal.identity import draft_document
from hilf.seal.key import PrivateKey
from hilf.seal.record import make_record

QM, QN, QO = "cert.qm.example", "cert.qn.example", "cert.qo.example"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BEGINS, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
ID = "accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"
COMMUNITY = "7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c00ff"
OTHER_COMMUNITY = "00000000-0000-4000-8000-000000000001"
VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "hilf-1" / "accord.json").read_text(encoding="utf-8")
)


def text(*, parties: tuple[str, ...] = (QM, QN), number: int = 1, **changes: Json) -> dict[str, Json]:
    """The default agreement, changed; `number` tells accords apart."""
    id_ = f"{ID[:-4]}{number:04d}"
    drafted = intelligence(frame(parties, id_, COMMUNITY, BEGINS, UNTIL))
    return {**drafted, **{name.rstrip("_"): value for name, value in changes.items()}}


def agreement(*, parties: tuple[str, ...] = (QM, QN), number: int = 1, **changes: Json) -> Accord:
    return read_accord(text(parties=parties, number=number, **changes))


def clause(id_: str, effect: str, kinds: tuple[str, ...] = ("object",), **members: Json) -> dict[str, Json]:
    return {
        "id": id_,
        "effect": effect,
        "kinds": list(kinds),
        "when": {},
        "text": {"en": f"Clause {id_}."},
        **members,
    }


def permit(id_: str = "p-1", **when: Json) -> dict[str, Json]:
    return clause(id_, "permit", when=dict(when))


def forbid(id_: str = "f-1", **when: Json) -> dict[str, Json]:
    return clause(id_, "forbid", when=dict(when))


def require(id_: str = "r-1", when: Mapping[str, Json] | None = None, **duty: Json) -> dict[str, Json]:
    return clause(id_, "require", when=dict(when or {}), require=dict(duty))


def ours(**changes: Any) -> Profile:
    """An indicator of QM at GREEN, changed."""
    return Profile(
        **{"kind": "object", "type": "indicator", "markings": marked(Tlp.GREEN), "asserter": QM, **changes}
    )


def arrival(**changes: Any) -> Arrival:
    """From QO, under an accord of the same community, free to pass on; changed."""
    members = {
        "accord": (ID[:-1] + "9", 1),
        "community": COMMUNITY,
        "parties": frozenset({QM, QO}),
        "onward": Onward.FREE,
    }
    return Arrival(**{**members, **changes})


def received(tlp: Tlp | None = Tlp.CLEAR, **changes: Any) -> Profile:
    """The same from QO."""
    return ours(**{"markings": marked(tlp), "asserter": QO, "own": False, "arrival": arrival(), **changes})


def marked(tlp: Tlp | None = None, **members: Any) -> Markings:
    return Markings(tlp=tlp, **members)


def recipient(**changes: Any) -> Recipient:
    return Recipient(**{"node": QN, "country": "QN", **changes})


def ask(
    profile: Profile,
    *clauses: dict[str, Json],
    to: Recipient | None = None,
    purpose: str = "defence",
    now: datetime = NOW,
    **changes: Json,
) -> Decision:
    """Decide under one agreement between QM and QN: the default one, or one with these clauses."""
    accord = agreement(**({"clauses": list(clauses)} if clauses else {}), **changes)
    return decide(profile, to or recipient(), [InForce(accord, QM)], purpose, now)


def rules(decision: Decision) -> tuple[str, ...]:
    return tuple(reason.rule for reason in decision.reasons)


class Nation:
    """A node with officers' keys made from its name."""

    def __init__(self, node: str, officers: int = 2, needed: int = 2) -> None:
        self.node = node
        self.key = PrivateKey.from_seed(f"sign {node}".ljust(32, ".").encode())
        self.officers = [PrivateKey.from_seed(f"{i} {node}".ljust(32, ".").encode()) for i in range(officers)]
        self.documents = [self.document(1, None, BEGINS, needed)]

    def document(
        self, seq: int, prev: str | None, issued: datetime, needed: int, revoked: tuple[str, ...] = ()
    ) -> Document:
        """A document that lists the officers who are there now."""
        root = PrivateKey.from_seed(f"root {self.node}".ljust(32, ".").encode())
        return read_document(
            draft_document(
                node=self.node,
                name={"en": self.node},
                country="QM",
                seq=seq,
                prev=prev,
                issued=issued,
                expires=issued + timedelta(days=390),
                threshold=1,
                root=[root.public],
                sign=[self.key.public],
                officers=[
                    Officer(key.public, f"officer {i}", ("accord",)) for i, key in enumerate(self.officers)
                ],
                officers_per_act=needed,
                tls_sha256=["00" * 32],
                endpoints=["https://192.0.2.1:8443"],
                revoked=dict.fromkeys(revoked, "2026-02-01T00:00:00.000Z"),
            )
        )

    def follow(self, issued: datetime, needed: int, revoked: tuple[str, ...] = ()) -> None:
        """Publish the next document."""
        newest = self.documents[-1]
        self.documents.append(self.document(newest.seq + 1, newest.hash, issued, needed, revoked))

    def sign(
        self, accord: Accord, at: datetime = NOW, *, officers: int = 2, node: bool = True, days: float = 30
    ) -> tuple[dict[str, Json], ...]:
        """Signatures of an accord by the first officers and the node key."""
        who = [("officer", key) for key in self.officers[:officers]] + [("node", self.key)] * node
        expires = at + timedelta(days=days)
        return tuple(
            make_record("accord", self.node, role, accord.subject, at, expires, key) for role, key in who
        )

    def say(
        self, type_: str, accord: Accord, at: datetime = NOW, *, officers: int = 2
    ) -> tuple[dict[str, Json], ...]:
        """A suspension or withdrawal by the first officers."""
        expires = at + timedelta(days=300)
        keys = self.officers[:officers]
        return tuple(make_record(type_, self.node, "officer", accord.hash, at, expires, key) for key in keys)


def chains(*nations: Nation) -> dict[str, tuple[Document, ...]]:
    return {nation.node: tuple(nation.documents) for nation in nations}
