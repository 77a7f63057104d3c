"""An import needs no more memory for more objects."""

import pytest

from bench.intake import measure


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_ten_times_the_objects_need_no_more_memory():
    small, large = (measure(count, postgresql=False)["memory_mb"] for count in (20_000, 200_000))
    assert large < 1.5 * small
    assert large < 600
