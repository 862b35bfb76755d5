"""Turns log-odds into calibrated probabilities, and these into one intent."""

from collections.abc import Mapping
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from askwatch.model.lead import Intent
from nlp.model import ASKS, INTENTS, Calibration, Thresholds

_ASK_PLACES = [INTENTS.index(intent) for intent in ASKS]
_IS_ASK = [intent in ASKS for intent in INTENTS]
_RESTS = [intent for intent in INTENTS if intent not in ASKS]
_TINY = 1e-6


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return probabilities; the last axis sums to 1."""
    shifted = np.exp((scores - scores.max(axis=-1, keepdims=True)).astype(np.float64))
    shares: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return shares


def log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the logarithms of the probabilities."""
    shifted = (scores - scores.max(axis=-1, keepdims=True)).astype(np.float64)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def calibrate(log_odds: float, calibration: Calibration) -> float:
    """Return the probability that belongs to raw log-odds."""
    scaled = calibration.slope * log_odds + calibration.intercept
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, scaled))))


def ask_log_odds(shares: NDArray[np.float64]) -> float:
    """Return the raw log-odds of an ask."""
    return _to_log_odds(float(shares[_ASK_PLACES].sum()))


def _to_log_odds(probability: float) -> float:
    bounded = min(1 - _TINY, max(_TINY, probability))
    return log(bounded / (1 - bounded))


def calibrated_probabilities(
    scores: NDArray[np.float32], calibration: Calibration
) -> tuple[float, dict[Intent, float]]:
    """Return P(ask), and the probability of each intent, which agree with each other."""
    shares: list[float] = softmax(scores).tolist()
    raw_ask = sum([shares[place] for place in _ASK_PLACES])
    ask = calibrate(_to_log_odds(raw_ask), calibration)
    of_asks, of_rests = max(raw_ask, _TINY), max(1 - raw_ask, _TINY)
    values = [
        ask * share / of_asks if is_ask else (1 - ask) * share / of_rests
        for share, is_ask in zip(shares, _IS_ASK, strict=True)
    ]
    total = sum(values)
    return ask, {intent: value / total for intent, value in zip(INTENTS, values, strict=True)}


def move_to(ask: float, probabilities: Mapping[Intent, float]) -> dict[Intent, float]:
    """Return the probabilities after those of the two asks are made to sum to `ask`."""
    before = sum(probabilities.get(each, 0.0) for each in ASKS)
    return {
        intent: value * (ask / max(before, _TINY))
        if intent in ASKS
        else value * ((1 - ask) / max(1 - before, _TINY))
        for intent, value in probabilities.items()
    }


def decide(ask: float, probabilities: Mapping[Intent, float], thresholds: Thresholds) -> Intent:
    """Return the likelier of the two asks from its threshold on, else the likeliest of the rest."""
    likelier = likelier_ask(probabilities)
    is_vendor = likelier is Intent.VENDOR_REQUEST
    if ask >= (thresholds.vendor if is_vendor else thresholds.candidate):
        return likelier
    return max(_RESTS, key=lambda intent: probabilities[intent])


def likelier_ask(probabilities: Mapping[Intent, float]) -> Intent:
    """Return which of the two asks a post would be, if it is one."""
    return max(ASKS, key=lambda intent: probabilities[intent])
