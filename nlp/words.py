"""Splits normalised text into words and sentences, with their places."""

import re
from dataclasses import dataclass
from typing import NamedTuple

# A word may hold hyphens, apostrophes and slashes inside and "#" or "+" behind (C#, C++).
# Question and exclamation marks, per cent and colon count as words: patterns speak of them.
_WORD = re.compile(
    r"(?P<url>https?://\S+|www\.\S+)|(?P<mention>@\w+)|[^\W_]+(?:[-'/&][^\W_]+)*[#+]*|[?!%:]"
)
# A run of marks is tried from its first mark only, and never given back in part: a long run with
# a letter behind it would take time that grows with its square.
_SENTENCE_END = re.compile(r"[.!?](?<![.!?]{2})[.!?]*+(?=[\s)\"']|$)|\n+")
# Texts without punctuation are cut into windows, so that a "sentence" stays one thought.
WORDS_IN_SENTENCE = 45
URL, MENTION = "<url>", "<mention>"


class Sentence(NamedTuple):
    """Words [first, last) of a text."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in lower case, with where each begins and ends."""

    lower: str
    words: list[str]
    starts: list[int]
    ends: list[int]
    sentences: list[Sentence]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the characters [start, end) of the words [first, last)."""
        return self.starts[first], self.ends[last - 1]


def split_words(lower: str) -> Words:
    """Return words and sentences of a lower-case text."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for found in _WORD.finditer(lower):
        kind = found.lastgroup
        words.append(found.group() if kind is None else (URL if kind == "url" else MENTION))
        starts.append(found.start())
        ends.append(found.end())
    return Words(lower, words, starts, ends, _split_sentences(lower, starts))


def phrase_words(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase as they would stand in a text."""
    return tuple(found.group() for found in _WORD.finditer(phrase.lower()))


def _split_sentences(lower: str, starts: list[int]) -> list[Sentence]:
    sentences: list[Sentence] = []
    first, total = 0, len(starts)
    for found in _SENTENCE_END.finditer(lower):
        last = first
        while last < total and starts[last] < found.end():
            last += 1
        _add_windows(sentences, first, last)
        first = last
    _add_windows(sentences, first, total)
    return sentences


def _add_windows(sentences: list[Sentence], first: int, last: int) -> None:
    while last - first > WORDS_IN_SENTENCE:
        sentences.append(Sentence(first, first + WORDS_IN_SENTENCE))
        first += WORDS_IN_SENTENCE
    if first < last:
        sentences.append(Sentence(first, last))
