"""Finds the first named things of an ask: place, budget, deadline, role, company size, product."""

import re
import tomllib
from collections.abc import Iterable, Sequence

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Entity
from nlp.analysis import Analysis
from nlp.patterns import GROUPS
from nlp.resources import resource_path
from nlp.words import phrase_words


# No regular expression here can take longer than linear time: every repetition is bounded.
def _any_of(words: str) -> str:
    """Return a group that matches one of the words, the long ones first."""
    return "(?:" + "|".join(sorted(words.split("|"), key=len, reverse=True)) + ")"


_AMOUNT = r"\d{1,3}(?:[.,' ]\d{3}){1,3}|\d{1,7}(?:[.,]\d{1,2})?"
_BEFORE = r"[$€£]|usd|eur|gbp|dkk|sek|nok|kr\.?"
_AFTER = _BEFORE + r"|euros?|kroner|kronor|quid|pounds|dollars?|bucks"
_PERIOD = _any_of(
    "month|mo|year|yr|hour|hr|h|week|day|seat|head|employee|måneden|måned|md|mdr|år|året|time|timen"
    "|stk|mand|bruger|månad|timme|mnd|monat|jahr|stunde"
)
_PER = rf"(?: ?(?:/|per|a|pr\.?|om|i|pro|im|each) ?{_PERIOD})?"
_MONEY = re.compile(
    rf"(?<![\w.,])(?:(?P<before>{_BEFORE}) ?(?P<first>{_AMOUNT})(?P<k1>k| ?mio| ?million)?"
    rf"|(?P<second>{_AMOUNT})(?P<k2>k| ?mio\.?| ?million)? ?(?P<after>{_AFTER}))"
    rf"(?![\w])(?P<per>{_PER})",
    re.ASCII,
)
_CURRENCIES = {
    "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD", "€": "EUR",
    "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP", "quid": "GBP",
    "pounds": "GBP", "dkk": "DKK", "sek": "SEK", "nok": "NOK", "kronor": "SEK",
}  # fmt: skip
_ABBREVIATIONS = frozenset({"eu", "kbh", "nyc", "uk", "usa"})
_KRONER = {"da": "DKK", "sv": "SEK", "no": "NOK"}
_PERIODS = {
    "month": "month", "mo": "month", "måned": "month", "måneden": "month", "md": "month",
    "mdr": "month", "månad": "month", "mnd": "month", "monat": "month", "year": "year",
    "yr": "year", "år": "year", "året": "year", "jahr": "year", "hour": "hour", "hr": "hour",
    "h": "hour", "time": "hour", "timen": "hour", "timme": "hour", "stunde": "hour",
    "week": "week", "day": "day", "seat": "seat", "head": "seat", "employee": "seat",
    "mand": "seat", "bruger": "seat", "stk": "piece",
}  # fmt: skip
_PEOPLE = _any_of(
    "person|people|man|employee|employees|staff|user|users|seat|seats|ansatte|medarbejdere|mand"
    "|mennesker|mitarbeiter|mitarbeitern|leute|anställda|medarbetare|folk"
)
_SIZE = re.compile(
    rf"(?<![\w.,])(?P<count>\d{{1,6}})(?: ?- ?(?P<upto>\d{{1,6}}))?[ \n-]{_PEOPLE}\b", re.ASCII
)
_MONTH = _any_of(
    "january|february|march|april|may|june|july|august|september|october|november|december|januar"
    "|februar|marts|maj|juni|juli|oktober|december|mai|märz"
)
_DAY = _any_of(
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mandag|tirsdag|onsdag|torsdag|fredag"
    "|lørdag|søndag|montag|dienstag|mittwoch|donnerstag|freitag|måndag|tisdag|lördag|weekenden"
    "|the weekend|tomorrow|i morgen|jul|sommer|nytår|christmas"
)
_NOW = _any_of(
    "asap|urgent|urgently|haster|hurtigst muligt|snarest|snarest muligt|dringend|i dag|i morgen"
    "|so schnell wie möglich|så snart som möjligt|så fort som mulig|today|tonight|tomorrow|idag"
    "|this week|next week|denne uge|næste uge|heute|diese woche|imorgon|denna vecka|imorgen"
)
_DEADLINE = re.compile(
    rf"\b(?:{_NOW}|(?:by|before|until|inden|senest|bis|före|innan|innen) "
    rf"(?:the end of (?:the |this )?(?:week|month|year|day)|(?:next |på |næste |kommende )?"
    rf"(?:{_DAY}|{_MONTH}|\d{{1,2}}[./] ?(?:\d{{1,2}}|{_MONTH}))))\b"
)
_ROLE, _PROVIDER = GROUPS.index("role"), GROUPS.index("provider")
_MOST_OF_A_KIND = 4
# Names that are words too: counted only where they are written as names.
_ALSO_WORDS = frozenset(
    ["essen", "bergen", "island", "moss", "york", "reading", "cork", "lund", "bern", "kiel", "eu",
     "skive", "perth", "phoenix", "usa", "køge", "bonn", "linz", "wien", "mainz", "austin"]
)  # fmt: skip
_READ = 6_000


class EntityFinder:
    """Reads entities by word lists and bounded regular expressions."""

    def __init__(self) -> None:
        path = resource_path("places.toml")
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))["places"]
        except (OSError, ValueError, KeyError) as error:
            raise ConfigurationError(f"{path}: not a list of places: {error}") from error
        self._places: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for country, names in tables.items():
            for name in names:
                first, *rest = phrase_words(name)
                self._places.setdefault(first, []).append((tuple(rest), country))

    def find(self, analysis: Analysis, lang: str) -> tuple[Entity, ...]:
        """Return what was found, in the order of the text, without overlaps of one kind."""
        text = analysis.normal.lower[:_READ]
        found = [
            *self._find_places(analysis),
            *_find_budgets(text, lang),
            *_find_sizes(text),
            *((start, end, "deadline", "") for start, end in _spans(_DEADLINE, text)),
            *_find_groups(analysis),
        ]
        return tuple(_make_entities(analysis, found))

    def _find_places(self, analysis: Analysis) -> Iterable[tuple[int, int, str, str]]:
        words = analysis.words.words
        for first, word in enumerate(words):
            for rest, country in self._places.get(word, ()):
                last = first + 1 + len(rest)
                if tuple(words[first + 1 : last]) != rest:
                    continue
                start, end = analysis.words.span(first, last)
                if word in _ALSO_WORDS and not analysis.normal.text[start].isupper():
                    continue
                name = analysis.words.lower[start:end]
                name = name.upper() if name in _ABBREVIATIONS else name.title()
                yield start, end, "place", f"{name}, {country}"


def _find_budgets(text: str, lang: str) -> Iterable[tuple[int, int, str, str]]:
    for found in _MONEY.finditer(text):
        amount = _read_amount(found["first"] or found["second"])
        scale = (found["k1"] or found["k2"] or "").strip(" .")
        amount *= {"k": 1_000, "mio": 1_000_000, "million": 1_000_000}.get(scale, 1)
        sign = (found["before"] or found["after"]).rstrip(".")
        currency = _CURRENCIES.get(sign) or _KRONER.get(lang, "DKK")
        period = _read_period(found["per"] or "")
        value = f"{currency} {amount:g}" if amount < 1e6 else f"{currency} {amount:.0f}"
        yield found.start(), found.end(), "budget", f"{value}/{period}" if period else value


def _read_amount(written: str) -> float:
    digits = re.sub(r"[.,' ](?=\d{3}(?:\D|$))", "", written)
    return float(digits.replace(",", "."))


def _read_period(written: str) -> str:
    for word in re.findall(r"[a-zåäöæøü]+", written):
        if word in _PERIODS:
            return _PERIODS[word]
    return ""


def _find_sizes(text: str) -> Iterable[tuple[int, int, str, str]]:
    for found in _SIZE.finditer(text):
        value = found["count"] + (f"-{found['upto']}" if found["upto"] else "")
        yield found.start(), found.end(), "company_size", value


def _find_groups(analysis: Analysis) -> Iterable[tuple[int, int, str, str]]:
    """Yield roles and the kind of supplier wanted, from the sentences that ask."""
    for sentence in analysis.ask_sentences:
        for hit in analysis.hits_by_sentence.get(sentence.first, ()):
            if hit.group in (_ROLE, _PROVIDER):
                start, end = analysis.words.span(hit.first, hit.last)
                kind = "role" if hit.group == _ROLE else "product"
                yield start, end, kind, analysis.words.lower[start:end]


def _spans(expression: re.Pattern[str], text: str) -> Iterable[tuple[int, int]]:
    return (found.span() for found in expression.finditer(text))


def _make_entities(
    analysis: Analysis, found: Sequence[tuple[int, int, str, str]]
) -> Iterable[Entity]:
    counts: dict[str, int] = {}
    ends: dict[str, int] = {}
    for start, end, kind, value in sorted(found):
        if start < ends.get(kind, 0) or counts.get(kind, 0) >= _MOST_OF_A_KIND:
            continue
        counts[kind], ends[kind] = counts.get(kind, 0) + 1, end
        first, last = analysis.normal.span(start, end)
        text = analysis.normal.text[start:end]
        yield Entity(kind=kind, text=text, start=first, end=last, value=value)
