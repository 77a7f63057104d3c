"""`hilf identity`: our identity document and the keys behind it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hilf.cli.face import Face, command, example, iso
from hilf.cli.leaving import is_revoked, key_options

if TYPE_CHECKING:
    from hilf.node.change import Change
    from hilf.node.home import Home
    from hilf.node.proposal import Progress
    from hilf.seal.identity import Document, Identity

ROOT_KEYS = click.option(
    "--root-keys",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that holds root keys, e.g. on a stick (default: HOME/root-keys).",
)


@click.group(epilog=example("hilf identity propose --root-keys /media/stick"))
def identity() -> None:
    """Our identity document: show, propose the next, sign it with root keys, publish, revoke a key."""


@identity.command(epilog=example("hilf identity show --json"))
@command
def show(face: Face) -> None:
    """The newest document: fingerprint, keys, officers, expiry."""
    home = face.open()
    from hilf.node import identity as verbs  # late, so that --help needs no database
    from hilf.seal.fingerprint import fingerprint_groups, fingerprint_words

    own = verbs.own(home)
    newest = own.newest
    face.say(
        f"{newest.node} · {next(iter(newest.name.values()))} · {newest.country}",
        f"Fingerprint  {fingerprint_groups(own.fingerprint)}",
        f"             {fingerprint_words(own.fingerprint)}",
        f"Document     {newest.seq}, expires {newest.expires:%Y-%m-%d}",
        f"Root keys    {newest.threshold} of {len(newest.root)} sign a new document",
        f"Online keys  {', '.join(newest.sign)}",
        f"Officers     {', '.join(each.name for each in newest.officers.values()) or 'none'}"
        f" ({newest.officers_per_act} per act)",
        f"Gateway      {', '.join(newest.endpoints)}",
        *([f"Revoked      {', '.join(newest.revoked)}"] if newest.revoked else []),
    )
    face.finish(_as_json(own))


@identity.command(
    epilog=example(
        "hilf identity propose --root-keys /media/stick",
        "hilf identity propose --add-root-key root-8f3c1b2a.json --drop-root-key 5c9a…",
    )
)
@ROOT_KEYS
@click.option("--name", metavar="TEXT", help="Name for people, in the language of --lang.")
@click.option("--lang", type=click.Choice(["ar", "en", "fr"]), default="en", show_default=True)
@click.option("--officers-per-act", type=click.IntRange(1, 20), help="How many officers an act needs.")
@click.option(
    "--remove-officer", metavar="NAME", help="Signs nothing new; say --revoke or --keep-valid beside it."
)
@key_options
@click.option("--new-online-key", is_flag=True, help="List a fresh online key beside the one in use.")
@click.option("--new-certificate", is_flag=True, help="List a fresh TLS certificate beside the one in use.")
@click.option("--retire", is_flag=True, help="Drop the old online key or certificate, use the new one.")
@click.option("--new-root-key", is_flag=True, help="List a fresh root key, made here, to carry away.")
@click.option(
    "--add-root-key",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="List a root key that its holder made (the .json of hilf identity root-key).",
)
@click.option("--drop-root-key", multiple=True, metavar="KID", help="A root key that signs nothing new.")
@click.option("--root-threshold", type=click.IntRange(1, 20), help="How many root keys sign a document.")
@click.option(
    "--add-stix-identity", multiple=True, metavar="ID", help="An identity object that stands for us."
)
@click.option("--drop-stix-identity", multiple=True, metavar="ID", help="One that does no more.")
@click.option("--discard", is_flag=True, help="Drop the open proposal.")
@command
def propose(
    face: Face,
    *,
    root_keys: Path | None,
    name: str | None,
    lang: str,
    officers_per_act: int | None,
    remove_officer: str | None,
    revoke: bool,
    keep_valid: bool,
    new_online_key: bool,
    new_certificate: bool,
    retire: bool,
    new_root_key: bool,
    add_root_key: tuple[Path, ...],
    drop_root_key: tuple[str, ...],
    root_threshold: int | None,
    add_stix_identity: tuple[str, ...],
    drop_stix_identity: tuple[str, ...],
    discard: bool,
) -> None:
    """Draft the next document; without options it renews the identity for a year.

    The gateway's address is taken from the settings. Sign with: hilf identity sign; then: hilf identity publish.
    """
    revoked = is_revoked(remove_officer, revoke=revoke, keep_valid=keep_valid)
    home = face.open()
    from hilf.node import ceremony, proposal  # late, so that --help needs no database
    from hilf.node.change import Change
    from hilf.node.home import now

    if discard:
        _discard(face, home)
        return
    wanted = Change(
        leaving=remove_officer,
        leaving_revoked=revoked,
        new_online_key=new_online_key,
        new_certificate=new_certificate,
        retire=retire,
        officers_per_act=officers_per_act,
        name={lang: name} if name else {},
        new_root_keys=int(new_root_key),
        added_root_keys=ceremony.read_root_keys(add_root_key),
        dropped_root_keys=drop_root_key,
        root_threshold=root_threshold,
        stix_added=add_stix_identity,
        stix_removed=drop_stix_identity,
    )
    progress = proposal.propose(home, wanted, root_keys or home.root_keys, now())
    _say_progress(face, progress)
    face.finish(_progress_json(progress, published=False))


def _discard(face: Face, home: "Home") -> None:
    from hilf.node import proposal  # late, so that --help needs no database

    was = proposal.discard(home)
    face.say("The proposal is dropped." if was else "There was no proposal.")
    face.finish({"node": home.node, "discarded": was})


@identity.command(
    epilog=example(
        "hilf identity sign --root-keys /media/stick2",
        "hilf identity sign --file identity-proposal.json --root-keys /media/stick2",
        "hilf identity sign --from identity-proposal.json",
    )
)
@ROOT_KEYS
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Sign this copy of a proposal, on a machine without a home.",
)
@click.option(
    "--from",
    "brought",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take the signatures of a copy that was signed elsewhere.",
)
@command
def sign(face: Face, root_keys: Path | None, file: Path | None, brought: Path | None) -> None:
    """Sign the open proposal with the root keys of a folder, here or where its holder keeps them."""
    if file is not None:
        _sign_elsewhere(face, file, root_keys)
        return
    home = face.open()
    from hilf.node import ceremony, proposal  # late, so that --help needs no database

    if brought is not None:
        progress = ceremony.bring_back(home, brought)
    else:
        progress = proposal.sign(home, root_keys or home.root_keys)
    _say_progress(face, progress)
    face.finish(_progress_json(progress, published=False))


def _sign_elsewhere(face: Face, file: Path, root_keys: Path | None) -> None:
    from hilf.node import ceremony  # late: it is not needed by the other commands

    if root_keys is None:
        raise click.UsageError("--file needs --root-keys DIR: there is no home to look in.")
    signed = ceremony.sign_elsewhere(file, root_keys)
    document = signed.progress.document
    face.say(
        f"Document {document.seq} of {document.node}, issued {document.issued:%Y-%m-%d}, changes:",
        *(f"  {'! ' if each.warns else ''}{each.text}" for each in signed.changes or ()),
        f"Signed with {', '.join(signed.kids)} in {file}.",
        f"If you did not expect this, keep the file. Else give it back: hilf identity sign --from {file.name}",
    )
    face.finish(
        {
            **_progress_json(signed.progress, published=False),
            "signed_with": list(signed.kids),
            "changes": [{"change": c.word, "text": c.text, "warns": c.warns} for c in signed.changes],
        }
    )


@identity.command("root-key", epilog=example("hilf identity root-key --out /media/stick3"))
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The holder's own medium."
)
@command
def root_key(face: Face, out: Path) -> None:
    """Make a root key where it will stay; needs no home. Its .json goes to the node: propose --add-root-key."""
    from hilf.node import ceremony  # late: it is not needed by the other commands

    kid, kept, given = ceremony.make_root_key(out)
    face.say(
        f"Root key {kid}.",
        f"Keep       {kept}",
        f"Give away  {given}: hilf identity propose --add-root-key {given.name}",
    )
    face.finish({"kid": kid, "key": str(kept), "public": str(given)})


@identity.command(epilog=example("hilf identity publish"))
@command
def publish(face: Face) -> None:
    """Make the signed proposal our identity; every verified peer is told at the next sync."""
    home = face.open()
    from hilf.node import peer, proposal  # late, so that --help needs no database
    from hilf.node.home import now

    own = proposal.publish(home, now())
    told = peer.verified(home)
    face.say(f"Document {own.newest.seq} counts now; {_told(len(told))}")
    face.finish({**_as_json(own), "told": list(told)})


@identity.command(epilog=example("hilf identity revoke amal --root-keys /media/stick"))
@click.argument("key", metavar="NAME|KID|online")
@ROOT_KEYS
@command
def revoke(face: Face, key: str, root_keys: Path | None) -> None:
    """Revoke a key that is out of hand: an officer's, the online key, or a root key by its kid; a former one too.

    A revoked online or root key is replaced by a fresh one, unless it was listed no more. Published at once when enough root keys are there.
    """
    home = face.open()
    from hilf.node.change import Change  # late, so that --help needs no database

    change(face, home, Change(revoke=key), root_keys)


def change(
    face: Face, home: "Home", wanted: "Change", root_keys: Path | None, made: dict[str, object] | None = None
) -> None:
    """Propose, and publish at once when nothing is missing; `made` is added to the answer with --json."""
    from hilf.node import peer, proposal  # late, so that --help needs no database
    from hilf.node.home import now

    at = now()
    progress = proposal.propose(home, wanted, root_keys or home.root_keys, at)
    if not progress.missing.nothing:
        _say_progress(face, progress)
        answer = _progress_json(progress, published=False)
    else:
        own = proposal.publish(home, at)
        told = peer.verified(home)
        face.say(*_done(wanted), f"Document {own.newest.seq} counts now; {_told(len(told))}")
        answer = {**_progress_json(progress, published=True), "told": list(told)}
    face.finish({**answer, **(made or {})})


def _done(wanted: "Change") -> Iterator[str]:
    """What a change of officers means for them."""
    if wanted.officer is not None:
        yield f"{wanted.officer.name} is an officer now, for {', '.join(wanted.officer.roles)}."
    if wanted.leaving is not None and wanted.leaving_revoked:
        yield f"{wanted.leaving} signs nothing new, and the key is revoked: what it signed and was not complete counts no more."
    elif wanted.leaving is not None:
        yield f"{wanted.leaving} signs nothing new; what is signed stays valid."
        yield (
            f"Warning: whoever has the key of {wanted.leaving} can still sign agreements with a date before today. "
            f"Unless every copy of it is destroyed: hilf identity revoke {wanted.leaving}"
        )
    if wanted.revoke is not None:
        yield f"The key of {wanted.revoke} is revoked: what it signed and was not complete counts no more."


def _told(count: int) -> str:
    if count == 0:
        return "no verified peer has to be told."
    return f"{count} verified peer{'s' if count > 1 else ''} will be told at the next sync."


def _say_progress(face: Face, progress: "Progress") -> None:
    from hilf.node.proposal import lacking  # late, so that --help needs no database

    face.say(f"Document {progress.document.seq} is proposed in {progress.file}.")
    if progress.missing.nothing:
        face.say("It is fully signed: hilf identity publish")
    else:
        face.say(f"It lacks {lacking(progress.missing)}: hilf identity sign --root-keys DIR")


def _progress_json(progress: "Progress", *, published: bool) -> dict[str, object]:
    missing = progress.missing
    return {
        "node": progress.document.node,
        "document": progress.document.seq,
        "published": published,
        "missing_root_keys": max(missing.root, missing.root_before),
        "missing_new_keys": list(missing.possession),
        "file": None if published else str(progress.file),
    }


def _as_json(own: "Identity") -> dict[str, object]:
    from hilf.node import identity as verbs  # late, so that --help needs no database

    newest: Document = own.newest
    return {
        **said_of(own),
        "document": newest.seq,
        "issued": iso(newest.issued),
        "tls_sha256": list(newest.tls_sha256),
        "revoked": sorted(newest.revoked),
        "stix_identities": list(verbs.stix_identities(newest)),
    }


def said_of(identity: "Identity") -> dict[str, object]:
    """What the newest document of a node says of it and its keys, our own or a partner's."""
    newest: Document = identity.newest
    return {
        "node": newest.node,
        "name": dict(newest.name),
        "country": newest.country,
        "identity_sha256": identity.fingerprint,
        "expires": iso(newest.expires),
        "root": {"threshold": newest.threshold, "keys": [key.kid for key in newest.root]},
        "sign": list(newest.sign),
        "officers": [
            {"name": o.name, "roles": list(o.roles), "kid": kid} for kid, o in newest.officers.items()
        ],
        "officers_per_act": newest.officers_per_act,
        "endpoints": list(newest.endpoints),
    }
