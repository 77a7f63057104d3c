"""The one door in: bodies of partners pass the guard here, files and objects are judged and kept here."""

from hilf.canonical import Json
from hilf.federation import guard


def open_body(data: bytes, content_encoding: str) -> Json:
    """The value that a partner's body holds, if the guard lets it pass.

    Args:
        data: as it came over the wire, its digest and signature verified.
        content_encoding: "identity" or "zstd".

    Raises:
        PartnerFault: "body: too large", "zstd: …", "json: …": the rule that failed first.
    """
    return guard.open_body(data, content_encoding)
