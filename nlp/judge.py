"""Decides what a post is, from what the fast part and, where it was asked, the encoder say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from askwatch.model.lead import Intent
from nlp.analysis import Analysis
from nlp.encoder import Encoder, Glance, Opinion
from nlp.intent import (
    ask_log_odds,
    calibrate,
    calibrated_probabilities,
    decide,
    log_softmax,
    move_to,
    softmax,
)
from nlp.model import ASKS, INTENTS, Calibration, Model
from nlp.opinions import SecondReader
from nlp.opinions.base import SecondOpinion, log_odds
from nlp.screening import Screening

_VECTOR_DIGITS = 4
_UNDER_REVIEW = 0.9


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
    second: str = ""  # the name of the second reader, where it took part

    @property
    def vector(self) -> tuple[float, ...]:
        """The encoder's vector, rounded; empty without one."""
        if self.opinion is None:
            return ()
        return tuple(round(float(value), _VECTOR_DIGITS) for value in self.opinion.vector)


class Judge:
    """Fast part first; the encoder glances at what that leaves open, and may read on."""

    def __init__(self, model: Model, encoder: Encoder | None) -> None:
        self._thresholds = model.manifest.thresholds
        self._thresholds_of = model.manifest.thresholds_of
        self._first_look = model.manifest.first_look
        self._mixes = model.manifest.mixes
        self._encoder = encoder if self._mixes else None
        # What the encoder need not see is for nobody's review, whatever its language.
        least = min([mix.review for mix in self._mixes.values()], default=1.0)
        self._settled = _UNDER_REVIEW * least

    @property
    def encoder(self) -> Encoder | None:
        """The encoder that is asked; None in a model of the fast part."""
        return self._encoder

    def is_open(self, screening: Screening) -> bool:
        """Tell whether a post may still be a lead after the fast part."""
        if self._encoder is None:
            return screening.may_be_lead
        return screening.ask >= self._thresholds.band

    def judge(self, analysis: Analysis, screening: Screening, lang: str) -> Judgement:
        """Return the judgement on a post, after reading it where it is open."""
        if self._encoder is None or not self.is_open(screening):
            return self.settle(screening)
        glance = self._encoder.glance(analysis.normal.text, analysis.asking)
        if not self.reads_on(screening, glance):
            return self.settle(screening)
        return self.mix(screening, self._encoder.read_on(glance), lang)

    def reads_on(self, screening: Screening, glance: Glance) -> bool:
        """Tell whether a post may still be a lead after the encoder's glance."""
        fast = ask_log_odds(softmax(screening.scores))
        return self._first_look.weigh(fast, glance.ask) >= self._thresholds.look

    def mix(self, screening: Screening, opinion: Opinion, lang: str) -> Judgement:
        """Return the judgement that fast part and encoder come to together."""
        mix = self._mixes.get(lang) or self._mixes["und"]
        share = mix.encoder_share
        scores = blend(screening.scores, opinion.intents, share)
        ask, probabilities = calibrated_probabilities(scores, Calibration(mix.slope, mix.intercept))
        raw_b2b = share * opinion.b2b + (1 - share) * screening.raw_b2b
        b2b = calibrate(raw_b2b, Calibration(mix.b2b_slope, mix.b2b_intercept))
        intent = decide(ask, probabilities, self._thresholds)
        may_be_lead = ask >= mix.review or intent in ASKS
        return Judgement(ask, probabilities, intent, b2b, may_be_lead, screening, opinion)

    def is_unsure(self, judgement: Judgement, second: SecondReader) -> bool:
        """Tell whether the second reader is to read a post of the band."""
        is_in_band = judgement.screening.ask >= self._thresholds.band
        return is_in_band and second.wants(judgement.ask)

    def reconsider(
        self, judgement: Judgement, opinion: SecondOpinion, second: SecondReader, lang: str
    ) -> Judgement:
        """Return the judgement with the second opinion mixed in; vector and topics stay."""
        share, first = second.share, judgement.probabilities
        own = np.log([max(first[intent], 1e-6) for intent in INTENTS])
        mixed = softmax(blend(own.astype(np.float32), opinion.intents, share)).tolist()
        probabilities = dict(zip(INTENTS, mixed, strict=True))
        ask = sum(probabilities[each] for each in ASKS)
        b2b = judgement.b2b
        if opinion.b2b is not None:
            raw = share * log_odds(opinion.b2b) + (1 - share) * log_odds(b2b)
            b2b = calibrate(raw, Calibration(1.0, 0.0))
        intent = decide(ask, probabilities, self._thresholds)
        may_be_lead = ask >= self._thresholds_of(lang).review or intent in ASKS
        return replace(
            judgement, ask=ask, probabilities=probabilities, intent=intent, b2b=b2b,
            may_be_lead=may_be_lead, second=second.name,
        )  # fmt: skip

    def settle(self, screening: Screening) -> Judgement:
        """Return the judgement on a post that nobody reads, or not to its end."""
        if self._encoder is None:
            return Judgement(
                screening.ask, screening.probabilities, screening.intent, screening.b2b,
                screening.may_be_lead, screening,
            )  # fmt: skip
        ask = min(screening.ask, self._settled)
        probabilities = move_to(ask, screening.probabilities)
        rest = [intent for intent in probabilities if intent not in ASKS]
        intent = max(rest, key=probabilities.__getitem__)
        return Judgement(ask, probabilities, intent, screening.b2b, False, screening)


def blend(
    fast: NDArray[np.float32], encoder: NDArray[np.float32], encoder_share: float
) -> NDArray[np.float32]:
    """Return the log-odds whose softmax is the geometric mean of both, weighted."""
    mixed = encoder_share * log_softmax(encoder) + (1 - encoder_share) * log_softmax(fast)
    return mixed.astype(np.float32)
