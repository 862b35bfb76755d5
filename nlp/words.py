"""Splits normalised text into words and sentences, with their places."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

# A word may hold hyphens, apostrophes and slashes inside and "#" or "+" behind (C#, C++).
# Question and exclamation marks, per cent and colon count as words: patterns speak of them.
_WORD = re.compile(r"(https?://\S+|www\.\S+|@\w+|[^\W_]+(?:[-'/&][^\W_]+)*[#+]*|[?!%:])")
# What only links begin with: no other word has a dot or a slash behind a colon in it.
_LINKS = ("http://", "https://", "www.")
# A run of marks is tried from its first mark only, and never given back in part: a long run with
# a letter behind it would take time that grows with its square.
_SENTENCE_END = re.compile(r"[.!?\n](?:(?<=\n)\n*|(?<=[.!?])(?<![.!?]{2})[.!?]*+(?=[\s)\"']|$))")
# Texts without punctuation are cut into windows, so that a "sentence" stays one thought.
WORDS_IN_SENTENCE = 45
# So is all behind so many sentences: no post that is written to be read has them.
_MOST_SENTENCES = 1_500
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
    # What stands between the words, and every second one a word: all places are sums of lengths.
    pieces = _WORD.split(lower)
    places = list(accumulate(map(len, pieces)))
    words, starts, ends = pieces[1::2], places[:-1:2], places[1::2]
    if "@" in lower or "://" in lower or "www." in lower:
        words = [_name_word(word) for word in words]
    return Words(lower, words, starts, ends, _split_sentences(lower, starts))


def _name_word(word: str) -> str:
    if word[0] == "@":
        return MENTION
    return URL if word.startswith(_LINKS) else word


def phrase_words(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase as they would stand in a text."""
    return tuple(_WORD.findall(phrase.lower()))


def _split_sentences(lower: str, starts: list[int]) -> list[Sentence]:
    sentences: list[Sentence] = []
    first, total = 0, len(starts)
    for found in _SENTENCE_END.finditer(lower):
        last = bisect_left(starts, found.end(), first)
        _add_windows(sentences, first, last)
        first = last
        if len(sentences) >= _MOST_SENTENCES:
            break
    _add_windows(sentences, first, total)
    return sentences


def _add_windows(sentences: list[Sentence], first: int, last: int) -> None:
    while last - first > WORDS_IN_SENTENCE:
        sentences.append(Sentence(first, first + WORDS_IN_SENTENCE))
        first += WORDS_IN_SENTENCE
    if first < last:
        sentences.append(Sentence(first, last))
