"""Calibration, and what a new map would gain."""

from collections.abc import Sequence

import numpy as np
import pytest

from askwatch.model.lead import Intent, Lane, Understanding
from nlp.model import INTENTS
from nlp.training.labelled_file import MeasuredPost
from nlp.training.outcomes import Outcomes, gather
from nlp.training.reliability import cross_fit, measure_reliability


def make(probabilities: Sequence[float], truth: Sequence[bool], lang: str = "en") -> Outcomes:
    posts = [
        MeasuredPost(
            str(number), "text", lang, Intent.VENDOR_REQUEST if ask else Intent.OTHER, True, None,
            False, "reddit",
        )
        for number, ask in enumerate(truth)
    ]  # fmt: skip
    answers = [
        Understanding(
            lang=lang, intent=Intent.OTHER, probability=each, b2b_probability=0.5, lane=Lane.NONE,
            probabilities={intent: each if intent is INTENTS[0] else 0.0 for intent in INTENTS},
        )
        for each in probabilities
    ]  # fmt: skip
    return gather(posts, answers)


def draw(size: int, sharpness: float) -> Outcomes:
    """Return posts whose log-odds are `sharpness` times too small."""
    generator = np.random.default_rng(2)
    odds = generator.normal(0, 2, size)
    truth = generator.random(size) < 1 / (1 + np.exp(-odds))
    said = 1 / (1 + np.exp(-odds / sharpness))
    return make(said.tolist(), truth.tolist())


def test_a_calibrated_model_shows_about_the_error_of_a_perfect_one() -> None:
    found = measure_reliability(draw(600, 1.0))
    assert found.error.value == pytest.approx(found.error_if_perfect, abs=0.02)
    assert found.brier.low < found.brier.value < found.brier.high < found.base_brier
    assert sum(each.posts for each in found.bins) == 600


def test_a_map_mends_probabilities_that_are_too_cautious() -> None:
    found = measure_reliability(draw(600, 3.0))
    assert found.error.low > 0.1
    assert found.remapped.error.value < 0.06
    assert found.remapped.brier.value < found.brier.value


def test_languages_without_asks_and_without_others_keep_their_probabilities() -> None:
    for ask in (True, False):
        outcomes = make([0.2, 0.4, 0.9], [ask] * 3)
        assert cross_fit(outcomes) == pytest.approx([0.2, 0.4, 0.9])


def test_nothing_has_no_calibration() -> None:
    found = measure_reliability(make([], []))
    assert (found.posts, found.error.value, found.bins) == (0, 0.0, ())
