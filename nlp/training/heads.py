"""Fits the linear heads: intents, b2b, topics."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from nlp.model import INTENTS, Calibration
from nlp.training.configuration import HeadSection
from nlp.training.corpus import LabelledPost

_F64 = NDArray[np.float64]
# Further steps move the cross-validated figures by less than their noise.
_ITERATIONS, _TOLERANCE = 150, 1e-3
_UNKNOWN_TOPIC = -8.0  # log-odds of a topic that no post of the corpus has


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of posts as numbers."""

    intents: NDArray[np.int64]
    b2b: NDArray[np.int64]
    topics: NDArray[np.int64]  # -1: none
    topic_names: tuple[str, ...]
    is_hard: NDArray[np.bool_]

    @classmethod
    def of(cls, posts: Sequence[LabelledPost], topic_names: Sequence[str]) -> "Labels":
        places = {name: place for place, name in enumerate(topic_names)}
        return cls(
            np.array([INTENTS.index(post.intent) for post in posts]),
            np.array([int(post.b2b) for post in posts]),
            np.array([places[post.topic] if post.topic and post.is_ask else -1 for post in posts]),
            tuple(topic_names),
            np.array([post.hard for post in posts]),
        )


@dataclass(frozen=True, slots=True)
class Heads:
    """Weights: one column for each intent, one for b2b, one for each topic."""

    weights: _F64
    bias: _F64

    def apply(self, matrix: csr_matrix) -> _F64:
        scores: _F64 = np.asarray(matrix @ self.weights) + self.bias
        return scores


def fit_heads(
    matrix: csr_matrix,
    labels: Labels,
    weights: _F64,
    settings: HeadSection,
    *,
    hashed: int,
    seed: int,
) -> Heads:
    """Return the heads fitted on `matrix`; `weights` says how much each row counts.

    Its first `hashed` columns are words and letters. Topics see nothing else: how somebody asks
    says nothing of what for.
    """
    # What readers would dispute blurs what a linear model can tell from words.
    of_intents = weights * np.where(labels.is_hard, settings.hard_weight, 1.0)
    parts = [
        _fit(matrix, labels.intents, of_intents, settings.intent_c, len(INTENTS), seed),
        _fit_binary(matrix, labels.b2b, weights, settings.b2b_c, seed),
    ]
    asks = np.flatnonzero(labels.topics >= 0)
    topics = len(labels.topic_names)
    if len(set(labels.topics[asks].tolist())) >= 2:
        part = matrix[asks][:, :hashed]
        heads = _fit(part, labels.topics[asks], weights[asks], settings.topic_c, topics, seed)
        unseen = np.zeros((matrix.shape[1] - hashed, topics))
        parts.append(Heads(np.vstack([heads.weights, unseen]), heads.bias))
    else:
        parts.append(Heads(np.zeros((matrix.shape[1], topics)), np.zeros(topics)))
    return Heads(
        np.hstack([part.weights for part in parts]), np.concatenate([part.bias for part in parts])
    )


def split_folds(
    labels: Labels, groups: NDArray[np.int64], folds: int, *, seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return (train, test) rows; a group never stands in both."""
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    empty = np.zeros((len(groups), 1))
    return list(splitter.split(empty, labels.intents, groups))


def fit_calibration(log_odds: _F64, truth: NDArray[np.int64]) -> Calibration:
    """Return Platt's map of log-odds to probabilities.

    Source: Platt 1999; a small penalty keeps it finite where the classes are separable.
    """
    if len(set(truth.tolist())) < 2:
        return Calibration(1.0, 0.0)
    model = LogisticRegression(C=10.0).fit(log_odds.reshape(-1, 1), truth)
    return Calibration(float(model.coef_[0, 0]), float(model.intercept_[0]))


def _fit(
    matrix: csr_matrix,
    truth: NDArray[np.int64],
    weights: _F64,
    strength: float,
    classes: int,
    seed: int,
) -> Heads:
    model = LogisticRegression(C=strength, max_iter=_ITERATIONS, tol=_TOLERANCE, random_state=seed)
    model.fit(matrix, truth, sample_weight=weights)
    columns = np.zeros((matrix.shape[1], classes))
    bias = np.full(classes, _UNKNOWN_TOPIC)
    if len(model.classes_) == 2:
        # sklearn keeps one column for two classes; a softmax needs both.
        columns[:, model.classes_[1]], bias[model.classes_[1]] = model.coef_[0], model.intercept_[0]
        bias[model.classes_[0]] = 0.0
    else:
        columns[:, model.classes_], bias[model.classes_] = model.coef_.T, model.intercept_
    return Heads(columns, bias)


def _fit_binary(
    matrix: csr_matrix, truth: NDArray[np.int64], weights: _F64, strength: float, seed: int
) -> Heads:
    if len(set(truth.tolist())) < 2:
        return Heads(np.zeros((matrix.shape[1], 1)), np.array([8.0 if truth[0] else -8.0]))
    model = LogisticRegression(C=strength, max_iter=_ITERATIONS, tol=_TOLERANCE, random_state=seed)
    model.fit(matrix, truth, sample_weight=weights)
    return Heads(model.coef_.T, model.intercept_)
