"""Who leaves: what becomes of the key of an officer who is removed, which has to be said and is no default.

A receiver cannot tell when a signature was made (docs/adr/0022): only a revocation keeps a copy of the key from signing
with a date before today, and that costs partners something.
"""

from collections.abc import Callable
from typing import Any

import click

from hilf.errors import CallerFault


def key_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `--revoke` and `--keep-valid`."""
    keep = click.option(
        "--keep-valid",
        is_flag=True,
        help="Leave the key valid for dates before today: it is renewed, or every copy is destroyed.",
    )
    revoke = click.option(
        "--revoke", is_flag=True, help="Revoke the key as well: for whoever may still have a copy of it."
    )
    return revoke(keep(command))


def is_revoked(name: str | None, *, revoke: bool, keep_valid: bool) -> bool:
    """Whether the key of the officer who leaves is revoked.

    Args:
        name: of the officer; None where nobody leaves.
        revoke: what was said.
        keep_valid: what was said.

    Raises:
        CallerFault: "officer.revoke-or-keep": neither was said, or both; or one although nobody leaves.
    """
    if name is None and not (revoke or keep_valid):
        return False
    if name is not None and revoke is not keep_valid:
        return revoke
    who = name or "nobody"
    raise CallerFault(
        "officer.revoke-or-keep",
        f"What becomes of the key of {who} is not said in one word.",
        "A key that is removed and not revoked can still sign agreements with a date before today, and no partner can tell"
        " that. A revoked one cannot; but then partners are warned, open agreements are signed again by somebody else, and"
        " a community that holds such a signature lets nobody join before it has signed a new version.",
        "Whoever may have a copy of it: --revoke. It is renewed, or every copy is destroyed: --keep-valid",
    )
