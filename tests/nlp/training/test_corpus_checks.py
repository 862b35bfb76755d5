"""Copies, variety and sizes of a corpus."""

from pathlib import Path

import numpy as np
import orjson
import pytest

from askwatch.errors import ConfigurationError
from nlp.training.corpus_checks import CorpusReport, check_corpus
from nlp.training.corpus_report import format_corpus_report
from tests.nlp.training.labelled import write

THINGS = ["oven", "printer", "van", "lawyer", "server", "fence", "shop", "boiler", "crane", "till"]
TEMPLATE = "Hi all, can anyone here please recommend a really good {} for our place in {}? Thanks"


def post(number: int, text: str, **other: object) -> dict[str, object]:
    return {"id": f"p{number}", "text": text, "lang": "en", "intent": "vendor_request",
            "b2b": True, "topic": "legal", **other}  # fmt: skip


def varied(size: int) -> list[dict[str, object]]:
    """Return posts of words that no two posts share in a row."""
    letters = np.random.default_rng(3).integers(97, 123, size=(size, 30, 6)).astype(np.uint8)
    texts = [" ".join(bytes(word).decode() for word in words) for words in letters]
    return [post(number, text) for number, text in enumerate(texts)]


def check(folder: Path, *posts: dict[str, object]) -> CorpusReport:
    folder.mkdir(exist_ok=True)
    write(folder / "a.jsonl", *posts)
    return check_corpus(folder)


def test_varied_posts_have_no_faults(tmp_path: Path) -> None:
    told: list[str] = []
    write(tmp_path / "a.jsonl", *varied(40))
    report = check_corpus(tmp_path, on_progress=told.append)
    assert report.faults == ()
    assert told == ["reading", "runs of words", "nearest posts"]
    text = format_corpus_report(report, full=True)
    for part in ("40 posts, 0 golden posts", "vendor_request", "legal", "no faults", "12-40 words"):
        assert part in text


def test_templates_are_found_by_shared_words_openings_and_distance(tmp_path: Path) -> None:
    texts = [TEMPLATE.format(thing, place) for thing in THINGS for place in ("Bath", "York", "Ayr")]
    report = check(tmp_path, *(post(number, text) for number, text in enumerate(texts)))
    faults = " ".join(report.faults)
    assert "100.0% of posts share 8 words in a row" in faults
    for part in ("distinct openings", "median distance", "5th percentile"):
        assert part in faults
    assert "FAULT" in format_corpus_report(report)


def test_few_distinct_words_are_a_fault(tmp_path: Path) -> None:
    generator = np.random.default_rng(5)
    texts = [" ".join(f"w{each}" for each in generator.integers(900, size=400)) for _ in range(31)]
    report = check(tmp_path, *(post(number, text) for number, text in enumerate(texts)))
    assert any("distinct words a word" in fault for fault in report.faults)


def test_a_post_that_stands_there_twice_is_named(tmp_path: Path) -> None:
    twice = [post(1, "Any good plumber in Leeds?"), post(2, "any good plumber, in leeds")]
    report = check(tmp_path, *twice, post(3, "thanks a lot"), post(4, "Thanks a lot!"))
    assert report.duplicates == (("p1", "p2"),)
    assert "p1 = p2" in " ".join(report.faults)


def test_golden_posts_that_stand_in_the_corpus_are_named(tmp_path: Path) -> None:
    posts = varied(20)
    report_folder = tmp_path / "corpus"
    check(report_folder, *posts, post(90, "Any good plumber in Leeds?"))
    part = " ".join(str(posts[7]["text"]).split()[4:13])
    golden = write(
        tmp_path / "golden.jsonl",
        post(1, f"well {part} or so"), post(2, "any good plumber in Leeds"), post(3, "all my own"),
    )  # fmt: skip
    for paths in ([golden], [golden.parent]):
        report = check_corpus(report_folder, golden=paths)
        assert report.in_golden == ("p1", "p2")
        assert "2 golden posts share 8 words in a row with the corpus: p1 p2" in report.faults[0]


def test_posts_of_ours_that_stand_in_other_files_are_refused_by_id(tmp_path: Path) -> None:
    posts = varied(20)
    folder = tmp_path / "corpus"
    check(folder, *posts)
    golden = write(tmp_path / "golden.jsonl", post(50, "one two three four five six seven eight"))
    first = write(tmp_path / "x.jsonl", {"text": f"so {posts[3]['text']}"})
    second = write(tmp_path / "y.jsonl", {"text": "zero one two three four five six seven eight"})
    told: list[str] = []
    report = check_corpus(folder, golden=[golden], against=[first, second], on_progress=told.append)
    assert report.refused == ("p3", "p50")
    assert report.faults[0].endswith("p3 p50")
    assert "file 2 of 2 to differ from" in told


def test_languages_labels_and_topics_that_are_missing_are_named(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", *varied(20))
    report = check_corpus(tmp_path, sizes={"en": 20, "da": 5})
    faults = " ".join(report.faults)
    assert "da: 0 posts, at least 5 are needed" in faults
    assert "en: 20" not in faults
    assert "en: no post is labelled complaint" in faults
    assert "no ask has the topic crm_sales" in faults


def test_labels_with_many_posts_are_sampled_and_single_posts_have_no_neighbour(
    tmp_path: Path,
) -> None:
    many = [post(number, f"ab{number} cd{number * 7} ef{number * 3}") for number in range(1_010)]
    one = post(5_000, "helt alene her", lang="da")
    tiny = [post(6_000 + number, "hm", lang="sv") for number in range(2)]
    report = check(tmp_path, *many, one, *tiny)
    likeness = {each.lang: each for each in report.diversity.likeness}
    assert (likeness["en"].posts, likeness["en"].compared) == (1_010, 1_000)
    assert likeness["da"].median_distance == 1.0
    assert likeness["sv"].median_distance == 1.0


def test_golden_files_that_are_missing_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(orjson.dumps(post(1, "a b")))
    with pytest.raises(ConfigurationError, match="no such file or folder of golden posts"):
        check_corpus(tmp_path, golden=[tmp_path / "nowhere"])
