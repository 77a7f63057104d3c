"""On SQLite and PostgreSQL: versions keep their bytes, a draft becomes proposed once, and is in force once."""

from hilf.store.accord import record, version
from hilf.store.accord.record import KeptRecord

ACCORD = "accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001"


def test_a_version_keeps_its_bytes_and_becomes_proposed_when_it_is_sent(store):
    row = version.put(ACCORD, 1, "a" * 64, b'{"v":1}', 10, proposed=False)
    assert version.put(ACCORD, 1, "a" * 64, b"other", 20, proposed=True) == row
    version.put(ACCORD, 1, "a" * 64, b"other", 30, proposed=True)
    (kept,) = version.versions(ACCORD)
    assert (kept.document, kept.received, kept.proposed, kept.in_force) == (b'{"v":1}', 20, True, None)


def test_a_version_is_in_force_since_the_first_time(store):
    row = version.put(ACCORD, 1, "a" * 64, b"{}", 10, proposed=True)
    version.put_in_force(row, 50)
    version.put_in_force(row, 60)
    assert [kept.in_force for kept in version.versions(ACCORD)] == [50]


def test_two_texts_of_one_version_stand_side_by_side(store):
    version.put(ACCORD, 1, "b" * 64, b"b", 10, proposed=True)
    version.put(ACCORD, 1, "a" * 64, b"a", 11, proposed=True)
    version.put(ACCORD, 2, "c" * 64, b"c", 9, proposed=True)
    assert [kept.document for kept in version.versions(ACCORD)] == [b"b", b"a", b"c"]
    assert [kept.document for kept in version.every()] == [b"c", b"b", b"a"]


def test_a_later_record_of_one_key_takes_the_place_of_the_earlier(store):
    one, other = (version.put(ACCORD, n, str(n) * 64, b"{}", n, proposed=True) for n in (1, 2))
    record.put(KeptRecord(one, "accord", "cert.qm.example", "k1", "first"))
    record.put(KeptRecord(one, "suspension", "cert.qm.example", "k1", "stop"))
    record.put(KeptRecord(one, "accord", "cert.qm.example", "k1", "second"))
    found = record.about_each([one, other])
    assert [(kept.type, kept.record) for kept in found[one]] == [("accord", "second"), ("suspension", "stop")]
    assert found[other] == ()
