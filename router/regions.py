"""Tells whether an expert's region is where a lead wants somebody.

A lead names places as the language stage writes them, "Aarhus, DK"; an expert writes "Aarhus",
"Denmark", "Danmark" or "DK". Towns are compared by name, countries by code or by any name that
they have in our five languages. An expert for a country is one for its towns, but not the other
way round.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from babel import Locale

from askwatch.model.lead import Entity

_LANGUAGES = ("en", "da", "sv", "nb", "de")
_CODE_LENGTH = 2


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The places of a lead: their names, and the codes of the countries they lie in."""

    names: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.names)

    def covers(self, region: str) -> bool:
        """Tell whether `region` is one of the places, or the country of one."""
        folded = " ".join(region.casefold().split())
        town, _, country = folded.rpartition(", ")
        if folded in self.names:
            return True
        if town and len(country) == _CODE_LENGTH:
            return town in self.names and country in self.countries
        return _country_codes().get(folded, "-") in self.countries


def read_whereabouts(entities: Iterable[Entity]) -> Whereabouts:
    """Return where the places among `entities` are: as they are called, and as the post wrote."""
    names: set[str] = set()
    countries: set[str] = set()
    for each in entities:
        if each.kind != "place":
            continue
        value = (each.value or each.text).casefold()
        name, _, country = value.rpartition(", ")
        if name and len(country) == _CODE_LENGTH:
            countries.add(country)
        names |= {value, name or value, each.text.casefold()}
        if code := _country_codes().get(name or value):
            countries.add(code)
    return Whereabouts(frozenset(names), frozenset(countries))


@cache
def _country_codes() -> dict[str, str]:
    """Return the code in lower case of each country's names and of the code itself."""
    codes: dict[str, str] = {"uk": "gb", "usa": "us"}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == _CODE_LENGTH and code.isalpha():
                codes.setdefault(str(name).casefold(), code.casefold())
                codes.setdefault(code.casefold(), code.casefold())
    return codes
