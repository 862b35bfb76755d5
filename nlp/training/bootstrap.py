"""Says how sure a figure is: bootstrap over posts, Wilson's and the Poisson interval."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

RESAMPLES, SEED = 1_000, 1
LEVEL = 0.95
# Half of what lies outside the interval, and the normal quantile that belongs to it.
_TAIL = (1 - LEVEL) / 2
_NORMAL = 1.959964
# A block of counts holds so many numbers at most, 32 MB.
_BLOCK = 4_000_000

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        low, high = (f"{end:.3f}".replace("0.", ".", 1) for end in (self.low, self.high))
        return f"{self.value:.3f} [{low}-{high}]"


class Resampling:
    """Draws posts with replacement, the same draws at every call.

    A draw is a row of counts: how often each post is in it.
    """

    def __init__(self, size: int, *, resamples: int = RESAMPLES, seed: int = SEED) -> None:
        self.size, self._resamples, self._seed = size, resamples, seed

    def blocks(self) -> Iterator[Array]:
        """Yield counts, draws x posts, in blocks that fit into memory."""
        generator = np.random.default_rng(self._seed)
        left = self._resamples if self.size else 0
        while left:
            rows = min(left, max(1, _BLOCK // self.size))
            drawn = generator.integers(self.size, size=(rows, self.size))
            drawn += np.arange(rows)[:, np.newaxis] * self.size
            counts = np.bincount(drawn.ravel(), minlength=rows * self.size)
            yield counts.reshape(rows, self.size).astype(np.float64)
            left -= rows

    def sums(self, columns: Array) -> Array:
        """Return the sum of each column over each draw: draws x columns."""
        parts = [counts @ columns for counts in self.blocks()]
        return np.concatenate(parts) if parts else np.zeros((0, columns.shape[1]))

    def each(self, measure: Callable[[Array], Array]) -> Array:
        """Return `measure` of every draw; it gets counts, draws x posts."""
        parts = [measure(counts) for counts in self.blocks()]
        return np.concatenate(parts) if parts else np.zeros(0)


def estimate(value: float, samples: Array) -> Estimate:
    """Return a figure with the percentiles of its samples; those that are not defined are left out.

    Source: Efron 1979, percentile interval.
    """
    known = samples[np.isfinite(samples)]
    if not len(known):
        return Estimate(value, value, value)
    low, high = np.quantile(known, [_TAIL, 1 - _TAIL])
    return Estimate(value, float(low), float(high))


def estimate_share(
    hits: NDArray[np.bool_], *, resamples: int = RESAMPLES, seed: int = SEED
) -> Estimate:
    """Return the share of hits with its bootstrap interval; 0 of nothing."""
    if not len(hits):
        return Estimate(0.0, 0.0, 0.0)
    resampling = Resampling(len(hits), resamples=resamples, seed=seed)
    sums = resampling.sums(hits.astype(np.float64)[:, np.newaxis])[:, 0]
    return estimate(float(hits.mean()), sums / len(hits))


def divide(numerators: Array, denominators: Array) -> Array:
    """Return quotients, "not a number" where there is nothing to divide by."""
    result = np.full(numerators.shape, np.nan)
    np.divide(numerators, denominators, out=result, where=denominators > 0)
    return result


def wilson(hits: int, total: int) -> Estimate:
    """Return a share with Wilson's interval, which holds for few posts too.

    Source: Wilson, JASA 1927.
    """
    if not total:
        return Estimate(0.0, 0.0, 1.0)
    share, square = hits / total, _NORMAL**2
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = (
        _NORMAL
        / (1 + square / total)
        * sqrt(share * (1 - share) / total + square / (4 * total * total))
    )
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def poisson_rate(events: int, posts: int, *, per: int = 1_000) -> Estimate:
    """Return events per 1 000 posts with the exact Poisson interval.

    Source: Garwood, Biometrika 1936.
    """
    if not posts:
        return Estimate(0.0, 0.0, 0.0)
    low = float(gammaincinv(events, _TAIL)) if events else 0.0
    high = float(gammaincinv(events + 1, 1 - _TAIL))
    return Estimate(per * events / posts, per * low / posts, per * high / posts)
