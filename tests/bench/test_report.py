from pathlib import Path

import pytest

from bench.figures import Delays, Figure, Memory
from bench.report import BEGIN, END, PageError, Report, print_tables, write_page

REPORT = Report(
    machine="2 cores",
    figures=[
        Figure("JSON parse", 90_000, 1.0, mix="90000 posts"),
        Figure(
            "whole way, embedded", 2_500, 1.0, processes=8, baseline="JSON parse",
            baseline_rate=90_000.0, mix="0.5% asks | all new", lead_share=0.004,
        ),
    ],
    delays=[Delays("embedded", 100.0, (0.1, 0.2, 0.9), 4)],
    memory=[Memory("embedded", {"nlp": 200.0, "api": 90.0}, {"nlp": 150.0, "api": 40.0})],
    left_out=["Kafka: not running"],
)  # fmt: skip


def test_every_rate_stands_beside_its_baseline_and_what_came_of_it() -> None:
    tables = print_tables(REPORT)
    assert "| JSON parse | 1 | 90 000 posts/s | baseline | - | 90000 posts |" in tables
    assert (
        "| whole way, embedded | 8 | 2 500 posts/s | 0.028 of JSON parse | 0.40% | "
        "0.5% asks \\| all new |" in tables
    )


def test_delays_memory_and_what_was_left_out_are_told() -> None:
    tables = print_tables(REPORT)
    assert "| embedded | 100 posts/s | 0.20 s | 0.90 s | 3 of 4 |" in tables
    assert "| all | 290 MiB | 190 MiB |" in tables
    assert tables.endswith("Left out: Kafka: not running.")


def test_a_page_keeps_what_stands_around_the_figures(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"# Performance\n\n{BEGIN}\nold\n{END}\n\nWords.\n")
    write_page(page, "| new |")
    assert page.read_text() == f"# Performance\n\n{BEGIN}\n\n| new |\n\n{END}\n\nWords.\n"


@pytest.mark.parametrize("text", ["# Performance\n", f"{END}\n{BEGIN}\n", None])
def test_a_page_without_a_place_for_figures_is_left_alone(tmp_path: Path, text: str | None) -> None:
    page = tmp_path / "performance.md"
    if text is not None:
        page.write_text(text)
    with pytest.raises(PageError, match="needs a line"):
        write_page(page, "| new |")
    assert page.exists() is (text is not None)


@pytest.mark.parametrize(
    ("ratio", "told"),
    [(1.26, "1.3"), (0.444, "0.44"), (0.0444, "0.044"), (0.00071, "0.00071"), (0.0, "0.00")],
)
def test_a_ratio_has_two_digits_that_mean_something(ratio: float, told: str) -> None:
    figure = Figure("x", 1_000_000, 1_000_000 / (ratio * 100) if ratio else 0.0,
                    baseline="b", baseline_rate=100.0)  # fmt: skip
    tables = print_tables(Report("", [figure], [], [], []))
    assert f"| {told} of b |" in tables
