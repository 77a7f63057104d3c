"""Drafts of accords: from a template or a file to a text that may be proposed (accord.md 1).

Decides who stands in it, its id and its period; nobody else sees a draft. What a text may say is `accord/document`,
all faults of a file at once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from hilf.accord.document import MAX_PARTIES, Accord, faults_in, read_accord
from hilf.accord.fault import Fault
from hilf.accord.life import Life, standing_parties
from hilf.accord.template import DEFAULT, TEMPLATES, Template, completed, frame
from hilf.accord.template import amendment as next_version
from hilf.canonical import Json
from hilf.errors import CallerFault, Refusal
from hilf.node import accord, life, peer
from hilf.node.accord import Shown
from hilf.node.home import Home
from hilf.store.accord import version as versions
from hilf.store.database import transaction

PERIOD: Final = timedelta(days=3 * 365)
"""How long a draft runs unless its file says otherwise."""

_SHOWN_FAULTS: Final = 20


def from_template(home: Home, partners: Sequence[str], now: datetime, template: str | None = None) -> Shown:
    """A draft with these partners out of a template, kept here.

    Raises:
        CallerFault: "accord.template", "accord.partners", "accord.partner-unknown".
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
        CallerFault: "accord.text", all faults of the text at once; "accord.no-clause", "accord.partners",
            "accord.partner-unknown", "accord.template".
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


def amendment(
    home: Home,
    accord_id: str,
    changes: Json,
    now: datetime,
    joining: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Shown:
    """A draft of the next version of an accord that all needed have signed, with some members changed, kept here.

    Parties that left the version before are not in it, unless they join again.

    Args:
        home: of the node that drafts.
        accord_id: the accord.
        changes: members and their new values.
        now: aware.
        joining: nodes that become parties.
        without: parties that are none any more.

    Raises:
        CallerFault: "accord.unknown", "accord.partner-unknown", or "accord.text", all faults of the text at once.
        Refusal: "accord.nothing-to-amend".
    """
    accord.show(home, accord_id, now)
    lives = life.of(accord_id)
    signed = [each for each in lives.all if each.complete_at is not None]
    standing = standing_parties(signed[-1], lives.all, lives.chains) if signed else ()
    if home.node not in standing:
        raise Refusal(
            "accord.nothing-to-amend",
            f"No version of {accord_id} is signed by all and binds this node.",
            "An amendment follows a version that all parties have signed.",
            f"Take the proposal back and draft another: hilf accord withdraw {accord_id} --as OFFICER",
        )
    if not isinstance(changes, dict):
        raise CallerFault(
            "accord.text",
            "The file holds no JSON object.",
            "It holds the members to change.",
            "Mend the file.",
        )
    _check_known(home, joining)
    nodes = [node for node in (*standing, *joining) if node not in without]
    return _keep(home, next_version(signed[-1].accord, home.node, changes, nodes), now)


def drop(home: Home, accord_id: str, now: datetime) -> int:
    """Drop the drafts of an accord, which nobody else ever saw; how many.

    Raises:
        CallerFault: "accord.unknown".
        Refusal: "accord.no-draft": everything of it has been proposed.
    """
    accord.show(home, accord_id, now)
    with transaction():
        dropped = versions.drop_drafts(accord_id)
    if not dropped:
        raise Refusal(
            "accord.no-draft",
            f"{accord_id} has no draft.",
            "What was proposed is known to others; it is kept.",
            f"Take a proposal back: hilf accord withdraw {accord_id} --as OFFICER",
        )
    return dropped


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
    if not 0 < len(partners) < MAX_PARTIES or len(set(partners)) != len(partners):
        raise CallerFault(
            "accord.partners",
            f"{len(partners)} partners were named, {len(set(partners))} different ones.",
            f"An accord has 2 to {MAX_PARTIES} parties, this node one of them.",
            "Name each of the others once with --with.",
        )
    _check_known(home, partners)
    begins = now.replace(microsecond=0)
    return frame((home.node, *partners), f"accord--{uuid4()}", str(uuid4()), begins, begins + PERIOD)


def _check_known(home: Home, nodes: Sequence[str]) -> None:
    for node in nodes:
        if peer.identity_of(node) is None or node == home.node:
            raise CallerFault(
                "accord.partner-unknown",
                f"{node[:100]} is no peer of this node.",
                "",
                "Take in its card first: hilf peer add FILE",
            )


def _keep(home: Home, document: dict[str, Json], now: datetime) -> Shown:
    faults = faults_in(document)
    if faults:
        raise CallerFault("accord.text", _listed(faults), "accord.md 1.", "Mend the file, then draft again.")
    text: Accord = read_accord(document)
    with transaction():
        life.keep(Life(text), now)
    return next(shown for shown in accord.show(home, text.id, now) if shown.life.accord == text)


def _listed(faults: Sequence[Fault]) -> str:
    shown = [str(fault) for fault in faults[:_SHOWN_FAULTS]]
    more = len(faults) - len(shown)
    return "\n".join(["The text is no accord:", *shown, *([f"and {more} more"] if more else [])])
