import pytest

from bench.figures import Delays, Figure, Memory, describe_counts, describe_work, percentile


def test_a_rate_is_what_was_done_a_second() -> None:
    figure = Figure("nlp", 1_000, 0.5, baseline="JSON parse", baseline_rate=8_000.0)
    assert figure.rate == 2_000.0
    assert figure.ratio == 0.25


def test_a_baseline_is_its_own_measure() -> None:
    assert Figure("JSON parse", 10, 1.0).ratio == 1.0


def test_nothing_is_divided_by_zero() -> None:
    assert Figure("nlp", 10, 0.0).rate == 0.0
    assert Figure("nlp", 10, 1.0, baseline="Kafka produce").ratio == 0.0


@pytest.mark.parametrize(
    ("part", "expected"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.001, 1.0)]
)
def test_a_percentile_is_one_of_the_values(part: float, expected: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], part) == expected


def test_a_percentile_of_nothing_is_zero() -> None:
    assert percentile([], 0.99) == 0.0
    assert Delays("embedded", 100.0, (), 3).percentile(0.5) == 0.0


def test_memory_adds_up_what_is_not_shared() -> None:
    assert Memory("embedded", {"a": 90.0, "b": 80.0}, {"a": 50.0, "b": 40.0}).total_mb == 90.0


def test_counts_are_told_most_frequent_first_and_zeros_not_at_all() -> None:
    assert describe_counts({"new": 0, "review": 2, "alerting": 7}) == "7 alerting, 2 review"
    assert describe_counts({}) == "none"


def test_work_is_told_for_one_post_and_nothing_of_who_did_none() -> None:
    assert describe_work({"relay": 0.001, "nlp": 4.0, "api": 0.5}, 10_000) == "nlp 0.40, api 0.05"
