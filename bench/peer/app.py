"""OpenTAXII 0.9.3 answers every TAXII 2.1 post with 500, since the id of its status is a UUID that json cannot write.

Run inside bench/.venv: gives json that one ability and hands on the application, otherwise untouched.
"""

import json
import uuid


def write_uuid(_encoder, value):
    """UUIDs as text; everything else is refused as before."""
    if isinstance(value, uuid.UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


json.JSONEncoder.default = write_uuid

from opentaxii.http import app  # noqa: E402  after the mend

__all__ = ["app"]
