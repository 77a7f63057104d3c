"""Drafts of accords: from a template or a file to a text that may be proposed (accord.md 1).

Decides who stands in it, its id and its period; nobody else sees a draft. What a text may say is `accord/document`,
all faults of a file at once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from hilf.accord.document import Accord, faults_in, read_accord
from hilf.accord.fault import Fault
from hilf.accord.life import Life
from hilf.accord.template import DEFAULT, TEMPLATES, Template, completed, frame
from hilf.accord.template import amendment as next_version
from hilf.canonical import Json
from hilf.errors import CallerFault, Refusal
from hilf.node import accord, life, peer
from hilf.node.accord import Shown
from hilf.node.home import Home
from hilf.store.database import transaction

PERIOD: Final = timedelta(days=3 * 365)
"""How long a draft runs unless its file says otherwise."""

_SHOWN_FAULTS: Final = 20


def from_template(home: Home, partners: Sequence[str], now: datetime, template: str | None = None) -> Shown:
    """A draft with these partners out of a template, kept here.

    Raises:
        CallerFault: "accord.template", "accord.partner-unknown".
        Refusal: "accord.two-parties".
    """
    return _keep(home, _template(template or DEFAULT)(_framed(home, partners, now)), now)


def from_file(
    home: Home, partners: Sequence[str], fields: Json, now: datetime, template: str | None = None
) -> Shown:
    """A draft with these partners that says what a file says, kept here.

    Args:
        home: of the node that drafts.
        partners: the other parties.
        fields: members of the accord.
        now: aware.
        template: where members that the file lacks come from; without one there are no clauses but the file's.

    Raises:
        CallerFault: "accord.text", all faults of the text at once; "accord.no-clause", "accord.partner-unknown",
            "accord.template".
        Refusal: "accord.two-parties".
    """
    if not isinstance(fields, dict):
        raise CallerFault(
            "accord.text", "The file holds no JSON object.", "An accord is one JSON object.", "Mend the file."
        )
    framed = _framed(home, partners, now)
    text = completed(fields, _template(template)(framed) if template else framed)
    if text["clauses"] == [] and not faults_in(text):
        raise CallerFault(
            "accord.no-clause",
            "The text has no clause, so nothing could ever be sent under it.",
            f"The file's own members: {', '.join(sorted(fields)[:_SHOWN_FAULTS]) or 'none'}.",
            "Write clauses into it, or let it change a template: --template intelligence --from FILE",
        )
    return _keep(home, text, now)


def amendment(home: Home, accord_id: str, changes: Json, now: datetime) -> Shown:
    """A draft of the next version of an accord that all have signed, with some members changed, kept here.

    Raises:
        CallerFault: "accord.unknown", or "accord.text", all faults of the text at once.
        Refusal: "accord.nothing-to-amend".
    """
    signed = [shown for shown in accord.show(home, accord_id, now) if shown.life.complete_at is not None]
    if not signed or home.node not in signed[-1].life.accord.nodes:
        raise Refusal(
            "accord.nothing-to-amend",
            f"No version of {accord_id} is signed by all.",
            "An amendment follows a version that all parties have signed.",
            "Take the proposal back and draft another: hilf accord withdraw ID",
        )
    if not isinstance(changes, dict):
        raise CallerFault(
            "accord.text",
            "The file holds no JSON object.",
            "It holds the members to change.",
            "Mend the file.",
        )
    return _keep(home, next_version(signed[-1].life.accord, home.node, changes), now)


def _template(name: str) -> Template:
    if name not in TEMPLATES:
        raise CallerFault(
            "accord.template",
            f"There is no template {name}.",
            f"Templates: {', '.join(TEMPLATES)}.",
            "Name one of them with --template, or give a text of your own with --from FILE.",
        )
    return TEMPLATES[name]


def _framed(home: Home, partners: Sequence[str], now: datetime) -> Mapping[str, Json]:
    if len(partners) != 1:
        raise Refusal(
            "accord.two-parties",
            f"{len(partners)} partners were named.",
            "This version of hilf keeps accords between two nodes.",
            "Draft one accord with each of them.",
        )
    for node in partners:
        if peer.identity_of(node) is None or node == home.node:
            raise CallerFault(
                "accord.partner-unknown",
                f"{node[:100]} is no peer of this node.",
                "",
                "Take in its card first: hilf peer add FILE",
            )
    begins = now.replace(microsecond=0)
    return frame((home.node, *partners), f"accord--{uuid4()}", str(uuid4()), begins, begins + PERIOD)


def _keep(home: Home, document: dict[str, Json], now: datetime) -> Shown:
    faults = faults_in(document)
    if faults:
        raise CallerFault("accord.text", _listed(faults), "accord.md 1.", "Mend the file, then draft again.")
    text: Accord = read_accord(document)
    with transaction():
        life.keep(Life(text), now)
    return accord.show(home, text.id, now)[-1]


def _listed(faults: Sequence[Fault]) -> str:
    shown = [str(fault) for fault in faults[:_SHOWN_FAULTS]]
    more = len(faults) - len(shown)
    return "\n".join(["The text is no accord:", *shown, *([f"and {more} more"] if more else [])])
