"""`hilf peer revoke` and `hilf peer quota`: stop a peer for good, and bound what one may use."""

from dataclasses import asdict

import click

from hilf.cli.face import Face, command, example

OFFICER = click.option("--as", "officer", metavar="OFFICER", help="Who signs; asked for the passphrase.")


@click.command(
    epilog=example("hilf peer revoke cert.qn.example --reason 'the node was taken over' --as officer")
)
@click.argument("node")
@click.option("--reason", required=True, help="Kept here, never sent.")
@OFFICER
@command
def revoke(face: Face, node: str, reason: str, officer: str | None) -> None:
    """Stop a peer for good: what waits for it is dropped, nothing of it is taken. Each officer repeats it.

    The first officer suspends it at once. A revoked node starts again under a new name only. It hears nothing more, also
    no retraction: what it holds stays with it.
    """
    home = face.open()
    from hilf.node import identity, revocation  # late, so that --help needs no database
    from hilf.node.home import now
    from hilf.node.peer import ROLE

    name = identity.chosen_officer(home, officer)
    key = face.signing(home, name, ROLE, lambda kid: revocation.check_revoke(home, node, kid, now()))
    done = revocation.revoke(home, node, reason, key, now())
    if done.missing:
        face.say(
            f"{node} is {done.state}. Revoked by {', '.join(done.revoked_by)}; {done.missing} more must repeat it."
        )
    else:
        face.say(f"{node} is revoked. {done.dropped} acts that waited for it were dropped.")
    face.finish({**asdict(done), "state": str(done.state)})


@click.command(epilog=example("hilf peer quota cert.qn.example --acts 100000 --disk 1073741824"))
@click.argument("node")
@click.option("--acts", type=int, metavar="N", help="Acts in an hour.")
@click.option("--bytes", "size", type=int, metavar="N", help="Bytes in an hour, unpacked.")
@click.option("--processor", type=int, metavar="S", help="Processor seconds in an hour.")
@click.option("--disk", type=int, metavar="N", help="Bytes of all that it sent.")
@click.option("--reconciles", type=int, metavar="N", help="Reconciliations in an hour.")
@click.option("--as-settings", is_flag=True, help="Let the settings count again.")
@command
def quota(
    face: Face,
    node: str,
    acts: int | None,
    size: int | None,
    processor: int | None,
    disk: int | None,
    reconciles: int | None,
    as_settings: bool,
) -> None:
    """Show what a peer may use and has used in this hour; set what differs from the settings.

    An accord may make it tighter, never wider. Beyond it the peer is asked to come later (429).
    """
    home = face.open()
    from hilf.node import quota as verbs  # late, so that --help needs no database
    from hilf.node.home import now
    from hilf.settings import usual_quota
    from hilf.store.federation.quota import KeptQuota

    if as_settings:
        verbs.forget_own(home, node)
    verbs.put(home, node, KeptQuota(acts, size, processor, disk, reconciles))
    counts, used = verbs.of(home, node, usual_quota(face.home_path), now()), verbs.used(node, now())
    face.table(
        ("", "May use", "Has used"),
        [
            ("acts in an hour", counts.acts, used["acts"]),
            ("bytes in an hour", counts.unpacked_bytes, used["bytes"]),
            ("processor seconds in an hour", counts.processor_s, used["processor_s"]),
            (
                "bytes on disk",
                "no limit" if counts.disk_bytes is None else counts.disk_bytes,
                used["disk_bytes"],
            ),
            ("reconciliations in an hour", counts.reconciles, used["reconciles"]),
        ],
        "",
    )
    face.finish({"node": node, "may_use": asdict(counts), "used": used})
