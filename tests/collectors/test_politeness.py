"""What a Retry-After header means."""

from datetime import timedelta

import pytest

from askwatch.clock import ManualClock
from collectors.politeness import retry_time


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("999999999999999", 86_400),
        ("Mon, 02 Mar 2026 10:30:00 GMT", 1_800),
        ("Mon, 02 Mar 2026 10:30:00 -0000", 1_800),
        ("Sun, 01 Mar 2026 10:00:00 GMT", 0),
        ("Sat, 02 Mar 2030 10:00:00 GMT", 86_400),
    ],
)
def test_a_host_may_say_seconds_or_a_date_and_is_taken_at_its_word_for_a_day_at_most(
    clock: ManualClock, header: str, seconds: int
) -> None:
    assert retry_time(header, clock) == clock.now() + timedelta(seconds=seconds)


@pytest.mark.parametrize("header", ["", "soon", "-5", "٣", "1.5"])
def test_what_says_nothing_is_none(clock: ManualClock, header: str) -> None:
    assert retry_time(header, clock) is None
