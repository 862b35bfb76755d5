"""Working hours of one person, by the clock on their wall.

An instant is open when the local time it shows lies in an interval of its weekday; an interval
that ends before it begins goes over midnight. The wall clock decides in the missing and in the
doubled hour as well: what it never shows is never open, what it shows twice is open twice.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from askwatch.model.expert import WEEKDAYS, Expert

# Further ahead than any lead lives; whoever has no hours within it has none.
_HORIZON_DAYS = 15
_DAY_MINUTES = 24 * 60
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

Interval = tuple[int, int]  # minutes of the local day, the end excluded


class Calendar:
    """Answers when a person may be told; keeps the boundaries of days it has looked at."""

    def __init__(self, expert: Expert) -> None:
        self.zone = ZoneInfo(expert.timezone)
        self._is_always = expert.is_on_duty
        self._days = _read_hours(expert.hours)
        self._boundaries: dict[date, list[datetime]] = {}

    def is_open(self, at: datetime) -> bool:
        """Tell whether `at` lies in the person's hours."""
        if self._is_always:
            return True
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in self._days[local.weekday()])

    def next_open(self, at: datetime) -> datetime | None:
        """Return the first open instant from `at` on; None when there is none for two weeks."""
        if self.is_open(at):
            return at
        return next((each for each in self._after(at) if self.is_open(each)), None)

    def closes_at(self, at: datetime) -> datetime | None:
        """Return when the open stretch around `at` ends; None when it does not for two weeks."""
        if self._is_always:
            return None
        return next((each for each in self._after(at) if not self.is_open(each)), None)

    def add_working_time(self, at: datetime, duration: timedelta) -> datetime:
        """Return when `duration` of the person's hours has passed since `at`.

        For somebody without hours the time runs as it does for all of us.
        """
        position, left = at, duration
        while left > timedelta(0):
            begin = self.next_open(position)
            if begin is None:
                return position + left
            end = self.closes_at(begin)
            if end is None or end - begin >= left:
                return begin + left
            position, left = end, left - (end - begin)
        return position

    def local_day(self, at: datetime) -> date:
        """Return the day the person's wall shows at `at`."""
        return at.astimezone(self.zone).date()

    def day_ends_at(self, at: datetime) -> datetime:
        """Return when the person's day of `at` is over."""
        tomorrow = self.local_day(at) + timedelta(days=1)
        return datetime.combine(tomorrow, time(), self.zone).astimezone(UTC)

    def _after(self, at: datetime) -> Iterator[datetime]:
        """Yield every instant after `at` at which open may turn into closed or back."""
        first = at.astimezone(self.zone).date() - timedelta(days=1)
        pending: set[datetime] = set()
        for number in range(_HORIZON_DAYS):
            day = first + timedelta(days=number)
            pending.update(each for each in self._of_day(day) if each > at)
            # Where clocks are set at midnight, the boundaries of two days lie among each other.
            settled = datetime.combine(day, time(), self.zone).astimezone(UTC) - _DAY
            yield from sorted(each for each in pending if each < settled)
            pending = {each for each in pending if each >= settled}
        yield from sorted(pending)

    def _of_day(self, day: date) -> list[datetime]:
        known = self._boundaries.get(day)
        if known is None:
            known = self._boundaries[day] = self._find_boundaries(day)
        return known

    def _find_boundaries(self, day: date) -> list[datetime]:
        found = set(_find_shifts(day, self.zone))
        for interval in self._days[day.weekday()]:
            for minute in interval:
                local = datetime.combine(day, time()) + timedelta(minutes=minute)
                for fold in (0, 1):
                    found.add(local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC))
        return sorted(found)


def _read_hours(hours: dict[str, tuple[str, ...]]) -> list[list[Interval]]:
    days: list[list[Interval]] = [[] for _ in WEEKDAYS]
    for name, intervals in hours.items():
        number = WEEKDAYS.index(name)
        for text in intervals:
            begin, end = (_read_minute(part) for part in text.split("-"))
            if begin < end:
                days[number].append((begin, end))
            else:
                days[number].append((begin, _DAY_MINUTES))
                days[(number + 1) % len(days)].append((0, end))
    return days


def _read_minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _find_shifts(day: date, zone: ZoneInfo) -> Sequence[datetime]:
    """Return the instants of a local day at which its clock is set forward or back."""
    begin = datetime.combine(day, time(), zone).astimezone(UTC) - _HOUR
    marks = [begin + number * _HOUR for number in range(28)]
    shifts = []
    for early, late in pairwise(marks):
        before = early.astimezone(zone).utcoffset()
        if before == late.astimezone(zone).utcoffset():
            continue
        # Zones change at a full second; halve the hour down to it.
        low, high = 0, 3600
        while high - low > 1:
            middle = (low + high) // 2
            is_before = (early + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before
            low, high = (middle, high) if is_before else (low, middle)
        shifts.append(early + timedelta(seconds=high))
    return shifts
