"""Hours by the clock on a person's wall, in every zone, on every day of the year."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from askwatch.model.expert import WEEKDAYS
from router.calendar import Calendar
from tests.router.worlds import ANNA, make_expert

ZONES = sorted(available_timezones() - {"localtime", "Factory"})


def make_calendar(zone: str = "Europe/Copenhagen", **changes: Any) -> Calendar:
    return Calendar(make_expert(ANNA, timezone=zone, **changes))


def every_day(*intervals: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(WEEKDAYS, intervals)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_office_hours_begin_and_end_on_the_minute() -> None:
    calendar = make_calendar()
    assert not calendar.is_open(at("2026-03-02T07:59:59+01:00"))
    assert calendar.is_open(at("2026-03-02T08:00:00+01:00"))
    assert calendar.is_open(at("2026-03-02T16:59:59+01:00"))
    assert not calendar.is_open(at("2026-03-02T17:00:00+01:00"))


def test_after_friday_comes_monday() -> None:
    friday_evening = at("2026-03-06T18:00+01:00")
    assert make_calendar().next_open(friday_evening) == at("2026-03-09T08:00+01:00")


def test_a_split_day_has_a_quiet_noon() -> None:
    calendar = make_calendar(hours=every_day("08:00-12:00", "13:00-17:00"))
    noon = at("2026-03-02T12:30+01:00")
    assert not calendar.is_open(noon)
    assert calendar.next_open(noon) == at("2026-03-02T13:00+01:00")
    assert calendar.closes_at(at("2026-03-02T09:00+01:00")) == at("2026-03-02T12:00+01:00")


def test_an_interval_over_midnight_belongs_to_both_days() -> None:
    calendar = make_calendar(hours={"sun": ("22:00-02:00",)})
    assert calendar.is_open(at("2026-03-01T23:30+01:00"))
    assert calendar.is_open(at("2026-03-02T01:59+01:00"))
    assert not calendar.is_open(at("2026-03-02T02:00+01:00"))
    assert not calendar.is_open(at("2026-03-01T01:00+01:00"))


def test_a_whole_day_has_no_end_before_the_next() -> None:
    calendar = make_calendar(hours={"mon": ("00:00-24:00",)})
    assert calendar.closes_at(at("2026-03-02T12:00+01:00")) == at("2026-03-03T00:00+01:00")


def test_who_is_on_duty_is_always_there() -> None:
    calendar = make_calendar(is_on_duty=True, hours={})
    night = at("2026-03-01T03:00+01:00")
    assert calendar.is_open(night)
    assert calendar.next_open(night) == night
    assert calendar.closes_at(night) is None
    assert calendar.add_working_time(night, timedelta(hours=2)) == night + timedelta(hours=2)


def test_who_has_no_hours_is_never_there() -> None:
    calendar = make_calendar(hours={})
    now = at("2026-03-02T10:00+01:00")
    assert calendar.next_open(now) is None
    assert calendar.add_working_time(now, timedelta(hours=2)) == now + timedelta(hours=2)


def test_the_missing_hour_begins_when_the_clock_has_jumped_over_it() -> None:
    calendar = make_calendar(hours=every_day("02:30-05:00"))
    assert calendar.next_open(at("2026-03-29T01:30+01:00")) == at("2026-03-29T03:00+02:00")


def test_the_doubled_hour_is_open_both_times_the_wall_shows_it() -> None:
    calendar = make_calendar(hours=every_day("01:00-02:30"))
    assert calendar.closes_at(at("2026-10-25T01:30+02:00")) == at("2026-10-25T02:30+02:00")
    assert calendar.next_open(at("2026-10-25T02:45+02:00")) == at("2026-10-25T02:00+01:00")
    assert calendar.closes_at(at("2026-10-25T02:10+01:00")) == at("2026-10-25T02:30+01:00")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Chatham"])
def test_days_are_those_of_the_zone(zone: str) -> None:
    calendar = make_calendar(zone)
    now = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
    local = now.astimezone(ZoneInfo(zone))
    assert calendar.local_day(now) == local.date() == date(2026, 3, 2)
    assert calendar.is_open(now)
    assert calendar.day_ends_at(now) > now


def test_working_time_goes_on_the_next_morning() -> None:
    calendar = make_calendar()
    late = at("2026-03-02T16:00+01:00")
    assert calendar.add_working_time(late, timedelta(hours=2)) == at("2026-03-03T09:00+01:00")


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
INTERVALS = st.tuples(st.integers(0, 1439), st.integers(0, 1439)).map(
    lambda pair: "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in pair)
)
HOURS = st.dictionaries(
    st.sampled_from(WEEKDAYS), st.lists(INTERVALS, max_size=2).map(tuple), max_size=7
)


def shows_open(hours: dict[str, tuple[str, ...]], moment: datetime, zone: str) -> bool:
    """Read the wall clock the slow way."""
    local = moment.astimezone(ZoneInfo(zone))
    now = f"{local.hour:02}:{local.minute:02}"
    today, before = (WEEKDAYS[(local.weekday() + shift) % 7] for shift in (0, -1))
    for begin, end in (each.split("-") for each in hours.get(today, ())):
        if begin < end and begin <= now < end:
            return True
        if begin >= end and now >= begin:
            return True
    return any(
        begin >= end and now < end
        for begin, end in (each.split("-") for each in hours.get(before, ()))
    )


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ZONES), MOMENTS, HOURS)
@example("Europe/Copenhagen", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), every_day("02:30-03:10"))
@example(
    "America/Indiana/Indianapolis", datetime(2027, 3, 9, tzinfo=UTC), {"sun": ("00:00-00:00",)}
)
@example("America/Havana", datetime(2026, 10, 31, 12, tzinfo=UTC), every_day("23:10-00:20"))
@example("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 45, tzinfo=UTC), every_day("01:40-02:10"))
def test_what_opens_next_is_open_and_nothing_before_it_is(
    zone: str, moment: datetime, hours: dict[str, tuple[str, ...]]
) -> None:
    calendar = make_calendar(zone, hours=hours)
    assert calendar.is_open(moment) is shows_open(hours, moment, zone)
    opens_at = calendar.next_open(moment)
    if opens_at is None:
        assert not any(
            shows_open(hours, moment + hour * timedelta(hours=1), zone) for hour in range(24 * 7)
        )
        return
    assert shows_open(hours, opens_at, zone)
    between = (opens_at - moment) / 50
    assert not any(
        shows_open(hours, moment + number * between, zone)
        for number in range(50)
        if moment + number * between < opens_at
    )
    if opens_at > moment:
        assert not shows_open(hours, opens_at - timedelta(seconds=1), zone)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ZONES), MOMENTS, HOURS)
def test_what_closes_is_closed_and_everything_before_it_is_open(
    zone: str, moment: datetime, hours: dict[str, tuple[str, ...]]
) -> None:
    calendar = make_calendar(zone, hours=hours)
    if not calendar.is_open(moment):
        return
    closes_at = calendar.closes_at(moment)
    if closes_at is None:
        return
    assert not shows_open(hours, closes_at, zone)
    part = (closes_at - moment) / 50
    assert all(shows_open(hours, moment + number * part, zone) for number in range(50))
