"""Finds budgets: an amount, its currency, and what it is paid for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nlp.entities.grammar import Grammar, read_table
from nlp.entities.passage import Found, Passage

# Every repetition is bounded, and the search goes on behind what was read: linear time.
_AMOUNT = (
    r"(?:\d{1,3}(?:[.' ]\d{3}){1,4}(?!\d)|\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,9})"
    r"(?:[.,]\d{1,2}(?!\d))?"
)
_NUMBER = re.compile(rf"(?<![\d.,])(?P<low>{_AMOUNT})")
_UPTO = re.compile(rf"(?P<scale>k)? ?(?:-|to|til|till|bis|og) ?[$€£]?(?P<high>{_AMOUNT})")
_GROUP = re.compile(r"[.,' ](?=\d{3}(?:\D|$))")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DECIMALS = 1e6
# A post with more numbers is a table.
_MOST_NUMBERS = 300
_LEAST_BARE, _LEAST_PAID, _LEAST_MONTHLY = 1_000, 10, 100
_SHORT_PERIODS = frozenset(["hour", "day"])
_LEAST_NAMED = 20
_BUDGET = ("budget", "budsjett")
_TOPS = frozenset(["max", "tops", "maximum", "maks", "maximal"])
_LOOK_BACK = 8
_REVENUE = frozenset(
    ["arr", "mrr", "revenue", "turnover", "omsætning", "omsetning", "omsättning", "umsatz"]
)
_KRONER = {"da": "DKK", "sv": "SEK", "no": "NOK"}
_KRONER_BY_COUNTRY = {"DK": "DKK", "SE": "SEK", "NO": "NOK"}


@dataclass(frozen=True, slots=True)
class _Amount:
    """What stands at a number: the parts that were there."""

    low: float
    high: float
    start: int
    end: int
    currency: str
    has_scale: bool
    period: str


class MoneyFinder:
    """Reads amounts by the words of entities/money.toml."""

    def __init__(self) -> None:
        table = read_table("money.toml")
        self._currencies = _turn(table["currencies"])
        self._scales = {
            word: float(scale) for scale, words in table["scales"].items() for word in words
        }
        self._kroner_scales = frozenset(table["kroner_scales"]["words"])
        self._nothing = frozenset(table["nothing"]["words"])
        self._periods, self._adverbs = _turn(table["periods"]), _turn(table["adverbs"])
        signs = _any_of(self._currencies)
        self._before = re.compile(rf"(?:^|(?<![^\W\d_]))({signs})\.? ?$")
        self._after = re.compile(rf" ?({signs})(?![^\W\d_])")
        self._scale = re.compile(
            rf" ?({_any_of(self._scales)})(?:(?![^\W\d_])|(?=kr))\.?|t\.(?=kr)"
        )
        fillers = _any_of(table["fillers"]["words"])
        self._filler = re.compile(rf"\.? ?(?:{fillers})(?![^\W\d_])")
        per, units = _any_of(table["per"]["words"]), _any_of(self._periods)
        self._period = re.compile(
            rf"\.?(?: ?/ ?| (?:{per})\.? )({units})(?![^\W\d_])| (timen|timme)(?![^\W\d_])"
        )
        self._adverb = re.compile(rf"\.? ({_any_of(self._adverbs)})(?![^\W\d_])")

    def find(
        self, passage: Passage, grammar: Grammar, *, lang: str, country: str
    ) -> Iterable[Found]:
        """Yield budgets; kroner are those of `lang`, else of `country`, else Danish."""
        kroner = _KRONER.get(lang) or _KRONER_BY_COUNTRY.get(country, "DKK")
        lower, left = passage.lower, _MOST_NUMBERS
        for start, end in passage.parts:
            place = start
            while left and (found := _NUMBER.search(lower, place, end)):
                left -= 1
                amount = self._read(lower, found)
                place = found.end()
                if amount is None or not self._is_money(amount, passage, grammar, found):
                    continue
                place = max(place, amount.end)
                currency = kroner if amount.currency == "KR" else amount.currency
                yield Found(amount.start, amount.end, "budget", _write(amount, currency))

    def read(
        self, passage: Passage, start: int, end: int, *, lang: str, country: str
    ) -> Found | None:
        """Return the budget of the characters [start, end), which are known to tell one."""
        found = _NUMBER.search(passage.lower, start, end)
        if found is None and passage.lower[start:end] in self._nothing:
            return Found(start, end, "budget", "0")
        amount = self._read(passage.lower, found) if found else None
        if found is None or amount is None:
            return None
        if not amount.currency and _YEAR.fullmatch(found["low"]):
            return None
        kroner = _KRONER.get(lang) or _KRONER_BY_COUNTRY.get(country, "DKK")
        currency = kroner if amount.currency == "KR" else amount.currency
        return Found(amount.start, max(amount.end, end), "budget", _write(amount, currency))

    def names_sum(self, passage: Passage, start: int, end: int) -> bool:
        """Tell whether the number in the characters [start, end) is money or millions."""
        found = _NUMBER.search(passage.lower, start, end)
        if found is None:
            return False
        behind = found.end()
        return bool(
            self._scale.match(passage.lower, behind) or self._after.match(passage.lower, behind)
        )

    def _read(self, lower: str, found: re.Match[str]) -> _Amount | None:
        start, end = found.span()
        head = lower[max(0, start - _LOOK_BACK) : start]
        before = self._before.search(head)
        if before:
            start -= len(head) - before.start(1)
        elif head[-1:].isalpha() or (head[-1:] in "/-" and head[-2:-1].isdigit()):
            return None
        low = high = _parse(found["low"])
        upto = _UPTO.match(lower, end)
        if upto:
            high, end = _parse(upto["high"]), upto.end()
        scale, sign, end = self._read_scale(lower, end)
        low, high = _scale_range(low, high, scale)
        after = self._after.match(lower, end)
        currency = self._currencies[before[1].strip()] if before else sign
        if after and not currency:
            currency, end = self._currencies[after[1]], after.end()
        elif after and self._currencies[after[1]] == currency:
            end = after.end()
        period, end = self._read_period(lower, end)
        return _Amount(low, high, start, end, currency, scale > 1, period)

    def _read_scale(self, lower: str, end: int) -> tuple[float, str, int]:
        scale = self._scale.match(lower, end)
        if not scale:
            return 1.0, "", end
        word = (scale[1] or "t").strip()
        if word in {"t", "m"} and not self._after.match(lower, scale.end()):
            return 1.0, "", end
        sign = "KR" if word in self._kroner_scales else "EUR" if word == "t€" else ""
        return self._scales[word], sign, scale.end()

    def _read_period(self, lower: str, end: int) -> tuple[str, int]:
        filler = self._filler.match(lower, end)
        at = filler.end() if filler else end
        if period := self._period.match(lower, at):
            return self._periods[period[1] or period[2]], period.end()
        if adverb := self._adverb.match(lower, at):
            return self._adverbs[adverb[1]], adverb.end()
        return "", end

    def _is_money(
        self, amount: _Amount, passage: Passage, grammar: Grammar, found: re.Match[str]
    ) -> bool:
        """Tell whether a number is money: it says so, or the words around it do."""
        tail = passage.lower[amount.end : amount.end + 24].split()
        head = passage.lower[max(0, amount.start - 24) : amount.start].split()
        if _REVENUE & {word.strip(".,:") for word in (*tail[:2], *head[-2:])}:
            return False
        if amount.currency:
            return True
        if amount.period:
            least = _LEAST_PAID if amount.period in _SHORT_PERIODS else _LEAST_MONTHLY
            return (amount.low >= least and amount.period != "seat") or amount.has_scale
        if _YEAR.fullmatch(found["low"]):
            return False
        if amount.low >= _LEAST_NAMED and _is_named(head, tail):
            return True
        if not (amount.has_scale or amount.high >= _LEAST_BARE):
            return False
        return _ends_here(tail, passage.lower[amount.end : amount.end + 1], grammar) and _has_cue(
            head, grammar
        )


def _is_named(head: Sequence[str], tail: Sequence[str]) -> bool:
    """Tell whether a bare number is called a budget: "budget 600", "600 max"."""
    before = head[-1].strip(".,:;()") if head else ""
    after = tail[0].strip(".,:;?!)") if tail else ""
    return before.startswith(_BUDGET) or after in _TOPS


def _ends_here(tail: Sequence[str], sign: str, grammar: Grammar) -> bool:
    """Tell whether no thing that is counted follows a number."""
    if not tail or sign in ".,;:!?)\n":
        return True
    return tail[0].strip(".,;:!?)") in grammar.stop


def _has_cue(head: Sequence[str], grammar: Grammar) -> bool:
    words = [word.strip(".,:;()") for word in head]
    while words and words[-1] in grammar.about:
        words.pop()
    return grammar.money.match_before(words, len(words)) is not None or (
        bool(words) and bool(head) and head[-1].strip(".,:;()") in grammar.about
    )


def _scale_range(low: float, high: float, scale: float) -> tuple[float, float]:
    """Return both bounds in full: "8-10k" and "20-30 000" leave the thousands of the first out."""
    if low != high and low * scale <= high * scale and low < high:
        if scale == 1.0 and low * 1_000 <= high:
            return low * 1_000, high
        return low * scale, high * scale
    return (low * scale, high * scale) if low == high else (low, high * scale)


def _parse(written: str) -> float:
    digits = _GROUP.sub("", written)
    return float(digits.replace(",", ".").replace("'", "").replace(" ", ""))


def _write(amount: _Amount, currency: str) -> str:
    bounds = sorted({amount.low, amount.high})
    numbers = "-".join(f"{each:g}" if each < _DECIMALS else f"{each:.0f}" for each in bounds)
    value = f"{currency} {numbers}".strip()
    return f"{value}/{amount.period}" if amount.period else value


def _turn(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words}


def _any_of(words: Iterable[Any]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
