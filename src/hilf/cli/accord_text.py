"""What `hilf accord` prints: a version with its clauses and signatures, and what a step would change."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from hilf.canonical import Json, dumps

if TYPE_CHECKING:
    from hilf.accord.difference import Change
    from hilf.node.accord import Shown
    from hilf.node.effects import Settled
    from hilf.node.foresight import Counted, Foreseen, Foresight


def as_json(shown: "Shown") -> dict[str, Json]:
    """A version for `--json`."""
    accord = shown.life.accord
    signed: list[Json] = [
        {"node": node, "officers": officers, "needed": needed, "node_key": by_node}
        for node, officers, needed, by_node in shown.signed
    ]
    return {
        "id": accord.id,
        "version": accord.version,
        "state": shown.standing.state.value,
        "parties": [*accord.nodes],
        "hash": accord.hash,
        "from": accord.json()["from"],
        "until": accord.json()["until"],
        "text": shown.standing.text,
        "waits_for": [*shown.standing.waits_for],
        "left": [*shown.standing.left],
        "suspended_by": [*shown.standing.paused],
        "membership": accord.membership,
        "unknown_members": [*accord.unknown],
        "signed": signed,
    }


def unknown(shown: "Shown") -> Iterable[str]:
    """A warning where the text has members without a meaning: they are signed, and bind nobody's node."""
    if shown.life.accord.unknown:
        yield f"Warning: hilf does not know these members, and obeys none of them: {', '.join(shown.life.accord.unknown)}"


def changes_of(shown: "Shown", versions: Iterable["Shown"]) -> "tuple[Change, ...] | None":
    """What a version changes in the one before it; None where that one is not among these."""
    from hilf.accord.difference import changes

    prev = shown.life.accord.prev
    before = next((each.life.accord for each in versions if each.life.accord.hash == prev), None)
    return None if before is None else changes(before, shown.life.accord)


def change_lines(changes: "tuple[Change, ...] | None", version: int) -> Iterable[str]:
    """What a version changes in the one before it, for people; nothing of a first version."""
    if changes is None:
        return
    yield f"Changes from version {version - 1}:" if changes else f"It says what version {version - 1} said."
    yield from (f"  {_change(each)}" for each in changes)


def _change(each: "Change") -> str:
    kind, _, name = each.place.partition(" ")
    if kind == "party" and each.word != "changed":
        return f"{name} {'joins' if each.word == 'added' else 'leaves'}"
    if each.word == "changed":
        return f"{each.place}: {_value(each.before) or 'nothing'} → {_value(each.after) or 'nothing'}"
    stands = each.after if each.word == "added" else each.before
    if kind == "clause" and isinstance(stands, dict) and "effect" in stands:
        return f"{each.place} {each.word}: {stands['effect']} {_value(stands['kinds'])}{_conditions(stands)}"
    return f"{each.place} {each.word}: {_value(stands)}"


def _in(texts: Mapping[str, Json], language: str) -> str:
    """A text in a language, else in English, else in any that it has."""
    return str(texts.get(language) or texts.get("en") or next(iter(texts.values())))


def lines(shown: "Shown", language: str = "en", changes: "tuple[Change, ...] | None" = None) -> Iterable[str]:
    """A version for people, its own words in a language where it has them, and what it changes."""
    accord = shown.life.accord
    yield _in(accord.title, language)
    yield f"{accord.id}, version {accord.version}, {shown.standing.state.value}: {shown.standing.text}"
    yield f"Hash {accord.hash}"
    yield f"Between {', '.join(accord.nodes[:-1])} and {accord.nodes[-1]} (the first proposes and signs last)"
    yield f"From {accord.begins.date()} until {accord.until.date()}, review {accord.review.date()}"
    if len(accord.nodes) > 2:  # noqa: PLR2004  # a community
        yield f"Joining and leaving is signed by {accord.membership} (docs/accords.md)"
    yield f"For {', '.join(accord.purposes)}; onward: {accord.onward.value}; personal data: {accord.personal_data}"
    yield f"Kept for {accord.retention_days} days; retractions are confirmed {accord.confirmations}; at its end: {accord.at_end}"
    yield from _text(accord.json(), language)
    yield from change_lines(changes, accord.version)
    for node, officers, needed, by_node in shown.signed:
        yield f"  {node}: {officers} of {needed} officers signed, node key {'signed' if by_node else 'not yet'}"
    if accord.unknown:
        yield f"  This version of hilf does not read: {', '.join(accord.unknown)}"
    yield ""


_SAID = frozenset(
    {"v", "type", "id", "version", "prev", "title", "parties", "community", "purposes", "from", "until", "review",
     "clauses", "onward", "personal_data", "retention_days", "at_end", "confirmations", "membership"}
)  # fmt: skip
"""Members that have a sentence of their own; of all others there is what stands in them."""

_OF_A_CLAUSE = frozenset({"id", "effect", "kinds", "when", "require", "text"})


def _text(document: Mapping[str, Json], language: str) -> Iterable[str]:
    """Every clause as its words say it and as the node obeys it, and whatever else is agreed.

    The words bind people and the conditions bind nodes: who signs must see where these differ.
    """
    clauses = document["clauses"]
    for clause in clauses if isinstance(clauses, list) else ():
        assert isinstance(clause, dict)  # noqa: S101  # it was read
        text = clause["text"]
        assert isinstance(text, dict)  # noqa: S101  # likewise
        yield f"  {clause['id']} {clause['effect']}: {_in(text, language)}"
        yield f"    obeyed: {clause['effect']} {_value(clause['kinds'])}{_conditions(clause)}"
    for name, value in document.items():
        if name not in _SAID and value not in ([], {}):
            yield from (f"  {name}: {_value(each)}" for each in (value if _is_listed(value) else (value,)))  # type: ignore[union-attr]


def _conditions(clause: Mapping[str, Json]) -> str:
    """What of a clause a node obeys, members that this version cannot read among it."""
    beside = {name: value for name, value in clause.items() if name not in _OF_A_CLAUSE}
    parts = (("when", clause["when"]), ("requires", clause.get("require")), ("also says", beside))
    return "".join(f", {word} {_value(value)}" for word, value in parts if value)


def _is_listed(value: Json) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _value(value: Json) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(each)}" for name, each in value.items())
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " or ".join(map(str, value))
    return value if isinstance(value, str) else dumps(value).decode()


_WORDS = {
    "opens": "of our objects may leave to it then, and may not now",
    "closes": "of our objects may leave to it now, and may not then",
    "dropped": "of the acts that wait for it will leave no more",
    "retracted": "of the objects that it has from us will be taken back",
    "onward_opens": "objects of others may be passed on to it then, and may not now",
    "onward_closes": "objects of others may be passed on to it now, and may not then",
    "consent_opens": "objects of others may go on to it then, by consent of their originators, and may not now",
    "consent_closes": "objects of others may go on to it now, by consent of their originators, and may not then",
    "taken_back": "of our objects were taken back there before: they do not go there again as they are",
}


def foreseen_lines(found: "Foresight") -> Iterable[str]:
    """What a step would change, for people."""
    for each in found.nodes:
        changes = [(words, getattr(each, name)) for name, words in _WORDS.items()]
        told = [
            f"  {each.node}: {counted.count} {words}{_for(counted)}"
            for words, counted in changes
            if counted.count
        ]
        yield from told or [f"  {each.node}: nothing changes for what we say, sent, pass on or would send"]
    for order in found.orders:
        yield f"  {order} ends: it was approved under agreements that change"


def _for(counted: "Counted") -> str:
    return f" ({', '.join(counted.examples[:3])}{', …' if counted.count > 3 else ''})"  # noqa: PLR2004


def foreseen_json(found: "Foresight") -> dict[str, Json]:
    """What a step would change, for `--json`."""
    return {
        "id": found.accord.id,
        "version": found.accord.version,
        "hash": found.accord.hash,
        "step": found.kind.value,
        "nodes": [_foreseen(each) for each in found.nodes],
        "orders": [*found.orders],
    }


def _foreseen(each: "Foreseen") -> Json:
    counts: dict[str, Json] = {
        name: {"count": getattr(each, name).count, "examples": [*getattr(each, name).examples]}
        for name in _WORDS
    }
    return {"node": each.node, **counts}


def settled_lines(settled: Iterable["Settled"]) -> Iterable[str]:
    """What followed from a step, for people; nothing where nothing did."""
    for each in settled:
        if each.dropped:
            yield f"{each.dropped} acts that waited for {each.node} were dropped, {each.offered} wait anew."
        if each.retracted:
            yield f"{each.node} is told to let go of {each.retracted} objects that it has from us."
        if not each.finished:
            yield f"Acts to {each.node} are on their way; what is in them is taken back when it has receipted them."


def settled_json(settled: Iterable["Settled"]) -> list[Json]:
    """What followed from a step, for `--json`."""
    return [
        {
            "node": each.node,
            "dropped": each.dropped,
            "offered": each.offered,
            "retracted": each.retracted,
            "finished": each.finished,
        }
        for each in settled
    ]
