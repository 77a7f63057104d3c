from hilf.stix.target import allowed, has_rules, may_point


def test_only_named_types_where_the_standard_names_them() -> None:
    assert may_point("email-message", "from_ref", "email-addr")
    assert not may_point("email-message", "from_ref", "x-own")
    assert allowed("sighting", "where_sighted_refs") == "identity, location"


def test_class_of_types_where_the_standard_names_a_class() -> None:
    assert may_point("observed-data", "object_refs", "x-own")
    assert not may_point("observed-data", "object_refs", "malware")
    assert allowed("language-content", "object_ref") == "anything but bundle"


def test_other_references_are_free() -> None:
    assert may_point("report", "object_refs", "bundle")
    assert [has_rules("report"), has_rules("sighting")] == [False, True]
