"""Measures whether the probability of an ask means what it says, and what a new map would gain."""

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from nlp.intent import calibrate
from nlp.training.bootstrap import SEED, Array, Estimate, Resampling, estimate, wilson
from nlp.training.heads import fit_calibration
from nlp.training.metrics import (
    bin_starts,
    brier_score,
    calibration_errors,
    expected_calibration_error,
)
from nlp.training.outcomes import Outcomes

FOLDS = 5
_PERFECT_DRAWS = 200
_HISTOGRAM_BINS = 20
_TINY = 1e-5


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Posts of one tenth, by their probability."""

    posts: int
    low: float
    high: float
    mean: float
    frequency: Estimate  # share of asks, Wilson's interval


@dataclass(frozen=True, slots=True)
class HistogramBin:
    """Posts whose probability is in [low, high); the last bin holds 1 too."""

    low: float
    high: float
    asks: int
    others: int


@dataclass(frozen=True, slots=True)
class Remapped:
    """Figures after a two-parameter map per language, cross-fitted over five folds."""

    error: Estimate
    brier: Estimate


@dataclass(frozen=True, slots=True)
class Reliability:
    """Calibration of the probability of an ask."""

    posts: int
    asks: int
    error: Estimate  # expected calibration error, 10 bins of equal mass
    error_if_perfect: float  # what a perfectly calibrated model shows at so many posts
    brier: Estimate
    base_brier: float  # of always saying the share of asks
    bins: tuple[ReliabilityBin, ...]
    histogram: tuple[HistogramBin, ...]
    remapped: Remapped


def measure_reliability(outcomes: Outcomes) -> Reliability:
    """Return how the probability of an ask compares with the frequency of asks."""
    probabilities, truth = outcomes.ask_probability, outcomes.is_ask.astype(np.float64)
    share = float(truth.mean()) if len(truth) else 0.0
    moved = cross_fit(outcomes)
    return Reliability(
        posts=len(truth),
        asks=int(truth.sum()),
        error=_estimate_error(probabilities, truth),
        error_if_perfect=_error_if_perfect(probabilities),
        brier=_estimate_brier(probabilities, truth),
        base_brier=share * (1 - share),
        bins=tuple(_fill_bins(probabilities, truth)),
        histogram=tuple(_fill_histogram(probabilities, truth)),
        remapped=Remapped(_estimate_error(moved, truth), _estimate_brier(moved, truth)),
    )


def cross_fit(outcomes: Outcomes, *, folds: int = FOLDS, seed: int = SEED) -> Array:
    """Return probabilities after a map of slope and intercept per language.

    The map of a post comes from the other folds of its language, so no post is measured with
    parameters that it had a part in.
    """
    odds = np.array([_log_odds(float(each)) for each in outcomes.ask_probability])
    truth = outcomes.is_ask.astype(np.int64)
    languages = np.array([post.lang for post in outcomes.posts], dtype=object)
    generator = np.random.default_rng(seed)
    moved = outcomes.ask_probability.copy()
    for lang in sorted(set(languages.tolist())):
        places = generator.permutation(np.flatnonzero(languages == lang))
        for fold in range(folds):
            held = places[fold::folds]
            rest = np.setdiff1d(places, held)
            fitted = fit_calibration(odds[rest], truth[rest])
            moved[held] = [calibrate(float(each), fitted) for each in odds[held]]
    return moved


def _log_odds(probability: float) -> float:
    kept = min(1 - _TINY, max(_TINY, probability))
    return log(kept / (1 - kept))


def _estimate_error(probabilities: Array, truth: Array) -> Estimate:
    samples = Resampling(len(truth)).each(
        lambda counts: calibration_errors(probabilities, truth, counts)
    )
    return estimate(expected_calibration_error(probabilities, truth), samples)


def _estimate_brier(probabilities: Array, truth: Array) -> Estimate:
    squares = ((probabilities - truth) ** 2)[:, np.newaxis]
    samples = Resampling(len(truth)).sums(squares)[:, 0] / max(1, len(truth))
    return estimate(brier_score(probabilities, truth), samples)


def _error_if_perfect(probabilities: Array) -> float:
    """Return the mean error when outcomes are drawn with the probabilities themselves."""
    if not len(probabilities):
        return 0.0
    ordered = np.sort(probabilities)
    drawn = np.random.default_rng(SEED).random((_PERFECT_DRAWS, len(ordered))) < ordered
    gaps = np.add.reduceat(drawn - ordered, bin_starts(len(ordered)), axis=1)
    return float(np.abs(gaps).sum(axis=1).mean() / len(ordered))


def _fill_bins(probabilities: Array, truth: Array) -> list[ReliabilityBin]:
    if not len(truth):
        return []
    order = np.argsort(probabilities, kind="stable")
    parts: list[NDArray[np.intp]] = np.split(order, bin_starts(len(order))[1:])
    return [
        ReliabilityBin(
            len(part),
            float(probabilities[part].min()),
            float(probabilities[part].max()),
            float(probabilities[part].mean()),
            wilson(int(truth[part].sum()), len(part)),
        )
        for part in parts
    ]


def _fill_histogram(probabilities: Array, truth: Array) -> list[HistogramBin]:
    edges = np.linspace(0, 1, _HISTOGRAM_BINS + 1)
    asks, _ = np.histogram(probabilities[truth == 1], edges)
    others, _ = np.histogram(probabilities[truth == 0], edges)
    return [
        HistogramBin(round(float(low), 2), round(float(high), 2), int(ask), int(other))
        for low, high, ask, other in zip(edges[:-1], edges[1:], asks, others, strict=True)
    ]
