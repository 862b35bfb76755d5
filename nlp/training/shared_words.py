"""Finds posts that share eight words in a row, whatever stands between the words."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

RUN = 8
# Links, mentions and tags are no words that somebody chose.
_LINK = re.compile(r"https?://\S+|www\.\S+|[@#]\w+")
_WORD = re.compile(r"[^\W_]+")
_FACTOR = 0x9E3779B97F4A7C15
Keys = NDArray[np.uint64]


class RunFinder:
    """Turns texts into keys of their runs of eight words; equal runs have equal keys.

    Case, punctuation, links, mentions and tags do not count. Keys hold within one finder.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def keys(self, text: str) -> Keys:
        """Return the key of every run of the text, each once."""
        words = _WORD.findall(_LINK.sub(" ", text.lower()))
        if len(words) < RUN:
            return np.zeros(0, dtype=np.uint64)
        numbers = self._numbers
        codes = [numbers.setdefault(word, len(numbers) + 1) for word in words]
        return np.unique(_mix(np.array(codes, dtype=np.uint64)))


def find_sharing(texts: Sequence[str], finder: RunFinder) -> NDArray[np.bool_]:
    """Tell of each text whether another one has a run of eight words in common with it."""
    keys = [finder.keys(text) for text in texts]
    owners = np.repeat(np.arange(len(texts)), [len(each) for each in keys])
    shares = np.zeros(len(texts), dtype=np.bool_)
    if len(owners):
        # A text names a run once, so a key that stands twice belongs to two texts.
        _, places, counts = np.unique(np.concatenate(keys), return_inverse=True, return_counts=True)
        shares[owners[counts[places] > 1]] = True
    return shares


def find_shared_with(
    texts: Sequence[str], others: Sequence[str], finder: RunFinder
) -> NDArray[np.bool_]:
    """Tell of each text whether one of the others has a run of eight words in common with it."""
    keys = [finder.keys(text) for text in texts]
    parts = [finder.keys(text) for text in others]
    shares = np.zeros(len(texts), dtype=np.bool_)
    if keys and parts:
        owners = np.repeat(np.arange(len(texts)), [len(each) for each in keys])
        shares[owners[np.isin(np.concatenate(keys), np.concatenate(parts))]] = True
    return shares


def _mix(codes: Keys) -> Keys:
    """Return a 64-bit hash of each run; two of a million runs meet by chance once in 10^7 times."""
    spread = codes * np.uint64(_FACTOR)
    spread ^= spread >> np.uint64(29)
    runs = len(codes) - RUN + 1
    total = np.zeros(runs, dtype=np.uint64)
    for place in range(RUN):
        total = (total ^ (total >> np.uint64(31))) * np.uint64(_FACTOR | 1)
        total += spread[place : place + runs]
    return total
