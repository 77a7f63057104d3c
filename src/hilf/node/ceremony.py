"""Root keys in several hands: each holder signs a proposal on a machine of their own, and files bring it together.

Decides what a holder signs elsewhere: only a document that follows the one that came with it, with the holder's own root
key among those of either. A root key can be made where it will stay; only its public half travels then. Nothing here
needs a home, except bringing signatures back into the open proposal.

    node: propose ─ identity-proposal.json ─▶ holder: sign --file ─▶ node: sign --from ─▶ publish
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from hilf.canonical import Json, content_id
from hilf.errors import CallerFault, OperatorFault, PartnerFault, Refusal
from hilf.node import fresh, identity, proposal
from hilf.node.home import Home, write_secret
from hilf.node.proposal import FILE, Progress
from hilf.seal.difference import Difference, differences
from hilf.seal.identity import Document, missing_signatures, read_document, sign_document, valid_signatures
from hilf.seal.key import PublicKey

_FILES: Final = "root-{}.pem", "root-{}.json"


@dataclass(frozen=True, slots=True)
class Signed:
    """A proposal that a holder of root keys signed.

    Attributes:
        progress: what it still lacks.
        before: the document before it.
        changes: what it changes.
        kids: the root keys that signed now.
    """

    progress: Progress
    before: Document
    changes: tuple[Difference, ...]
    kids: tuple[str, ...]


def make_root_key(folder: Path) -> tuple[str, Path, Path]:
    """A root key on the machine of its holder: its kid, the file to keep, the file to give to the node.

    Raises:
        OperatorFault: "identity.root-key-file".
    """
    key = fresh.key()
    kept, given = (folder / name.format(key.kid[:8]) for name in _FILES)
    try:
        write_secret(kept, key.to_pem())
        given.write_bytes(orjson.dumps(key.public.entry(), option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise OperatorFault(
            "identity.root-key-file",
            f"{folder} cannot be written: {error.strerror}.",
            "",
            "Name another folder.",
        ) from error
    return key.kid, kept, given


def read_root_keys(files: Iterable[Path]) -> tuple[PublicKey, ...]:
    """The public halves of root keys that were made elsewhere.

    Raises:
        CallerFault: "identity.root-key-file".
    """
    keys = []
    for file in files:
        try:
            keys.append(PublicKey.from_entry(orjson.loads(file.read_bytes()), "root key"))
        except (OSError, ValueError, PartnerFault) as error:
            raise CallerFault(
                "identity.root-key-file",
                f"{file} is no public root key: {error}.",
                "It is the file that hilf identity root-key wrote beside the key, which stays where it is.",
                "Give the file that ends in .json.",
            ) from error
    return tuple(keys)


def sign_elsewhere(file: Path, root_keys: Path) -> Signed:
    """Sign a proposal in a file with the root keys of a folder; the file then holds the signatures too.

    Raises:
        CallerFault: "identity.proposal-file" or "identity.no-root-keys".
        Refusal: "identity.does-not-follow".
    """
    body, before, signatures = _read(file)
    document = read_document(body)
    keys = proposal.root_keys_in(root_keys, (document, before))
    if not keys:
        raise CallerFault(
            "identity.no-root-keys",
            f"{root_keys} holds no root key of {document.node}.",
            f"Root keys: {', '.join(dict.fromkeys(key.kid for key in (*before.root, *document.root)))}.",
            "Name the folder with --root-keys DIR.",
        )
    signatures = sign_document(body, keys, valid_signatures(document, before, signatures))
    proposal.write(file, body, before.body, signatures)
    return Signed(
        _progress(document, before, signatures, file),
        before,
        differences(before, document),
        tuple(key.kid for key in keys),
    )


def bring_back(home: Home, file: Path) -> Progress:
    """Take the signatures of a file that was signed elsewhere into the open proposal; what does not count is left out.

    Raises:
        CallerFault: "identity.no-proposal", "identity.proposal-file".
        Refusal: "identity.other-proposal".
    """
    ours = proposal.file_of(home)
    body, _, signatures = _read(ours)
    theirs, _, brought = _read(file)
    if content_id(theirs) != content_id(body):
        raise Refusal(
            "identity.other-proposal",
            f"{file} holds another document than the one that is proposed here.",
            "Signatures count for the very bytes that were signed.",
            f"Let the holders sign a copy of {ours}.",
        )
    document, before = read_document(body), identity.own(home).newest
    counting = valid_signatures(document, before, brought)
    signatures = sign_document(body, (), [*signatures, *counting])
    proposal.write(ours, body, before.body, signatures)
    return _progress(document, before, signatures, ours)


def _progress(document: Document, before: Document, signatures: proposal.Signatures, file: Path) -> Progress:
    kids = (str(each["kid"]) for each in signatures)
    return Progress(document, missing_signatures(document, before, kids), file)


def _read(file: Path) -> tuple[dict[str, Json], Document, proposal.Signatures]:
    try:
        body, held, signatures = proposal.read(file)
        document, before = read_document(body), read_document(held)
    except (OSError, PartnerFault) as error:
        raise CallerFault(
            "identity.proposal-file",
            f"{file} is no proposal of an identity document: {error}.",
            f"It is a copy of HOME/{FILE}.",
            "Copy the file anew from the node.",
        ) from error
    if (document.node, document.seq, document.prev) != (before.node, before.seq + 1, before.hash):
        raise Refusal(
            "identity.does-not-follow",
            f"{file}: document {document.seq} does not follow the document that came with it.",
            "What it changes could not be shown.",
            "Do not sign it. Ask the node's operators by another way.",
        )
    return body, before, signatures
