"""Precision, recall, calibration."""

import numpy as np
import pytest

from nlp.training.metrics import brier_score, expected_calibration_error, measure_labels


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
