"""Turns an analysed post into numbers: hashed words and letters, and counts of patterns."""

from dataclasses import dataclass
from functools import cache
from math import log1p

import numpy as np
from numpy.typing import NDArray

from nlp.analysis import Analysis
from nlp.patterns import GROUPS
from nlp.words import MENTION, URL, Sentence, Words

# Raised whenever the same post would give other features: a model belongs to one version.
FEATURES_VERSION = 1
BLOCKS = ("words", "letters", "ask_words", "ask_letters")
_BITS = 20
_WORD_NGRAMS, _ASK_WORD_NGRAMS = (1, 2), (1, 2, 3)
_LETTER_NGRAMS, _ASK_LETTER_NGRAMS = (3, 4, 5), (2, 3, 4, 5)
_WORDS_READ, _LETTERS_READ = 600, 2_500
# The texts whose letters are hashed are never longer than the collectors' limit of 20 000.
_LONGEST = 20_480

_U64 = NDArray[np.uint64]
_FACTOR = 0x9E3779B97F4A7C15  # 2**64 / golden ratio, odd: invertible and well mixing
_FIRST_PERSON = frozenset(
    ["i", "i'm", "we", "we're", "my", "our", "me", "us", "im", "jeg", "vi", "min", "mit", "mine",
     "vores", "os", "mig", "ich", "wir", "mein", "unser", "jag", "vår", "vårt", "meg", "oss", "uns",
     "mich"]
)  # fmt: skip
_SECOND_PERSON = frozenset(
    ["you", "your", "you're", "du", "din", "dit", "dine", "dig", "jer", "jeres", "i", "ihr", "euch",
     "euer", "dein", "dich", "ni", "er", "deg", "dere", "deres"]
)  # fmt: skip


def _powers(factor: int) -> _U64:
    powers = np.ones(_LONGEST, dtype=np.uint64)
    powers[1:] = np.uint64(factor)
    result: _U64 = np.multiply.accumulate(powers)
    return result


@dataclass(frozen=True, slots=True)
class Features:
    """Ids of hashed features, in any order and some of them twice; and dense counts."""

    hashed: _U64
    dense: NDArray[np.float32]


class FeatureReader:
    """Reads features; holds the tables of powers that rolling hashes need."""

    def __init__(self) -> None:
        self._powers = _powers(_FACTOR)
        self._inverse = _powers(pow(_FACTOR, -1, 1 << 64))

    def read(self, analysis: Analysis) -> Features:
        """Return the features of one post; they depend on that post alone."""
        words = analysis.words
        text = words.lower
        codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
        sums = np.zeros(len(codes) + 1, dtype=np.uint64)
        np.cumsum(
            (codes.astype(np.uint64) + np.uint64(1)) * self._powers[: len(codes)], out=sums[1:]
        )
        hashes = self._word_hashes(words, sums)
        parts = [
            _block(0, self._word_ngrams(hashes[:_WORDS_READ], _WORD_NGRAMS)),
            _block(1, self._letter_ngrams(sums, 0, min(len(codes), _LETTERS_READ), _LETTER_NGRAMS)),
        ]
        ask_letters: list[_U64] = []
        for sentence in analysis.ask_sentences:
            start, end = words.span(sentence.first, sentence.last)
            ask = hashes[sentence.first : sentence.last]
            parts.append(_block(2, self._word_ngrams(ask, _ASK_WORD_NGRAMS)))
            ask_letters += self._letter_ngrams(sums, start, end, _ASK_LETTER_NGRAMS)
        parts.append(_block(3, ask_letters))
        return Features(np.concatenate(parts), read_dense(analysis))

    def _word_hashes(self, words: Words, sums: _U64) -> _U64:
        starts = np.asarray(words.starts, dtype=np.int64)
        ends = np.asarray(words.ends, dtype=np.int64)
        hashes = (sums[ends] - sums[starts]) * self._inverse[starts]
        for place, word in enumerate(words.words):
            # All links are one word, and so are all names that are addressed.
            if word is URL or word is MENTION:
                hashes[place] = np.uint64(1 if word is URL else 2)
        return hashes

    @staticmethod
    def _word_ngrams(hashes: _U64, sizes: tuple[int, ...]) -> list[_U64]:
        grams = []
        for size in sizes:
            if len(hashes) < size:
                break
            gram = hashes[: len(hashes) - size + 1] + np.uint64(size)
            for offset in range(1, size):
                following = hashes[offset : len(hashes) - size + 1 + offset]
                gram = _mix(gram) ^ following
            grams.append(gram)
        return grams

    def _letter_ngrams(
        self, sums: _U64, start: int, end: int, sizes: tuple[int, ...]
    ) -> list[_U64]:
        grams = []
        for size in sizes:
            last = end - size + 1
            if last <= start:
                break
            gram = (sums[start + size : end + 1] - sums[start:last]) * self._inverse[start:last]
            grams.append(gram + np.uint64(size))
        return grams


@cache
def dense_names() -> list[str]:
    """Return what each dense feature counts."""
    places = ("post", "start", "asks", "best")
    names = [f"{group}.{place}" for group in GROUPS for place in places]
    return names + list(_SHAPE) + [f"both.{first}+{second}" for first, second in _PAIRS]


_SHAPE = (
    "words", "questions", "question_share", "ends_asking", "exclamations", "urls", "mentions",
    "numbers", "first_person", "second_person", "ask_sentences", "ask_place", "asks_first_person",
    "asks_second_person", "is_short",
)  # fmt: skip
_PAIRS = (
    ("ask", "provider"), ("need", "provider"), ("ask", "crowd"), ("need", "role"), ("hire", "role"),
    ("ask", "role"), ("offer", "provider"), ("ask", "howto"), ("compare", "provider"),
    ("ask", "leisure"), ("need", "leisure"), ("ask", "business"), ("need", "business"),
)  # fmt: skip
_PAIR_GROUPS = tuple((GROUPS.index(first), GROUPS.index(second)) for first, second in _PAIRS)
DENSE_SIZE = 4 * len(GROUPS) + len(_SHAPE) + len(_PAIRS)


def read_dense(analysis: Analysis) -> NDArray[np.float32]:
    """Return the counts, in the order of `dense_names`, each roughly in [0, 4]."""
    groups = len(GROUPS)
    post, start, asks, best = ([0] * groups for _ in range(4))
    for hit in analysis.hits:
        post[hit.group] += 1
    sentences = analysis.words.sentences
    for place, sentence in enumerate(sentences[:2]):
        if place == 0 or sentence.last <= 40:
            _count(analysis, sentence, start)
    pairs = [0.0] * len(_PAIRS)
    for rank, sentence in enumerate(analysis.ask_sentences):
        _count(analysis, sentence, asks)
        if rank == 0:
            _count(analysis, sentence, best)
        present = {hit.group for hit in analysis.hits_by_sentence.get(sentence.first, ())}
        for index, (first, second) in enumerate(_PAIR_GROUPS):
            if first in present and second in present:
                pairs[index] = 1.0
    counts = [
        log1p(counted[group]) for group in range(groups) for counted in (post, start, asks, best)
    ]
    return np.array([*counts, *_read_shape(analysis), *pairs], dtype=np.float32)


def _count(analysis: Analysis, sentence: Sentence, into: list[int]) -> None:
    for hit in analysis.hits_by_sentence.get(sentence.first, ()):
        into[hit.group] += 1


def _read_shape(analysis: Analysis) -> list[float]:
    words = analysis.words.words
    total = len(words)
    questions = words.count("?")
    asks = [
        word
        for sentence in analysis.ask_sentences
        for word in words[sentence.first : sentence.last]
    ]
    place = analysis.ask_sentences[0].first / total if analysis.ask_sentences else 0.0
    return [
        log1p(total) / 2,
        log1p(questions),
        questions / max(1, len(analysis.words.sentences)),
        1.0 if words and words[-1] == "?" else 0.0,
        log1p(words.count("!")),
        log1p(words.count(URL)),
        log1p(words.count(MENTION)),
        log1p(sum(word[0].isdigit() for word in words)) / 2,
        log1p(sum(word in _FIRST_PERSON for word in words)),
        log1p(sum(word in _SECOND_PERSON for word in words)),
        float(len(analysis.ask_sentences)) / 2,
        place,
        1.0 if any(word in _FIRST_PERSON for word in asks) else 0.0,
        1.0 if any(word in _SECOND_PERSON for word in asks) else 0.0,
        1.0 if total < 12 else 0.0,
    ]


def _mix(values: _U64) -> _U64:
    mixed = values * np.uint64(_FACTOR)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)  # Stafford's variant 13 of the MurmurHash3 finaliser
    mixed ^= mixed >> np.uint64(32)
    return mixed


def _block(block: int, grams: list[_U64]) -> _U64:
    if not grams:
        return np.empty(0, dtype=np.uint64)
    joined = _mix(np.concatenate(grams)) >> np.uint64(64 - _BITS)
    return joined + np.uint64(block << _BITS)


def block_of(ids: _U64) -> NDArray[np.int64]:
    """Return the block number of each hashed feature."""
    return (ids >> np.uint64(_BITS)).astype(np.int64)


TABLE_SIZE = len(BLOCKS) << _BITS
