"""The words of one language, or of the Scandinavian ones together, that entities are told by."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from askwatch.errors import ConfigurationError
from nlp.entities.phrases import Phrases
from nlp.resources import resource_path

# Short Danish, Norwegian and Swedish posts are easily taken for each other, and share words.
_NORDIC = ("da", "no", "sv")
_GROUPS = {"da": ("da", "no", "sv"), "no": ("no", "da", "sv"), "sv": ("sv", "no", "da")}
_WEEKDAYS, _MONTHS = 7, 12


@dataclass
class DateWords:
    """What dates are made of; a cue is deadline, before, start or on."""

    cues: Phrases[str] = field(default_factory=Phrases)
    weekdays: Phrases[int] = field(default_factory=Phrases)  # Monday is 0
    months: Phrases[int] = field(default_factory=Phrases)  # January is 1
    units: Phrases[str] = field(default_factory=Phrases)
    turns: Phrases[str] = field(default_factory=Phrases)  # this, next, end, within
    days: Phrases[str] = field(default_factory=Phrases)  # today, tomorrow, day_after, weekend
    now: Phrases[str] = field(default_factory=Phrases)
    fixed: Phrases[str] = field(default_factory=Phrases)  # "12-24"; "" when nobody knows the date
    week_number: frozenset[str] = frozenset()
    habits: frozenset[str] = frozenset()  # with these "today" means nowadays


@dataclass
class Grammar:
    """Everything a finder asks of a language."""

    lang: str
    numbers: dict[str, int] = field(default_factory=dict)
    dates: DateWords = field(default_factory=DateWords)
    people: Phrases[bool] = field(default_factory=Phrases)
    headcounts: Phrases[bool] = field(default_factory=Phrases)  # "team of"
    about: frozenset[str] = frozenset()
    marks: Phrases[tuple[str, str]] = field(default_factory=Phrases)  # kind and value
    money: Phrases[bool] = field(default_factory=Phrases)
    place_cues: frozenset[str] = frozenset()
    place_suffixes: frozenset[str] = frozenset()
    before_vendor: Phrases[str] = field(default_factory=Phrases)
    after_vendor: Phrases[str] = field(default_factory=Phrases)
    strong: Phrases[bool] = field(default_factory=Phrases)  # a name must follow
    versus: frozenset[str] = frozenset()
    ask: Phrases[bool] = field(default_factory=Phrases)
    wanted: Phrases[bool] = field(default_factory=Phrases)
    sought: frozenset[str] = frozenset()
    generic: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    stop: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    join: frozenset[str] = frozenset()
    nouns: Phrases[bool] = field(default_factory=Phrases)
    noun_endings: tuple[str, ...] = ()


@cache
def read_grammar(lang: str) -> Grammar:
    """Return the grammar for a post in `lang`; what is unknown is read as English.

    Raises:
        ConfigurationError: A file of words is missing or damaged.
    """
    grammar = Grammar(lang)
    for name in _GROUPS.get(lang, (lang if lang == "de" else "en",)):
        path = resource_path("entities", f"{name}.toml")
        try:
            _add_tables(grammar, tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(f"{path}: not the words of a language: {error}") from error
    return grammar


def read_table(name: str) -> dict[str, Any]:
    """Return a data file of entities.

    Raises:
        ConfigurationError: It is missing, or no TOML.
    """
    path = resource_path("entities", name)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: not a list of words: {error}") from error


def _add_tables(grammar: Grammar, tables: Mapping[str, Any]) -> None:
    for word, number in tables["numbers"].items():
        grammar.numbers.setdefault(word, int(number))
    _add_dates(grammar.dates, tables["dates"])
    people, marks, vendors = tables["people"], tables["marks"], tables["vendors"]
    grammar.people.add_all(people["words"], True)
    grammar.headcounts.add_all(people["before"], True)
    grammar.about |= frozenset(people["about"])
    for name in ("high", "low"):
        grammar.marks.add_all(marks[name], ("urgency", name))
    for name in ("remote", "onsite", "hybrid"):
        grammar.marks.add_all(marks[name], ("workplace", name))
    grammar.money.add_all(tables["money"]["cues"], True)
    grammar.place_cues |= _words_of(tables["places"]["cues"])
    grammar.place_suffixes |= frozenset(tables["places"]["suffixes"])
    for relation in ("incumbent", "rejected", "compared", "linked"):
        grammar.before_vendor.add_all(vendors[relation], relation)
        grammar.after_vendor.add_all(_spoken(vendors.get(f"{relation}_after", ())), relation)
    grammar.strong.add_all(vendors["strong"], True)
    grammar.versus |= frozenset(vendors["versus"])
    _add_wants(grammar, tables["wants"])


def _add_dates(dates: DateWords, tables: Mapping[str, Any]) -> None:
    for cue in ("start", "before", "deadline", "on"):
        dates.cues.add_all(tables[cue], cue)
    for list_name, most, target in (
        ("weekdays", _WEEKDAYS, dates.weekdays), ("months", _MONTHS, dates.months),
    ):  # fmt: skip
        if len(tables[list_name]) != most:
            raise ValueError(f"there are {most} {list_name}")
        for place, names in enumerate(tables[list_name]):
            target.add_all(names, place + (most == _MONTHS))
    for unit, name in (
        ("day", "days"), ("week", "weeks"), ("month", "month_units"), ("quarter", "quarters"),
        ("year", "years"),
    ):  # fmt: skip
        dates.units.add_all(tables[name], unit)
    for turn in ("next", "this", "end", "within"):
        dates.turns.add_all(tables[turn], turn)
    for day in ("today", "tomorrow", "day_after", "weekend"):
        dates.days.add_all(tables[day], day)
    dates.now.add_all(tables["now"], "now")
    for phrase, day in tables["fixed"].items():
        dates.fixed.add(phrase, str(day))
    dates.fixed.add_all(tables["unresolved"], "")
    dates.week_number |= frozenset(tables["week_number"])
    dates.habits |= frozenset(tables["habits"])


def _add_wants(grammar: Grammar, tables: Mapping[str, Sequence[str]]) -> None:
    grammar.ask.add_all(tables["ask"], True)
    grammar.wanted.add_all(tables["wanted"], True)
    grammar.sought |= frozenset(tables["sought"])
    grammar.generic |= frozenset(tables["generic"])
    grammar.skip |= frozenset(tables["skip"])
    grammar.stop |= frozenset(tables["stop"])
    grammar.never |= frozenset(tables["never"])
    grammar.join |= frozenset(tables["join"])
    nouns = tables["nouns"]
    grammar.nouns.add_all((noun for noun in nouns if not noun.startswith("*")), True)
    grammar.noun_endings += tuple(noun[1:] for noun in nouns if noun.startswith("*"))


def _words_of(phrases: Iterable[str]) -> frozenset[str]:
    """Return the last words of phrases: what stands right before the thing meant."""
    return frozenset(phrase.split()[-1] for phrase in phrases)


def _spoken(phrases: Iterable[str]) -> list[str]:
    """Leave out what has no word that the tokenizer knows."""
    return [phrase for phrase in phrases if phrase.strip()]
