"""Finds how many people an asking firm has."""

import re
from collections.abc import Iterable, Sequence

from nlp.entities.grammar import Grammar
from nlp.entities.passage import Found, Passage

_COUNT = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
# "10-person", "20-people", "12-mands"
_JOINED = re.compile(r"(\d{1,6})-(person|people|man|employee|mands|personers|personen|mann)")
_LEADING, _GROUP = re.compile(r"[1-9]\d{0,2}"), re.compile(r"\d{3}")
_MOST_WORDS_BETWEEN = 1
_LEAST = 2


def find_sizes(passage: Passage, grammar: Grammar) -> Iterable[Found]:
    """Yield company sizes; the value is a number or "10-20"."""
    words = passage.words
    for place, word in enumerate(words):
        joined = _JOINED.fullmatch(word)
        if joined:
            start, end = passage.span(place, place + 1)
            yield Found(start, end, "company_size", str(int(joined[1])))
            continue
        value = _read_count(word, grammar)
        if not value:
            continue
        last = _read_people(passage, grammar, place)
        if last:
            start, end = passage.span(place, last)
            yield Found(start, end, "company_size", value)


def read_size(words: Sequence[str], grammar: Grammar) -> str:
    """Return the number among words that are known to tell a size, or ""."""
    for place, word in enumerate(words):
        # "9 000 members"
        if (
            _LEADING.fullmatch(word)
            and words[place + 1 : place + 2]
            and _GROUP.fullmatch(words[place + 1])
        ):
            return str(int(word + words[place + 1]))
        joined = _JOINED.fullmatch(word)
        if joined:
            return str(int(joined[1]))
        # "two-man", "8-Mann-Betrieb"
        for part in (word, *word.split("-")):
            value = _read_count(part, grammar) if part else ""
            if value:
                return value
    return ""


def _read_count(word: str, grammar: Grammar) -> str:
    if word[0].isdigit():
        count = _COUNT.fullmatch(word)
        if count is None or int(count[1]) < _LEAST:
            return ""
        return str(int(count[1])) + (f"-{int(count[2])}" if count[2] else "")
    number = grammar.numbers.get(word, 0)
    return str(number) if number >= _LEAST else ""


def _read_people(passage: Passage, grammar: Grammar, place: int) -> int:
    """Return the word behind "12 employees", "team of 5"; 0 when people are not meant."""
    words = passage.words
    if _is_part_of_number(passage, place):
        return 0
    for between in range(_MOST_WORDS_BETWEEN + 1):
        at = place + 1 + between
        if any(passage.gap(each) not in {" ", "-", "\n"} for each in range(place, at)):
            break
        people = grammar.people.match(words, at)
        if people and (not between or words[at - 1] not in grammar.stop):
            return people[0]
    before = place
    while before and words[before - 1] in grammar.about:
        before -= 1
    if grammar.headcounts.match_before(words, before) is None:
        return 0
    after = words[place + 1] if place + 1 < len(words) else ""
    follows = passage.gap(place).strip()
    if follows[:1] in {"%", "$", "€", "£"} or after == "%":
        return 0
    if follows or after in grammar.stop or after in {"?", "!", "st", "stk", "pers"} or not after:
        return place + 1 + (after in {"st", "stk", "pers"} and not follows)
    return 0


def _is_part_of_number(passage: Passage, place: int) -> bool:
    """Tell whether the word is the end of "1.500" or stands behind a currency."""
    if not place or not passage.words[place][0].isdigit():
        return False
    gap = passage.text[passage.ends[place - 1] : passage.starts[place]]
    return gap in {".", ","} and passage.words[place - 1][-1:].isdigit()
