"""Joining fast part and encoder on posts that neither has seen."""

from dataclasses import replace

import numpy as np
import pytest

from nlp.model import ASKS, INTENTS
from nlp.training.configuration import CalibrationSection, LaneSection
from nlp.training.corpus import LabelledPost
from nlp.training.metrics import expected_calibration_error
from nlp.training.mixing import (
    ANY,
    Seen,
    first_look_probabilities,
    fit_first_look,
    fit_mixes,
    mixed_probabilities,
)

SETTINGS = CalibrationSection(ask_share=0.5)
LANES = LaneSection(review={"und": 0.1, "da": 0.2}, alert={"und": 0.9})


def make_seen(
    *, fast: float, encoder: float, glance: float = 1.0, posts: int = 400, lang: str = "da"
) -> Seen:
    """Return posts of which the parts know the intent with so much more than noise."""
    chance = np.random.default_rng(5)
    truth = chance.integers(0, len(INTENTS), posts)
    truth[: posts // 2] = chance.integers(0, 2, posts // 2)  # half of them ask
    marks = np.eye(len(INTENTS))[truth]
    noise = chance.normal(0, 1, (2, posts, len(INTENTS)))
    is_b2b = chance.integers(0, 2, posts)
    labelled = [
        LabelledPost(id=f"p{number}", text="text", lang=lang, intent=INTENTS[intent], b2b=bool(b2b))
        for number, (intent, b2b) in enumerate(zip(truth.tolist(), is_b2b.tolist(), strict=True))
    ]
    return Seen(
        labelled,
        (fast * marks + noise[0]).astype(np.float32),
        is_b2b * 2.0 - 1 + noise[0, :, 0],
        glance * (truth < len(ASKS)) + chance.normal(0, 1, posts),
        (encoder * marks + noise[1]).astype(np.float32),
        is_b2b * 2.0 - 1 + noise[1, :, 0],
    )


def test_the_part_that_knows_more_gets_the_larger_share() -> None:
    better = fit_mixes(make_seen(fast=1.0, encoder=4.0), SETTINGS, LANES)[ANY].encoder_share
    worse = fit_mixes(make_seen(fast=4.0, encoder=1.0), SETTINGS, LANES)[ANY].encoder_share
    assert better > 0.5 > worse


def test_the_mix_is_calibrated_where_it_was_fitted() -> None:
    seen = make_seen(fast=1.5, encoder=2.0)
    probabilities = mixed_probabilities(seen, fit_mixes(seen, SETTINGS, LANES))
    assert expected_calibration_error(probabilities, seen.is_ask.astype(float)) < 0.06


def test_fewer_asks_elsewhere_make_every_probability_smaller() -> None:
    seen = make_seen(fast=1.5, encoder=2.0)
    many = mixed_probabilities(seen, fit_mixes(seen, SETTINGS, LANES))
    few = mixed_probabilities(seen, fit_mixes(seen, CalibrationSection(ask_share=0.1), LANES))
    assert (few < many).all()


def test_a_language_of_few_posts_shares_the_numbers_of_all() -> None:
    seen = make_seen(fast=1.5, encoder=2.0)
    rare = [replace_lang(post, "sv") for post in seen.posts[:10]]
    mixes = fit_mixes(replace(seen, posts=[*rare, *seen.posts[10:]]), SETTINGS, LANES)
    assert set(mixes) == {ANY, "da"}


def test_a_map_of_a_language_is_put_behind_its_calibration() -> None:
    settings = CalibrationSection(ask_share=0.5, maps={"da": (0.5, 1.0)})
    seen = make_seen(fast=1.5, encoder=2.0)
    plain, mapped = fit_mixes(seen, SETTINGS, LANES), fit_mixes(seen, settings, LANES)
    assert mapped["da"].slope == pytest.approx(0.5 * plain["da"].slope)
    assert mapped["da"].intercept == pytest.approx(0.5 * plain["da"].intercept + 1.0)
    assert mapped[ANY] == plain[ANY]


def test_lanes_of_a_language_stand_before_those_of_any() -> None:
    mixes = fit_mixes(make_seen(fast=1.5, encoder=2.0), SETTINGS, LANES)
    assert (mixes["da"].review, mixes["da"].alert) == (0.2, 0.9)
    assert (mixes[ANY].review, mixes[ANY].alert) == (0.1, 0.9)


def test_a_first_look_trusts_the_part_that_knows_more() -> None:
    sharp = fit_first_look(make_seen(fast=0.5, encoder=2.0, glance=4.0))
    blunt = fit_first_look(make_seen(fast=4.0, encoder=2.0, glance=0.2))
    assert sharp.glance > sharp.fast
    assert blunt.fast > blunt.glance


def test_what_a_first_look_weighs_is_the_probability_of_an_ask() -> None:
    seen = make_seen(fast=1.5, encoder=2.0, glance=2.0)
    probabilities = first_look_probabilities(seen, fit_first_look(seen))
    assert expected_calibration_error(probabilities, seen.is_ask.astype(float)) < 0.06


def replace_lang(post: LabelledPost, lang: str) -> LabelledPost:
    return post.model_copy(update={"lang": lang})
