"""Decides what a post is, from what the fast part and, where it was asked, the encoder say."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from askwatch.model.lead import Intent
from nlp.analysis import Analysis
from nlp.encoder import Encoder, Glance, Opinion
from nlp.intent import calibrate, calibrated_probabilities, decide, log_softmax
from nlp.model import ASKS, Calibration, Model
from nlp.screening import Screening

_VECTOR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of a post's intent; `opinion` is None where the encoder was not asked."""

    ask: float
    probabilities: Mapping[Intent, float]
    intent: Intent
    b2b: float
    may_be_lead: bool
    screening: Screening
    opinion: Opinion | None = None

    @property
    def vector(self) -> tuple[float, ...]:
        """The encoder's vector, rounded; empty without one."""
        if self.opinion is None:
            return ()
        return tuple(round(float(value), _VECTOR_DIGITS) for value in self.opinion.vector)


class Judge:
    """Fast part first; the encoder looks at what is left open, and reads on where it has to."""

    def __init__(self, model: Model, encoder: Encoder | None) -> None:
        self._thresholds = model.manifest.thresholds
        self._mixes = model.manifest.mixes
        self._early = model.manifest.early
        self._encoder = encoder if self._mixes else None

    def glance(self, analysis: Analysis, screening: Screening) -> Glance | None:
        """Return the encoder's first look; None where the fast part has settled it."""
        if self._encoder is None or screening.ask < self._thresholds.glance:
            return None
        return self._encoder.glance(analysis.normal.text, analysis.asking)

    def is_open(self, screening: Screening, glance: Glance | None) -> bool:
        """Tell whether a post may still be a lead."""
        if self._encoder is None:
            return screening.may_be_lead
        return glance is not None and self.reads_on(glance)

    def reads_on(self, glance: Glance) -> bool:
        """Tell whether the first look left it open."""
        return glance.ask >= self._thresholds.read

    def settle(self, screening: Screening, glance: Glance | None) -> Judgement:
        """Return the judgement on a post that is not read to its end."""
        if self._encoder is None:
            return Judgement(
                screening.ask, screening.probabilities, screening.intent, screening.b2b,
                screening.may_be_lead, screening,
            )  # fmt: skip
        # What the encoder need not see, or lets go, is no ask.
        early = 1.0 if glance is None else calibrate(glance.ask, self._early)
        ask = min(early, screening.ask, self._thresholds.review)
        probabilities = move_to(ask, screening.probabilities)
        rest = [intent for intent in probabilities if intent not in ASKS]
        intent = max(rest, key=probabilities.__getitem__)
        return Judgement(ask, probabilities, intent, screening.b2b, False, screening)

    def read(self, screening: Screening, glance: Glance, lang: str) -> Judgement:
        """Return the judgement on a post that the encoder reads to its end."""
        if self._encoder is None:
            raise ValueError("a model without an encoder has nothing to read with")
        opinion = self._encoder.read(glance)
        mix = self._mixes.get(lang) or self._mixes["und"]
        scores = blend(screening.scores, opinion.intents, mix.encoder_share)
        ask, probabilities = calibrated_probabilities(scores, Calibration(mix.slope, mix.intercept))
        share = mix.encoder_share
        b2b = calibrate(
            share * opinion.b2b + (1 - share) * screening.raw_b2b, self._encoder_b2b(lang)
        )
        intent = decide(ask, probabilities, self._thresholds)
        may_be_lead = ask >= self._thresholds.review or intent in ASKS
        return Judgement(ask, probabilities, intent, b2b, may_be_lead, screening, opinion)

    def _encoder_b2b(self, lang: str) -> Calibration:
        mix = self._mixes.get(lang) or self._mixes["und"]
        return Calibration(mix.b2b_slope, mix.b2b_intercept)


def blend(
    fast: NDArray[np.float32], encoder: NDArray[np.float32], encoder_share: float
) -> NDArray[np.float32]:
    """Return the log-odds whose softmax is the geometric mean of both, weighted."""
    mixed = encoder_share * log_softmax(encoder) + (1 - encoder_share) * log_softmax(fast)
    return mixed.astype(np.float32)


def move_to(ask: float, probabilities: Mapping[Intent, float]) -> dict[Intent, float]:
    """Return the probabilities after those of the two asks are made to sum to `ask`."""
    before = sum(probabilities[each] for each in ASKS)
    return {
        intent: value * (ask / max(before, 1e-9))
        if intent in ASKS
        else value * ((1 - ask) / max(1 - before, 1e-9))
        for intent, value in probabilities.items()
    }
