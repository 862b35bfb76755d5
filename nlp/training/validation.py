"""What a model says of posts it was not trained on; calibration and thresholds come from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from askwatch.model.lead import Intent
from nlp.intent import ask_log_odds, calibrate, calibrated_probabilities, decide, softmax
from nlp.model import INTENTS, Calibration, Thresholds
from nlp.training.configuration import ThresholdSection
from nlp.training.corpus import LabelledPost
from nlp.training.heads import fit_calibration

_F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Validation:
    """Cross-validated log-odds of every head, one row a post."""

    posts: Sequence[LabelledPost]
    scores: _F64

    @property
    def is_ask(self) -> NDArray[np.int64]:
        return np.array([int(post.is_ask) for post in self.posts])

    @property
    def intent_scores(self) -> NDArray[np.float32]:
        return self.scores[:, : len(INTENTS)].astype(np.float32)

    def ask_log_odds(self) -> _F64:
        """Return the raw log-odds of an ask of each post."""
        return np.array([ask_log_odds(row) for row in softmax(self.intent_scores)])

    def probabilities(self, calibration: Calibration) -> _F64:
        """Return the calibrated probability of an ask of each post."""
        return np.array([calibrate(float(odds), calibration) for odds in self.ask_log_odds()])

    def decisions(self, calibration: Calibration, thresholds: Thresholds) -> list[Intent]:
        """Return the intent decided for each post."""
        return [
            decide(*calibrated_probabilities(row, calibration), thresholds)
            for row in self.intent_scores
        ]

    def calibrate_ask(self, ask_share: float) -> Calibration:
        """Fit on the corpus, then move to the share of asks that is expected elsewhere."""
        fitted = fit_calibration(self.ask_log_odds(), self.is_ask)
        here = float(self.is_ask.mean())
        moved = log(ask_share / (1 - ask_share)) - log(here / (1 - here))
        return Calibration(fitted.slope, fitted.intercept + moved)

    def calibrate_b2b(self) -> Calibration:
        """Fit on asks alone: nobody reads the probability of another post."""
        asks = np.flatnonzero(self.is_ask)
        truth = np.array([int(self.posts[place].b2b) for place in asks.tolist()])
        return fit_calibration(self.scores[asks, len(INTENTS)], truth)


def choose_thresholds(
    probabilities: _F64, truth: NDArray[np.int64], settings: ThresholdSection
) -> Thresholds:
    """Return the thresholds that the configuration's precision and recall ask for."""
    alert = max(
        settings.alert_least, _reach_precision(probabilities, truth, settings.alert_precision)
    )
    review = min(alert, keep_recall(probabilities, truth, settings.review_recall))
    return Thresholds(
        vendor=settings.vendor,
        candidate=settings.candidate,
        review=round(review, 4),
        alert=round(alert, 4),
        b2b=settings.b2b,
        topic=settings.topic,
    )


def _reach_precision(probabilities: _F64, truth: NDArray[np.int64], wanted: float) -> float:
    """Return the lowest threshold whose precision, and that of all above it, is as wanted."""
    order = np.argsort(-probabilities, kind="stable")
    precision = np.cumsum(truth[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= wanted)
    return float(probabilities[order[good[-1]]]) if len(good) else 0.99


def keep_recall(probabilities: _F64, truth: NDArray[np.int64], wanted: float) -> float:
    """Return the highest threshold that keeps the share `wanted` of the asks."""
    asks = np.sort(probabilities[truth == 1])
    return float(asks[int((1 - wanted) * len(asks))]) if len(asks) else 0.5
