from datetime import UTC, datetime, timedelta

from hilf.store.instant import microseconds, moment


def test_a_time_of_a_table_is_the_time_that_was_kept():
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC) + timedelta(microseconds=1)
    assert microseconds(at) == 1_795_512_600_000_001
    assert moment(microseconds(at)) == at


def test_a_time_before_1970_is_kept_too():
    at = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert (microseconds(at), moment(-1)) == (-1, at)
