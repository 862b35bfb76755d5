"""How one page speaks: its language, its reader's clock, and what time it is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from gettext import NullTranslations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
# Older than this, a date says more than a number of days.
_DAYS_SPELLED = 14


@dataclass(frozen=True, slots=True)
class Voice:
    """Words, ages and times as one reader wants them."""

    locale: str
    zone: ZoneInfo
    now: datetime
    catalogue: NullTranslations

    def say(self, text: str, **values: object) -> str:
        """Return `text` in the reader's language, with values filled in."""
        words = self.catalogue.gettext(text)
        return words % values if values else words

    def count(self, one: str, many: str, number: int) -> str:
        """Return the form of a sentence that fits `number`."""
        words = self.catalogue.ngettext(one, many, number)
        return words % {"num": format_decimal(number, locale=self.locale)}

    def own(self, english: str, otherwise: str) -> str:
        """Return an English detail of another part to those who read English, else `otherwise`."""
        return english if english and self.locale == "en" else otherwise

    def age(self, at: datetime) -> str:
        """Return how long ago `at` is, in a word or two: "4 min", "2 h", "3 d"."""
        age_s = max(0.0, (self.now - at).total_seconds())
        if self.is_just_now(at):
            return self.say("just now")
        if age_s < _HOUR_S:
            return self.say("%(number)d min", number=age_s // _MINUTE_S)
        if age_s < _DAY_S:
            return self.say("%(number)d h", number=age_s // _HOUR_S)
        if not self.is_long_ago(at):
            return self.say("%(number)d d", number=age_s // _DAY_S)
        return self.date_of(at)

    def is_just_now(self, at: datetime) -> bool:
        return (self.now - at).total_seconds() < _MINUTE_S

    def is_long_ago(self, at: datetime) -> bool:
        return (self.now - at).total_seconds() >= _DAYS_SPELLED * _DAY_S

    def span(self, duration_s: float) -> str:
        """Return a duration in a word or two."""
        if duration_s < _MINUTE_S:
            return self.say("%(number)d s", number=max(0, duration_s))
        if duration_s < _HOUR_S:
            return self.say("%(number)d min", number=duration_s // _MINUTE_S)
        if duration_s < _DAY_S:
            hours, minutes = divmod(duration_s // _MINUTE_S, 60)
            hours_said = self.say("%(number)d h", number=hours)
            minutes_said = self.say("%(number)d min", number=minutes)
            return f"{hours_said} {minutes_said}" if minutes else hours_said
        return self.say("%(number)d d", number=duration_s // _DAY_S)

    def moment(self, at: datetime) -> str:
        """Return the whole date and time on the reader's clock."""
        return format_datetime(at, "d MMM y HH:mm", tzinfo=self.zone, locale=self.locale)

    def time_of_day(self, at: datetime) -> str:
        """Return "14:30" today, "tomorrow 08:00", "Mon 08:00" within a week, else the date too."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone).date()
        clock = format_time(at, "HH:mm", tzinfo=self.zone, locale=self.locale)
        if local.date() == today:
            return clock
        if local.date() == today + timedelta(days=1):
            return self.say("tomorrow %(time)s", time=clock)
        if abs((local.date() - today).days) < 7:
            return format_datetime(at, "EEE HH:mm", tzinfo=self.zone, locale=self.locale)
        skeleton = format_skeleton("MMMd", at, tzinfo=self.zone, locale=self.locale)
        return f"{skeleton} {clock}"

    def date_of(self, at: datetime) -> str:
        return self.day(at.astimezone(self.zone).date())

    def day(self, on: date) -> str:
        return format_date(on, "d MMM y", locale=self.locale)

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self.locale)

    def percent(self, share: float) -> str:
        return format_percent(share, "0 %", locale=self.locale)

    def percent_exact(self, share: float) -> str:
        """Return a small share with two digits behind the point."""
        return format_percent(share, "0.00 %", locale=self.locale)

    def both(self, parts: list[str]) -> str:
        """Return "a, b and c"."""
        return format_list(parts, locale=self.locale)

    def language_name(self, code: str) -> str:
        """Return what a language is called, e.g. "Danish"; the code when nobody knows it."""
        try:
            name = Locale.parse(code).get_language_name(self.locale)
        except (ValueError, UnknownLocaleError):
            name = None
        return name or code


def read_zone(name: str) -> ZoneInfo:
    """Return a time zone, UTC for a name that no database knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
