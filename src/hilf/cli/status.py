"""`hilf status`: health, peers, what waits, clocks, expiries."""

from typing import TYPE_CHECKING

import click

from hilf.cli.face import Face, command, example, iso
from hilf.cli.peer import as_json

if TYPE_CHECKING:
    from hilf.node.awaited import Remark
    from hilf.node.status import Status


@click.command(epilog=example("hilf status --json"))
@command
def status(face: Face) -> None:
    """Say how this node is. Exit code 1 when something stops it."""
    home = face.open()
    from hilf.node import incident  # late, so that --help needs no database
    from hilf.node.home import now
    from hilf.node.status import status as look

    found = look(home, now())
    _show(face, found)
    face.finish(
        {
            "node": home.node,
            "identity_sha256": found.identity.fingerprint,
            "identity_expires": iso(found.identity.newest.expires),
            "peers": [as_json(each) for each in found.peers],
            "outbox": {"waiting": found.waiting, "oldest": found.oldest_s},
            "quarantined": found.quarantined,
            "full_text_waiting": found.without_text,
            "restoration": incident.document(),
            "faults": [_remark(each) for each in found.faults],
            "warnings": [_remark(each) for each in found.warnings],
        },
        ok=not found.faults,
    )


def _show(face: Face, found: "Status") -> None:
    newest = found.identity.newest
    face.say(
        f"{newest.node} · {next(iter(newest.name.values()))} · {newest.country}"
        f" · document {newest.seq}, expires {newest.expires:%Y-%m-%d}"
    )
    face.table(
        ("Peer", "State", "Waiting", "Lag", "Last receipt"),
        (
            (
                each.node,
                each.state,
                each.waiting,
                f"{each.lag_s} s" if each.waiting else "",
                f"{each.last_receipt:%Y-%m-%d %H:%M} UTC" if each.last_receipt else "never",
            )
            for each in found.peers
        ),
        "No peers yet. Ask a partner for its card and take it in: hilf peer add FILE",
    )
    for title, remarks in (("FAULT", found.faults), ("Warning", found.warnings)):
        for each in remarks:
            face.say("", f"{title}: {each.what}", f"  {each.remedy}", f"  [{each.code}]")
    if not found.faults:
        face.say("", "Nothing stops this node.")


def _remark(each: "Remark") -> dict[str, str]:
    return {"code": each.code, "what": each.what, "remedy": each.remedy}
