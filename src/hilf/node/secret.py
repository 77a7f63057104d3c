"""The secret of the console, which seals sessions and second factors; it lies beside the keys, never in the database."""

import os
import secrets
from pathlib import Path

BYTES = 32


def console_secret(keys: Path) -> bytes:
    """The 32 bytes in HOME/keys/console.secret, made the first time they are asked for; sessions end where they are lost."""
    file = keys / "console.secret"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(handle, "wb") as out:
        made = secrets.token_bytes(BYTES)
        out.write(made)
    return made
