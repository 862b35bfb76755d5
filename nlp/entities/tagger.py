"""Tells entities by learned weights: a linear-chain field over the clues of each word."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.entities.clues import TAG_KINDS
from nlp.entities.weights import Chain, Weights, read_weights
from nlp.resources import resource_path

TAGS = ("O", *(f"{head}-{kind}" for kind in dict.fromkeys(TAG_KINDS.values()) for head in "BI"))
_NEVER = -1e6
# How much less sure than told an entity may be that is still possible.
_LENIENCE = 2.5
_F32 = NDArray[np.float32]
Spans = list[tuple[str, int, int]]


class Tagger:
    """Chooses the likeliest tags of a row of words; immutable, so threads may share it."""

    def __init__(self, weights: Weights) -> None:
        self._chain = Chain(
            replace(
                weights,
                first=weights.first + _forbid_first(),
                steps=weights.steps + _forbid_steps(),
            )
        )
        self._restraint = np.float32(weights.restraint)

    def tag(self, rows: Sequence[Sequence[str]]) -> tuple[Spans, Spans]:
        """Return kind, first word and word behind each entity: those told, and those possible.

        What is possible is too weak to tell, but supports a rule that tells it too.
        """
        if not rows:
            return [], []
        scores = self._chain.score(rows)
        scores[:, 0] -= self._restraint
        told = _read_spans(self._chain.find_path(scores))
        scores[:, 0] -= _LENIENCE
        return told, _read_spans(self._chain.find_path(scores))


def _forbid_first() -> _F32:
    return np.array([_NEVER if tag[0] == "I" else 0.0 for tag in TAGS], dtype=np.float32)


def _forbid_steps() -> _F32:
    """Return what keeps an entity from going on where none of its kind has begun."""
    return np.array(
        [
            [_NEVER if tag[0] == "I" and before[1:] != tag[1:] else 0.0 for tag in TAGS]
            for before in TAGS
        ],
        dtype=np.float32,
    )


def _read_spans(path: Sequence[int]) -> list[tuple[str, int, int]]:
    spans: list[tuple[str, int, int]] = []
    for at, tag in enumerate(path):
        name = TAGS[tag]
        if name[0] == "B":
            spans.append((name[2:], at, at + 1))
        elif name[0] == "I":
            kind, first, _ = spans[-1]
            spans[-1] = (kind, first, at + 1)
    return spans


def tagger_path() -> Path:
    return resource_path("entities", "tagger.npz")


@cache
def read_tagger() -> Tagger:
    """Return the tagger that ships with the package, read once in a process.

    Raises:
        ConfigurationError: Its file cannot be used.
    """
    return Tagger(read_weights(tagger_path(), TAGS))
