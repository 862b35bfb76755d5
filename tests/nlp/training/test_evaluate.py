"""Figures of the language stage on files."""

import gzip
from pathlib import Path

import orjson
import pytest

from nlp.training.evaluate import EvaluationReport, evaluate
from nlp.training.page import render_page, write_page
from nlp.training.report import format_report
from nlp.understand import Understander
from tests.nlp.training.labelled import ASK, CHATTER, DANISH, JOB, write


@pytest.fixture(scope="module")
def report(
    tmp_path_factory: pytest.TempPathFactory, understander: Understander
) -> EvaluationReport:
    folder = tmp_path_factory.mktemp("labelled")
    first = write(folder / "a.jsonl", ASK, CHATTER, JOB)
    second = write(folder / "b.jsonl", DANISH, {"text": ASK["text"]})
    return evaluate([first, second], understander)


def test_files_are_measured_together_and_their_alarms_apart(report: EvaluationReport) -> None:
    assert [(each.posts, each.labelled) for each in report.files] == [(3, 3), (2, 1)]
    assert (report.posts, report.labelled) == (5, 4)
    assert [group.lang for group in report.groups] == ["all", "en", "da"]
    with pytest.raises(KeyError):
        report.group("sv")


def test_labels_have_figures_with_and_without_hard(report: EvaluationReport) -> None:
    row = report.find("en", "vendor_request")
    assert (row.support, row.f1.value, row.f1.high) == (1, 1.0, 1.0)
    assert report.group("en").posts == 3
    assert report.group("en").without_hard_posts == 2
    with pytest.raises(KeyError):
        report.find("en", "complaint", without_hard=True)


def test_asks_lanes_topics_and_languages_are_counted(report: EvaluationReport) -> None:
    group = report.group()
    assert group.asks.business_asks == 3
    assert group.asks.found.value >= 2 / 3
    assert group.asks.with_topic == 3
    assert group.asks.topic_first.value >= 1 / 3
    assert group.right_languages.value == 1.0
    assert sum(map(sum, group.confusion)) == 4


def test_thresholds_and_bins_cover_every_post(report: EvaluationReport) -> None:
    group = report.group()
    vendor, candidate = group.curves
    assert (vendor.label, candidate.label) == ("vendor_request", "candidate_search")
    assert vendor.rows[0].recall == 1.0
    assert vendor.average_precision.value > 0.9
    assert sum(each.posts for each in group.reliability.bins) == 4
    assert sum(each.asks + each.others for each in group.reliability.histogram) == 4
    assert group.reliability.base_brier == pytest.approx(0.75 * 0.25)


def test_slices_tell_kinds_of_posts_apart(report: EvaluationReport) -> None:
    names = {kind: [each.name for each in report.slices if each.kind == kind]
             for kind in ("language", "register", "length", "hard", "b2b")}  # fmt: skip
    assert names["language"] == ["en", "da"]
    assert set(names["register"]) == {"unknown", "usenet", "facebook"}
    assert names["length"] == ["<12 words", "12-40 words"]
    assert names["hard"] == ["not hard", "hard"]
    assert names["b2b"] == ["b2b", "not b2b"]


def test_the_text_is_short_unless_all_is_asked_for(report: EvaluationReport) -> None:
    short, full = format_report(report), format_report(report, full=True)
    assert "5 posts, 4 labelled" in short
    assert "if remapped" in short
    assert "confusion" not in short
    assert len(full.splitlines()) > 2 * len(short.splitlines())
    for part in ("threshold", "asks among them", "without hard: 2 posts", "register", "alerts:"):
        assert part in full


def test_the_json_holds_every_figure(report: EvaluationReport) -> None:
    content = orjson.loads(report.to_json())
    assert content["groups"][0]["labels"][0]["f1"].keys() == {"value", "low", "high"}
    assert content["slices"][0]["kind"] == "language"


def test_the_page_has_titled_plots_and_tables_and_nothing_from_elsewhere(
    report: EvaluationReport, tmp_path: Path
) -> None:
    page = render_page(report)
    assert page.count("<svg") == page.count("<title id=") == page.count("<desc id=") == 9
    assert "prefers-color-scheme: dark" in page
    assert page.count("<caption>") >= 10
    assert "<script" not in page
    assert 'src="' not in page
    assert write_page(tmp_path / "new", report) == tmp_path / "new" / "evaluation.html"
    target = write_page(tmp_path / "one.html", report)
    assert target.read_text(encoding="utf-8") == page


def test_unlabelled_packed_files_give_alarms_alone(
    tmp_path: Path, understander: Understander
) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(orjson.dumps({"id": "x", "text": ASK["text"]}) + b"\n\n"))
    seen: list[tuple[str, int, int]] = []
    report = evaluate([path], understander, on_progress=lambda *each: seen.append(each))
    assert seen == [("a.jsonl.gz", 1, 1)]
    assert (report.posts, report.labelled, report.groups, report.slices) == (1, 0, (), ())
    (file,) = report.files
    assert file.alerts.value + file.reviews.value == 1000.0
    assert "alerts per 1000" in format_report(report, full=True)
    assert "F1" not in format_report(report)
    assert "<svg" not in render_page(report)
