"""Taps become a challenger, which takes the champion's place only when it is better."""

from random import Random

import pytest

from askwatch.model.adaptation import Adaptation, Layer
from askwatch.model.feedback import AskedFor, Features, FeedbackKind
from askwatch.model.lead import Lane
from nlp.adaptation import adapt
from nlp.layer import PENALTIES, choose_fit, fit_layer
from nlp.learning import Sane, Setting, learn
from nlp.lessons import Columns, Example, gather
from tests.nlp.taps import (
    HOSTING,
    INDEX,
    MODEL,
    PAYROLL,
    SETTING,
    THRESHOLDS,
    make_features,
    make_tap,
    make_taps,
)


def lanes_after(adaptation: Adaptation, features: list[Features]) -> list[Lane]:
    return [
        adapt(
            Example("", each, is_wanted=True).understanding,
            adaptation,
            version=1,
            thresholds=THRESHOLDS,
            topics=INDEX,
        ).lane
        for each in features
    ]


def test_a_company_that_never_wants_hosting_is_spared_it_after_a_hundred_taps() -> None:
    lesson = learn(make_taps(100), SETTING)
    assert lesson.is_better, lesson.reasons
    random = Random(99)
    hosting = lanes_after(lesson.adaptation, [make_features(HOSTING, random) for _ in range(200)])
    payroll = lanes_after(lesson.adaptation, [make_features(PAYROLL, random) for _ in range(200)])
    assert hosting.count(Lane.ALERT) <= 100
    assert payroll.count(Lane.ALERT) >= 196
    alerts = lesson.figures["unwanted_alerts"]
    assert isinstance(alerts, list)
    assert isinstance(alerts[1], int)
    assert alerts[1] <= 10


def test_the_fewer_wanted_posts_the_farther_from_losing_them() -> None:
    def lift(taps: int) -> float:
        figures = learn(make_taps(taps), SETTING).figures
        assert isinstance(figures["lift"], float)
        return figures["lift"]

    assert lift(40) > lift(400)


def test_learning_again_gives_the_same() -> None:
    assert learn(make_taps(60), SETTING) == learn(make_taps(60), SETTING)


def test_a_few_taps_change_nothing() -> None:
    lesson = learn(make_taps(10), SETTING)
    assert not lesson.is_better
    assert "20 are needed" in lesson.reasons[0]
    assert not learn([], SETTING).is_better


def test_taps_that_contradict_each_other_publish_nothing() -> None:
    random = Random(5)
    taps = [
        make_tap(
            random.choice([FeedbackKind.WANTED, FeedbackKind.NOT_A_LEAD]),
            make_features(HOSTING, random),
            number,
        )
        for number in range(60)
    ]
    lesson = learn(taps, SETTING)
    assert not lesson.is_better
    assert lesson.reasons


def test_what_is_learned_is_compared_with_the_champion_not_with_the_model() -> None:
    taps = make_taps(100)
    champion = learn(taps, SETTING).adaptation
    again = learn(taps, Setting(MODEL, SETTING.thresholds_of, INDEX, champion))
    assert not again.is_better
    assert "spares no unwanted alert" in " ".join(again.reasons)


def test_a_lesson_that_spoils_the_sanity_set_is_refused() -> None:
    random = Random(7)
    chatter = make_features(PAYROLL, random, probability=0.7)
    bystander = make_features(PAYROLL, random)
    alike = bystander.model_copy(update={"topics": (), "lane": Lane.REVIEW, "probability": 0.31})
    lean = (-0.9, *bystander.vector[1:])
    spoiled = alike.model_copy(update={"vector": lean})
    sanity = [
        *(Sane(Example("", chatter, is_wanted=False).understanding, is_ask=False) for _ in "ab"),
        *(Sane(Example("", spoiled, is_wanted=True).understanding, is_ask=True) for _ in "ab"),
    ]
    lesson = learn(make_taps(100), SETTING, sanity=sanity)
    assert not lesson.is_better
    told = " ".join(lesson.reasons)
    assert "sanity set" in told
    assert lesson.figures["sanity"] != {"new_false_alarms": 0, "asks": 0, "asks_lost": 0}


def test_the_latest_verdict_on_a_post_counts() -> None:
    features = make_features(HOSTING, Random(1))
    taps = [
        make_tap(FeedbackKind.WANTED, features, 1, post_hash="a" * 32),
        make_tap(FeedbackKind.NOT_A_LEAD, features, 2, post_hash="a" * 32),
        make_tap(FeedbackKind.MISSED, features, 3, post_hash="b" * 32),
        make_tap(FeedbackKind.WRONG_TOPIC, features, 4, post_hash="c" * 32),
        make_tap(FeedbackKind.MISSED_ENTITY, features, 5, post_hash="d" * 32),
    ]
    found = {each.post[0]: each.is_wanted for each in gather(taps, INDEX.topics)}
    assert found == {"a": False, "b": True}


@pytest.mark.parametrize(
    ("asked_for", "is_wanted"),
    [(AskedFor.VENDOR, True), (AskedFor.CANDIDATE, False), (AskedFor.NONE, False)],
)
def test_a_wrong_kind_is_wanted_if_a_topic_wants_that_kind(
    asked_for: AskedFor, is_wanted: bool
) -> None:
    tap = make_tap(
        FeedbackKind.WRONG_KIND, make_features(HOSTING, Random(1)), 1, asked_for=asked_for
    )
    (example,) = gather([tap], INDEX.topics)
    assert example.is_wanted is is_wanted


def test_topics_that_are_often_wrong_count_less() -> None:
    random = Random(3)
    taps = make_taps(40)
    taps += [
        make_tap(FeedbackKind.WRONG_TOPIC, make_features(HOSTING, random), number, topic_id=right)
        for number, right in zip(range(100, 106), [PAYROLL, None] * 3, strict=True)
    ]
    offsets = learn(taps, SETTING).adaptation.topic_offsets
    assert set(offsets) == {HOSTING}
    assert -2 <= offsets[HOSTING] < -0.5


def test_vectors_of_another_model_and_missing_ones_are_left_out() -> None:
    random = Random(1)
    old = make_features(HOSTING, random).model_copy(update={"model": "old"})
    plain = make_features(HOSTING, random).model_copy(update={"vector": ()})
    examples = [Example(str(n), each, is_wanted=False) for n, each in enumerate((old, plain))]
    columns = Columns.of(examples, MODEL)
    assert (columns.vector_size, columns.size) == (0, 5)
    assert fit_layer(examples, columns, 1.0).vector == ()
    assert fit_layer([], columns, 1.0) == Layer()


def test_without_evidence_the_strongest_penalty_stays_and_no_vector_is_used() -> None:
    random = Random(2)
    examples = [
        Example(f"{number:08x}", make_features(HOSTING, random), is_wanted=bool(number % 2))
        for number in range(40)
    ]
    columns, penalty = choose_fit(examples, MODEL)
    assert columns.vector_size == 0
    assert penalty >= PENALTIES[1]
