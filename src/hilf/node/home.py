"""A home: the folder of one node, its keys and its few settings.

    HOME/hilf.toml        settings                       HOME/keys/online.pem     signs acts, batches, answers
    HOME/hilf.sqlite3     everything it knows            HOME/keys/index.key      keys the look-up index
    HOME/root-keys/       carry these away               HOME/keys/tls.pem, .crt  the gateway's key and certificate
    HOME/serve.lock       who serves from this home      HOME/keys/officers/NAME.pem   an officer's key, under a passphrase
    HOME/import-N.lock    that import N runs             HOME/faults/TIME.txt     where hilf itself failed
    HOME/tombstones       what was hidden or erased      HOME/highwater           how far this node has come

Keys never enter the database (wire.md 2).
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hilf.errors import CallerFault, OperatorFault
from hilf.federation.retraction import GRACE
from hilf.markings.tlp import Tlp
from hilf.seal.key import PrivateKey


@dataclass(frozen=True, slots=True)
class Home:
    """One node's folder and settings, handed to every verb."""

    path: Path
    node: str
    gateway_url: str
    grace_days: int = GRACE.days
    reconciles: int = 1
    mapped: tuple[tuple[str, Tlp], ...] = ()

    @property
    def keys(self) -> Path:
        """Online and officers' keys, mode 0700."""
        return self.path / "keys"

    @property
    def root_keys(self) -> Path:
        """Root keys, only until somebody carries them away."""
        return self.path / "root-keys"


def default_path() -> Path:
    """The home that is meant when --home is not given."""
    return Path(os.environ.get("HILF_HOME") or Path.home() / ".hilf")


def now() -> datetime:
    """The time that verbs hand to the rules."""
    return datetime.now(UTC)


def write_secret(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_suffix(path.suffix + ".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)


def read_secret(path: Path) -> bytes:
    """Bytes of a key file, or an OperatorFault that says which file is missing."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise OperatorFault(
            "home.key-missing",
            f"{path} cannot be read: {error.strerror}.",
            "A node cannot speak without its keys.",
            "Restore the keys from where you keep them apart from the database's backup.",
        ) from error


def online_key(home: Home) -> PrivateKey:
    """The key that signs acts, batches, receipts and answers."""
    return PrivateKey.from_pem(read_secret(home.keys / "online.pem"), None)


def index_key(home: Home) -> bytes:
    """32 secret bytes that key the look-up index, so that nobody can craft collisions in it."""
    return read_secret(home.keys / "index.key")


def officers(home: Home) -> tuple[str, ...]:
    """Names of the officers whose keys lie in this home."""
    return tuple(sorted(path.stem for path in (home.keys / "officers").glob("*.pem")))


def officer_file(home: Home, name: str) -> Path:
    """The file that holds an officer's key.

    Raises:
        CallerFault: "home.no-such-officer".
    """
    if name not in officers(home):
        raise CallerFault(
            "home.no-such-officer",
            f"There is no officer {name} in this home.",
            f"Officers here: {', '.join(officers(home)) or 'none'}.",
            "Name one of them with --as, or add one: hilf officer add NAME.",
        )
    return home.keys / "officers" / f"{name}.pem"


def officer_key(home: Home, name: str, passphrase: str) -> PrivateKey:
    """An officer's own key, opened with the officer's passphrase."""
    return PrivateKey.from_pem(read_secret(officer_file(home, name)), passphrase.encode())
