"""Files of posts, classified line by line."""

from pathlib import Path

import orjson
import pytest

from askwatch.errors import ConfigurationError
from askwatch.model.ids import TopicId
from askwatch.model.topic import Topic
from nlp.classify import LINE_LIMIT_BYTES, classify_file, count_cores

FIELDS = [
    "id", "lang", "intent", "probability", "probabilities", "b2b_probability", "lane", "topics",
    "entities", "reasons", "model",
]  # fmt: skip
ASK = "Can anyone recommend a good accountant for a small bakery in Leeds?"


def write(path: Path, *lines: object) -> Path:
    path.write_bytes(
        b"".join(
            (each if isinstance(each, bytes) else orjson.dumps(each)) + b"\n" for each in lines
        )
    )
    return path


def read(path: Path) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_every_post_gets_one_line_with_exactly_the_fields(tmp_path: Path) -> None:
    source = write(tmp_path / "in", {"id": "1", "text": ASK}, {"id": "2", "text": "nice weather"})
    seen: list[tuple[int, int]] = []
    report = classify_file(
        source,
        tmp_path / "out",
        workers=1,
        on_progress=lambda lines, size: seen.append((lines, size)),
    )
    first, second = read(tmp_path / "out")
    assert list(first) == list(second) == FIELDS
    assert (first["id"], first["intent"], first["lang"]) == ("1", "vendor_request", "en")
    assert second["lane"] == "none"
    assert (report.classified, report.broken, report.faults) == (2, 0, ())
    assert seen == [(2, source.stat().st_size)]


def test_broken_lines_are_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    source = write(
        tmp_path / "in",
        b"{not json",
        {"id": "2", "text": ASK},
        b"",
        [1],
        {"id": 5, "text": "a"},
        {"id": "6"},
        b'{"id": "7", "text": "' + b"a" * LINE_LIMIT_BYTES + b'"}',
        {"id": "8", "text": "\ufffd\u0000"},
    )
    report = classify_file(source, tmp_path / "out", workers=1)
    assert [each["id"] for each in read(tmp_path / "out")] == ["2", "8"]
    assert [fault.line for fault in report.faults] == [1, 4, 5, 6, 7]
    assert report.faults[0].reason.startswith("not JSON")
    assert report.faults[3].reason == 'no object with a string "text"'
    assert "longer than" in report.faults[4].reason
    assert (report.classified, report.broken) == (2, 5)


def test_several_processes_keep_the_order(tmp_path: Path) -> None:
    posts = [{"id": str(number), "text": f"post {number}: {ASK}"} for number in range(600)]
    source = write(tmp_path / "in", *posts)
    report = classify_file(source, tmp_path / "out", workers=2)
    rows = read(tmp_path / "out")
    assert [row["id"] for row in rows] == [post["id"] for post in posts]
    assert report.classified == 600
    classify_file(source, tmp_path / "alone", workers=1)
    assert (tmp_path / "alone").read_bytes() == (tmp_path / "out").read_bytes()


def test_a_companys_topics_take_the_place_of_the_built_in_ones(tmp_path: Path) -> None:
    source = write(tmp_path / "in", {"id": "1", "text": ASK})
    topic = Topic(topic_id=TopicId("books"), name="Bookkeeping", phrases=("accountant",))
    classify_file(source, tmp_path / "out", topics=[topic], workers=1)
    (row,) = read(tmp_path / "out")
    topics = row["topics"]
    assert isinstance(topics, list)
    assert [each["topic_id"] for each in topics] == ["books"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        classify_file(tmp_path / "nowhere", tmp_path / "out", workers=1)


def test_there_is_at_least_one_core() -> None:
    assert count_cores() >= 1
