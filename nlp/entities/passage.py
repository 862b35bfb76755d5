"""The words of a post as the finders of entities look at them, and what they find."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from nlp.analysis import LONGEST_ANALYSED, Analysis

# Signs between two words after which no phrase goes on.
_BREAK = re.compile(r"[.,;:!?()\[\]\n\"|*]|- | -")


# The ask of a longer text stands at its beginning or end, as in nlp.analysis.
_HEAD, _TAIL = 900, 300
# Of a text that is longer than any post so few are read that it takes no longer than a post.
_HUGE_HEAD, _HUGE_TAIL = 300, 100
_Each = TypeVar("_Each")


@dataclass(frozen=True, slots=True)
class Found:
    """Characters [start, end) of the normalised text are a thing of `kind`."""

    start: int
    end: int
    kind: str
    value: str
    relation: str = ""


@dataclass(frozen=True)
class Passage:
    """A post's words with their places, their letters as written, and the sentences that ask."""

    analysis: Analysis

    @cached_property
    def words(self) -> list[str]:
        return _without_middle(self.analysis.words.words)

    @cached_property
    def starts(self) -> list[int]:
        return _without_middle(self.analysis.words.starts)

    @cached_property
    def ends(self) -> list[int]:
        return _without_middle(self.analysis.words.ends)

    @cached_property
    def parts(self) -> list[tuple[int, int]]:
        """The characters [start, end) that are read: all, or beginning and end of a long text."""
        total = len(self.analysis.words.words)
        if total <= _HEAD + _TAIL:
            return [(0, len(self.text))]
        head, _ = _choose_ends(total)
        return [(0, self.ends[head - 1]), (self.starts[head], len(self.text))]

    @cached_property
    def text(self) -> str:
        return self.analysis.normal.text

    @cached_property
    def lower(self) -> str:
        return self.analysis.words.lower

    @cached_property
    def sentence_of(self) -> list[int]:
        """The number of the sentence that each word stands in."""
        numbers = [0] * len(self.analysis.words.words)
        for number, sentence in enumerate(self.analysis.words.sentences):
            for place in range(sentence.first, sentence.last):
                numbers[place] = number
        return _without_middle(numbers)

    @cached_property
    def asking(self) -> frozenset[int]:
        """The numbers of the sentences that look most like an ask."""
        firsts = {sentence.first for sentence in self.analysis.ask_sentences}
        return frozenset(
            number
            for number, sentence in enumerate(self.analysis.words.sentences)
            if sentence.first in firsts
        )

    @cached_property
    def is_lower(self) -> bool:
        """Whether the author writes (nearly) without capital letters."""
        capitals = sum(self.is_capital(place) for place in range(min(len(self.words), 400)))
        return capitals <= len(self.words) // 40

    def is_capital(self, place: int) -> bool:
        """Tell whether a word has a capital letter in it."""
        word = self.text[self.starts[place] : self.ends[place]]
        return word != word.lower()

    def is_first(self, place: int) -> bool:
        """Tell whether a word opens its sentence, where everybody writes a capital letter."""
        return place == 0 or self.sentence_of[place] != self.sentence_of[place - 1]

    def sentence(self, place: int) -> list[str]:
        """Return the words of the sentence that word `place` stands in."""
        sentence = self.analysis.words.sentences[self.sentence_of[place]]
        return self.analysis.words.words[sentence.first : sentence.last]

    def gap(self, place: int) -> str:
        """Return what stands between word `place` and the next one."""
        if place + 1 >= len(self.words):
            return "\n"
        return self.text[self.ends[place] : self.starts[place + 1]]

    def has_break(self, place: int) -> bool:
        """Tell whether a phrase must end after word `place`."""
        gap = self.gap(place)
        return gap != " " and _BREAK.search(gap) is not None

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the characters of the words [first, last)."""
        return self.starts[first], self.ends[last - 1]

    def written(self, first: int, last: int) -> str:
        start, end = self.span(first, last)
        return self.text[start:end]


def _choose_ends(total: int) -> tuple[int, int]:
    """Return how many words are read of the beginning and of the end of a long text."""
    return (_HEAD, _TAIL) if total <= LONGEST_ANALYSED else (_HUGE_HEAD, _HUGE_TAIL)


def _without_middle(each_word: list[_Each]) -> list[_Each]:
    if len(each_word) <= _HEAD + _TAIL:
        return each_word
    head, tail = _choose_ends(len(each_word))
    return each_word[:head] + each_word[-tail:]
