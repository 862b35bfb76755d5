"""Tells entities by learned weights: a linear-chain field over the clues of each word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from askwatch.errors import ConfigurationError
from nlp.entities.clues import TAG_KINDS
from nlp.resources import resource_path

FORMAT = 1
TAGS = ("O", *(f"{head}-{kind}" for kind in dict.fromkeys(TAG_KINDS.values()) for head in "BI"))
_REMEDY = "make it again with 'python -m nlp.training.entity_training'"
_NEVER = -1e6
# How much less sure than told an entity may be that is still possible.
_LENIENCE = 2.5
_F32 = NDArray[np.float32]
Spans = list[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned: whole numbers, worth `unit` each."""

    clues: tuple[str, ...]
    numbers: NDArray[np.int8]  # clues x tags
    unit: float
    steps: _F32  # tags x tags: how well the second follows the first
    first: _F32
    restraint: float  # taken off the tag of words outside: finds more


def no_weights() -> Weights:
    """Return the weights of a tagger that finds nothing: what training begins with."""
    count = len(TAGS)
    return Weights(
        clues=(),
        numbers=np.zeros((0, count), dtype=np.int8),
        unit=1.0,
        steps=np.zeros((count, count), dtype=np.float32),
        first=np.zeros(count, dtype=np.float32),
        restraint=0.0,
    )


class Tagger:
    """Chooses the likeliest tags of a row of words; immutable, so threads may share it."""

    def __init__(self, weights: Weights) -> None:
        self._rows = {clue: row for row, clue in enumerate(weights.clues)}
        self._numbers = weights.numbers
        self._unit, self._first = weights.unit, weights.first + _forbid_first()
        self._steps = weights.steps + _forbid_steps()
        self._outside = np.zeros(len(TAGS), dtype=np.float32)
        self._outside[0] = -weights.restraint

    def tag(self, rows: Sequence[Sequence[str]]) -> tuple[Spans, Spans]:
        """Return kind, first word and word behind each entity: those told, and those possible.

        What is possible is too weak to tell, but supports a rule that tells it too.
        """
        if not rows:
            return [], []
        get = self._rows.get
        scores = np.empty((len(rows), len(TAGS)), dtype=np.float32)
        for at, clues in enumerate(rows):
            known = [row for clue in clues if (row := get(clue)) is not None]
            scores[at] = self._numbers[known].sum(axis=0, dtype=np.int32)
        scores *= self._unit
        scores += self._outside
        told = _read_spans(self._find_path(scores))
        scores[:, 0] -= _LENIENCE
        return told, _read_spans(self._find_path(scores))

    def _find_path(self, scores: _F32) -> list[int]:
        best = self._first + scores[0]
        came = np.empty((len(scores), len(TAGS)), dtype=np.intp)
        for at in range(1, len(scores)):
            paths = best[:, None] + self._steps
            came[at] = paths.argmax(axis=0)
            best = paths.max(axis=0) + scores[at]
        path = [int(best.argmax())]
        for at in range(len(scores) - 1, 0, -1):
            path.append(int(came[at, path[-1]]))
        return path[::-1]


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


def write_weights(weights: Weights, path: Path) -> None:
    """Write the weights; the same weights give the same bytes."""
    np.savez_compressed(
        path,
        format=np.array([FORMAT]),
        tags=np.frombuffer("\n".join(TAGS).encode(), dtype=np.uint8),
        clues=np.frombuffer("\n".join(weights.clues).encode(), dtype=np.uint8),
        numbers=weights.numbers,
        unit=np.array([weights.unit, weights.restraint]),
        steps=weights.steps,
        first=weights.first,
    )


def read_weights(path: Path) -> Weights:
    """Return the weights of a file.

    Raises:
        ConfigurationError: It is missing, damaged, or of another version.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return _check(dict(stored))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ConfigurationError(f"{path}: no weights of entities: {error}; {_REMEDY}") from error


def _check(stored: Mapping[str, NDArray[Any]]) -> Weights:
    """Return the weights of what a file holds."""
    if int(stored["format"][0]) != FORMAT or _read_lines(stored["tags"]) != TAGS:
        raise ValueError("it is of another version")
    weights = Weights(
        clues=_read_lines(stored["clues"]),
        numbers=stored["numbers"],
        unit=float(stored["unit"][0]),
        steps=stored["steps"],
        first=stored["first"],
        restraint=float(stored["unit"][1]),
    )
    count = len(TAGS)
    if (
        weights.numbers.shape != (len(weights.clues), count)
        or weights.steps.shape != (count, count)
        or weights.first.shape != (count,)
    ):
        raise ValueError("its parts do not fit each other")
    return weights


def _read_lines(stored: NDArray[Any]) -> tuple[str, ...]:
    return tuple(stored.tobytes().decode().split("\n"))


@cache
def read_tagger() -> Tagger:
    """Return the tagger that ships with the package, read once in a process.

    Raises:
        ConfigurationError: Its file cannot be used.
    """
    return Tagger(read_weights(tagger_path()))
