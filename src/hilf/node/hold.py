"""Legal holds: what must go is hidden from every door, and not erased while a court, say, may ask for it (protocol.md 5).

Decides who may set and lift a hold: one officer sets it, since keeping is undone by lifting; as many as an act takes lift
it, since erasing is not undone. Each of them signs, and so does whoever looks at a hidden body: that stays in the hold.
Partners that took something back are told that it is held, and told again when it is erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import orjson

from hilf.canonical import Json, content_id, dumps
from hilf.errors import CallerFault, PartnerFault, Refusal
from hilf.node import erasure, identity, user
from hilf.node.home import Home, index_key
from hilf.seal import role
from hilf.seal.key import PrivateKey
from hilf.seal.record import make_record, verify_records
from hilf.stix.select import parse
from hilf.store.database import transaction
from hilf.store.instant import microseconds, moment
from hilf.store.intelligence import hold as store
from hilf.store.intelligence import read as objects
from hilf.store.intelligence.hold import HeldBody, HoldAct, KeptHold
from hilf.store.intelligence.selection import compile_terms

ROLE: Final = role.RETRACTION
"""What an officer must be trusted with: a hold is about what is erased, as a retraction is."""

RECORD: Final = timedelta(days=7)
"""How long one officer's word to lift a hold waits for the second."""

SET, SHOW, LIFT = "set", "show", "lift"


@dataclass(frozen=True, slots=True)
class Act:
    """What one officer did about a hold; `about` is the object that was looked at."""

    at: datetime
    word: str
    officer: str
    about: str


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold as people see it.

    Attributes:
        lifted: when it was lifted; None while it stands.
        objects: how many it covers.
        acts: what officers did about it.
        missing: officers who must still sign to lift it; None where nobody has begun.
    """

    name: str
    reason: str
    selection: str
    at: datetime
    lifted: datetime | None
    objects: int
    acts: tuple[Act, ...]
    missing: int | None


def set_(
    home: Home, selection: str, stix_ids: Sequence[str], reason: str, officer: PrivateKey, now: datetime
) -> Hold:
    """Hold everything that is selected, and these objects, from now on.

    Args:
        home: this node.
        selection: faces.md, Select; empty for nothing but `stix_ids`.
        stix_ids: ids of further objects; what is hidden already is found by no selection.
        reason: why, for people.
        officer: from `identity.signing_officer` in the role "retraction".
        now: aware UTC.

    Raises:
        CallerFault: "hold.nothing", or the selection is not understood.
    """
    with transaction():
        chosen = _chosen(home, selection, stix_ids)
        name = f"hold--{uuid4()}"
        kept = store.put(name, reason, selection, microseconds(now), chosen)
        _sign(home, kept, SET, "", officer, now)
        erasure.held_back(home, chosen, now)
    return _shown(home, kept, now)


def check_set(home: Home, selection: str, stix_ids: Sequence[str]) -> None:
    """What `set_` would refuse, found before the officer is asked for a passphrase.

    Raises:
        CallerFault: as `set_`.
    """
    _chosen(home, selection, stix_ids)


def lift(home: Home, name: str, officer: PrivateKey, now: datetime) -> Hold:
    """Sign, as one officer, that a hold stands no more; with the last one needed, what had to go is erased.

    Raises:
        CallerFault: "hold.unknown".
        Refusal: "hold.lifted" or "hold.same-officer".
    """
    with transaction():
        kept = _to_lift(home, name, officer.kid, now)
        _sign(home, kept, LIFT, "", officer, now)
        if len(_lifting(home, kept, now)) >= identity.own(home).newest.officers_per_act:
            store.lift(kept.number, microseconds(now))
            erasure.freed(home, store.objects(kept.number), now)
    return _shown(home, _known(name), now)


def check_lift(home: Home, name: str, kid: str, now: datetime) -> None:
    """What `lift` would refuse, found before the officer is asked for a passphrase.

    Raises:
        CallerFault, Refusal: as `lift`.
    """
    _to_lift(home, name, kid, now)


def show(home: Home, name: str, stix_id: str, officer: PrivateKey, now: datetime) -> tuple[HeldBody, ...]:
    """The hidden bodies of an object under a hold; that this officer looked at them is kept, signed.

    Raises:
        CallerFault: "hold.unknown" or "hold.not-under-it".
        Refusal: "hold.lifted".
    """
    with transaction():
        kept = check_show(name, stix_id)
        _sign(home, kept, SHOW, stix_id, officer, now)
        return store.hidden(stix_id, index_key(home))


def check_show(name: str, stix_id: str) -> KeptHold:
    """The hold by which a hidden body may be looked at.

    Raises:
        CallerFault, Refusal: as `show`.
    """
    kept = _standing(name)
    if stix_id not in store.objects(kept.number):
        raise CallerFault(
            "hold.not-under-it",
            f"{stix_id[:100]} is not under {name}.",
            "A hidden body is shown by the hold that keeps it, and by nothing else.",
            "See which hold covers it: hilf hold list",
        )
    return kept


def every(home: Home, now: datetime) -> tuple[Hold, ...]:
    """All holds, the newest first."""
    return tuple(_shown(home, kept, now) for kept in store.every())


def _chosen(home: Home, selection: str, stix_ids: Sequence[str]) -> frozenset[str]:
    terms = parse(selection)
    found = set(stix_ids)
    if terms:
        selected = compile_terms(terms, index_key(home), None)
        for page in objects.pages(selected.condition, selected.parameters):
            found.update(kept.stix_id for kept in page if selected.holds(kept))
    unknown = [i for i in stix_ids if not objects.assertions_of(i, index_key(home))]
    if unknown or not found:
        raise CallerFault(
            "hold.nothing",
            f"{unknown[0][:100]} is not known here." if unknown else "Nothing is selected.",
            "A hold covers objects that are here, or were.",
            "Select objects with --select, or name them with --object ID.",
        )
    return frozenset(found)


def _known(name: str) -> KeptHold:
    kept = store.get(name)
    if kept is None:
        raise CallerFault(
            "hold.unknown", f"There is no hold {name[:80]}.", "", "See which there are: hilf hold list"
        )
    return kept


def _standing(name: str) -> KeptHold:
    kept = _known(name)
    if kept.lifted is not None:
        raise Refusal(
            "hold.lifted",
            f"{name} was lifted on {moment(kept.lifted):%Y-%m-%d}.",
            "What it covered has been erased, where it had to go.",
            "See which stand: hilf hold list",
        )
    return kept


def _to_lift(home: Home, name: str, kid: str, now: datetime) -> KeptHold:
    kept = _standing(name)
    lifting = _lifting(home, kept, now)
    if kid in lifting:
        raise Refusal(
            "hold.same-officer",
            "This officer has signed to lift it already.",
            "Erasing is not undone, so it takes different officers.",
            f"Let another officer repeat it: hilf hold lift {name} --as OTHER",
        )
    user.check_other_person(kid, lifting)
    return kept


def _subject(kept: KeptHold, word: str, about: str) -> str:
    return content_id({"hold": kept.name, "word": word, "about": about})


def _sign(home: Home, kept: KeptHold, word: str, about: str, officer: PrivateKey, now: datetime) -> None:
    subject = _subject(kept, word, about)
    signed = make_record(ROLE, home.node, "officer", subject, now, now + RECORD, officer)
    store.note(kept.number, HoldAct(microseconds(now), word, officer.kid, about, dumps(signed).decode()))


def _lifting(home: Home, kept: KeptHold, now: datetime) -> frozenset[str]:
    """The officers of today whose word to lift it holds."""
    ours = identity.own(home).newest
    kids: set[str] = set()
    for act in store.acts(kept.number):
        if act.word != LIFT:
            continue
        value: Json = orjson.loads(act.record)
        try:
            kids.update(verify_records(ROLE, _subject(kept, LIFT, ""), [value], ours, now, needed=1))
            role.check(ours, act.kid, ROLE)
        except PartnerFault:
            kids.discard(act.kid)
    return frozenset(kids)


def _shown(home: Home, kept: KeptHold, now: datetime) -> Hold:
    ours = identity.own(home).newest
    lifting = _lifting(home, kept, now) if kept.lifted is None else ()
    names = _names(home)
    return Hold(
        kept.name,
        kept.reason,
        kept.selection,
        moment(kept.at),
        None if kept.lifted is None else moment(kept.lifted),
        store.count(kept.number),
        tuple(
            Act(moment(act.at), act.word, names.get(act.kid, act.kid), act.about)
            for act in store.acts(kept.number)
        ),
        max(0, ours.officers_per_act - len(lifting)) if lifting else None,
    )


def _names(home: Home) -> dict[str, str]:
    """Every officer that we ever had, by kid."""
    return {
        kid: each.name for document in identity.own(home).chain for kid, each in document.officers.items()
    }
