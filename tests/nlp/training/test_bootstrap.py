"""Intervals."""

import numpy as np
import pytest

from nlp.training.bootstrap import (
    Estimate,
    Resampling,
    estimate,
    estimate_share,
    poisson_rate,
    wilson,
)


def test_every_draw_has_as_many_posts_and_is_the_same_again() -> None:
    first, second = ([*Resampling(40, resamples=7).blocks()] for _ in range(2))
    assert first[0].shape == (7, 40)
    assert (first[0].sum(axis=1) == 40).all()
    assert (first[0] == second[0]).all()


def test_draws_of_many_posts_come_in_blocks() -> None:
    resampling = Resampling(1_500_000, resamples=3)
    assert [len(block) for block in resampling.blocks()] == [2, 1]


def test_a_share_has_the_interval_that_theory_says() -> None:
    share = estimate_share(np.arange(400) < 100)
    half = 1.96 * np.sqrt(0.25 * 0.75 / 400)
    assert share.value == 0.25
    assert share.low == pytest.approx(0.25 - half, abs=0.01)
    assert share.high == pytest.approx(0.25 + half, abs=0.01)


def test_nothing_has_no_interval() -> None:
    assert estimate_share(np.zeros(0, dtype=np.bool_)) == Estimate(0.0, 0.0, 0.0)
    assert estimate(0.5, np.array([np.nan])) == Estimate(0.5, 0.5, 0.5)
    assert len(Resampling(0).sums(np.zeros((0, 2)))) == 0
    assert len(Resampling(0).each(lambda counts: counts[:, 0])) == 0


def test_wilson_and_poisson_match_published_values() -> None:
    # Newcombe, Statistics in Medicine 1998, table I, method 3: 15 of 148 and 0 of 20.
    assert wilson(15, 148).low == pytest.approx(0.0624, abs=1e-4)
    assert wilson(15, 148).high == pytest.approx(0.1605, abs=1e-4)
    assert wilson(0, 20).high == pytest.approx(0.1611, abs=1e-4)
    assert wilson(0, 0) == Estimate(0.0, 0.0, 1.0)
    # 10 events: 4.795 to 18.390; none: up to 3.689.
    ten = poisson_rate(10, 1000)
    assert [ten.low, ten.high] == pytest.approx([4.795, 18.390], abs=1e-3)
    none = poisson_rate(0, 2000)
    assert [none.low, none.high] == pytest.approx([0.0, 3.689 / 2], abs=1e-3)
    assert poisson_rate(0, 0) == Estimate(0.0, 0.0, 0.0)


def test_an_estimate_is_shown_short() -> None:
    assert str(Estimate(0.5, 0.25, 1.0)) == "0.500 [.250-1.000]"
