"""Learned weights of clues, the file that keeps them, and the choice of labels by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from askwatch.errors import ConfigurationError

FORMAT = 1
_REMEDY = "make it again with 'askwatch train-entities'"
_F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned: whole numbers, worth `unit` each."""

    labels: tuple[str, ...]
    clues: tuple[str, ...]
    numbers: NDArray[np.int8]  # clues x labels
    unit: float
    steps: _F32  # labels x labels: how well the second follows the first
    first: _F32
    restraint: float = 0.0  # taken off the tag of words outside: finds more


def no_weights(labels: Sequence[str]) -> Weights:
    """Return weights that tell nothing: what training begins with."""
    count = len(labels)
    return Weights(
        labels=tuple(labels),
        clues=(),
        numbers=np.zeros((0, count), dtype=np.int8),
        unit=1.0,
        steps=np.zeros((count, count), dtype=np.float32),
        first=np.zeros(count, dtype=np.float32),
    )


class Chain:
    """Chooses the likeliest labels of a row of things by their clues; immutable."""

    def __init__(self, weights: Weights) -> None:
        self._rows = {clue: row for row, clue in enumerate(weights.clues)}
        self._numbers, self._unit = weights.numbers, weights.unit
        self._steps, self._first = weights.steps, weights.first

    def choose(self, rows: Sequence[Sequence[str]]) -> list[int]:
        return self.find_path(self.score(rows)) if rows else []

    def score(self, rows: Sequence[Sequence[str]]) -> _F32:
        """Return how well each label (column) fits each thing (row) on its own."""
        get = self._rows.get
        scores = np.empty((len(rows), len(self._first)), dtype=np.float32)
        for at, clues in enumerate(rows):
            known = [row for clue in clues if (row := get(clue)) is not None]
            scores[at] = self._numbers[known].sum(axis=0, dtype=np.int32)
        scores *= self._unit
        return scores

    def find_path(self, scores: _F32) -> list[int]:
        """Return the labels that fit best when those that follow each other count too."""
        best = self._first + scores[0]
        came = np.empty(scores.shape, dtype=np.intp)
        for at in range(1, len(scores)):
            paths = best[:, None] + self._steps
            came[at] = paths.argmax(axis=0)
            best = paths.max(axis=0) + scores[at]
        path = [int(best.argmax())]
        for at in range(len(scores) - 1, 0, -1):
            path.append(int(came[at, path[-1]]))
        return path[::-1]


def write_weights(weights: Weights, path: Path) -> None:
    """Write the weights; the same weights give the same bytes."""
    np.savez_compressed(
        path,
        format=np.array([FORMAT]),
        tags=np.frombuffer("\n".join(weights.labels).encode(), dtype=np.uint8),
        clues=np.frombuffer("\n".join(weights.clues).encode(), dtype=np.uint8),
        numbers=weights.numbers,
        unit=np.array([weights.unit, weights.restraint]),
        steps=weights.steps,
        first=weights.first,
    )


def read_weights(path: Path, labels: Sequence[str]) -> Weights:
    """Return the weights of a file, which must be those of `labels`.

    Raises:
        ConfigurationError: It is missing, damaged, or of another version.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return _check(dict(stored), tuple(labels))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ConfigurationError(f"{path}: no weights of entities: {error}; {_REMEDY}") from error


def _check(stored: Mapping[str, NDArray[Any]], labels: tuple[str, ...]) -> Weights:
    """Return the weights of what a file holds."""
    if int(stored["format"][0]) != FORMAT or _read_lines(stored["tags"]) != labels:
        raise ValueError("it is of another version")
    weights = Weights(
        labels=labels,
        clues=_read_lines(stored["clues"]),
        numbers=stored["numbers"],
        unit=float(stored["unit"][0]),
        steps=stored["steps"],
        first=stored["first"],
        restraint=float(stored["unit"][1]),
    )
    count = len(labels)
    if (
        weights.numbers.shape != (len(weights.clues), count)
        or weights.steps.shape != (count, count)
        or weights.first.shape != (count,)
    ):
        raise ValueError("its parts do not fit each other")
    return weights


def _read_lines(stored: NDArray[Any]) -> tuple[str, ...]:
    return tuple(stored.tobytes().decode().split("\n"))
