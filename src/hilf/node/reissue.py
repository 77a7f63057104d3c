"""Proofs issued again: under a revoked key only those proofs count that were held before, so the author makes new ones (wire.md 2).

Decides which acts need it: the newest one that gave an object to a partner, where the key that proves its authorship is
revoked by now. What goes is the same object under the same terms with another proof, so it gives nothing new and nobody
approves it again; it needs the same accord to be in force still. Who passed on what another node wrote passes its new proof
on likewise.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import orjson

from hilf.canonical import Json
from hilf.federation.act import make_act
from hilf.federation.authorship import SALT_BYTES, prove
from hilf.federation.outcome import Reason
from hilf.federation.peer import may_exchange_acts
from hilf.node import identity, life, peer, release
from hilf.node.home import Home, online_key
from hilf.store.database import transaction
from hilf.store.federation import inbox, stream
from hilf.store.federation.envelope import take_out
from hilf.store.release import proof
from hilf.store.release.proof import ProvenAct
from hilf.store.release.proposal import Item

AT_ONCE: Final = 500
"""Acts that one transaction looks at."""

LATE: Final = timedelta(hours=1)
"""After how long no release still runs that began with the old key."""

_WAITING: Final = "waiting"


def own_due(home: Home, now: datetime) -> int:
    """Prove anew what we wrote, gave to partners and proved with an online key that is revoked by now. Own transactions."""
    own = identity.own(home)
    kids = own.newest.revoked.keys() & {kid for document in own.chain for kid in document.sign}
    if not kids:
        return 0
    # A later revocation has all of it looked at once more; so has an hour, since what was being released may come late.
    revoking = next(each for each in own.chain if kids <= each.revoked.keys())
    counter = f"reissue {revoking.seq}{' late' if now - revoking.issued >= LATE else ''}"
    queued = 0
    while True:
        with transaction():
            upto = inbox.count(counter, 0)
            acts = proof.after(upto, AT_ONCE)
            queued += _queue(home, _superseded_left_out(act for act in acts if _kid(act) in kids), now)
            if acts:
                inbox.count(counter, acts[-1].pos - upto)
        if len(acts) < AT_ONCE:
            return queued


def pass_on(home: Home, object_seqs: Iterable[int], now: datetime) -> int:
    """Give the new proofs of what other nodes wrote to whom we passed it on, in the caller's transaction; how many acts."""
    acts = [
        act
        for act in proof.of_rows(object_seqs)
        if act.authorship is not None and _kid(act) != _signer(orjson.loads(act.authorship))
    ]
    return _queue(home, _superseded_left_out(acts), now)


def _superseded_left_out(acts: Iterable[ProvenAct]) -> list[ProvenAct]:
    """Only the newest act that gave a row to a partner."""
    asked = list(acts)
    newest = {(act.peer, act.object_seq): act.pos for act in proof.of_rows(act.object_seq for act in asked)}
    return [act for act in asked if newest[act.peer, act.object_seq] == act.pos]


def _queue(home: Home, acts: Sequence[ProvenAct], now: datetime) -> int:
    by_peer: dict[str, list[ProvenAct]] = defaultdict(list)
    for act in acts:
        if act.object is not None:
            by_peer[act.peer].append(act)
    queued = 0
    for node, theirs in sorted(by_peer.items()):
        if not may_exchange_acts(peer.state_of(node)):
            continue
        versions = dict(held.accord.key for held in life.in_force_with(home, node, now))
        covered = [act for act in theirs if _accord(act) in versions]
        proofs = _proofs(home, covered, now)
        for act in covered:
            _put(home, act, versions, proofs[act.pos], now)
        queued += len(covered)
    return queued


def _put(home: Home, act: ProvenAct, versions: Mapping[str, int], authorship: Json, now: datetime) -> None:
    """Queue one act again with another proof; one that still waits is dropped for it, and the new one takes its release."""
    old, canonical = orjson.loads(act.envelope), act.object or b""
    body: dict[str, Json] = {"object": orjson.loads(canonical), "authorship": authorship}
    cites = (old["accord"]["id"], versions[old["accord"]["id"]])
    nonce = secrets.token_hex(16)
    made = make_act(
        "object", home.node, act.peer, now, nonce, cites, old["purpose"], old["terms"], body, old["exercise"]
    )
    is_waiting = act.state == _WAITING
    if is_waiting:
        stream.drop_unsent(act.peer, Reason("object.proven-anew").text(), [act.act_id])
    item = Item(bytes.fromhex(made.id), take_out(made.canonical, canonical), act.object_seq)
    release.queue_again(act.peer, [item], act.release_id if is_waiting else None)


def _proofs(home: Home, acts: Sequence[ProvenAct], now: datetime) -> dict[int, Json]:
    """Proofs that we wrote what we wrote, made anew; of what others wrote, the one that we hold."""
    held = {act.pos: orjson.loads(act.authorship) for act in acts if act.authorship is not None}
    ours = [act for act in acts if act.pos not in held]
    if not ours:
        return held
    salts = [secrets.token_bytes(SALT_BYTES) for _ in ours]
    made = prove([act.object or b"" for act in ours], salts, home.node, now, online_key(home))
    return held | {act.pos: each for act, each in zip(ours, made, strict=True)}


def _accord(act: ProvenAct) -> str:
    cited = orjson.loads(act.envelope)["accord"]
    return str(cited["id"]) if cited else ""


def _kid(act: ProvenAct) -> str | None:
    return _signer(orjson.loads(act.envelope)["body"]["authorship"])


def _signer(authorship: Json) -> str | None:
    signed = authorship.get("signed") if isinstance(authorship, dict) else None
    kid = signed.get("kid") if isinstance(signed, dict) else None
    return kid if isinstance(kid, str) else None
