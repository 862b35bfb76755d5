"""The light path behind the gate: analysis, features and the linear model, without a Doc."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from askwatch.model.lead import Intent
from nlp.analysis import Analysis, analyse
from nlp.features import FeatureReader
from nlp.intent import calibrate, calibrated_probabilities, decide, softmax
from nlp.model import ASKS, Model, Weighed
from nlp.normalise import NormalText
from nlp.patterns import PatternSet


@dataclass(frozen=True, slots=True)
class Screening:
    """What the linear model says of a post."""

    ask: float
    probabilities: dict[Intent, float]
    intent: Intent
    b2b: float
    may_be_lead: bool
    scores: NDArray[np.float32]  # log-odds of the intents
    raw_b2b: float  # log-odds, not calibrated
    weighed: Weighed


class Screener:
    """Analyses and screens posts; a post's result depends on that post alone."""

    def __init__(self, model: Model, patterns: PatternSet) -> None:
        self._model, self._patterns, self._features = model, patterns, FeatureReader()

    def analyse(self, normal: NormalText) -> Analysis:
        """Return words, sentences and pattern hits of a text."""
        return analyse(normal, self._patterns)

    def screen(self, analysis: Analysis) -> Screening:
        """Return intent and probabilities."""
        manifest = self._model.manifest
        weighed = self._model.weigh(self._features.read(analysis))
        scores = self._model.score(weighed)
        ask, probabilities = calibrated_probabilities(scores.intents, manifest.ask)
        intent = decide(ask, probabilities, manifest.thresholds)
        return Screening(
            ask=ask,
            probabilities=probabilities,
            intent=intent,
            b2b=calibrate(scores.b2b, manifest.b2b),
            may_be_lead=ask >= manifest.thresholds.review or intent in ASKS,
            scores=scores.intents,
            raw_b2b=scores.b2b,
            weighed=weighed,
        )

    def topic_shares(self, screening: Screening) -> dict[str, float]:
        """Return what the model thinks of the built-in topics; the shares sum to 1."""
        shares = softmax(self._model.score_topics(screening.weighed)).tolist()
        return dict(zip(self._model.manifest.topics, shares, strict=True))
