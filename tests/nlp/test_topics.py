"""Topics: a company's own at once, the built-in ones with the model."""

import os
import subprocess
import sys

import pytest

from askwatch.model.ids import TopicId
from askwatch.model.lead import Intent, Lane, TopicScore
from askwatch.model.topic import Topic, Wants
from nlp.analysis import analyse
from nlp.lanes import choose_lane
from nlp.model import Thresholds
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path
from nlp.topics import TopicIndex, builtin_index, builtin_topics
from tests.nlp.texts import LABEL_TOPICS

TOPIC = TopicId("accounting_finance")
IDENTITY = Topic(
    topic_id="identity",
    name="Identity and access",
    names={"da": "Identitet og adgang"},
    description="Single sign-on and login for web applications",
    phrases=("keycloak", "single sign-on", "adgangsstyring"),
    examples=("Which identity provider should a small SaaS use?",),
)
PAYROLL = Topic(topic_id="payroll", name="Payroll", phrases=("lønsystem", "payroll software"))


@pytest.fixture(scope="module")
def patterns() -> PatternSet:
    return PatternSet.read(resource_path("patterns"))


def score(patterns: PatternSet, text: str, *topics: Topic) -> dict[str, float]:
    index = TopicIndex(topics)
    hits = index.find(analyse(normalise(text), patterns))
    return {each.topic_id: each.probability for each in index.score(hits, {}, b2b=0.9)}


def test_a_phrase_in_the_asking_sentence_is_enough(patterns: PatternSet) -> None:
    scores = score(patterns, "Can anyone recommend a Keycloak consultant?", IDENTITY, PAYROLL)
    assert scores["identity"] > 0.8
    assert "payroll" not in scores


def test_a_phrase_of_several_words_is_found_in_another_inflection(patterns: PatternSet) -> None:
    assert score(patterns, "we compare single sign-ons, any tips?", IDENTITY)["identity"] > 0.8


def test_a_danish_compound_and_inflection_is_found(patterns: PatternSet) -> None:
    found = score(patterns, "Nogen der kan anbefale et godt lønsystemet til 12 ansatte?", PAYROLL)
    assert found["payroll"] > 0.8


def test_words_of_description_and_examples_speak_softly(patterns: PatternSet) -> None:
    found = score(patterns, "Which provider for login do you use in applications?", IDENTITY)
    assert 0.1 < found["identity"] < 0.85


def test_another_subject_has_no_topic(patterns: PatternSet) -> None:
    assert score(patterns, "Who can recommend a good roofer in Leeds?", IDENTITY, PAYROLL) == {}


def test_an_inactive_topic_is_not_there() -> None:
    assert TopicIndex([PAYROLL.model_copy(update={"is_active": False})]).topics == []


def test_the_built_in_topics_are_those_of_the_labels() -> None:
    assert {topic.topic_id for topic in builtin_topics()} == LABEL_TOPICS
    assert all(topic.wants is Wants.BOTH for topic in builtin_topics())
    assert all({"da", "sv", "no", "de"} <= topic.names.keys() for topic in builtin_topics())


def test_a_built_in_topic_takes_the_models_word_too(patterns: PatternSet) -> None:
    index = builtin_index()
    analysis = analyse(normalise("Who knows a good accountant?"), patterns)
    hits = index.find(analysis)
    alone = {each.topic_id: each.probability for each in index.score(hits, {}, b2b=0.9)}
    both = index.score(hits, {"accounting_finance": 0.9}, b2b=0.9)
    assert alone[TOPIC] == max(alone.values()) > 0.3
    assert both[0].topic_id == TOPIC
    assert both[0].probability > alone[TOPIC]


def test_a_built_in_topic_takes_what_no_other_does(patterns: PatternSet) -> None:
    index = builtin_index()
    assert index.score([], {}, b2b=0.9)[0].topic_id == "other_business"
    assert index.score([], {}, b2b=0.1)[0].topic_id == "consumer_other"


def test_a_private_wish_alerts_nobody_whatever_else_it_names() -> None:
    scores = [
        TopicScore(topic_id=TopicId("consumer_other"), probability=0.9),
        TopicScore(topic_id=TopicId("legal"), probability=0.8),
    ]
    thresholds = Thresholds(0.5, 0.3, 0.2, 0.9, 0.5, 0.5)
    for given, lane in ((scores, Lane.REVIEW), (scores[1:], Lane.ALERT)):
        chosen = choose_lane(
            ask=0.95,
            b2b=0.9,
            intent=Intent.VENDOR_REQUEST,
            scores=given,
            topics=builtin_index(),
            thresholds=thresholds,
        )
        assert chosen is lane


_HITS = """
from nlp.analysis import analyse
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.topics import builtin_index
for text in ("Cykelhjälm till stort huvud?", "Webshop-revisor til firmabil", "car insurance app"):
    print(builtin_index().find(analyse(normalise(text), PatternSet())))
"""


def test_the_same_words_speak_for_a_topic_in_every_process() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _HITS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "3", "7")
    }
    assert len(told) == 1
    assert b"TopicHit" in told.pop()
