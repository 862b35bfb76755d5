"""Precision, recall, F1, calibration: figures of a classifier, and how they are printed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """How well one label is found."""

    label: str
    support: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        total = self.found + self.support
        return 2 * self.right / total if total else 0.0


def measure_labels(truth: Sequence[str], said: Sequence[str]) -> list[LabelFigures]:
    """Return the figures of every label that occurs, the frequent first."""
    labels = sorted({*truth, *said}, key=lambda label: (-list(truth).count(label), label))
    pairs = list(zip(truth, said, strict=True))
    return [
        LabelFigures(
            label,
            support=sum(true == label for true, _ in pairs),
            found=sum(found == label for _, found in pairs),
            right=sum(true == found == label for true, found in pairs),
        )
        for label in labels
    ]


def expected_calibration_error(
    probabilities: NDArray[np.float64], truth: NDArray[np.float64], bins: int = 10
) -> float:
    """Return the mean distance between probability and frequency over bins of equal mass."""
    if len(truth) == 0:
        return 0.0
    order = np.argsort(probabilities, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    gaps = [len(part) * abs(probabilities[part].mean() - truth[part].mean()) for part in parts]
    return float(sum(gaps) / len(order))


def brier_score(probabilities: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Return the mean squared distance between probability and outcome."""
    return float(((probabilities - truth) ** 2).mean()) if len(truth) else 0.0
