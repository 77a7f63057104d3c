from datetime import UTC, datetime

from hilf.store.database import transaction
from hilf.store.federation import evidence, inbox


def test_evidence_about_a_partner_is_listed_with_its_bytes_the_oldest_first(store):
    with transaction():
        inbox.keep_evidence("cert.qn.example", "stream: same seq, other content", b"proof", 1_000_000)
        inbox.keep_evidence("cert.qo.example", "other", b"", 1)
        inbox.keep_evidence("cert.qn.example", "identity: two faces", b"more", 2_000_000)
    first, second = evidence.about("cert.qn.example")
    assert (first.rule, first.body, second.rule) == (
        "stream: same seq, other content",
        b"proof",
        "identity: two faces",
    )
    assert first.when == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert evidence.about("cert.qz.example") == ()
