"""`hilf init`: make a home."""

import os
from typing import TYPE_CHECKING

import click

from hilf.cli.face import Face, command, example

if TYPE_CHECKING:
    from hilf.node.init import Created


@click.command(epilog=example('hilf init --node cert.qm.example --name "CERT of Qamar" --country QM'))
@click.option("--node", required=True, help="Name among nodes, e.g. cert.qm.example; it never changes.")
@click.option("--name", required=True, help="Name for people.")
@click.option(
    "--country",
    required=True,
    help="ISO 3166 alpha-2 code, e.g. TN; QM to QZ and XA to XZ are for exercises.",
)
@click.option(
    "--lang",
    type=click.Choice(["ar", "en", "fr"]),
    default="en",
    show_default=True,
    help="Language of the name.",
)
@click.option(
    "--gateway-url",
    default="https://127.0.0.1:8443",
    show_default=True,
    help="Where partners reach this node: https://HOST:PORT.",
)
@click.option(
    "--single-officer",
    is_flag=True,
    help="Acts that need two people need one; for laboratories, and every partner sees it.",
)
@command
def init(
    face: Face, node: str, name: str, country: str, lang: str, gateway_url: str, single_officer: bool
) -> None:
    """Make a home: keys, identity, database, first officer and first administrator.

    The first officer is named `officer`; the passphrase is taken from the file that HILF_PASSPHRASE_FILE names, else
    made and printed once.
    """
    from hilf.node.home import now
    from hilf.node.init import FIRST_OFFICER, NewNode, create  # loads Django, which --help does not need

    given = face.given_passphrase(FIRST_OFFICER)
    new = NewNode(
        node=node,
        name=name,
        country=country.upper(),
        language=lang,
        gateway_url=gateway_url,
        single_officer=single_officer,
        passphrase=given,
        database_url=os.environ.get("HILF_DATABASE_URL", ""),
    )
    created = create(face.home_path, new, now())
    _show(face, created, given is None)
    document: dict[str, object] = {
        "node": created.home.node,
        "country": created.identity.newest.country,
        "identity_sha256": created.identity.fingerprint,
        "admin": {"name": created.admin, "password": created.admin_password},
        "home": str(created.home.path),
        "officer": created.officer,
        "root_keys": str(created.home.root_keys),
    }
    if given is None:
        document["passphrase"] = created.passphrase
    face.finish(document)


def _show(face: Face, created: "Created", passphrase_made: bool) -> None:
    from hilf.seal.fingerprint import fingerprint_groups

    face.say(
        f"{created.home.node} lives in {created.home.path}.",
        f"Fingerprint: {fingerprint_groups(created.identity.fingerprint)}",
        "",
        "Write these down now; they are shown once:",
        f"  Administrator {created.admin}, password: {created.admin_password} (hilf serve says where to sign in)",
        *([f"  Officer {created.officer}, passphrase: {created.passphrase}"] if passphrase_made else []),
        "",
    )
    if created.identity.newest.officers_per_act > 1:
        face.say(
            "Two officers must sign together. Add the second now, while the root keys are here: hilf officer add NAME"
        )
    face.say(
        f"Then carry the root keys away: {created.home.root_keys} (its README.txt says how).",
        "Run hilf serve, and hand your card to a partner: hilf peer card --out FILE",
    )
