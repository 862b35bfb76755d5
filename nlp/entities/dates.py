"""Finds deadlines and start dates by a small grammar of each language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from nlp.entities import days
from nlp.entities.days import Resolver
from nlp.entities.grammar import DateWords, Grammar
from nlp.entities.passage import Found, Passage

_ISO = re.compile(r"(20\d\d)-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:[/-](?:20)?(\d\d))?")
_DAY = re.compile(r"(\d{1,2})(st|nd|rd|th|\.)?")
_QUARTER = re.compile(r"q([1-4])")
_YEAR = re.compile(r"20\d\d")
_MOST_DAYS, _MOST_MONTHS, _MOST_WEEKS = 31, 12, 53
_MOST_UNITS = 60
# How far before a date a word like "start" may stand.
_REACH = 3
_RANGES = frozenset(["to", "til", "till", "bis", "until"])
# "Tuesday evenings" is a habit, no date.
_HABITS = frozenset({"evenings", "mornings", "afternoons", "nights", "com"})


@dataclass(frozen=True, slots=True)
class _Moment:
    """Words up to `last` name a time; `is_certain`: it needs no word like "by" before it."""

    last: int
    resolver: Resolver
    is_certain: bool = False


def find_dates(passage: Passage, grammar: Grammar, posted_on: date | None) -> Iterable[Found]:
    """Yield deadlines and starts in the order of the text."""
    reader = _Reader(passage, grammar)
    place = 0
    while place < len(passage.words):
        read = reader.read(place)
        if read is None:
            place += 1
            continue
        kind, first, last, resolver = read
        start, end = passage.span(first, last)
        on = resolver(posted_on, kind == "start") if posted_on else None
        value = on.isoformat() if on else " ".join(passage.lower[start:end].split())
        yield Found(start, end, kind, value)
        place = last


def read_date(
    passage: Passage,
    grammar: Grammar,
    first: int,
    last: int,
    kind: str,
    posted_on: date | None,
) -> str:
    """Return the value of words [first, last) that are known to tell a date of `kind`."""
    start, end = passage.span(first, last)
    reader = _Reader(passage, grammar)
    for place in range(first, last) if posted_on else ():
        resolver = reader.read_told(place, kind)
        on = resolver(posted_on, kind == "start") if resolver and posted_on else None
        if on:
            return on.isoformat()
    return " ".join(passage.lower[start:end].split())


class _Reader:
    """Reads one date after the other."""

    def __init__(self, passage: Passage, grammar: Grammar) -> None:
        self._passage, self._grammar = passage, grammar
        self._words, self._dates = passage.words, grammar.dates

    def read(self, place: int) -> tuple[str, int, int, Resolver] | None:
        """Return kind, first and last word and meaning of a date at `place`."""
        cue = self._dates.cues.match(self._words, place)
        if cue is not None and self._ends_range(place):
            return None
        if cue is not None:
            last, kind = cue
            last = self._skip_marks(last)
            read = self._read_after_cue(place, last, kind)
            if read is not None:
                return read
        moment = self._read_moment(place)
        if moment is None or not moment.is_certain:
            return self._read_now(place, place) if self._follows_start(place) else None
        kind = "start" if self._follows_start(place) else "deadline"
        return kind, place, moment.last, moment.resolver

    def read_told(self, place: int, kind: str) -> Resolver | None:
        """Return what the words from `place` mean where they are known to tell a date."""
        moment = self._read_moment(place, cue="start" if kind == "start" else "deadline")
        if moment is None and kind == "start" and self._grammar.dates.now.match(self._words, place):
            return days.after(0, "day")
        return moment.resolver if moment else None

    def _read_after_cue(
        self, first: int, place: int, cue: str
    ) -> tuple[str, int, int, Resolver] | None:
        kind = "start" if cue == "start" else "deadline"
        inner = self._dates.cues.match(self._words, place)
        moment = self._read_moment(place, cue=cue)
        if moment is None and inner is not None:
            # "start on Monday", "offers by the 3rd": the second cue only leads to the date.
            place, cue = inner[0], (cue if inner[1] == "on" else inner[1])
            kind = "start" if "start" in {kind, cue} else "deadline"
            moment = self._read_moment(self._skip_marks(place), cue=cue)
        if moment is None:
            return self._read_now(first, place) if kind == "start" else None
        if cue == "on" and self._follows_start(first):
            kind = "start"
        return kind, first, moment.last, moment.resolver

    def _read_now(self, first: int, place: int) -> tuple[str, int, int, Resolver] | None:
        found = self._dates.now.match(self._words, place)
        if found is None:
            return None
        return "start", first, found[0], days.after(0, "day")

    def _ends_range(self, place: int) -> bool:
        """Tell whether a date stands right before: "June to October" is no deadline."""
        if not place or self._words[place] not in _RANGES:
            return False
        before = self._words[place - 1]
        return before in self._dates.months or before in self._dates.weekdays

    def _skip_marks(self, place: int) -> int:
        return place + (place < len(self._words) and self._words[place] == ":")

    def _follows_start(self, place: int) -> bool:
        """Tell whether a word of starting stands shortly before, in the same breath."""
        for before in range(place, max(0, place - _REACH), -1):
            if before < place and self._passage.has_break(before - 1 + 1):
                return False
            found = self._dates.cues.match_before(self._words, before)
            if found is not None and found[1] == "start" and self._is_clear(found[0]):
                return True
        return False

    def _is_clear(self, place: int) -> bool:
        """Tell whether a start cue cannot mean anything but a start."""
        return self._words[place] not in {"from", "fra", "från", "zum", "pr", "ab"}

    def _read_moment(self, place: int, *, cue: str = "") -> _Moment | None:
        if place >= len(self._words):
            return None
        return (
            self._read_fixed(place, cue)
            or self._read_day_name(place)
            or self._read_number(place, cue)
            or self._read_turn(place, cue)
            or self._read_weekday(place, is_next=False)
            or self._read_month(place, cue)
        )

    def _read_fixed(self, place: int, cue: str) -> _Moment | None:
        found = self._dates.fixed.match(self._words, place)
        if found is None or not cue or cue == "on":
            return None
        return _Moment(found[0], days.fixed(found[1]))

    def _read_day_name(self, place: int) -> _Moment | None:
        found = self._dates.days.match(self._words, place)
        if found is None:
            return None
        last, name = found
        steps = {"today": 0, "tomorrow": 1, "day_after": 2}
        if name == "today" and self._is_nowadays(place, last):
            return None
        if name in steps:
            return _Moment(last, days.after(steps[name], "day"), is_certain=True)
        # A bare "weekend" is a habit; with "the" or "at" before it, it is this one.
        return _Moment(
            last, days.on_weekend, is_certain=last - place > 1 or _is_definite(self._words[place])
        )

    def _is_nowadays(self, place: int, last: int) -> bool:
        """Tell whether "today" tells what the author has: "i dag bruger vi", "har Telia idag"."""
        around = (*self._words[max(0, place - _REACH) : place], *self._words[last : last + 1])
        return any(word in self._dates.habits for word in around)

    def _read_weekday(self, place: int, *, is_next: bool, is_told: bool = False) -> _Moment | None:
        found = self._dates.weekdays.match(self._words, place)
        if found is None or self._word(found[0]) in _HABITS:
            return None
        last = found[0]
        dated = self._read_number(self._skip_ordinal(last), "on") if not is_next else None
        if dated is not None and not self._passage.has_break(last - 1):
            return dated
        return _Moment(last, days.on_weekday(found[1], is_next=is_next), is_certain=is_told)

    def _skip_ordinal(self, place: int) -> int:
        return place + (self._word(place) in {"the", "den", "d"})

    def _word(self, place: int) -> str:
        return self._words[place] if place < len(self._words) else ""

    def _read_month(self, place: int, cue: str) -> _Moment | None:
        """Read "March 15", "March 2027", "March"; the last ones only after a cue."""
        found = self._dates.months.match(self._words, place)
        if found is None:
            return None
        last, month = found
        day = _DAY.fullmatch(self._word(last))
        if day and 0 < int(day[1]) <= _MOST_DAYS and not self._passage.has_break(last - 1):
            year, after = self._read_year(last + 1)
            return _Moment(after, days.on_date(int(day[1]), month, year), is_certain=True)
        if not cue or (cue == "on"):
            return None
        year, after = self._read_year(last)
        return _Moment(after, days.in_month(month, year, is_before=cue == "before"))

    def _read_year(self, place: int) -> tuple[int, int]:
        word = self._word(place)
        if _YEAR.fullmatch(word) and self._passage.gap(place - 1).strip() in {"", ",", "."}:
            return int(word), place + 1
        return 0, place

    def _read_number(self, place: int, cue: str) -> _Moment | None:
        """Read "15 April", "15.04.2026", "20/9", "2026-04-15", "2. kvartal", "Q3", "the 30th"."""
        word = self._word(place)
        if not word or not (word[0].isdigit() or word[0] == "q" or word in self._dates.week_number):
            return None
        if (quarter := _QUARTER.fullmatch(word)) and cue:
            return _Moment(place + 1, days.in_quarter(int(quarter[1])))
        if word in self._dates.week_number:
            return self._read_week(place, cue)
        if iso := _ISO.fullmatch(word):
            return _Moment(place + 1, days.on_date(int(iso[3]), int(iso[2]), int(iso[1])), True)
        if (slashed := _SLASHED.fullmatch(word)) and cue:
            return self._make_numeric(place + 1, slashed[1], slashed[2], slashed[3])
        day = _DAY.fullmatch(word)
        if not day or not 0 < int(day[1]) <= _MOST_DAYS:
            return None
        return self._read_after_day(place, int(day[1]), cue, is_ordinal=bool(day[2]))

    def _read_after_day(
        self, place: int, day: int, cue: str, *, is_ordinal: bool
    ) -> _Moment | None:
        after = place + 1
        gap = self._passage.gap(place)
        is_close = gap in {" ", ". ", ".", ".  "}
        if self._word(after) in {"of", "e"}:
            after += 1
        month = self._dates.months.match(self._words, after)
        if month is not None and is_close:
            year, last = self._read_year(month[0])
            return _Moment(last, days.on_date(day, month[1], year), is_certain=True)
        unit = self._dates.units.match(self._words, place + 1)
        if unit is not None and unit[1] == "quarter" and day <= 4 and cue:
            return _Moment(unit[0], days.in_quarter(day))
        if gap == "." and self._word(place + 1).isdigit() and cue:
            written = self._word(place + 2) if self._passage.gap(place + 1) == "." else ""
            last = place + 2 + bool(_YEAR.fullmatch(written))
            return self._make_numeric(last, str(day), self._word(place + 1), written[-2:])
        is_ordinal = is_ordinal or gap.startswith(".")
        if cue and is_ordinal and self._word(place + 1) not in self._dates.fixed:
            return _Moment(place + 1, days.on_day(day))
        return None

    def _read_week(self, place: int, cue: str) -> _Moment | None:
        number = self._word(place + 1)
        if cue and number.isdigit() and 0 < int(number[:4]) <= _MOST_WEEKS:
            return _Moment(place + 2, days.in_week(int(number)))
        return None

    def _make_numeric(self, last: int, day: str, month: str, year: str | None) -> _Moment | None:
        if not (0 < int(day) <= _MOST_DAYS and 0 < int(month[:4]) <= _MOST_MONTHS):
            return None
        full_year = 2000 + int(year) if year and year.isdigit() else 0
        return _Moment(last, days.on_date(int(day), int(month), full_year))

    def _read_turn(self, place: int, cue: str) -> _Moment | None:
        """Read "next week", "end of March", "within two weeks"."""
        turn = self._dates.turns.match(self._words, place)
        if turn is None:
            return None
        last, name = turn
        if name == "within":
            return self._read_within(last)
        if name == "end":
            return self._read_end(last)
        unit = self._dates.units.match(self._words, last)
        if unit is not None and unit[1] != "day":
            steps = 1 if name == "next" else 0
            is_plain = self._words[place:last] in (["the"], ["i"], ["i", "løbet", "af"])
            return (
                None
                if is_plain and not cue
                else _Moment(unit[0], days.in_unit(unit[1], steps), is_certain=not is_plain)
            )
        weekend = self._dates.days.match(self._words, last)
        if weekend is not None and weekend[1] == "weekend":
            return _Moment(weekend[0], _next_weekend if name == "next" else days.on_weekend, True)
        return (
            self._read_weekday(last, is_next=name == "next", is_told=True)
            or (self._read_number(last, cue) if cue or name == "this" else None)
            or (self._read_month(last, cue) if cue else None)
        )

    def _read_within(self, place: int) -> _Moment | None:
        word = self._word(place)
        number = int(word) if word.isdigit() and len(word) <= 2 else self._grammar.numbers.get(word)
        unit = self._dates.units.match(self._words, place + 1)
        if not number or unit is None or unit[1] == "year" or number > _MOST_UNITS:
            return None
        return _Moment(unit[0], days.after(number, unit[1]), is_certain=True)

    def _read_end(self, place: int) -> _Moment | None:
        steps = 0
        turn = self._dates.turns.match(self._words, place)
        if turn is not None and turn[1] in {"this", "next"}:
            place, steps = turn[0], int(turn[1] == "next")
        month = self._dates.months.match(self._words, place)
        if month is not None:
            year, last = self._read_year(month[0])
            return _Moment(last, days.in_month(month[1], year), is_certain=True)
        unit = self._dates.units.match(self._words, place)
        if unit is None or unit[1] == "day":
            return None
        return _Moment(unit[0], days.in_unit(unit[1], steps), is_certain=True)


def _next_weekend(posted: date, is_start: bool) -> date:
    return days.on_weekend(days.after(1, "week")(posted, is_start) or posted, is_start)


def _is_definite(word: str) -> bool:
    return word.endswith("n")


def is_date_word(dates: DateWords, word: str) -> bool:
    """Tell whether a word names a day or a month: such a word is never a product."""
    return word in dates.weekdays or word in dates.months or word in dates.units
