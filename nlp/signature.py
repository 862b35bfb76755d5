"""Near-duplicate bands: copies of a post share one, other posts do not."""

import hashlib
import re

import numpy as np
from datasketch import MinHash

# 16 bands of 4 rows: two texts that share 80 % of their word triples meet in some band with
# probability 0.9999, two that share 30 % with 0.12; the router compares what meets.
BANDS, ROWS = 16, 4
_PERMUTATIONS = BANDS * ROWS
_SHINGLE = 3
# A short question is asked by many in the same words, so only the whole of it counts.
_FEWEST_WORDS = 12
_WORDS_READ = 400
_SEED = 1
# Named, because signatures of two releases must compare (datasketch >= 2.0).
_SCHEME = "affine32"
_LINK = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_WORD = re.compile(r"[^\W_]+")


class Signer:
    """Computes signatures; holds the permutations, which are the same in every process."""

    def __init__(self) -> None:
        self._permutations = MinHash(
            num_perm=_PERMUTATIONS, seed=_SEED, scheme=_SCHEME
        ).permutations

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
        words = words[:_WORDS_READ]
        shingles = {" ".join(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}
        sketch = MinHash(
            num_perm=_PERMUTATIONS,
            seed=_SEED,
            scheme=_SCHEME,
            permutations=self._permutations,
            hashfunc=_hash32,
        )
        sketch.update_batch([shingle.encode("utf-8", "replace") for shingle in sorted(shingles)])
        rows = np.asarray(sketch.hashvalues, dtype=np.uint64).reshape(BANDS, ROWS)
        bands = (f"{band:02d}:{_digest(row.tobytes(), 12)}" for band, row in enumerate(rows))
        return (exact, *bands)


def _hash32(value: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(value, digest_size=4).digest(), "little")


def _digest(value: bytes, size_bytes: int) -> str:
    return hashlib.blake2b(value, digest_size=size_bytes).hexdigest()
