"""Tells which day a relative date means, seen from the day of the post."""

from collections.abc import Callable
from datetime import date, timedelta

# A deadline lies at the end of what is named, a start at its beginning.
Resolver = Callable[[date, bool], date | None]
_WEEK, _QUARTER, _YEAR_MONTHS = 7, 3, 12


def on_weekday(weekday: int, *, is_next: bool) -> Resolver:
    """Return the next such day; `is_next`: the one in the week after the post's."""

    def resolve(posted: date, is_start: bool) -> date:  # noqa: ARG001 - every resolver's shape
        if is_next:
            return posted + timedelta(days=_WEEK - posted.weekday() + weekday)
        return posted + timedelta(days=(weekday - posted.weekday() - 1) % _WEEK + 1)

    return resolve


def on_date(day: int, month: int, year: int = 0) -> Resolver:
    """Return the date; without a year the first one that is not before the post."""

    def resolve(posted: date, is_start: bool) -> date | None:  # noqa: ARG001
        found = _make(year or posted.year, month, day)
        if not year and (found is None or found < posted):
            found = _make(posted.year + 1, month, day)
        return found

    return resolve


def on_day(day: int) -> Resolver:
    """Return the next day of a month with this number."""

    def resolve(posted: date, is_start: bool) -> date | None:  # noqa: ARG001
        found = _make(posted.year, posted.month, day)
        if found is None or found < posted:
            first = _add_months(posted.replace(day=1), 1)
            found = _make(first.year, first.month, day)
        return found

    return resolve


def in_month(month: int, year: int = 0, *, is_before: bool = False) -> Resolver:
    """Return a month's last day, its first for a start, or the day before it."""

    def resolve(posted: date, is_start: bool) -> date | None:
        first = _make(year or posted.year + (month < posted.month), month, 1)
        if first is None or is_start:
            return first
        if is_before:
            return first - timedelta(days=1)
        return _add_months(first, 1) - timedelta(days=1)

    return resolve


def in_unit(unit: str, steps: int) -> Resolver:
    """Return the bound of this (0) or the next (1) week, month, quarter or year."""

    def resolve(posted: date, is_start: bool) -> date | None:
        if unit == "day":
            return posted + timedelta(days=steps)
        if unit == "week":
            monday = posted - timedelta(days=posted.weekday()) + timedelta(weeks=steps)
            return monday if is_start else monday + timedelta(days=_WEEK - 1)
        length = {"month": 1, "quarter": _QUARTER, "year": _YEAR_MONTHS}[unit]
        month = (posted.month - 1) // length * length + 1
        first = _add_months(posted.replace(month=month, day=1), steps * length)
        return first if is_start else _add_months(first, length) - timedelta(days=1)

    return resolve


def in_quarter(number: int) -> Resolver:
    """Return the bound of the next quarter with this number that has not ended."""

    def resolve(posted: date, is_start: bool) -> date | None:
        first = date(posted.year, (number - 1) * _QUARTER + 1, 1)
        if _add_months(first, _QUARTER) <= posted:
            first = _add_months(first, _YEAR_MONTHS)
        return first if is_start else _add_months(first, _QUARTER) - timedelta(days=1)

    return resolve


def in_week(number: int) -> Resolver:
    """Return the bound of an ISO week."""

    def resolve(posted: date, is_start: bool) -> date | None:
        year, this_week, _ = posted.isocalendar()
        try:
            monday = date.fromisocalendar(year + (number < this_week), number, 1)
        except ValueError:
            return None
        return monday if is_start else monday + timedelta(days=_WEEK - 1)

    return resolve


def after(count: int, unit: str) -> Resolver:
    """Return the day so many units after the post."""

    def resolve(posted: date, is_start: bool) -> date | None:  # noqa: ARG001
        if unit in {"day", "week"}:
            return posted + timedelta(days=count * (_WEEK if unit == "week" else 1))
        length = {"month": 1, "quarter": _QUARTER, "year": _YEAR_MONTHS}[unit]
        first = _add_months(posted.replace(day=1), count * length)
        last = _add_months(first, 1) - timedelta(days=1)
        return first.replace(day=min(posted.day, last.day))

    return resolve


def on_weekend(posted: date, is_start: bool) -> date:
    """Return the Sunday of the week, Saturday for a start."""
    return posted + timedelta(days=(5 if is_start else 6) - posted.weekday())


def unknown(posted: date, is_start: bool) -> None:
    """Stand for words that name no certain day, such as the summer holidays."""


def fixed(day: str) -> Resolver:
    """Return what "12-24" means; "" is no certain day."""
    if not day:
        return unknown
    month, _, number = day.partition("-")
    return on_date(int(number), int(month))


def _make(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _add_months(first: date, months: int) -> date:
    """Return the first of a month so many months later."""
    place = first.year * _YEAR_MONTHS + first.month - 1 + months
    return date(place // _YEAR_MONTHS, place % _YEAR_MONTHS + 1, 1)
