"""`hilf peer`: other nodes, from the card that is handed over to the day when people verified each other."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hilf.cli import peer_history, peer_stop
from hilf.cli.face import Face, command, example, iso_or_none
from hilf.errors import CallerFault, OperatorFault, PartnerFault, Refusal

if TYPE_CHECKING:
    from hilf.node.peer import Verification
    from hilf.node.peer_list import Listed

LARGEST_CARD_BYTES = 8 * 1024 * 1024
"""What a body between nodes may have on the wire. Source: wire.md 5."""

OFFICER = click.option("--as", "officer", metavar="OFFICER", help="Who signs; asked for the passphrase.")
FINGERPRINT = click.option(
    "--fingerprint", required=True, metavar="F", help="As the partner reads it out: hex digits or 24 words."
)


@click.group(epilog=example("hilf peer add partner.json"))
def peer() -> None:
    """Other nodes: hand over cards, verify fingerprints, look at how it goes, stop."""


peer.add_command(peer_stop.revoke)
peer.add_command(peer_stop.quota)


@peer.command(epilog=example("hilf peer card --out cert.qm.example.json"))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the card to this file.")
@command
def card(face: Face, out: Path | None) -> None:
    """Write this node's card, to be handed to a partner; without --out, to standard output."""
    home = face.open()
    from hilf.node import identity  # late, so that --help needs no database
    from hilf.seal.fingerprint import fingerprint_groups, fingerprint_words

    own = identity.own(home)
    data = identity.card(own)
    if out is None:
        click.echo(data.decode())
        return
    try:
        out.write_bytes(data)
    except OSError as error:
        raise OperatorFault(
            "peer.card-file",
            f"{out} cannot be written: {error.strerror}.",
            "",
            "Name another file with --out.",
        ) from error
    face.say(
        f"The card of {own.node} is in {out}. Hand it over in any way.",
        "Then read your fingerprint to the partner over a channel that both trust:",
        f"  {fingerprint_groups(own.fingerprint)}",
        f"  {fingerprint_words(own.fingerprint)}",
    )
    face.finish({"node": own.node, "identity_sha256": own.fingerprint, "file": str(out)})


@peer.command(epilog=example("hilf peer add cert.qn.example.json"))
@click.argument("file", type=click.Path(path_type=Path))
@command
def add(face: Face, file: Path) -> None:
    """Take in a partner's card; a newer card of a known node brings its newer documents."""
    data = _read_card(file)
    home = face.open()
    from hilf.canonical import loads  # late, so that --help needs no database
    from hilf.node import introduction
    from hilf.node import peer as verbs
    from hilf.node.home import now

    try:
        read = loads(data)
    except PartnerFault as fault:
        raise Refusal(
            fault.code,
            f"{file} is no card: {fault.what}.",
            "A card is one JSON document.",
            "Give the file that the partner's hilf peer card wrote.",
        ) from fault
    known = introduction.take(home, read, now())
    state = verbs.state_of(known.node)
    face.say(f"{known.node} is {state}.")
    if state == "introduced":
        face.say(
            "Nothing but identity documents passes until people on both sides have verified each other.",
            "Call somebody there whom you know. Let them read out what `hilf identity show` prints on their side,",
            "and type what you hear, in digits or in words; a fingerprint from this machine proves nothing:",
            f"  hilf peer verify {known.node} --fingerprint … --as OFFICER",
        )
    if known.newest.officers_per_act == 1:
        face.say(f"{known.node} lets one officer alone sign acts (--single-officer).")
    face.finish(
        {
            "node": known.node,
            "state": state,
            "identity_sha256": known.fingerprint,
            "documents": len(known.chain),
            "country": known.newest.country,
            "officers_per_act": known.newest.officers_per_act,
        }
    )


@peer.command(
    epilog=example(
        "hilf peer verify cert.qn.example --fingerprint 'b313 c749 …' --as officer",
        "hilf peer verify cert.qn.example --as officer --stix-identity "
        "identity--d1bcbf43-a03d-5d38-8fb5-ee5d3bb2e73e",
    )
)
@click.argument("node")
@click.option("--fingerprint", metavar="F", help="As the partner reads it out: hex digits or 24 words.")
@click.option("--stix-identity", metavar="ID", help="An identity object that its newer document names.")
@OFFICER
@command
def verify(
    face: Face, node: str, fingerprint: str | None, stix_identity: str | None, officer: str | None
) -> None:
    """Say, as an officer, that the partner read out this fingerprint, or that it is whom this STIX identity names."""
    if (fingerprint is None) == (stix_identity is None):
        raise CallerFault(
            "peer.verify-what",
            "What was verified?",
            "Either the node itself, by its fingerprint, or one STIX identity that it names.",
            "Give --fingerprint F, or --stix-identity ID.",
        )
    if stix_identity is not None:
        _verify_stix_identity(face, node, stix_identity, officer)
        return
    done = _verify(face, node, fingerprint or "", officer)
    if done.missing:
        again = f"hilf peer verify {node} --fingerprint … --as OFFICER"
        more = "one more officer must" if done.missing == 1 else f"{done.missing} more officers must"
        face.say(f"{node} is {done.state}; {more} repeat: {again}")
    else:
        face.say(
            f"{node} is {done.state}, by {', '.join(done.verified_by)}.",
            "Next: hilf accord draft --with " + node,
        )
    face.finish(_document(done))


def _verify_stix_identity(face: Face, node: str, stix_id: str, officer: str | None) -> None:
    home = face.open()
    from hilf.node import identity, stix_identity  # late, so that --help needs no database
    from hilf.node.home import now
    from hilf.node.peer import ROLE

    name = identity.chosen_officer(home, officer)
    key = face.signing(
        home, name, ROLE, lambda kid: stix_identity.check_verify(home, node, stix_id, kid, now())
    )
    done = stix_identity.verify(home, node, stix_id, key, now())
    if done.missing:
        face.say(
            f"{done.stix_id} does not count as {node} yet; {done.missing} more must repeat it with --as."
        )
    else:
        face.say(f"{done.stix_id} counts as {node} from now on: what claims it needs its proof.")
    face.finish(
        {
            "node": node,
            "stix_identity": done.stix_id,
            "verified_by": list(done.verified_by),
            "missing": done.missing,
        }
    )


@peer.command(epilog=example("hilf peer show cert.qn.example"))
@click.argument("node")
@command
def show(face: Face, node: str) -> None:
    """A partner's identity: who signs for it, what each of its documents changed, and evidence against it."""
    home = face.open()
    from hilf.node import history  # late, so that --help needs no database

    shown = history.of(home, node)
    peer_history.say(face, shown)
    face.finish(peer_history.as_json(shown))


@peer.command(epilog=example("hilf peer seen cert.qn.example"))
@click.argument("node")
@command
def seen(face: Face, node: str) -> None:
    """Say that a person has read what a partner's newer documents changed; `hilf status` tells of them until then."""
    home = face.open()
    from hilf.node import history  # late, so that --help needs no database

    count = history.mark_seen(home, node)
    face.say(f"{count} document{'' if count == 1 else 's'} of {node} seen." if count else "Nothing was new.")
    face.finish({"node": node, "seen": count})


@peer.command(epilog=example("hilf peer resume cert.qn.example --fingerprint 'b313 c749 …' --as officer"))
@click.argument("node")
@FINGERPRINT
@OFFICER
@command
def resume(face: Face, node: str, fingerprint: str, officer: str | None) -> None:
    """Take up a suspended peer again: as many officers as at first, who compare the fingerprint anew."""
    done = _verify(face, node, fingerprint, officer)
    missing = f"; {done.missing} more must repeat: hilf peer resume {node} --fingerprint … --as OFFICER"
    face.say(f"{node} is {done.state}" + (missing if done.missing else "."))
    face.finish(_document(done))


@peer.command(epilog=example("hilf peer suspend cert.qn.example --reason 'keys may be stolen' --as officer"))
@click.argument("node")
@click.option("--reason", required=True, help="Kept here, never sent.")
@OFFICER
@command
def suspend(face: Face, node: str, reason: str, officer: str | None) -> None:
    """Stop a peer at once: it gets nothing and is refused. One officer is enough."""
    home = face.open()
    from hilf.node import identity  # late, so that --help needs no database
    from hilf.node import peer as verbs
    from hilf.node.home import now

    name = identity.chosen_officer(home, officer)
    key = face.signing(home, name, verbs.ROLE, lambda _: verbs.check_suspend(node))
    verbs.suspend(home, node, reason, key, now())
    face.say(
        f"{node} is suspended. To take it up again: hilf peer resume {node} --fingerprint … --as OFFICER"
    )
    face.finish({"node": node, "state": str(verbs.state_of(node)), "reason": reason})


@peer.command("list", epilog=example("hilf peer list --json"))
@command
def list_(face: Face) -> None:
    """All peers: state, who verified them, what waits for them, when they last signed for something."""
    home = face.open()
    from hilf.node import peer_list  # late, so that --help needs no database
    from hilf.node.home import now

    peers = peer_list.listed(home, now())
    face.table(
        ("Node", "Country", "State", "Verified by", "Waiting", "Lag", "Last receipt", "Trouble"),
        (_line(each) for each in peers),
        "No peers yet. Ask a partner for its card and take it in: hilf peer add FILE\n"
        "Hand over yours: hilf peer card --out card.json",
    )
    face.finish({"peers": [as_json(each) for each in peers]})


def as_json(each: "Listed") -> dict[str, object]:
    """One peer as `peer list` and `status` print it with --json; lag in seconds."""
    return {
        "node": each.node,
        "name": each.name,
        "country": each.country,
        "state": str(each.state),
        "identity_sha256": each.fingerprint,
        "verified_by": list(each.verified_by),
        "waiting": each.waiting,
        "lag": each.lag_s,
        "last_receipt": iso_or_none(each.last_receipt),
        "failures": each.failures,
        "last_error": each.last_error,
        "reason": each.reason,
        "identity_expires": iso_or_none(each.expires),
        "officers_per_act": each.officers_per_act,
        "identity_unseen": each.unseen,
        "stix_identities_waiting": list(each.stix_identities_waiting),
    }


def _line(each: "Listed") -> tuple[object, ...]:
    lag = f"{each.lag_s} s" if each.waiting else ""
    trouble = each.reason or each.last_error or ""
    receipt = iso_or_none(each.last_receipt) or "never"
    return (
        each.node,
        each.country,
        each.state,
        ", ".join(each.verified_by),
        each.waiting,
        lag,
        receipt,
        trouble,
    )


def _verify(face: Face, node: str, fingerprint: str, officer: str | None) -> "Verification":
    home = face.open()
    from hilf.node import identity  # late, so that --help needs no database
    from hilf.node import peer as verbs
    from hilf.node.home import now

    def check(kid: str) -> None:
        verbs.check_verify(home, node, fingerprint, kid, now())

    name = identity.chosen_officer(home, officer)
    key = face.signing(home, name, verbs.ROLE, check)
    return verbs.verify(home, node, fingerprint, key, now())


def _document(done: "Verification") -> dict[str, object]:
    return {
        "node": done.node,
        "state": str(done.state),
        "verified_by": list(done.verified_by),
        "missing": done.missing,
    }


def _read_card(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= LARGEST_CARD_BYTES else b""
    except OSError as error:
        raise CallerFault(
            "peer.card-file",
            f"{file} cannot be read: {error.strerror}.",
            "",
            "Give the file that the partner's hilf peer card wrote.",
        ) from error
    if not data:
        raise CallerFault(
            "peer.card-file",
            f"{file} has {size} bytes, which is no card.",
            f"A card has 1 to {LARGEST_CARD_BYTES} bytes.",
            "Give the file that the partner's hilf peer card wrote.",
        )
    return data
