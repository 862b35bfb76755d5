"""Tells how the author stands to the vendors of a post, by learned weights.

One word beside a name seldom tells it: the vendors of a post are read together, each with the
words around it, its sentence, and what the rules make of it.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from nlp.entities.grammar import Grammar
from nlp.entities.passage import Passage
from nlp.entities.vendors import relate
from nlp.entities.weights import Chain, Weights, read_weights
from nlp.resources import resource_path

RELATIONS = ("none", "incumbent", "rejected", "compared")
_REACH, _FAR, _MANY, _MOST_BETWEEN, _SENTENCE = 4, 7, 3, 3, 40
Spans = Sequence[tuple[int, int]]


class RelationReader:
    """Chooses the likeliest relations of the vendors of a post; immutable."""

    def __init__(self, weights: Weights) -> None:
        self._chain = Chain(weights)

    def read(self, passage: Passage, grammar: Grammar, spans: Spans) -> list[str]:
        """Return the relation of each of the vendors of the words [first, last), in order."""
        rows = read_relation_clues(passage, grammar, spans)
        return ["" if not each else RELATIONS[each] for each in self._chain.choose(rows)]


def read_relation_clues(passage: Passage, grammar: Grammar, spans: Spans) -> list[list[str]]:
    """Return the clues of each vendor."""
    told = relate(passage, grammar, spans)
    rows: list[list[str]] = []
    for at, (first, last) in enumerate(spans):
        before = spans[at - 1] if at else None
        after = spans[at + 1] if at + 1 < len(spans) else None
        row = ["bias", f"l={grammar.lang}", f"r={told[at]}", f"n={min(len(spans), _MANY)}"]
        row += _tell_cue(passage, grammar, first, last)
        row += _tell_words(passage, first, last)
        row += _tell_sentence(passage, first, last)
        row += _tell_between("p", passage, before, (first, last))
        row += _tell_between("f", passage, (first, last), after)
        if at:
            row.append(f"rp={told[at - 1]}")
        if after is not None:
            row.append(f"rf={told[at + 1]}")
        rows.append(row)
    return rows


def _tell_cue(passage: Passage, grammar: Grammar, first: int, last: int) -> list[str]:
    """Return what the words right before and right behind a name say of relations."""
    row = []
    before = grammar.before_vendor.match_before(passage.words, first)
    if before is not None and not passage.has_break(first - 1):
        phrase = " ".join(passage.words[before[0] : first])
        row += [f"cb={before[1]}", f"cb={phrase}", f"cb={before[1]}|{first - before[0] > 1}"]
    behind = grammar.after_vendor.match(passage.words, last)
    if behind is not None:
        row.append(f"ca={behind[1]}")
    if last < len(passage.words) and passage.words[last] == "?":
        row.append(f"ca=?|{before[1] if before else ''}")
    return row


def _tell_words(passage: Passage, first: int, last: int) -> list[str]:
    """Return the words before and behind a name, near ones with their place."""
    words = passage.words
    left = words[max(0, first - _FAR) : first][::-1]
    right = words[last : last + _FAR]
    row = [f"gb={_mark(passage, first - 1)}", f"ga={_mark(passage, last - 1)}"]
    for side, near in (("b", left), ("a", right)):
        row += [f"{side}{place}={word}" for place, word in enumerate(near[:_REACH])]
        row += [f"{side}={word}" for word in near]
        row += [
            f"{side}{place}={one} {other}"
            for place, (one, other) in enumerate(pairwise(near[:_REACH]))
        ]
        row += [f"{side}s={word[:4]}" for word in near[:_REACH]]
        if len(near) < 2:
            row.append(f"{side}e={len(near)}")
    return row


def _tell_sentence(passage: Passage, first: int, last: int) -> list[str]:
    sentence = passage.sentence_of[first]
    begin = end = first
    while begin and passage.sentence_of[begin - 1] == sentence and first - begin < _SENTENCE:
        begin -= 1
    while (
        end < len(passage.words)
        and passage.sentence_of[end] == sentence
        and end - first < _SENTENCE
    ):
        end += 1
    words = [*passage.words[begin:first], *passage.words[last:end]]
    is_question = "?" in words
    place = "first" if sentence == 0 else "later"
    asks = sentence in passage.asking
    return [
        *dict.fromkeys(f"s={word}" for word in words),
        f"q={is_question}", f"q={is_question}|{asks}", f"at={place}", f"at={place}|{is_question}",
        f"c={passage.is_capital(first)}",
    ]  # fmt: skip


def _tell_between(
    side: str, passage: Passage, one: tuple[int, int] | None, other: tuple[int, int] | None
) -> list[str]:
    """Return what stands between two vendors that follow each other."""
    if one is None or other is None:
        return [f"{side}-"]
    between = passage.words[one[1] : other[0]]
    if len(between) > _MOST_BETWEEN:
        same = passage.sentence_of[one[0]] == passage.sentence_of[other[0]]
        return [f"{side}far|{same}"]
    return [f"{side}={' '.join(between)}|{_mark(passage, one[1] - 1)}", f"{side}near"]


def _mark(passage: Passage, place: int) -> str:
    """Return the mark behind a word, "n" for a line break, "<" before the first one."""
    if place < 0:
        return "<"
    gap = passage.gap(place)
    return "n" if "\n" in gap else gap.strip()[:1] or "_"


def relations_path() -> Path:
    return resource_path("entities", "relations.npz")


@cache
def read_relations() -> RelationReader:
    """Return the reader that ships with the package, read once in a process.

    Raises:
        ConfigurationError: Its file cannot be used.
    """
    return RelationReader(read_weights(relations_path(), RELATIONS))
