"""Precision, recall, calibration."""

import numpy as np
import pytest

from nlp.training.metrics import (
    average_precision,
    average_precisions,
    brier_score,
    calibration_errors,
    expected_calibration_error,
    measure_labels,
)


def test_figures_of_a_label() -> None:
    frequent, rare = measure_labels(["a", "a", "a", "b"], ["a", "a", "b", "b"])
    assert (frequent.label, frequent.precision, frequent.recall) == ("a", 1.0, 2 / 3)
    assert (rare.precision, rare.recall) == (0.5, 1.0)
    assert rare.f1 == pytest.approx(2 / 3)


def test_a_label_that_is_never_found_has_zeros() -> None:
    a, b = measure_labels(["a"], ["b"])
    assert (a.precision, a.f1, b.recall) == (0.0, 0.0, 0.0)


def test_perfect_probabilities_have_no_error() -> None:
    truth = np.array([0.0, 1.0, 0.0, 1.0])
    assert expected_calibration_error(truth, truth) == 0.0
    assert brier_score(truth, truth) == 0.0


def test_overconfident_probabilities_have_one() -> None:
    probabilities, truth = np.full(10, 0.9), np.zeros(10)
    assert expected_calibration_error(probabilities, truth) == pytest.approx(0.9)
    assert brier_score(probabilities, truth) == pytest.approx(0.81)


def test_nothing_has_no_error() -> None:
    empty = np.zeros(0)
    assert (expected_calibration_error(empty, empty), brier_score(empty, empty)) == (0.0, 0.0)


def test_average_precision_is_that_of_the_textbook() -> None:
    truth = np.array([1.0, 0.0, 1.0, 0.0])
    assert average_precision(np.array([0.9, 0.8, 0.7, 0.1]), truth) == pytest.approx(5 / 6)
    # Posts of one score are found together.
    assert average_precision(np.full(4, 0.5), truth) == pytest.approx(0.5)
    assert average_precision(np.full(2, 0.5), np.zeros(2)) == 0.0


def test_draws_with_every_post_once_give_the_figure_itself() -> None:
    generator = np.random.default_rng(4)
    probabilities, truth = generator.random(57), (generator.random(57) < 0.4).astype(np.float64)
    once, double = np.ones((1, 57)), np.ones((1, 57))
    double[0, :2] = [2.0, 0.0]
    error = expected_calibration_error(probabilities, truth)
    assert calibration_errors(probabilities, truth, once)[0] == pytest.approx(error)
    drawn = [0, 0, *range(2, 57)]
    again = expected_calibration_error(probabilities[drawn], truth[drawn])
    assert calibration_errors(probabilities, truth, double)[0] == pytest.approx(again)
    found = average_precision(probabilities[drawn], truth[drawn])
    assert average_precisions(probabilities, truth, double)[0] == pytest.approx(found)
