from hilf.store.database import transaction
from hilf.store.federation import record

SUBJECT = "ab" * 32


def test_records_about_a_subject_are_in_order_of_kid(store):
    with transaction():
        record.put("verification", SUBJECT, "2" * 32, "second")
        record.put("verification", SUBJECT, "1" * 32, "first")
        record.put("suspension", SUBJECT, "1" * 32, "other type")
        record.put("verification", "cd" * 32, "1" * 32, "other subject")
    assert record.about("verification", SUBJECT) == ("first", "second")


def test_newer_record_of_one_officer_takes_the_place_of_the_older(store):
    with transaction():
        record.put("verification", SUBJECT, "1" * 32, "older")
        record.put("verification", SUBJECT, "1" * 32, "newer")
    assert record.about("verification", SUBJECT) == ("newer",)


def test_removed_records_are_those_of_one_type_and_subject(store):
    with transaction():
        record.put("verification", SUBJECT, "1" * 32, "gone")
        record.put("suspension", SUBJECT, "1" * 32, "stays")
        record.remove("verification", SUBJECT)
    assert (record.about("verification", SUBJECT), record.about("suspension", SUBJECT)) == ((), ("stays",))
