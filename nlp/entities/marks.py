"""Finds what fixed phrases say: urgency, and whether work is remote or on site."""

from collections.abc import Iterable

from nlp.entities.grammar import Grammar
from nlp.entities.passage import Found, Passage


def find_marks(passage: Passage, grammar: Grammar, *, is_search: bool) -> Iterable[Found]:
    """Yield urgency, and the workplace where a person is searched for."""
    place = 0
    while place < len(passage.words):
        found = grammar.marks.match(passage.words, place)
        if found is None:
            place += 1
            continue
        last, (kind, value) = found
        if kind == "urgency" or is_search:
            start, end = passage.span(place, last)
            yield Found(start, end, kind, value)
        place = last
