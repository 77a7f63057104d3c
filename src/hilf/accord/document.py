"""The accord: the document that ministers sign and the node obeys.

Decides whether a JSON text is an accord (accord.md 1, "Fields"), and which one: its hash is H over its canonical bytes,
so no member, known or not, can be changed without it. Members that this version does not know are kept, signed and
shown. Who signed is decided in `accord.signature`, whether it is in force in `accord.life`, what it lets out in
`accord.decide`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hilf.accord.clause import MAX_DAYS, Clause, read_clause, read_onward_word
from hilf.accord.fault import Fault, Faults
from hilf.accord.terms import Onward
from hilf.canonical import Json, dumps, loads_canonical, sha256_hex
from hilf.seal.document import is_node_name

VERSION: Final = 1
"""`v` of the documents that we read and write."""

MAX_CLAUSES: Final = 500
MAX_PARTIES: Final = 100
MAX_PROMISES: Final = 500
MAX_ENTRIES: Final = 200
"""Contacts, reciprocity targets and references, each."""

MAX_BYTES: Final = 4 * 2**20
"""Canonical bytes of one accord: half of what a batch may be on the wire. Source: wire.md 5."""

PERSONAL_DATA: Final = ("forbid", "redact", "permit")
AT_END: Final = ("delete", "keep")
CONFIRMATIONS: Final = ("named", "counted")

ALL: Final = "all"
TWO_THIRDS: Final = "two thirds"
MEMBERSHIP: Final = (ALL, TWO_THIRDS)
"""Who signs an amendment that only lets parties join or leave. Source: accord.md 1; docs/adr/0010."""

MEMBERS: Final = (
    "v", "type", "id", "version", "prev", "title", "parties", "community", "purposes", "from", "until", "review",
    "clauses", "onward", "personal_data", "retention_days", "languages", "promises", "contacts", "reciprocity",
    "quotas", "at_end", "confirmations", "references",
)  # fmt: skip
"""The members of an accord, all of which must be present. Source: accord.md 1."""

QUOTAS: Final = ("acts_per_hour", "bytes_per_hour", "disk_bytes")
"""Members of `quotas` that a node keeps (`node/quota`); others are kept, signed and shown."""

OPTIONAL: Final = ("membership",)
"""Members that may be left out, and what is then meant stands in docs/adr/0010."""

_UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID: Final = re.compile(f"accord--{_UUID}", re.ASCII)
COMMUNITY: Final = re.compile(_UUID, re.ASCII)
"""How the id of a community is written."""

_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MINUTES: Final = 60 * 24 * 366


@dataclass(frozen=True, slots=True)
class Party:
    """A nation's node in an accord, and what it is there."""

    node: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """How fast a kind of request at an urgency is met; minutes from its arrival."""

    request: str
    urgency: str
    receipt_min: int
    acknowledge_min: int
    decide_min: int
    deliver_min: int


@dataclass(frozen=True, slots=True)
class Accord:
    """One version of an accord, as read. Two are equal when their canonical bytes are.

    Attributes:
        hash: H over the canonical bytes, in hex; what signatures bind.
        canonical: the bytes themselves.
        id: "accord--" and a UUID, the same in every version.
        version: 1, 2, ...
        prev: hash of the version before; None in version 1.
        title: language tag → title.
        parties: the first is the proposer.
        community: UUID; the CSAF sharing group of the parties as well.
        purposes: what acts under it may be for.
        begins: the member `from`.
        until: it is not in force from this instant on.
        review: when the parties want to look at it again.
        clauses: in the order of the document, which means nothing.
        onward: what a recipient may do with what it got.
        personal_data: forbid, redact or permit.
        retention_days: how long a recipient may keep what it got.
        languages: in which its texts, and answers under it, are written.
        promises: response times.
        at_end: what happens to held data: delete or keep.
        confirmations: whether retractions are confirmed by name or as a count.
        unknown: names of members that this version does not know.
        membership: who signs an amendment that only changes who is a party: all, or two thirds.
        quotas: of `QUOTAS`, what each party may use of the other's node at most.
    """

    hash: str
    canonical: bytes = field(compare=False, repr=False)
    id: str = field(compare=False)
    version: int = field(compare=False)
    prev: str | None = field(compare=False)
    title: Mapping[str, str] = field(compare=False)
    parties: tuple[Party, ...] = field(compare=False)
    community: str = field(compare=False)
    purposes: tuple[str, ...] = field(compare=False)
    begins: datetime = field(compare=False)
    until: datetime = field(compare=False)
    review: datetime = field(compare=False)
    clauses: tuple[Clause, ...] = field(compare=False, repr=False)
    onward: Onward = field(compare=False)
    personal_data: str = field(compare=False)
    retention_days: int = field(compare=False)
    languages: tuple[str, ...] = field(compare=False)
    promises: tuple[Promise, ...] = field(compare=False, repr=False)
    at_end: str = field(compare=False)
    confirmations: str = field(compare=False)
    unknown: tuple[str, ...] = field(compare=False)
    membership: str = field(compare=False, default=ALL)
    quotas: Mapping[str, int] = field(compare=False, repr=False, default_factory=dict)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the parties, the proposer first."""
        return tuple(party.node for party in self.parties)

    @property
    def proposer(self) -> str:
        """The first of the parties, who signs last. Source: accord.md 1."""
        return self.parties[0].node

    @property
    def key(self) -> tuple[str, int]:
        """(id, version): how an act cites it."""
        return self.id, self.version

    @property
    def subject(self) -> dict[str, Json]:
        """What a signature of it is about. Source: wire.md 3 ("Subjects")."""
        return {"id": self.id, "version": self.version, "hash": self.hash}

    def json(self) -> dict[str, Json]:
        """The whole document, unknown members included; a fresh copy."""
        value = loads_canonical(self.canonical)
        assert isinstance(value, dict)  # noqa: S101  # it was read from an object
        return value


@dataclass(frozen=True, slots=True)
class InForce:
    """An accord in force, seen from one of its parties. Made by `accord.life.in_force`.

    Attributes:
        accord: the text.
        us: the party that looks.
        out: parties with which nothing goes on: they left, or suspended it alone.
    """

    accord: Accord
    us: str
    out: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.us not in self.accord.nodes:
            raise ValueError(f"{self.us} is no party of {self.accord.id}")

    def binds(self, node: str) -> bool:
        """Whether it is in force between us and that node."""
        return node != self.us and node in self.accord.nodes and self.out.isdisjoint((node, self.us))


def faults_in(document: Json) -> tuple[Fault, ...]:
    """Everything that is wrong with the text of an accord; empty if nothing is."""
    faults = Faults()
    _read(document, faults)
    return faults.found()


def read_accord(document: Json) -> Accord:
    """Read an accord.

    Raises:
        PartnerFault: "accord: " and the first rule that it breaks; all faults with their places are in the detail.

    Source: accord.md 1 ("Fields").
    """
    faults = Faults()
    accord = _read(document, faults)
    faults.raise_first()
    return accord


def _read(document: Json, faults: Faults) -> Accord:
    members = faults.members(document, "", MEMBERS)
    # A member that is missing has been reported once; reading on with a value that fits reports nothing twice.
    whole = {**_FITTING, **members}
    _read_fixed(whole, faults)
    canonical = dumps(dict(members))
    if len(canonical) > MAX_BYTES:
        faults.add("", "limit", f"must be at most {MAX_BYTES} bytes, not {len(canonical)}.")
    version = faults.whole(whole["version"], "version", 1, 1_000_000)
    begins, until, review = (faults.time(whole[name], name) for name in ("from", "until", "review"))
    if begins >= until or ("review" in members and not begins <= review <= until):
        faults.add("until", "period", "from must come before until, and review must lie between them.")
    return Accord(
        hash=sha256_hex(canonical),
        canonical=canonical,
        id=faults.shaped(whole["id"], "id", _ID, "id", 'must be "accord--" and a UUID in lower case.'),
        version=version,
        prev=_read_prev(whole["prev"], version, faults),
        title=faults.texts(whole["title"], "title"),
        parties=_read_parties(whole["parties"], faults),
        community=faults.shaped(whole["community"], "community", COMMUNITY, "community", "must be a UUID."),
        purposes=faults.words(whole["purposes"], "purposes", MAX_ENTRIES, 1),
        begins=begins,
        until=until,
        review=review,
        clauses=_read_clauses(whole["clauses"], faults),
        onward=read_onward_word(whole["onward"], "onward", faults),
        personal_data=faults.one_of(whole["personal_data"], "personal_data", PERSONAL_DATA, "personal_data"),
        retention_days=faults.whole(whole["retention_days"], "retention_days", 1, MAX_DAYS),
        languages=_read_languages(whole["languages"], faults),
        promises=_read_promises(whole["promises"], faults),
        at_end=faults.one_of(whole["at_end"], "at_end", AT_END, "at_end"),
        confirmations=faults.one_of(whole["confirmations"], "confirmations", CONFIRMATIONS, "confirmations"),
        unknown=tuple(sorted(members.keys() - {*MEMBERS, *OPTIONAL})),
        membership=faults.one_of(whole.get("membership", ALL), "membership", MEMBERSHIP, "membership"),
        quotas=_read_quotas(whole["quotas"], faults),
    )


_FITTING: Final[Mapping[str, Json]] = {
    "v": VERSION,
    "type": "hilf-accord",
    "id": "accord--00000000-0000-4000-8000-000000000000",
    "version": 1,
    "prev": None,
    "title": {"en": "-"},
    "parties": [{"node": "a", "roles": ["member"]}, {"node": "b", "roles": ["member"]}],
    "community": "00000000-0000-4000-8000-000000000000",
    "purposes": ["defence"],
    "from": "1970-01-01T00:00:00.000Z",
    "until": "9999-12-31T00:00:00.000Z",
    "review": "9999-12-31T00:00:00.000Z",
    "clauses": [],
    "onward": "none",
    "personal_data": "forbid",
    "retention_days": 1,
    "languages": ["en"],
    "promises": [],
    "contacts": [],
    "reciprocity": [],
    "quotas": {},
    "at_end": "delete",
    "confirmations": "named",
    "references": [],
}


def _read_fixed(whole: Mapping[str, Json], faults: Faults) -> None:
    if type(whole["v"]) is not int or whole["v"] != VERSION:
        faults.add("v", "v", f"must be {VERSION}; this version of hilf reads no other.")
    if whole["type"] != "hilf-accord":
        faults.add("type", "type", 'must be "hilf-accord".')
    for name in ("contacts", "reciprocity", "references"):
        for i, entry in enumerate(faults.items(whole[name], name, MAX_ENTRIES)):
            faults.members(entry, f"{name}[{i}]")


def _read_quotas(value: Json, faults: Faults) -> Mapping[str, int]:
    told = faults.members(value, "quotas")
    return {name: faults.whole(told[name], f"quotas.{name}", 1, 2**53 - 1) for name in QUOTAS if name in told}


def _read_prev(value: Json, version: int, faults: Faults) -> str | None:
    if version == 1 and value is None:
        return None
    if version > 1 and isinstance(value, str) and _HASH.fullmatch(value):
        return value
    faults.add("prev", "prev", "is null in version 1, and the hash of the version before in every other.")
    return None


def _read_parties(value: Json, faults: Faults) -> tuple[Party, ...]:
    parties = []
    for i, entry in enumerate(faults.items(value, "parties", MAX_PARTIES, 2)):
        place = f"parties[{i}]"
        party: dict[str, Json] = {"node": "a", "roles": ["member"]}
        party.update(faults.members(entry, place, ("node", "roles")))
        if not is_node_name(party["node"]):
            faults.add(f"{place}.node", "node", "must be a node name such as cert.qm.example.")
        parties.append(Party(str(party["node"]), faults.words(party["roles"], f"{place}.roles", 10, 1)))
    faults.distinct([party.node for party in parties], "parties")
    return tuple(parties)


def _read_clauses(value: Json, faults: Faults) -> tuple[Clause, ...]:
    entries = faults.items(value, "clauses", MAX_CLAUSES)
    clauses = tuple(read_clause(entry, f"clauses[{i}]", faults) for i, entry in enumerate(entries))
    faults.distinct([clause.id for clause in clauses], "clauses")
    return clauses


def _read_languages(value: Json, faults: Faults) -> tuple[str, ...]:
    items = faults.items(value, "languages", MAX_ENTRIES, 1)
    return faults.distinct(
        [faults.language(item, f"languages[{i}]") for i, item in enumerate(items)], "languages"
    )


_TIMES: Final = ("receipt_min", "acknowledge_min", "decide_min", "deliver_min")


def _read_promises(value: Json, faults: Faults) -> tuple[Promise, ...]:
    promises = []
    for i, entry in enumerate(faults.items(value, "promises", MAX_PROMISES)):
        place = f"promises[{i}]"
        read = faults.members(entry, place, ("request", "urgency", *_TIMES))
        promise = {"request": "aid", "urgency": "high", **dict.fromkeys(_TIMES, 0), **read}
        minutes = (faults.whole(promise[name], f"{place}.{name}", 0, _MINUTES) for name in _TIMES)
        request, urgency = (faults.word(promise[name], f"{place}.{name}") for name in ("request", "urgency"))
        promises.append(Promise(request, urgency, *minutes))
    return tuple(promises)
