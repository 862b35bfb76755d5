"""Floors for the packaged model on posts that are in no corpus."""

from pathlib import Path

import pytest

from nlp.training.evaluate import EvaluationReport, evaluate
from nlp.training.report import format_report
from nlp.understand import Understander

_HERE = Path(__file__).parent
GOLDEN = [*sorted((_HERE / "golden").glob("*.jsonl")), _HERE / "golden.jsonl"]
ASKS = ("vendor_request", "candidate_search")
# F1 of the two asks by language: what the packaged model reaches, minus 0.03, so that a change for
# the worse is seen and chance in a few new posts is not. Raise them with the model.
FLOORS = {
    "all": (0.88, 0.82),
    "da": (0.91, 0.89),
    "de": (0.85, 0.72),
    "en": (0.87, 0.84),
    "no": (0.90, 0.83),
    "sv": (0.85, 0.75),
}


@pytest.fixture(scope="session")
def report(understander: Understander) -> EvaluationReport:
    return evaluate(GOLDEN, understander)


@pytest.mark.parametrize("lang", FLOORS)
def test_asks_are_found(report: EvaluationReport, lang: str) -> None:
    for label, floor in zip(ASKS, FLOORS[lang], strict=True):
        assert report.find(lang, label).f1.value >= floor, format_report(report)


def test_business_asks_reach_a_lane_and_their_topic(report: EvaluationReport) -> None:
    asks = report.group().asks
    assert asks.found.value >= 0.92, format_report(report)
    assert asks.alerted.value >= 0.62
    assert asks.topic_first.value >= 0.78
    assert asks.topic_in_three.value >= 0.89


def test_few_alerts_are_no_asks(report: EvaluationReport) -> None:
    alerts = report.group().alerts
    right = alerts.business_asks + alerts.candidate_searches + alerts.consumer_asks
    assert alerts.no_asks <= 0.05 * right + 1, format_report(report)


def test_languages_are_told(report: EvaluationReport) -> None:
    assert report.group().right_languages.value >= 0.95


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
