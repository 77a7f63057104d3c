"""A new node: its keys, identity document 1, database, first officer and first administrator (wire.md 2; faces.md 1).

Decides what a node starts with: three root keys of which two must sign, one online key, one officer with every role,
a TLS certificate for the gateway, a STIX identity object that stands for the node. The home is made beside its place
and moved there when it is complete, so that there is a whole home or none. Later changes: `node/proposal`.
"""

import fcntl
import ipaddress
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import NAMESPACE_DNS, uuid5

from hilf.canonical import Json, dumps, sha256, timestamp
from hilf.errors import CallerFault, OperatorFault, Refusal
from hilf.markings.tlp import Tlp
from hilf.node import fresh, identity
from hilf.node.home import Home, write_secret
from hilf.seal import certificate
from hilf.seal.document import STIX_IDENTITIES
from hilf.seal.identity import (
    Identity,
    Officer,
    draft_document,
    is_node_name,
    make_card,
    read_card,
    sign_document,
)
from hilf.seal.key import PrivateKey
from hilf.store import database
from hilf.store.federation import identity as documents
from hilf.store.instant import microseconds
from hilf.store.intelligence.assertion import Assertion
from hilf.store.intelligence.write import write_assertions
from hilf.store.people import account

LIFETIME: Final = timedelta(days=365)
"""Of an identity document; 400 days at most (protocol.md 1), and people renew once a year."""

ROOT_KEYS: Final = 3
ROOT_THRESHOLD: Final = 2
FIRST_OFFICER: Final = "officer"
FIRST_ADMINISTRATOR: Final = "admin"
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)

CARRY_AWAY: Final = """Root keys of {node}

These three keys decide who this node is: two of them sign every new identity document.
Whoever holds two of them can take the node's name. Carry them away now:

1. Copy each root-*.pem to its own medium (a stick, a card), kept by a different person in a different place.
2. Try that each copy can be read.
3. Delete this folder.

The node works without them. They are needed to add or revoke officers and keys, and once a year to renew:
bring two of them back on a stick and name the folder:
    hilf identity propose --root-keys /media/stick
"""


@dataclass(frozen=True, slots=True)
class NewNode:
    """What people decide before there is a node.

    Attributes:
        node: name among nodes; never changes.
        name: name for people, in `language`.
        country: ISO 3166-1 alpha-2, user-assigned codes (QM to QZ, XA to XZ) included.
        language: ar, en or fr.
        gateway_url: https://HOST:PORT where partners reach the gateway.
        single_officer: acts that need two people need one.
        passphrase: of the first officer; None to have one made.
        database_url: PostgreSQL; empty for the SQLite file in the home.
    """

    node: str
    name: str
    country: str
    language: str = "en"
    gateway_url: str = "https://127.0.0.1:8443"
    single_officer: bool = False
    passphrase: str | None = field(default=None, repr=False)
    database_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Created:
    """A node that was just made, with the secrets that are shown once."""

    home: Home
    identity: Identity
    passphrase: str = field(repr=False)
    admin_password: str = field(repr=False)
    officer: str = FIRST_OFFICER
    admin: str = FIRST_ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class _Keys:
    root: tuple[PrivateKey, ...]
    online: PrivateKey
    officer: PrivateKey
    tls_pin: str

    @property
    def every(self) -> tuple[PrivateKey, ...]:
        return (*self.root, self.online, self.officer)


def create(path: Path, new: NewNode, now: datetime) -> Created:
    """Make a home at `path`, complete; its database is in use afterwards.

    Raises:
        CallerFault: "home.exists", "init.node", "init.country", "init.gateway-url" or "officer.passphrase".
        Refusal: "init.database-taken": the database is another node's.
        OperatorFault: the disk or the database fails; nothing is left behind.
    """
    path = path.expanduser().absolute()
    host = _check(new)
    with _made_aside(path) as aside:
        home = Home(path=aside, node=new.node, gateway_url=new.gateway_url.rstrip("/"))
        passphrase = new.passphrase if new.passphrase is not None else fresh.passphrase()
        keys = _write_keys(home, host, passphrase, now)
        _write_settings(aside, new, host)
        signed = _first_identity(new, keys, now)
        password = secrets.token_urlsafe(15)
        _fill_database(aside, new, signed, password, now)
    database.use(new.database_url or str(path / "hilf.sqlite3"))
    moved = Home(path=path, node=home.node, gateway_url=home.gateway_url)
    return Created(moved, signed, passphrase, password)


def host_of(gateway_url: str) -> tuple[str, int]:
    """Host (without brackets) and port of a gateway's URL.

    Raises:
        CallerFault: "init.gateway-url" unless it is https://HOST[:PORT].
    """
    try:
        parts = urlsplit(gateway_url.rstrip("/"))
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        host, port = "", 0
    shown = f"[{host}]" if ":" in host else host
    plain = gateway_url.rstrip("/") in {f"https://{shown}", f"https://{shown}:{port}"}
    if not plain or not (_is_address(host) or _HOST.fullmatch(host)):
        raise CallerFault(
            "init.gateway-url",
            f"{gateway_url[:100]} cannot be the gateway's URL.",
            "Partners need one address: https, a host in lower case, and a port.",
            "Write for example https://gateway.cert.qm.example:8443.",
        )
    return host, port


def stix_identity_id(node: str) -> str:
    """The id of the STIX identity object that stands for a node: always the same for the same name."""
    return f"identity--{uuid5(NAMESPACE_DNS, node)}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _check(new: NewNode) -> str:
    if not is_node_name(new.node):
        raise CallerFault(
            "init.node",
            f"{new.node[:100]!r} cannot be a node's name.",
            "hilf/1: lower-case letters, digits and hyphens in labels joined by dots, at most 100 characters.",
            "Write for example cert.qm.example.",
        )
    if not _COUNTRY.fullmatch(new.country):
        raise CallerFault(
            "init.country",
            f"{new.country[:40]!r} is no country code.",
            "ISO 3166-1 alpha-2: two capital letters.",
            "Write for example TN; for exercises QM to QZ and XA to XZ are free.",
        )
    if not new.name.strip():
        raise CallerFault(
            "init.name", "The name is empty.", "People read it in every partner's lists.", "Give --name."
        )
    if new.passphrase is not None:
        identity.check_passphrase(new.passphrase)
    return host_of(new.gateway_url)[0]


@contextmanager
def _made_aside(path: Path) -> Iterator[Path]:
    """A folder beside `path` that becomes `path` at the end, or vanishes; one process at a time."""
    aside = path.with_name(path.name + ".partial")
    try:
        _refuse_existing(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _claim(aside)
        try:
            yield aside
            (aside / "init.lock").unlink()
            _refuse_existing(path)
            aside.replace(path)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        finally:
            os.close(lock)
    except OSError as error:
        raise OperatorFault(
            "home.cannot-write",
            f"{error.filename or path} cannot be written: {error.strerror}.",
            "Nothing is left behind.",
            "Check the disk and the rights on the folder, or name another with --home.",
        ) from error


def _refuse_existing(path: Path) -> None:
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise CallerFault(
            "home.exists",
            f"{path} exists already.",
            "One home is one node for its whole life; its keys are never written over.",
            "Name another folder with --home, or use the node that is there: hilf status.",
        )


def _claim(aside: Path) -> int:
    """Make the folder and lock it; what an init that was killed left there is removed."""
    aside.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(aside / "init.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise OperatorFault(
            "home.being-made",
            f"Another hilf init is making {aside.with_suffix('')} now.",
            "",
            "Wait for it, then use that home or name another with --home.",
        ) from error
    for left in aside.iterdir():
        if left.name != "init.lock":
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return lock


def _write_keys(home: Home, host: str, passphrase: str, now: datetime) -> _Keys:
    roots = tuple(fresh.key() for _ in range(ROOT_KEYS))
    for number, root in enumerate(roots, 1):
        write_secret(home.root_keys / f"root-{number}.pem", root.to_pem())
    write_secret(home.root_keys / "README.txt", CARRY_AWAY.format(node=home.node).encode())
    online, officer = fresh.key(), fresh.key()
    write_secret(home.keys / "online.pem", online.to_pem())
    write_secret(home.keys / "index.key", secrets.token_bytes(32))
    write_secret(home.keys / "officers" / f"{FIRST_OFFICER}.pem", fresh.locked(officer, passphrase))
    key, shown = fresh.tls(host, now)
    write_secret(home.keys / "tls.pem", key)
    write_secret(home.keys / "tls.crt", shown)
    return _Keys(roots, online, officer, certificate.pin(shown))


def _write_settings(folder: Path, new: NewNode, host: str) -> None:
    port = host_of(new.gateway_url)[1]
    near = host if _is_address(host) and ipaddress.ip_address(host).is_loopback else "0.0.0.0"  # noqa: S104  # a gateway listens for partners
    listen = f"[{near}]:{port}" if ":" in near else f"{near}:{port}"
    lines = (
        "# Settings of this node; `hilf settings check` shows all of them, with their defaults.",
        f'node = "{new.node}"',
        f'language = "{new.language}"',
        f'gateway_url = "{new.gateway_url.rstrip("/")}"',
        f'gateway = "{listen}"',
        "",
    )
    write_secret(folder / "hilf.toml", "\n".join(lines).encode())


def _first_identity(new: NewNode, keys: _Keys, now: datetime) -> Identity:
    document = draft_document(
        node=new.node,
        name={new.language: new.name},
        country=new.country,
        seq=1,
        prev=None,
        issued=now,
        expires=now + LIFETIME,
        threshold=ROOT_THRESHOLD,
        root=[key.public for key in keys.root],
        sign=[keys.online.public],
        officers=[Officer(keys.officer.public, FIRST_OFFICER, identity.ROLES)],
        officers_per_act=1 if new.single_officer else 2,
        tls_sha256=[keys.tls_pin],
        endpoints=[new.gateway_url.rstrip("/")],
        revoked={},
        kept={STIX_IDENTITIES: [stix_identity_id(new.node)]},
    )
    return read_card(make_card([(document, sign_document(document, keys.every))]), now)


def _fill_database(folder: Path, new: NewNode, signed: Identity, password: str, now: datetime) -> None:
    file = folder / "hilf.sqlite3"
    if not new.database_url:
        file.touch(mode=0o600)  # SQLite gives the mode of the file to its log as well
    database.use(new.database_url or str(file))
    database.migrate()
    with database.transaction():
        if taken := documents.nodes():
            raise Refusal(
                "init.database-taken",
                f"The database already belongs to a node: it knows {', '.join(taken[:3])}.",
                "Two nodes never share a database.",
                "Make an empty database and name it in HILF_DATABASE_URL.",
            )
        identity.keep(signed, 0, now)
        account.add_administrator(FIRST_ADMINISTRATOR, password, new.language)
        _keep_own_object(new, (folder / "keys" / "index.key").read_bytes(), now)
    if not new.database_url:
        database.use(str(file))  # closes it, so that nothing is left outside of the file when it moves


def _keep_own_object(new: NewNode, index_key: bytes, now: datetime) -> None:
    stix_id = stix_identity_id(new.node)
    body: dict[str, Json] = {
        "type": "identity",
        "spec_version": "2.1",
        "id": stix_id,
        "created_by_ref": stix_id,
        "created": timestamp(now),
        "modified": timestamp(now),
        "name": new.name,
        "identity_class": "organization",
        "sectors": ["government"],
        "object_marking_refs": [Tlp.CLEAR.marking_id],
    }
    data = dumps(body)
    at = microseconds(now.replace(microsecond=now.microsecond // 1000 * 1000))
    assertion = Assertion(
        stix_id=stix_id,
        type="identity",
        asserter=new.node,
        sha256=sha256(data),
        body=data,
        received=microseconds(now),
        created=at,
        modified=at,
        created_by=stix_id,
        author=new.node,
        tlp=int(Tlp.CLEAR),
    )
    write_assertions([assertion], index_key)
