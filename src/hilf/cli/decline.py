"""`hilf release decline`: say no to a proposal that waits for an approval (accord.md 4; faces.md 1)."""

import click

from hilf.cli.face import Face, command, example

# The verbs are imported inside of commands: they need a database in use, and `hilf --help` must be fast.


@click.command(epilog=example("hilf release decline release--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"))
@click.argument("release_id", metavar="ID")
@command
def decline(face: Face, release_id: str) -> None:
    """Say no to a proposal: it dies, and nothing of it is sent."""
    home = face.open()
    from hilf.node import approval

    approval.decline(home, release_id)
    face.say(f"{release_id} is declined; nothing of it is sent.")
    face.finish({"release": release_id, "state": "died", "reason": approval.DECLINED})
