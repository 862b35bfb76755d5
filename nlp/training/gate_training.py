"""Trains the gate: which single words make a post worth a closer look."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from askwatch.model.lead import Intent
from nlp.gate import gate_words, read_cues
from nlp.model import GateNumbers
from nlp.normalise import lighten
from nlp.training.corpus import LabelledPost

_LEAST_POSTS = 2
# The gate has to know chatter, which fills every stream; telling near misses from asks is the work
# of the steps behind it.
_WEIGHTS = {
    Intent.OTHER: 3.0,
    Intent.COMPLAINT: 2.0,
    Intent.PROMOTION: 0.5,
    Intent.HELP_QUESTION: 0.3,
    Intent.JOB_SEEKING: 0.2,
}
Folds = Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]


@dataclass(frozen=True, slots=True)
class TrainedGate:
    """Weights of words, and how the gate does on posts it did not see."""

    words: list[str]
    weights: NDArray[np.float32]
    numbers: GateNumbers
    recall: float
    passed: float  # share of posts without an ask that pass all the same


def train_gate(
    posts: Sequence[LabelledPost],
    folds: Folds,
    *,
    strength: float,
    recall: float,
    seed: int,
) -> TrainedGate:
    """Return the gate; its threshold keeps the share `recall` of asks in cross-validation."""
    bags = [gate_words(lighten(post.text)) for post in posts]
    is_ask = np.array([int(post.is_ask) for post in posts])
    weights = np.array([_WEIGHTS.get(post.intent, 1.0) for post in posts])
    counts = Counter(word for bag in bags for word in bag)
    words = sorted(word for word, count in counts.items() if count >= _LEAST_POSTS)
    matrix = _build_matrix(bags, words)
    scores = np.zeros(len(posts))
    for train, test in folds:
        model = _fit(matrix[train], is_ask[train], weights[train], strength, seed)
        scores[test] = model.decision_function(matrix[test])
    asks = np.sort(scores[is_ask == 1])
    threshold = float(asks[int((1 - recall) * len(asks))]) - 1e-6
    model = _fit(matrix, is_ask, weights, strength, seed)
    coefficients = model.coef_[0][: len(words)]
    kept = np.flatnonzero(np.abs(coefficients) > 1e-3)
    return TrainedGate(
        words=[words[place] for place in kept],
        weights=coefficients[kept].astype(np.float32),
        numbers=GateNumbers(
            bias=float(model.intercept_[0]),
            cue_weight=float(model.coef_[0][-2]),
            cues_weight=float(model.coef_[0][-1]),
            threshold=threshold,
        ),
        recall=float((asks >= threshold).mean()),
        passed=float((scores[is_ask == 0] >= threshold).mean()),
    )


def _build_matrix(bags: Sequence[set[str]], words: Sequence[str]) -> csr_matrix:
    places = {word: place for place, word in enumerate(words)}
    columns, pointers, values = [], [0], []
    cues = read_cues()
    for bag in bags:
        known = sorted(places[word] for word in bag if word in places)
        columns += known
        values += [1.0 / np.sqrt(len(bag) + 1)] * len(known)
        found = min(2, cues.count(bag))
        columns += [len(words), len(words) + 1][:found]
        values += [1.0] * found
        pointers.append(len(columns))
    return csr_matrix((values, columns, pointers), shape=(len(bags), len(words) + 2))


def _fit(
    matrix: csr_matrix,
    truth: NDArray[np.int64],
    weights: NDArray[np.float64],
    strength: float,
    seed: int,
) -> LogisticRegression:
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=400, random_state=seed)
    return model.fit(matrix, truth, sample_weight=weights)
