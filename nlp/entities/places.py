"""Finds places, and tells them from words and people of the same name."""

import re
from collections.abc import Iterable

from nlp.entities.gazetteer import Gazetteer, Place
from nlp.entities.grammar import Grammar
from nlp.entities.passage import Found, Passage

_PART = re.compile(r"[^-/]+")
_MANY_PEOPLE = 50_000
_SEPARATORS = frozenset("/,;(:-\n|")


def find_places(passage: Passage, grammar: Grammar, gazetteer: Gazetteer) -> Iterable[Found]:
    """Yield places with "København, DK" as value."""
    words, place = passage.words, 0
    while place < len(words):
        found = _match(passage, grammar, gazetteer, place)
        if found is None:
            yield from _split(passage, gazetteer, place)
            place += 1
            continue
        last, named, end = found
        yield Found(passage.starts[place], end, "place", named.value)
        place = last


def _match(
    passage: Passage, grammar: Grammar, gazetteer: Gazetteer, place: int
) -> tuple[int, Place, int] | None:
    """Return the word behind a place, the place, and the character where its name ends."""
    words = passage.words
    found = gazetteer.names.match(words, place)
    if found is not None:
        last, named = found
        if not _is_meant(passage, grammar, gazetteer, place, last, named):
            return None
        if (
            last < len(words)
            and words[last] in grammar.place_suffixes
            and passage.gap(last - 1) == " "
        ):
            last += 1
        return last, named, passage.ends[last - 1]
    return _match_inflected(passage, grammar, gazetteer, place)


def _split(passage: Passage, gazetteer: Gazetteer, place: int) -> Iterable[Found]:
    """Yield the places of "Sundsvall/Solna" and "Hamburg-Praha"."""
    word, start = passage.words[place], passage.starts[place]
    if "/" not in word and "-" not in word:
        return
    for part in _PART.finditer(word):
        found = gazetteer.names.match([part[0]], 0)
        if found is None or part[0] in gazetteer.words or part[0] in gazetteer.capitals:
            continue
        if passage.text[start + part.start()].isupper():
            yield Found(start + part.start(), start + part.end(), "place", found[1].value)


def _match_inflected(
    passage: Passage, grammar: Grammar, gazetteer: Gazetteer, place: int
) -> tuple[int, Place, int] | None:
    """Read "Københavns", "Aarhus-området", "Stockholmsområdet", "Hamburger Raum"."""
    word = passage.words[place]
    stem = ""
    if "-" in word:
        stem, _, suffix = word.partition("-")
        if suffix not in grammar.place_suffixes:
            return None
    else:
        for suffix in grammar.place_suffixes:
            if word.endswith(suffix) and len(word) > len(suffix) + 2:
                stem = word.removesuffix(suffix)
                break
        else:
            stem = word
    for base in _bases(stem, word, grammar):
        found = gazetteer.names.match([base], 0)
        if found is None or base in gazetteer.words or base in gazetteer.capitals:
            continue
        if passage.is_capital(place) and (found[1].is_known_to_all or len(base) > 4):
            return place + 1, found[1], passage.ends[place]
    return None


def _bases(stem: str, word: str, grammar: Grammar) -> Iterable[str]:
    if stem != word:
        yield stem
    if stem.endswith("s"):
        yield stem[:-1]
    if grammar.lang == "de" and stem.endswith("er") and stem != "hamburger":
        yield stem[:-2]


def _is_meant(
    passage: Passage,
    grammar: Grammar,
    gazetteer: Gazetteer,
    first: int,
    last: int,
    named: Place,
) -> bool:
    name = " ".join(passage.words[first:last])
    is_capital = passage.is_capital(first)
    if name in gazetteer.capitals:
        return passage.written(first, last).isupper() or name in {"usa", "nrw"}
    if not is_capital:
        # People who write no capital letters mean well known places, or say "in" before them.
        if not passage.is_lower or name in gazetteer.words:
            return False
        return named.is_known_to_all or _has_cue(passage, grammar, first)
    if _is_part_of_name(passage, last):
        return False
    if name in gazetteer.words:
        return _has_cue(passage, grammar, first)
    if named.is_known_to_all or named.population >= _MANY_PEOPLE:
        return True
    if grammar.lang == "de":
        # Every German noun has a capital letter, and many a small town is called like one.
        return first > 0 and passage.words[first - 1] in grammar.place_cues | {"#"}
    return not passage.is_first(first) or _has_cue(passage, grammar, first)


def _has_cue(passage: Passage, grammar: Grammar, first: int) -> bool:
    """Tell whether "in" or a separator stands before a name, or a mark behind a lone one."""
    if not first:
        return False
    if passage.words[first - 1] in grammar.place_cues and not passage.has_break(first - 1):
        return True
    gap = passage.gap(first - 1)
    return any(sign in _SEPARATORS for sign in gap.strip(" ")) or "\n" in gap


def _is_part_of_name(passage: Passage, last: int) -> bool:
    """Tell whether a name goes on: "Paris Hilton", "Hamburg Süd GmbH" are no places."""
    if last >= len(passage.words) or passage.gap(last - 1) != " ":
        return False
    after = passage.words[last]
    return after in {"gmbh", "aps", "a/s", "ab", "as", "ltd", "hilton", "bank", "airlines"}
