"""Near-duplicate bands: copies of a post share one, other posts do not."""

import hashlib
import re

import numpy as np
from numpy.typing import NDArray

# 16 bands of 4 rows: two texts that share 80 % of their word triples meet in some band with
# probability 0.9998, two that share 30 % with 0.12; the router compares what meets.
BANDS, ROWS = 16, 4
_PERMUTATIONS = BANDS * ROWS
# A short question is asked by many in the same words, so only the whole of it counts.
_FEWEST_WORDS = 12
_WORDS_READ = 400
_LINK = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_WORD = re.compile(r"[^\W_]+")


class Signer:
    """Computes MinHash signatures that are the same in every process and release.

    Own arithmetic, since the libraries at hand load a numerical stack of 50 MB for it.
    Source: Broder 1997; multiply-shift hashing after Dietzfelbinger and others, 1997.
    """

    def __init__(self) -> None:
        numbers = [
            int.from_bytes(hashlib.blake2b(str(place).encode(), digest_size=8).digest(), "little")
            for place in range(2 * _PERMUTATIONS)
        ]
        self._factors = np.array([number | 1 for number in numbers[::2]], dtype=np.uint64)
        self._offsets = np.array(numbers[1::2], dtype=np.uint64)

    def sign(self, lower: str) -> tuple[str, ...]:
        """Return keys of at most 40 characters; posts that share one may be copies.

        The first is a hash of all words, so exact copies always meet. Links, mentions and tags do
        not count: re-shares add them.
        """
        words = _WORD.findall(_LINK.sub(" ", lower))
        if not words:
            return ()
        exact = "x:" + _digest(" ".join(words).encode("utf-8", "replace"), 16)
        if len(words) < _FEWEST_WORDS:
            return (exact,)
        rows = self._sketch(words[:_WORDS_READ]).reshape(BANDS, ROWS)
        bands = (f"{band:02d}:{_digest(row.tobytes(), 12)}" for band, row in enumerate(rows))
        return (exact, *bands)

    def _sketch(self, words: list[str]) -> NDArray[np.uint64]:
        """Return the least permuted hash of all word triples, one a permutation."""
        codes = [_hash(word) for word in words]
        single = np.array(codes, dtype=np.uint64)
        triples = single[2:] + single[1:-1] * np.uint64(0x9E3779B97F4A7C15)
        triples += single[:-2] * np.uint64(0xC2B2AE3D27D4EB4F)
        triples ^= triples >> np.uint64(31)
        permuted = np.multiply.outer(self._factors, triples)
        permuted += self._offsets[:, np.newaxis]
        least: NDArray[np.uint64] = (permuted >> np.uint64(32)).min(axis=1)
        return least


def _hash(word: str) -> int:
    value = word.encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(value, digest_size=8).digest(), "little")


def _digest(value: bytes, size_bytes: int) -> str:
    return hashlib.blake2b(value, digest_size=size_bytes).hexdigest()
