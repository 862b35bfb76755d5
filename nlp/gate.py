"""The first step: drops posts that cannot be an ask, without knowing their language.

It is a linear model over hashed runs of 4, 6, 8 and 12 bytes, counted for a whole batch at once.
All sums are of integers, so a post's score is the same alone and in any batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TABLE_BITS = 18
RUNS = (4, 6, 8, 12)
# Weights are stored as multiples of this, in 16 bits.
STEP = 1 / 1024
# The ask of a longer text stands at its beginning or its end.
_HEAD, _TAIL = 1_000, 300
# Behind each text so many zeros: a run that begins in a text ends before the next one.
_PADDING = b"\0" * max(RUNS)

_U32 = NDArray[np.uint32]
# Odd numbers that spread the bits of what they multiply: from xxHash and MurmurHash.
_PRIMES = (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1)


@dataclass(frozen=True, slots=True)
class Runs:
    """Hashed runs of all texts of a batch; those of text i begin at [starts[i], ends[i])."""

    hashes: tuple[_U32, ...]  # one array a length of run
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return self.ends - self.starts


@dataclass(frozen=True, slots=True)
class Gate:
    """The weights of the runs; the threshold keeps nearly every ask."""

    weights: NDArray[np.int16]
    bias: float
    threshold: float

    def score(self, lightened: Sequence[str]) -> NDArray[np.float64]:
        """Return the log-odds of an ask of each text, as far as runs of letters tell."""
        if not lightened:
            return np.empty(0)
        runs = read_runs(lightened)
        total = np.zeros(len(lightened), dtype=np.int64)
        bounds = np.stack([runs.starts, runs.ends], axis=1).reshape(-1)
        for hashes in runs.hashes:
            values = self.weights[hashes].astype(np.int32)
            # Every second sum is over the zeros between two texts.
            total += np.add.reduceat(values, bounds)[::2]
        scores: NDArray[np.float64] = total * STEP / np.sqrt(runs.lengths) + self.bias
        return scores

    def open(self, lightened: Sequence[str]) -> list[bool]:
        """Tell of each text whether it has to be looked at."""
        opened: list[bool] = (self.score(lightened) >= self.threshold).tolist()
        return opened


def read_runs(lightened: Sequence[str]) -> Runs:
    """Return the hashed runs of lightened texts."""
    encoded = [_encode(text) for text in lightened]
    lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
    starts = np.cumsum(lengths + len(_PADDING)) - lengths - len(_PADDING)
    whole = np.frombuffer(_PADDING.join([*encoded, _PADDING]), dtype=np.uint8)
    one = whole.astype(np.uint32) + np.uint32(1)
    two = _spread(_join(one, one, 1, 0), 15)
    four = _spread(_join(two, two, 2, 1), 13)
    eight = _spread(_join(four, four, 4, 3), 14)
    runs = (
        four,
        _spread(_join(four, two, 4, 2), 16),
        eight,
        _join(eight, four, 8, 4),
    )
    shift = np.uint32(32 - TABLE_BITS)
    return Runs(
        tuple(
            ((hashes + np.uint32(size)) * np.uint32(_PRIMES[0])) >> shift
            for size, hashes in zip(RUNS, runs, strict=True)
        ),
        starts,
        starts + lengths,
    )


def _encode(text: str) -> bytes:
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]} {text[-_TAIL:]}"
    # A mark before and a space behind: how a text begins and ends is told by its runs.
    return f"\x02 {' '.join(text.split())} ".encode("utf-8", "replace")


def _join(first: _U32, then: _U32, size: int, prime: int) -> _U32:
    """Return the hash of each run of `first`, which has `size` bytes, and the run behind it."""
    return first[: len(then) - size] * np.uint32(_PRIMES[prime]) + then[size:]


def _spread(hashes: _U32, shift: int) -> _U32:
    return hashes ^ (hashes >> np.uint32(shift))
