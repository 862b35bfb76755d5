"""Gives spans that the tagger chose the value that the rules would give them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from nlp.entities.clues import read_places
from nlp.entities.dates import read_date
from nlp.entities.gazetteer import Gazetteer
from nlp.entities.grammar import Grammar
from nlp.entities.money import MoneyFinder
from nlp.entities.passage import Found, Passage
from nlp.entities.sizes import read_size
from nlp.entities.vendors import VendorFinder

_PERSON = {"want": "role", "name": "skill"}
_OFFER = {"want": "product", "name": "vendor"}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a value depends on beside its span."""

    lang: str
    country: str
    is_search: bool
    posted_on: date | None


class SpanReader:
    """Reads tagged spans; those without the value that their kind must have are left out."""

    def __init__(self, gazetteer: Gazetteer, money: MoneyFinder, vendors: VendorFinder) -> None:
        self._gazetteer, self._money, self._vendors = gazetteer, money, vendors

    def read(
        self,
        passage: Passage,
        grammar: Grammar,
        spans: Iterable[tuple[str, int, int]],
        around: Circumstances,
    ) -> list[Found]:
        """Return what the spans name; they count the words that the tagger reads."""
        places = read_places(passage)
        found: list[Found] = []
        for tag, first, last in spans:
            each = self._read(passage, grammar, tag, places[first], places[last - 1] + 1, around)
            if each is not None:
                found.append(each)
        return found

    def _read(
        self,
        passage: Passage,
        grammar: Grammar,
        tag: str,
        first: int,
        last: int,
        around: Circumstances,
    ) -> Found | None:
        start, end = passage.span(first, last)
        written = " ".join(passage.text[start:end].split())
        if tag in {"want", "name"}:
            kind = (_PERSON if around.is_search else _OFFER)[tag]
            value = self._name(passage, first, last) if kind == "vendor" else written.lower()
            return Found(start, end, kind, value)
        if tag == "place":
            return Found(start, end, "place", self._place(passage.words, first, last) or written)
        if tag == "budget":
            return self._money.read(passage, start, end, lang=around.lang, country=around.country)
        if tag == "size":
            if self._money.names_sum(passage, start, end):
                return None
            size = read_size(passage.words[first:last], grammar)
            return Found(start, end, "company_size", size) if size else None
        value = read_date(passage, grammar, first, last, tag, around.posted_on)
        return Found(start, end, tag, value)

    def _name(self, passage: Passage, first: int, last: int) -> str:
        return self._vendors.name(passage.words, first, last) or passage.written(first, last)

    def _place(self, words: Sequence[str], first: int, last: int) -> str:
        found = self._gazetteer.names.match(words, first)
        return found[1].value if found is not None and found[0] <= last else ""
