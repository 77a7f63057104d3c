"""Mixed objects of our own making for the benchmark of releases, and partners to send them to; the same for the same seed.

Half are indicators, a quarter observables, a fifth relationships between these, the rest malware and notes. Markings are
mixed as in a national team: most CLEAR and GREEN, some AMBER and above, some with REL TO, some without any. Values stand in
documentation ranges.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from uuid import UUID, uuid5

from bench.material import STAMP, WORDS, indicators
from hilf.markings import rel_to
from hilf.markings.tlp import Tlp
from hilf.stix.deterministic import expected_id

MARKINGS = (
    [Tlp.CLEAR] * 25
    + [Tlp.GREEN] * 45
    + [Tlp.AMBER] * 16
    + [Tlp.AMBER_STRICT] * 4
    + [Tlp.RED] * 4
    + [None] * 6
)
NAMESPACE = UUID("00000000-0000-4000-8000-00000000be7c")
COUNTRIES = ("QN", "QO", "QP", "QQ", "QR", "QS", "QT", "QU", "QV", "QW", "QX", "QY", "QZ", "XA", "XB", "XC")
LIMITS = (("QM", "QN", "QO", "QP"), ("QM", "QQ", "QR"), ("QM", "XA", "XB", "XC"))


def mixed(count: int, author: str, seed: int = 7) -> Iterator[dict]:
    """So many objects, and the definitions of three limits before them."""
    chance = random.Random(seed)
    limits = [rel_to.marking(each) for each in LIMITS]
    yield from limits
    ends: list[str] = []
    made = indicators(count, seed)
    for n in range(count):
        if n % 5 == 4:
            each = _object("relationship", chance, author, relationship_type="related-to")
            each["source_ref"], each["target_ref"] = chance.choice(ends), chance.choice(ends)
        elif n % 4 == 3:
            each = _observable(n, chance)
        elif n % 20 == 0:
            each = _object("malware", chance, author, name=f"Family {n}", is_family=True)
        else:
            each = {**next(made), "created_by_ref": author}
        level = chance.choice(MARKINGS)
        marks = [] if level is None else [level.marking_id]
        if chance.random() < 0.05:
            marks.append(chance.choice(limits)["id"])
        each.pop("object_marking_refs", None)
        if marks:
            each["object_marking_refs"] = marks
        if n % 5 != 4:
            ends.append(each["id"])
        yield each


def _object(kind: str, chance: random.Random, author: str, **members: object) -> dict:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{UUID(int=chance.getrandbits(128), version=4)}",
        "created_by_ref": author,
        "created": STAMP,
        "modified": STAMP,
        "description": " ".join(chance.choice(WORDS) for _ in range(12)),
        **members,
    }


def _observable(n: int, chance: random.Random) -> dict:
    value = f"{chance.getrandbits(48):x}.host{n % 997}.example"
    made = {"type": "domain-name", "spec_version": "2.1", "value": value}
    return {**made, "id": expected_id(made)}


def befriend(home, count: int) -> tuple[str, ...]:
    """Let a node know so many verified partners, and agree with each: an agreement of two, for some a community, for all the
    public one."""
    from hilf.accord.document import read_accord
    from hilf.accord.life import Life
    from hilf.accord.template import TEMPLATES, frame
    from hilf.node import life as lives
    from hilf.store.database import transaction
    from tests.partner import Partner, introduce

    now = datetime.now(UTC)
    began, until = now - timedelta(days=1), now + timedelta(days=900)
    nodes = []
    for n, country in enumerate(islice(cycle(COUNTRIES), count)):
        partner = Partner(home.node, f"cert-{n}.{country.lower()}.example", country, now)
        introduce(partner)
        nodes.append(partner.node)
    parties = [("intelligence", [node]) for node in nodes]
    parties += [("community", nodes[start : start + 14]) for start in range(0, count, 20)]
    parties += [("public", [node]) for node in nodes[::2]]
    with transaction():
        for n, (template, others) in enumerate(parties):
            framed = frame(
                [home.node, *others],
                f"accord--{uuid5(NAMESPACE, f'accord {n}')}",
                str(uuid5(NAMESPACE, f"c {n}")),
                began,
                until,
            )
            accord = read_accord(TEMPLATES[template](framed))
            lives.keep(Life(accord, began, (), began), began)
    return tuple(nodes)
