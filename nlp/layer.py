"""Fits the light layer: logistic regression on top of the model's own log-odds.

The weights are held towards zero, so without much evidence nothing changes.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from askwatch.model.adaptation import MOST_CHANGE, Layer
from nlp.adaptation import to_log_odds
from nlp.lessons import Columns, Example

# Penalties that are tried, the strongest first: it takes evidence to go on to the next.
PENALTIES = (8.0, 3.0, 1.0, 0.3, 0.1)
# The gain in mean log-loss that a weaker penalty must bring.
_LEAST_GAIN = 0.01
_STEPS = 30
_CLOSE = 1e-6
# Of a post that is only so sure as this, taps can still be told from noise.
_MOST_ODDS = 6.0

_F64 = NDArray[np.float64]


def fit_layer(examples: Sequence[Example], columns: Columns, penalty: float) -> Layer:
    """Return the layer that fits these examples best."""
    if not examples:
        return Layer()
    weights = _fit(columns.fill(examples), _odds(examples), _wanted(examples), penalty)
    plain = columns.unscale(weights)
    end = 4 + len(columns.topics)
    return Layer(
        bias=round(float(plain[0]), 5),
        ask=round(float(plain[1]), 5),
        b2b=round(float(plain[2]), 5),
        person=round(float(plain[3]), 5),
        topics={
            topic: round(float(weight), 5)
            for topic, weight in zip(columns.topics, plain[4:end], strict=True)
        },
        vector=tuple(round(float(weight), 5) for weight in plain[end:]),
    )


def choose_fit(examples: Sequence[Example], model: str) -> tuple[Columns, float]:
    """Return the inputs and the strongest penalty beyond which held-out examples gain nothing.

    The vector's many numbers are taken in only where they tell more than topics and the rest.
    """
    whole = Columns.of(examples, model)
    best, least = (replace(whole, vector_size=0), PENALTIES[0]), float("inf")
    for columns in dict.fromkeys((replace(whole, vector_size=0), whole)):
        for penalty in PENALTIES:
            loss = _held_out_loss(examples, columns, penalty)
            if loss < least - _LEAST_GAIN:
                best, least = (columns, penalty), loss
    return best


def _held_out_loss(examples: Sequence[Example], columns: Columns, penalty: float) -> float:
    losses: list[float] = []
    for fold in sorted({each.fold for each in examples}):
        rest = [each for each in examples if each.fold != fold]
        held = [each for each in examples if each.fold == fold]
        weights = _fit(columns.fill(rest), _odds(rest), _wanted(rest), penalty)
        change = np.clip(columns.fill(held) @ weights, -MOST_CHANGE, MOST_CHANGE)
        losses += _losses(_odds(held) + change, _wanted(held)).tolist()
    return float(np.mean(losses)) if losses else 0.0


def _fit(matrix: _F64, odds: _F64, wanted: _F64, penalty: float) -> _F64:
    """Return the weights of the least penalised loss, by Newton's method with halved steps."""
    weights = np.zeros(matrix.shape[1])
    held = np.full(matrix.shape[1], penalty)

    def cost(weights: _F64) -> float:
        return float(
            _losses(odds + matrix @ weights, wanted).sum() + 0.5 * (held * weights**2).sum()
        )

    now = cost(weights)
    for _ in range(_STEPS):
        shares = 1 / (1 + np.exp(-np.clip(odds + matrix @ weights, -30, 30)))
        slope = matrix.T @ (shares - wanted) + held * weights
        curve = (matrix * (shares * (1 - shares))[:, None]).T @ matrix + np.diag(held)
        step = np.linalg.solve(curve, slope)
        size = 1.0
        while size > _CLOSE and cost(weights - size * step) > now:
            size /= 2
        weights = weights - size * step
        before, now = now, cost(weights)
        if before - now < _CLOSE:
            break
    return weights


def _losses(odds: _F64, wanted: _F64) -> _F64:
    losses: _F64 = np.logaddexp(0.0, odds) - wanted * odds
    return losses


def _odds(examples: Sequence[Example]) -> _F64:
    values = [to_log_odds(each.features.probability) for each in examples]
    held: _F64 = np.clip(np.array(values, dtype=np.float64), -_MOST_ODDS, _MOST_ODDS)
    return held


def _wanted(examples: Sequence[Example]) -> _F64:
    return np.array([float(each.is_wanted) for each in examples])
