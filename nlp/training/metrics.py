"""Precision, recall, F1, calibration: figures of a classifier, of one run and of resamples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.training.bootstrap import Array, divide

BINS = 10


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
    true, found = np.array(truth, dtype=object), np.array(said, dtype=object)
    figures = [
        LabelFigures(
            label,
            support=int((true == label).sum()),
            found=int((found == label).sum()),
            right=int(((true == label) & (found == label)).sum()),
        )
        for label in {*truth, *said}
    ]
    return sorted(figures, key=lambda each: (-each.support, each.label))


def f1_of_counts(right: Array, found: Array, support: Array) -> Array:
    """Return F1 of counts of any shape; "not a number" where the label does not occur."""
    return divide(2 * right, found + support)


def expected_calibration_error(probabilities: Array, truth: Array, bins: int = BINS) -> float:
    """Return the mean distance between probability and frequency over bins of equal mass."""
    if len(truth) == 0:
        return 0.0
    return float(calibration_errors(probabilities, truth, np.ones((1, len(truth))), bins)[0])


def calibration_errors(
    probabilities: Array, truth: Array, counts: Array, bins: int = BINS
) -> Array:
    """Return the expected calibration error of each draw; `counts` is draws x posts."""
    order = np.argsort(probabilities, kind="stable")
    rows, size = counts.shape
    # Every row of counts sums to the number of posts, so the posts drawn make a matrix again.
    repeated = np.repeat(np.tile(order, rows), counts[:, order].astype(np.intp).ravel())
    drawn = repeated.reshape(rows, size)
    starts = bin_starts(size, bins)
    gaps = np.add.reduceat(probabilities[drawn] - truth[drawn], starts, axis=1)
    errors: Array = np.abs(gaps).sum(axis=1) / size
    return errors


def bin_starts(size: int, bins: int = BINS) -> NDArray[np.intp]:
    """Return where each of the bins of equal mass begins among `size` sorted posts."""
    sizes = [len(part) for part in np.array_split(np.arange(size), min(bins, size))]
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)


def brier_score(probabilities: Array, truth: Array) -> float:
    """Return the mean squared distance between probability and outcome."""
    return float(((probabilities - truth) ** 2).mean()) if len(truth) else 0.0


def average_precision(scores: Array, truth: Array) -> float:
    """Return the area under precision over recall, stepwise; 0 where there is nothing to find."""
    if not truth.any():
        return 0.0
    return float(average_precisions(scores, truth, np.ones((1, len(truth))))[0])


def average_precisions(scores: Array, truth: Array, counts: Array) -> Array:
    """Return the average precision of each draw; `counts` is draws x posts.

    Posts of the same score are found together.
    """
    order = np.argsort(-scores, kind="stable")
    scores, truth = scores[order], truth[order]
    weights = counts[:, order]
    last = np.searchsorted(-scores, -scores, side="right") - 1
    right = np.cumsum(weights * truth, axis=1)[:, last]
    found = np.cumsum(weights, axis=1)[:, last]
    hits = weights * truth
    sums = (hits * np.nan_to_num(divide(right, found))).sum(axis=1)
    return divide(sums, hits.sum(axis=1))
