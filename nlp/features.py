"""Turns an analysed post into numbers: hashed words and letters, and counts of patterns."""

from collections.abc import Sequence
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
# Runs of 1 to 3 words and of 2 to 5 letters are hashed; outside of asks the longest run of words
# and the shortest of letters say too little.
_WORD_SIZES, _LETTER_SIZES = (1, 2, 3), (2, 3, 4, 5)
_WORDS_READ, _LETTERS_READ = 600, 2_500
# The texts whose letters are hashed are never longer than the collectors' limit of 20 000.
_LONGEST = 20_480

_U64 = NDArray[np.uint64]
_I64 = NDArray[np.int64]
_FACTOR = 0x9E3779B97F4A7C15  # 2**64 / golden ratio, odd: invertible and well mixing
# Stafford's variant 13 of the MurmurHash3 finaliser.
_MULTIPLIERS = (np.uint64(_FACTOR), np.uint64(0xBF58476D1CE4E5B9))
_SHIFTS = (np.uint64(29), np.uint64(32))
_TO_BITS = np.uint64(64 - _BITS)
_ONE = np.uint64(1)
_LONGER_RUNS = np.array([[2], [3]], dtype=np.uint64)
_LETTER_COLUMN = np.array(_LETTER_SIZES, dtype=np.uint64).reshape(-1, 1)
# All links are one word, and so are all names that are addressed.
_FIXED = {URL: np.uint64(1), MENTION: np.uint64(2)}
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

    hashed: _I64
    dense: NDArray[np.float32]


class FeatureReader:
    """Reads features; holds the tables of powers that rolling hashes need."""

    def __init__(self) -> None:
        self._powers = _powers(_FACTOR)
        self._inverse = _powers(pow(_FACTOR, -1, 1 << 64))

    def read(self, analysis: Analysis) -> Features:
        """Return the features of one post; they depend on that post alone."""
        words = analysis.words
        sums = self._sum_letters(words.lower)
        count, length = min(len(words.words), _WORDS_READ), min(len(words.lower), _LETTERS_READ)
        head = self._hash_runs(words, sums, (0, count), (0, length))
        of_words = [head.of_words(size, 0, count) for size in _WORD_SIZES[:2]]
        of_letters = [head.of_letters(size, 0, length) for size in _LETTER_SIZES[1:]]
        ask_words: list[_I64] = []
        ask_letters: list[_I64] = []
        for first, last in analysis.ask_sentences:
            start, end = words.span(first, last)
            runs = head
            if last > count or end > length:
                runs = self._hash_runs(words, sums, (first, last), (start, end))
            ask_words += [runs.of_words(size, first, last) for size in _WORD_SIZES]
            ask_letters += [runs.of_letters(size, start, end) for size in _LETTER_SIZES]
        return Features(_join([of_words, of_letters, ask_words, ask_letters]), read_dense(analysis))

    def _sum_letters(self, text: str) -> _U64:
        """Return the sums of all letters before each place, and room for a run behind the last."""
        codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
        sums = np.zeros(len(codes) + _LETTER_SIZES[-1], dtype=np.uint64)
        weighted = np.add(codes, _ONE)
        weighted *= self._powers[: len(codes)]
        np.cumsum(weighted, out=sums[1 : len(codes) + 1])
        return sums

    def _hash_runs(
        self, words: Words, sums: _U64, of_words: tuple[int, int], of_letters: tuple[int, int]
    ) -> "_Runs":
        """Return the hashes of the runs of some words and letters, all mixed in one go."""
        (first, last), (start, end) = of_words, of_letters
        count, length = last - first, end - start
        split = len(_WORD_SIZES) * count
        hashes = np.empty(split + len(_LETTER_SIZES) * length, dtype=np.uint64)
        word_rows = hashes[:split].reshape(len(_WORD_SIZES), count)
        letter_rows = hashes[split:].reshape(len(_LETTER_SIZES), length)
        self._fill_words(word_rows, words, sums, first)
        self._fill_letters(letter_rows, sums, start)
        _mix(hashes)
        hashes >>= _TO_BITS
        return _Runs(word_rows.view(np.int64), first, letter_rows.view(np.int64), start)

    def _fill_words(self, rows: _U64, words: Words, sums: _U64, first: int) -> None:
        """Write the runs of one word and more; behind the last whole run anything may stand."""
        count = rows.shape[1]
        last = first + count
        starts, ends = np.array([words.starts[first:last], words.ends[first:last]], dtype=np.int64)
        single = (sums[ends] - sums[starts]) * self._inverse[starts]
        if URL in words.words or MENTION in words.words:
            for place, word in enumerate(words.words[first:last]):
                if word in _FIXED:
                    single[place] = _FIXED[word]
        np.add(single, _ONE, out=rows[0])
        longer = _mix(single[:-1] + _LONGER_RUNS) ^ single[1:]
        rows[1, :-1] = longer[0]
        rows[2, :-2] = _mix(longer[1, :-1]) ^ single[2:]

    def _fill_letters(self, rows: _U64, sums: _U64, start: int) -> None:
        """Write the runs that begin at each letter; behind the last whole run is anything."""
        length = rows.shape[1]
        before = sums[start : start + length]
        for row, size in zip(rows, _LETTER_SIZES, strict=True):
            np.subtract(sums[start + size : start + size + length], before, out=row)
        rows *= self._inverse[start : start + length]
        rows += _LETTER_COLUMN


@dataclass(frozen=True, slots=True)
class _Runs:
    """Hashes of the runs that begin at each word and letter from the first ones on."""

    words: _I64  # one row a size
    first: int
    letters: _I64
    start: int

    def of_words(self, size: int, first: int, last: int) -> _I64:
        """Return the runs of `size` words inside the words [first, last)."""
        first, last = first - self.first, last - self.first
        return self.words[size - _WORD_SIZES[0], first : max(first, last - size + 1)]

    def of_letters(self, size: int, start: int, end: int) -> _I64:
        """Return the runs of `size` letters inside the letters [start, end)."""
        start, end = start - self.start, end - self.start
        return self.letters[size - _LETTER_SIZES[0], start : max(start, end - size + 1)]


def _join(blocks: Sequence[Sequence[_I64]]) -> _I64:
    """Return the features of all blocks, each with its block's number in the upper bits."""
    joined = np.concatenate([part for parts in blocks for part in parts])
    place = 0
    for block, parts in enumerate(blocks):
        size = sum(map(len, parts))
        joined[place : place + size] += block << _BITS
        place += size
    return joined


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
_PAIR_GROUPS = tuple(frozenset(map(GROUPS.index, pair)) for pair in _PAIRS)
_PLACES = 4
_SHAPE_FROM = _PLACES * len(GROUPS)
_PAIRS_FROM = _SHAPE_FROM + len(_SHAPE)
DENSE_SIZE = _PAIRS_FROM + len(_PAIRS)


def read_dense(analysis: Analysis) -> NDArray[np.float32]:
    """Return the counts, in the order of `dense_names`, each roughly in [0, 4]."""
    counts = [0.0] * DENSE_SIZE
    # The counts of a group stand side by side: in the post, its start, its asks, the best of them.
    for hit in analysis.hits:
        counts[_PLACES * hit.group] += 1
    for place, sentence in enumerate(analysis.words.sentences[:2]):
        if place == 0 or sentence.last <= 40:
            _count(analysis, sentence, 1, counts)
    for rank, sentence in enumerate(analysis.ask_sentences):
        _count(analysis, sentence, 2, counts)
        if rank == 0:
            _count(analysis, sentence, 3, counts)
    for place in range(_SHAPE_FROM):
        if counts[place]:
            counts[place] = log1p(counts[place])
    counts[_SHAPE_FROM:_PAIRS_FROM] = _read_shape(analysis)
    for sentence in analysis.ask_sentences:
        _mark_pairs(analysis, sentence, counts)
    return np.array(counts, dtype=np.float32)


def _mark_pairs(analysis: Analysis, sentence: Sentence, counts: list[float]) -> None:
    present = {hit.group for hit in analysis.hits_by_sentence.get(sentence.first, ())}
    if len(present) > 1:
        for index, pair in enumerate(_PAIR_GROUPS, _PAIRS_FROM):
            if pair <= present:
                counts[index] = 1.0


def _count(analysis: Analysis, sentence: Sentence, place: int, counts: list[float]) -> None:
    for hit in analysis.hits_by_sentence.get(sentence.first, ()):
        counts[_PLACES * hit.group + place] += 1


def _read_shape(analysis: Analysis) -> list[float]:
    words = analysis.words.words
    total = len(words)
    questions = words.count("?")
    asks = [word for first, last in analysis.ask_sentences for word in words[first:last]]
    place = analysis.ask_sentences[0].first / total if analysis.ask_sentences else 0.0
    return [
        log1p(total) / 2,
        log1p(questions),
        questions / max(1, len(analysis.words.sentences)),
        1.0 if words and words[-1] == "?" else 0.0,
        log1p(words.count("!")),
        log1p(words.count(URL)),
        log1p(words.count(MENTION)),
        log1p(sum([word[0].isdigit() for word in words])) / 2,
        log1p(sum(map(_FIRST_PERSON.__contains__, words))),
        log1p(sum(map(_SECOND_PERSON.__contains__, words))),
        float(len(analysis.ask_sentences)) / 2,
        place,
        0.0 if _FIRST_PERSON.isdisjoint(asks) else 1.0,
        0.0 if _SECOND_PERSON.isdisjoint(asks) else 1.0,
        1.0 if total < 12 else 0.0,
    ]


def _mix(values: _U64) -> _U64:
    """Mix the bits of all values in place."""
    for multiplier, shift in zip(_MULTIPLIERS, _SHIFTS, strict=True):
        values *= multiplier
        values ^= values >> shift
    return values


def block_of(ids: _U64) -> NDArray[np.int64]:
    """Return the block number of each hashed feature."""
    return (ids >> np.uint64(_BITS)).astype(np.int64)


TABLE_SIZE = len(BLOCKS) << _BITS
