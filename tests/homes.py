"""Nodes for tests of identities and peers: a home with two officers, and cards of partners that need no home."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from hilf.canonical import Json
from hilf.node.home import Home, officer_key
from hilf.seal.identity import Document, Officer, draft_document, make_card, read_document, sign_document
from hilf.seal.key import PrivateKey
from tests.conftest import NOW, PASSPHRASE

SECOND_OFFICER = "amal"


def key(label: str) -> PrivateKey:
    return PrivateKey.from_seed(sha256(label.encode()).digest())


@dataclass
class Partner:
    """A partner that is only its card; each `document` adds one to its chain."""

    node: str = "cert.qn.example"
    country: str = "QN"
    stix_identities: list[Json] = field(default_factory=list)
    chain: list[tuple[dict[str, Json], list[dict[str, Json]]]] = field(default_factory=list)

    def document(
        self, online: str | PrivateKey = "online 1", issued: datetime = NOW, **members: object
    ) -> "Partner":
        before = read_document(self.chain[-1][0]) if self.chain else None
        roots = [key(f"{self.node} root {n}") for n in (1, 2, 3)]
        officer = key(f"{self.node} officer")
        online_key = key(f"{self.node} {online}") if isinstance(online, str) else online
        described = {
            "node": self.node,
            "name": {"en": f"CERT of {self.country}"},
            "country": self.country,
            "seq": 1 if before is None else before.seq + 1,
            "prev": None if before is None else before.hash,
            "issued": issued,
            "expires": issued + timedelta(days=365),
            "threshold": 2,
            "root": [each.public for each in roots],
            "sign": [online_key.public],
            "officers": [Officer(officer.public, "officer", ("verification",))],
            "officers_per_act": 1,
            "tls_sha256": ["0" * 64],
            "endpoints": ["https://192.0.2.7:8443"],
            "revoked": {},
            "kept": {"stix_identities": self.stix_identities},
            **members,
        }
        body = draft_document(**described)
        added = [online_key] if before is None or online_key.kid not in before.sign else []
        signers = [*roots, *added, *([officer] if before is None else [])]
        self.chain.append((body, sign_document(body, signers)))
        return self

    @property
    def card(self) -> dict[str, Json]:
        return make_card(self.chain)

    @property
    def newest(self) -> Document:
        return read_document(self.chain[-1][0])

    @property
    def fingerprint(self) -> str:
        return read_document(self.chain[0][0]).hash


@pytest.fixture
def qn() -> Partner:
    """A partner with one document."""
    return Partner().document()


@pytest.fixture(scope="session")
def made_two_officers(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two officers, to copy."""
    from hilf.node import proposal
    from hilf.node.change import Change, NewOfficer
    from hilf.node.identity import ROLES
    from hilf.settings import open_home
    from hilf.store import database

    path = tmp_path_factory.mktemp("two") / "home"
    shutil.copytree(made_home, path)
    home = open_home(path)
    change = Change(officer=NewOfficer(SECOND_OFFICER, ROLES, PASSPHRASE))
    proposal.propose(home, change, home.root_keys, NOW)
    proposal.publish(home, NOW)
    database.clean()
    database.use(":memory:")
    return path


@pytest.fixture
def two_officers(made_two_officers: Path, tmp_path: Path) -> Iterator[Home]:
    """A node with the officers `officer` and `amal`, its database in use."""
    from hilf.settings import open_home
    from hilf.store import database

    path = tmp_path / "home"
    shutil.copytree(made_two_officers, path)
    yield open_home(path)
    database.use(":memory:")


@pytest.fixture(scope="session")
def officer_keys(made_two_officers: Path) -> dict[str, PrivateKey]:
    """The keys of both officers, opened once."""
    home = Home(made_two_officers, "cert.qm.example", "https://127.0.0.1:18443")
    return {name: officer_key(home, name, PASSPHRASE) for name in ("officer", SECOND_OFFICER)}
