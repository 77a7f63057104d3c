"""Editing a draft of an accord part by part, by several people at a time (accord.md 1).

Decides whether a part may be put: who edits one says how it began when it was read, by its mark. Has somebody else put it
since, the later one is refused and told; parts that nobody else has touched are put beside theirs, so that nothing is lost
and nobody waits for a lock that was forgotten. What a text may say is `accord/document`, all faults at once.

A part is one clause, by its id, or one or more members of the document that are edited together.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from hilf.accord.document import Accord, faults_in, read_accord
from hilf.accord.fault import Fault
from hilf.accord.life import State
from hilf.accord.template import MEMBER
from hilf.canonical import Json, content_id
from hilf.errors import CallerFault, HilfError, Refusal
from hilf.node import accord, peer
from hilf.node.accord import Shown
from hilf.node.home import Home
from hilf.store.accord import version as versions
from hilf.store.database import transaction

FIXED: Final = frozenset({"v", "type", "id", "version", "prev", "clauses", "parties"})
"""Members that are not edited as members."""

Document = dict[str, Json]


class Faulty(CallerFault):
    """The text would be no accord; `faults` says where and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            "accord.text", "\n".join(map(str, faults)), "accord.md 1.", "Mend what is named, then save again."
        )
        self.faults = tuple(faults)


def draft(home: Home, accord_id: str, now: datetime) -> Shown:
    """The draft of an accord: its newest version, which nobody else has seen.

    Raises:
        CallerFault: "accord.unknown".
        Refusal: "accord.no-draft".
    """
    newest = accord.show(home, accord_id, now)[-1]
    if newest.standing.state is not State.DRAFT:
        raise Refusal(
            "accord.no-draft",
            f"{accord_id} has no draft: version {newest.life.accord.version} is {newest.standing.state.value}.",
            "What was proposed is known to others; it is kept as it is.",
            "Draft the next version of it.",
        )
    return newest


def mark(part: Json) -> str:
    """What changes whenever a part of a draft does."""
    return content_id({"part": part})[:16]


def clause_of(text: Accord, clause_id: str) -> Document | None:
    """A clause as it stands in a text; None where it has no such clause."""
    return next((each for each in _clauses(text.json()) if each["id"] == clause_id), None)


def members_of(text: Accord, names: Sequence[str]) -> Document:
    """Some members of a text; those that it lacks are left out."""
    document = text.json()
    return {name: document[name] for name in names if name in document}


def put_members(
    home: Home, accord_id: str, names: Sequence[str], before: str, members: Mapping[str, Json], now: datetime
) -> Shown:
    """Put members of a draft that are edited together.

    Args:
        home: of this node.
        accord_id: whose draft.
        names: the members of this part.
        before: mark of `members_of` as it was read.
        members: their values now.
        now: aware.

    Raises:
        CallerFault: `Faulty`, or "accord.unknown".
        Refusal: "accord.draft-changed" or "accord.no-draft".
    """

    def change(text: Accord, document: Document) -> None:
        _check_mark(members_of(text, names), before, "these members")
        document.update((name, value) for name, value in members.items() if name not in FIXED)

    return _edit(home, accord_id, change, now)


def put_clause(
    home: Home, accord_id: str, clause_id: str, before: str, clause: Mapping[str, Json], now: datetime
) -> Shown:
    """Put a clause of a draft, a new one where `before` is empty; it may get another id.

    Raises:
        CallerFault, Refusal: as `put_members`.
    """

    def change(text: Accord, document: Document) -> None:
        held = clause_of(text, clause_id) if before else None
        if before:
            _check_mark(held, before, f"clause {clause_id}")
        clauses = _clauses(document)
        put: Json = dict(clause)
        if held is None:
            document["clauses"] = [*clauses, put]
        else:
            document["clauses"] = [put if each["id"] == clause_id else each for each in clauses]

    return _edit(home, accord_id, change, now)


def remove_clause(home: Home, accord_id: str, clause_id: str, before: str, now: datetime) -> Shown:
    """Take a clause out of a draft.

    Raises:
        CallerFault, Refusal: as `put_members`.
    """

    def change(text: Accord, document: Document) -> None:
        _check_mark(clause_of(text, clause_id), before, f"clause {clause_id}")
        document["clauses"] = [each for each in _clauses(document) if each["id"] != clause_id]

    return _edit(home, accord_id, change, now)


def put_parties(home: Home, accord_id: str, before: str, nodes: Sequence[str], now: datetime) -> Shown:
    """Say who is a party of a draft beside this node, which proposes it.

    Raises:
        CallerFault: "accord.partner-unknown", or as `put_members`.
        Refusal: as `put_members`.
    """

    def change(text: Accord, document: Document) -> None:
        _check_mark([*text.nodes], before, "the parties")
        roles = {party.node: party.roles for party in text.parties}
        for node in nodes:
            if node not in roles and peer.identity_of(node) is None:
                raise CallerFault(
                    "accord.partner-unknown",
                    f"{node[:100]} is no peer of this node.",
                    "",
                    "Take in its card first.",
                )
        wanted = dict.fromkeys((home.node, *nodes))
        document["parties"] = [{"node": node, "roles": [*roles.get(node, MEMBER)]} for node in wanted]

    return _edit(home, accord_id, change, now)


def _edit(home: Home, accord_id: str, change: Callable[[Accord, Document], None], now: datetime) -> Shown:
    with transaction():
        text = draft(home, accord_id, now).life.accord
        document = text.json()
        change(text, document)
        faults = faults_in(document)
        if faults:
            raise Faulty(faults)
        put = read_accord(document)
        if put != text and not versions.replace_draft(accord_id, text.hash, put.hash, put.canonical):
            raise _changed("this draft")
    return draft(home, accord_id, now)


def _check_mark(part: Json, before: str, what: str) -> None:
    if mark(part) != before:
        raise _changed(what)


def _changed(what: str) -> HilfError:
    return Refusal(
        "accord.draft-changed",
        f"Somebody else saved {what} of this draft while you edited it.",
        "Nothing of yours is lost, and nothing of theirs was overwritten.",
        "Compare both, then save yours or take theirs.",
    )


def _clauses(document: Document) -> list[Document]:
    clauses = document["clauses"]
    return [each for each in clauses if isinstance(each, dict)] if isinstance(clauses, list) else []
