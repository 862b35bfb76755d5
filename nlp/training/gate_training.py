"""Trains the gate: which runs of letters make a post worth a closer look."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from askwatch.model.lead import Intent
from nlp.gate import STEP, TABLE_BITS, read_runs
from nlp.model import GateNumbers
from nlp.normalise import lighten
from nlp.training.configuration import GateSection
from nlp.training.corpus import LabelledPost

_BATCH = 500
_LARGEST = np.iinfo(np.int16).max
# Further steps move the cross-validated figures by less than their noise.
_ITERATIONS, _TOLERANCE = 100, 1e-3
# The gate has to know chatter, which fills every stream; telling near misses from asks is the work
# of the steps behind it.
_WEIGHTS = {
    Intent.OTHER: 2.0,
    Intent.COMPLAINT: 2.0,
    Intent.PROMOTION: 1.0,
    Intent.HELP_QUESTION: 0.5,
    Intent.JOB_SEEKING: 0.3,
}
Folds = Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]


@dataclass(frozen=True, slots=True)
class TrainedGate:
    """Weights of runs, and how the gate does on posts it did not see."""

    weights: NDArray[np.int16]
    numbers: GateNumbers
    recall: float
    passed: float  # share of posts without an ask that pass all the same


def train_gate(
    posts: Sequence[LabelledPost], folds: Folds, settings: GateSection, *, seed: int
) -> TrainedGate:
    """Return the gate; its threshold keeps the share `settings.recall` of asks.

    The share is cross-validated over the first `settings.folds` of `folds`.
    """
    matrix = _build_matrix([post.text for post in posts])
    is_ask = np.array([int(post.is_ask) for post in posts])
    weights = np.array(
        [
            _WEIGHTS.get(post.intent, 1.0) * (settings.hard_weight if post.hard else 1.0)
            for post in posts
        ]
    )
    rows: list[NDArray[np.int64]] = []
    scores: list[NDArray[np.float64]] = []
    for train, test in folds[: settings.folds]:
        model = _fit(matrix[train], is_ask[train], weights[train], settings.c, seed)
        rows.append(test)
        scores.append(model.decision_function(matrix[test]))
    truth, found = is_ask[np.concatenate(rows)], np.concatenate(scores)
    asks = np.sort(found[truth == 1])
    threshold = float(asks[int((1 - settings.recall) * len(asks))]) - 1e-6
    model = _fit(matrix, is_ask, weights, settings.c, seed)
    steps = np.clip(np.rint(model.coef_[0] / STEP), -_LARGEST, _LARGEST)
    return TrainedGate(
        weights=steps.astype(np.int16),
        numbers=GateNumbers(bias=float(model.intercept_[0]), threshold=threshold),
        recall=float((asks >= threshold).mean()),
        passed=float((found[truth == 0] >= threshold).mean()),
    )


def _build_matrix(texts: Sequence[str]) -> csr_matrix:
    """Return one row a post: how often each run stands there, over the root of its length."""
    parts = []
    for start in range(0, len(texts), _BATCH):
        runs = read_runs([lighten(text) for text in texts[start : start + _BATCH]])
        lengths = runs.lengths
        rows = np.repeat(np.arange(len(lengths)), lengths)
        places = np.concatenate(
            [np.arange(first, last) for first, last in zip(runs.starts, runs.ends, strict=True)]
        )
        columns = np.concatenate([hashes[places] for hashes in runs.hashes]).astype(np.int64)
        times = len(runs.hashes)
        values = np.tile((1 / np.sqrt(lengths))[rows], times)
        parts.append(
            csr_matrix(
                (values, (np.tile(rows, times), columns)), shape=(len(lengths), 1 << TABLE_BITS)
            )
        )
    return csr_matrix(vstack(parts, format="csr"))


def _fit(
    matrix: csr_matrix,
    truth: NDArray[np.int64],
    weights: NDArray[np.float64],
    strength: float,
    seed: int,
) -> LogisticRegression:
    model = LogisticRegression(
        C=strength,
        class_weight="balanced",
        max_iter=_ITERATIONS,
        tol=_TOLERANCE,
        random_state=seed,
    )
    return model.fit(matrix, truth, sample_weight=weights)
