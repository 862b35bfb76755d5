"""An adaptation changes what it must, and nothing when it is neutral."""

from dataclasses import replace
from random import Random

import pytest

from askwatch.model.adaptation import MOST_CHANGE, Adaptation, Layer
from askwatch.model.lead import Lane, Understanding
from nlp.adaptation import LEARNED, adapt, measure_change, shift_thresholds, to_log_odds
from nlp.lessons import Example
from tests.nlp.taps import HOSTING, INDEX, MODEL, PAYROLL, THRESHOLDS, make_features


def make_understanding(**changes: object) -> Understanding:
    features = make_features(HOSTING, Random(1))
    understanding = Example("", features, is_wanted=True).understanding
    return understanding.model_copy(update=changes)


def run(understanding: Understanding, adaptation: Adaptation) -> Understanding:
    return adapt(understanding, adaptation, version=3, thresholds=THRESHOLDS, topics=INDEX)


def test_a_neutral_adaptation_returns_what_it_was_given() -> None:
    understanding = make_understanding()
    assert run(understanding, Adaptation()) is understanding


def test_a_topic_that_is_not_wanted_takes_a_post_out_of_the_alerts() -> None:
    understanding = make_understanding(value_terms={"b2b": 1.0}, value=0.9)
    layer = Layer(topics={HOSTING: -6.0, PAYROLL: 6.0})
    after = run(understanding, Adaptation(layer=layer, model=MODEL))
    assert (understanding.lane, after.lane) == (Lane.ALERT, Lane.NONE)
    assert after.probability < THRESHOLDS.review
    assert sum(after.probabilities.values()) == pytest.approx(after.probability, abs=1e-4)
    assert after.value == pytest.approx(after.probability, abs=1e-3)
    (reason,) = after.reasons
    assert (reason.kind, reason.text) == (LEARNED, "")
    assert reason.weight < 0
    assert after.model == f"{MODEL}+3"
    before = after.unadapted
    assert before is not None
    assert (before.version, before.model, before.lane) == (3, MODEL, Lane.ALERT)
    assert before.probability == understanding.probability


def test_a_post_that_somebody_must_look_at_first_never_alerts() -> None:
    surer = Adaptation(layer=Layer(bias=2.0), model=MODEL)
    held = make_understanding(may_alert=False, lane=Lane.REVIEW)
    assert run(make_understanding(), surer).lane is Lane.ALERT
    assert run(held, surer).lane is Lane.REVIEW


def test_a_vector_counts_for_its_own_model_alone() -> None:
    layer = Layer(vector=(1.0, 0.0))
    understanding = make_understanding()
    assert measure_change(understanding, Adaptation(layer=layer, model=MODEL)) == -0.6
    assert measure_change(understanding, Adaptation(layer=layer, model="other")) == 0


def test_every_part_of_the_layer_counts_and_the_change_is_bounded() -> None:
    understanding = make_understanding()
    odds = to_log_odds(understanding.probability)
    layer = Layer(bias=0.5, ask=0.1, b2b=1.0)
    change = measure_change(understanding, Adaptation(layer=layer))
    assert change == pytest.approx(0.5 + 0.1 * odds + 0.4)
    far = Adaptation(layer=Layer(bias=100.0))
    assert measure_change(understanding, far) == MOST_CHANGE
    assert run(make_understanding(), far).probability <= 1.0


def test_thresholds_shift_by_log_odds_and_keep_their_order() -> None:
    shifted = shift_thresholds(THRESHOLDS, Adaptation(alert_shift=1.0, review_shift=-1.0))
    assert to_log_odds(shifted.alert) == pytest.approx(to_log_odds(0.8) + 1, abs=1e-3)
    assert to_log_odds(shifted.review) == pytest.approx(to_log_odds(0.3) - 1, abs=1e-3)
    crossed = shift_thresholds(
        replace(THRESHOLDS, review=0.75), Adaptation(alert_shift=-1.0, review_shift=1.0)
    )
    assert crossed.review == crossed.alert


def test_a_wrong_topic_moves_down_and_the_post_leaves_the_alerts() -> None:
    after = run(make_understanding(), Adaptation(topic_offsets={HOSTING: -2.5}))
    assert after.topics[0].probability < THRESHOLDS.topic
    assert after.lane is Lane.REVIEW
    assert after.reasons == ()


def test_a_topic_that_is_no_more_is_passed_over() -> None:
    gone = make_understanding().topics[0].model_copy(update={"topic_id": "gone"})
    after = run(make_understanding(topics=(gone,)), Adaptation(layer=Layer(bias=0.2)))
    assert after.lane is Lane.REVIEW


def test_a_rejected_post_at_the_threshold_stays_rejected_unless_it_is_likelier() -> None:
    rejected = make_understanding(lane=Lane.NONE, probability=THRESHOLDS.review)
    assert run(rejected, Adaptation(layer=Layer(bias=-0.2))).lane is Lane.NONE
    assert run(rejected, Adaptation(layer=Layer(bias=0.2))).lane is Lane.REVIEW
    assert run(rejected, Adaptation(review_shift=-1.0)).lane is Lane.REVIEW
