"""Two nodes with keys, acts between them, and the vectors of hilf/1."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hilf.federation.act import Act, make_act
from hilf.federation.state import Outgoing, State, make_state, read_state
from hilf.federation.stream import Position, chain_start
from hilf.seal.key import PrivateKey, PublicKey

QM, QN = "cert.qm.example", "cert.qn.example"
QM_KEY, QN_KEY = PrivateKey.from_seed(b"m" * 32), PrivateKey.from_seed(b"n" * 32)
QM_KEYS, QN_KEYS = {QM_KEY.kid: QM_KEY.public}, {QN_KEY.kid: QN_KEY.public}
NOW = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
VECTORS = Path(__file__).parent.parent / "vectors" / "hilf-1"


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def by_name(cases: list[Any]) -> dict[str, Any]:
    return {case["name"]: case for case in cases}


def keys(entries: list[Any]) -> dict[str, PublicKey]:
    return {entry["kid"]: PublicKey.from_entry(entry, "key") for entry in entries}


def ping(number: int, sender: str = QM, recipient: str = QN) -> Act:
    at = NOW + timedelta(milliseconds=number)
    return make_act("ping", sender, recipient, at, f"{number:032x}", None, "defence", {}, {})


def state_of_qn(incoming: Position) -> State:
    """What QN signs about its streams with QM."""
    value = make_state(QN, QM, incoming, Outgoing(1, 1, chain_start(QN, QM), 0), NOW, QN_KEY)
    return read_state(value, QN, QM, QN_KEYS)
