"""The Information Exchange Policy of FIRST, version 2.0: its statements, their order and their join.

Read from the STIX extension of OASIS on a marking-definition, and from MISP tags (iep2-policy). Both spellings are
read: `provider_attribution` of STIX and `attribution` of the IEP's own JSON, `iep_id` and `id`, `tlp` and the `tlp_ref`
of the published schema. Each statement is a chain, loosest first, and where two policies meet the stricter word holds.
A statement that is missing asks nothing. A word, a member or a version that is not known makes the policy unreadable,
and so does a reference to a policy elsewhere: nothing is fetched.

Outside its period a policy does not fall away: what it forbids still holds, and what it allows is vouched for by nobody
(`hilf.accord` then takes the object as AMBER+STRICT at least). The level of its TLP joins the others as any TLP does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from hilf.canonical import Json
from hilf.markings import tlp as levels
from hilf.markings.pap import Pap
from hilf.markings.tlp import Tlp

EXTENSION_ID: Final = "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a"
VERSION: Final = 2.0


class Say(IntEnum):
    """The words of most statements. `must-not` beats `must`: what is not told can still be told."""

    MAY = 0
    MUST = 1
    MUST_NOT = 2

    @property
    def word(self) -> str:
        """As it stands in a policy: "must-not"."""
        return self.name.lower().replace("_", "-")


class Actions(IntEnum):
    """What a recipient may do with the information, loosest first."""

    EXTERNALLY_VISIBLE_DIRECT_ACTIONS = 0
    EXTERNALLY_VISIBLE_INDIRECT_ACTIONS = 1
    INTERNALLY_VISIBLE_ACTIONS = 2
    CONTACT_FOR_INSTRUCTION = 3
    NONE = 4

    @property
    def word(self) -> str:
        """As it stands in a policy: "contact-for-instruction"."""
        return self.name.lower().replace("_", "-")

    @property
    def pap(self) -> Pap:
        """The PAP that allows no more; the two strictest have no equal, and count as RED."""
        return (Pap.CLEAR, Pap.AMBER, Pap.RED, Pap.RED, Pap.RED)[self]


@dataclass(frozen=True, slots=True)
class Policy:
    """The statements of one policy, or of several joined.

    Attributes:
        ids: of the policies, sorted.
        encrypt_in_transit: may or must.
        actions: what the recipient may do.
        notifications: of parties that are affected: may or must not.
        attribution: of the provider: may, must or must not.
        resale: unmodified: may or must not.
        starts: from then on it is in force; None is always.
        ends: until then; None is for ever.
    """

    ids: tuple[str, ...] = ()
    encrypt_in_transit: Say = Say.MAY
    actions: Actions = Actions.EXTERNALLY_VISIBLE_DIRECT_ACTIONS
    notifications: Say = Say.MAY
    attribution: Say = Say.MAY
    resale: Say = Say.MAY
    starts: datetime | None = None
    ends: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether it (each of them, where several are joined) is in force."""
        return (self.starts is None or self.starts <= now) and (self.ends is None or now < self.ends)

    def words(self) -> tuple[str, ...]:
        """What it asks for, in words; what it leaves open is not said."""
        asked = (
            (self.encrypt_in_transit, "encryption in transit"),
            (self.notifications, "notifying who is affected"),
            (self.attribution, "naming the provider"),
            (self.resale, "selling it on unmodified"),
        )
        said = [f"IEP {what}: {say.word}" for say, what in asked if say is not Say.MAY]
        if self.actions:
            said.append(f"IEP permitted actions: {self.actions.word}")
        if self.starts is not None:
            said.append(f"IEP from {self.starts.date().isoformat()}")
        if self.ends is not None:
            said.append(f"IEP until {self.ends.date().isoformat()}")
        return tuple(said) or ("IEP that asks for nothing",)


def join(a: Policy | None, b: Policy | None) -> Policy | None:
    """Of each statement the stricter; the period in which both are in force."""
    if a is None or b is None or a == b:
        return b if a is None else a
    starts = [each for each in (a.starts, b.starts) if each is not None]
    ends = [each for each in (a.ends, b.ends) if each is not None]
    return Policy(
        tuple(sorted({*a.ids, *b.ids})),
        max(a.encrypt_in_transit, b.encrypt_in_transit),
        max(a.actions, b.actions),
        max(a.notifications, b.notifications),
        max(a.attribution, b.attribution),
        max(a.resale, b.resale),
        max(starts, default=None),
        min(ends, default=None),
    )


_SAYS: Final[Mapping[str, tuple[Say, ...]]] = {
    "encrypt_in_transit": (Say.MAY, Say.MUST),
    "affected_party_notifications": (Say.MAY, Say.MUST_NOT),
    "provider_attribution": (Say.MAY, Say.MUST, Say.MUST_NOT),
    "attribution": (Say.MAY, Say.MUST, Say.MUST_NOT),
    "unmodified_resale": (Say.MAY, Say.MUST_NOT),
}
_ACTIONS: Final[Mapping[str, Actions]] = {action.word: action for action in Actions}
_FREE: Final = frozenset(
    {"extension_type", "name", "policy_name", "description", "external_references", "external_reference"}
)
_MEMBERS: Final = _FREE | _SAYS.keys() | {
    "permitted_actions", "tlp", "tlp_ref", "iep_id", "id", "iep_version", "start_date", "end_date",
}  # fmt: skip


def read_extension(definition: Mapping[str, Json]) -> tuple[Policy, Tlp | None] | None:
    """The policy and its TLP that a marking-definition carries; None where it carries none that can be read."""
    extensions = definition.get("extensions")
    body = extensions.get(EXTENSION_ID) if isinstance(extensions, dict) else None
    return read(body) if isinstance(body, dict) else None


def read(body: Mapping[str, Json]) -> tuple[Policy, Tlp | None] | None:
    """The policy in its JSON form, and its TLP; None where any of it cannot be read."""
    if not _MEMBERS.issuperset(body) or not _is_version_2(body.get("iep_version", VERSION)):
        return None
    try:
        actions = _ACTIONS[str(body.get("permitted_actions", _LOOSEST))]
        policy = Policy(
            tuple(sorted({str(body[name]) for name in ("iep_id", "id") if body.get(name) is not None})),
            _say(body, "encrypt_in_transit"),
            actions,
            _say(body, "affected_party_notifications"),
            max(_say(body, "provider_attribution"), _say(body, "attribution")),
            _say(body, "unmodified_resale"),
            _instant(body.get("start_date")),
            _instant(body.get("end_date")),
        )
        return policy, _tlp(body)
    except (KeyError, ValueError):
        return None


_LOOSEST: Final = Actions.EXTERNALLY_VISIBLE_DIRECT_ACTIONS.word


def _say(body: Mapping[str, Json], name: str) -> Say:
    if name not in body:
        return Say.MAY
    return {say.word: say for say in _SAYS[name]}[str(body[name])]


def _tlp(body: Mapping[str, Json]) -> Tlp | None:
    """The level by word and by reference, the stricter of both; the words are those of TLP 1, those of 2 are read too."""
    found: Iterable[Tlp | None] = (
        *((levels.WORDS[str(body["tlp"])],) if "tlp" in body else ()),
        *((levels.of_id(str(body["tlp_ref"])),) if "tlp_ref" in body else ()),
    )
    known = [level for level in found if level is not None]
    if len(known) < len(body.keys() & {"tlp", "tlp_ref"}):
        raise ValueError(body["tlp_ref"])
    return max(known, default=None)


def _instant(value: Json) -> datetime | None:
    if value is None:
        return None
    at = datetime.fromisoformat(str(value))
    return at.astimezone(UTC) if at.tzinfo else _day(str(value))


def _day(text: str) -> datetime:
    """Midnight UTC of a date; a time without a zone is refused."""
    at = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007  # the zone is set on the next line
    return at.replace(tzinfo=UTC)


def _is_version_2(version: Json) -> bool:
    return version in (VERSION, "2.0", "2") and version is not True
