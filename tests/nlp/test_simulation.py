"""A company whose needs differ from the model's is spared most of what it never wants."""

from random import Random

import pytest

from askwatch.model.ids import TopicId
from askwatch.model.lead import Intent, Lane, Reason, TopicScore, Understanding
from nlp.configured import ConfiguredUnderstander
from nlp.simulation import (
    COMPANIES,
    repeat,
    simulate,
    understand_posts,
    wants_payroll,
    without_vectors,
)
from nlp.training.corpus import LabelledPost
from tests.nlp.test_stage import ASK, CHATTER

TOPICS = ("accounting_finance", "cloud_hosting", "web_development", "legal")


@pytest.fixture(scope="module")
def understander() -> ConfiguredUnderstander:
    return ConfiguredUnderstander()


def make_post(post_id: str, topic: str, text: str = ASK) -> LabelledPost:
    return LabelledPost(
        id=post_id, text=text, lang="en", intent=Intent.VENDOR_REQUEST, b2b=True, topic=topic
    )


def make_alarms(count: int, model: str) -> list[tuple[LabelledPost, Understanding]]:
    """Return alarms whose best topic is right in nine of ten."""
    random = Random(1)
    alarms = []
    for number in range(count):
        topic = TOPICS[number % len(TOPICS)]
        told = topic if random.random() < 0.9 else random.choice(TOPICS)
        probability = random.uniform(0.94, 0.999)
        scores = {told: 0.8} | ({topic: 0.4} if topic != told else {})
        understanding = Understanding(
            lang="en",
            intent=Intent.VENDOR_REQUEST,
            probability=probability,
            probabilities={Intent.VENDOR_REQUEST: probability},
            b2b_probability=0.95,
            lane=Lane.ALERT,
            topics=tuple(
                TopicScore(topic_id=TopicId(name), probability=share)
                for name, share in scores.items()
            ),
            reasons=(Reason(kind="ask", text="any", start=0, end=3, weight=1.0),),
            model=model,
        )
        alarms.append((make_post(str(number), topic), understanding))
    return alarms


def test_after_a_hundred_taps_half_of_the_nuisance_is_gone(
    understander: ConfiguredUnderstander,
) -> None:
    alarms = make_alarms(600, understander.model_name)
    outcomes = [
        simulate(company, alarms, understander, seed=seed)
        for company in COMPANIES
        for seed in (1, 2)
    ]
    for outcome in outcomes:
        assert outcome.taps == 100
        assert outcome.spared >= 0.5, outcome
    for first, second in (outcomes[:2], outcomes[2:]):
        whole = repeat([first, second])
        assert whole.lost <= 0.02, whole
        assert whole.wanted_before == first.wanted_before + second.wanted_before
        assert "unwanted alarms" in str(whole)


def test_without_alarms_nothing_is_measured_and_nothing_published(
    understander: ConfiguredUnderstander,
) -> None:
    outcome = simulate(COMPANIES[0], [], understander)
    assert (outcome.spared, outcome.lost) == (0.0, 0.0)
    assert "not published" in str(outcome)


def test_posts_are_understood_with_vectors_of_their_words(
    understander: ConfiguredUnderstander,
) -> None:
    posts = [make_post("1", "crm_sales"), make_post("2", "crm_sales", CHATTER)]
    understood = understand_posts(posts, understander)
    assert all(len(each.vector) == 128 for _, each in understood if each.vector)
    assert [each.lane for _, each in understood] == [Lane.ALERT, Lane.NONE]
    assert all(each.vector == () for _, each in without_vectors(understood))
    assert wants_payroll(posts[0])
