"""Near-duplicate keys: copies of a post share one; posts that share one may be copies.

Whoever finds two posts with one key compares their words (router.copies): keys are there to find,
not to decide.
"""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from askwatch.model.wording import read_wording, split_sentences

# Two texts that share 60 % of their word pairs meet in some band with probability 0.97, those
# that share 10 % with 0.01.
BANDS, ROWS = 14, 3
_PERMUTATIONS = BANDS * ROWS
# Of a shorter post every word counts; one may be another.
FEWEST_WORDS = 12
_FEWEST_LEFT_OUT = 5
_WORDS_READ = 400
# A copy that was cut or has a comment before it still shares its beginning or a long sentence.
_HEAD_WORDS = 10
_SENTENCES, _SENTENCE_WORDS = 4, 8
MOST_KEYS = 2 + _SENTENCES + BANDS


class Signer:
    """Computes keys that are the same in every process and release.

    The MinHash is own arithmetic (docs/decisions/0011). Source: Broder 1997; multiply-shift
    hashing after Dietzfelbinger and others, 1997.
    """

    def __init__(self) -> None:
        numbers = [
            int.from_bytes(hashlib.blake2b(str(place).encode(), digest_size=8).digest(), "little")
            for place in range(2 * _PERMUTATIONS)
        ]
        self._factors = np.array([number | 1 for number in numbers[::2]], dtype=np.uint64)
        self._offsets = np.array(numbers[1::2], dtype=np.uint64)

    def sign(self, text: str) -> tuple[str, ...]:
        """Return at most `MOST_KEYS` keys of at most 40 characters; none without words.

        The first is a hash of all words, so exact copies always meet. Links, mentions, tags,
        greetings and notes of later edits do not count: copies differ in them.
        """
        words = list(read_wording(text).words)[:_WORDS_READ]
        if not words:
            return ()
        exact = _key("x", words)
        if len(words) < FEWEST_WORDS:
            return (exact, *_leave_out_each(words))
        rows = self._sketch(words).reshape(BANDS, ROWS)
        bands = (f"{band:02d}:{_digest(row.tobytes())}" for band, row in enumerate(rows))
        return (exact, *_anchors(text, words), *bands)

    def _sketch(self, words: list[str]) -> NDArray[np.uint64]:
        """Return the least permuted hash of all word pairs, one a permutation."""
        single = np.array([_hash(word) for word in words], dtype=np.uint64)
        pairs = single[1:] + single[:-1] * np.uint64(0x9E3779B97F4A7C15)
        pairs ^= pairs >> np.uint64(31)
        permuted = np.multiply.outer(self._factors, pairs)
        permuted += self._offsets[:, np.newaxis]
        least: NDArray[np.uint64] = (permuted >> np.uint64(32)).min(axis=1)
        return least


def _leave_out_each(words: list[str]) -> Iterable[str]:
    """Yield keys that two short texts share when one word is other, more or less."""
    if len(words) < _FEWEST_LEFT_OUT:
        return
    keys = [_key("s", words)]
    keys += (_key("s", words[:place] + words[place + 1 :]) for place in range(len(words)))
    yield from dict.fromkeys(keys)


def _anchors(text: str, words: list[str]) -> Iterable[str]:
    sentences = split_sentences(text, at_least=_SENTENCE_WORDS)
    longest = sorted(sentences, key=lambda each: -sum(map(len, each)))[:_SENTENCES]
    yield from dict.fromkeys(
        [_key("h", words[:_HEAD_WORDS]), *(_key("p", each) for each in longest)]
    )


def _hash(word: str) -> int:
    value = word.encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(value, digest_size=8).digest(), "little")


def _key(kind: str, words: Sequence[str]) -> str:
    return f"{kind}:{_digest(' '.join(words).encode('utf-8', 'replace'))}"


def _digest(value: bytes) -> str:
    return hashlib.blake2b(value, digest_size=14).hexdigest()
