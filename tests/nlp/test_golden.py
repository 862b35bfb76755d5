"""Loose floors for the packaged model on posts that are in no corpus."""

from pathlib import Path

import pytest

from nlp.training.evaluate import EvaluationReport, evaluate
from nlp.understand import Understander

GOLDEN = Path(__file__).with_name("golden.jsonl")


@pytest.fixture(scope="module")
def report(understander: Understander) -> EvaluationReport:
    return evaluate(GOLDEN, understander)


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("label", ["vendor_request", "candidate_search"])
def test_asks_are_found(report: EvaluationReport, lang: str, label: str) -> None:
    figures = report.find(lang, label)
    assert figures.f1 >= 0.75, report.to_text()


def test_business_asks_reach_a_lane_and_their_topic(report: EvaluationReport) -> None:
    assert report.asks is not None
    assert report.asks.found >= 0.8
    assert report.asks.alerted >= 0.4
    assert report.asks.topic_first >= 0.6
    assert report.asks.topic_in_three >= 0.75


def test_languages_are_told(report: EvaluationReport) -> None:
    assert report.right_languages >= 0.95


def test_few_posts_without_an_ask_alert_anybody(understander: Understander) -> None:
    chatter = [
        "The heron is back on the canal this morning, standing there like a landlord.",
        "I can't believe the match ended like that. Speechless.",
        "Så blev det endelig forår, og naboens kat har indtaget min liggestol.",
        "godmorgen alle sammen, husk madpakken",
        "happy birthday to my favourite sister, you are old now",
        "🙂🙂🙂",
    ]
    assert {each.lane.value for each in understander.understand(chatter)} == {"none"}
