"""Figures of the language stage on a file."""

import gzip
from pathlib import Path

import orjson
import pytest

from askwatch.errors import ConfigurationError
from nlp.training.evaluate import evaluate
from nlp.understand import Understander

ASK = {
    "text": "Can anyone recommend a good accountant for a small bakery in Leeds?", "lang": "en",
    "intent": "vendor_request", "b2b": True, "topic": "accounting_finance", "hard": False,
}  # fmt: skip
CHATTER = {"text": "lovely sunset tonight", "lang": "en", "intent": "other", "hard": True}


def write(path: Path, *posts: object) -> Path:
    path.write_bytes(b"\n".join(orjson.dumps(post) for post in posts))
    return path


def test_a_labelled_file_gives_figures_by_language_with_and_without_hard(
    tmp_path: Path, understander: Understander
) -> None:
    seen: list[tuple[int, int]] = []
    report = evaluate(
        write(tmp_path / "a.jsonl", ASK, CHATTER),
        understander,
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert (report.posts, report.labelled) == (2, 2)
    assert report.find("en", "vendor_request").f1 == 1.0
    assert [each.posts for each in report.slices] == [2, 1]
    with pytest.raises(KeyError):
        report.find("en", "other", without_hard=True)
    assert report.asks is not None
    assert (report.asks.business_asks, report.asks.found) == (1, 1.0)
    assert seen == [(2, 2)]
    text = report.to_text()
    assert "en, without hard: 1 posts" in text
    assert "1 business asks" in text


def test_an_unlabelled_packed_file_gives_alarms(tmp_path: Path, understander: Understander) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(orjson.dumps({"text": ASK["text"]}) + b"\n\n"))
    report = evaluate(path, understander)
    assert (report.posts, report.labelled, report.asks) == (1, 0, None)
    assert report.alerts + report.reviews == 1
    assert "per 1000" in report.to_text()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", r"a\.jsonl:1: not JSON"),
        (b"[]", 'string "text"'),
        (b'{"text": 1}', 'string "text"'),
        (b'{"text": "a", "intent": "ask"}', "intent: 'ask' is none of"),
    ],
)
def test_a_wrong_line_is_named(
    tmp_path: Path, understander: Understander, line: bytes, message: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line)
    with pytest.raises(ConfigurationError, match=message):
        evaluate(path, understander)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, understander: Understander) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        evaluate(tmp_path / "nowhere.jsonl", understander)
    (tmp_path / "a.gz").write_bytes(b"no gzip")
    with pytest.raises(ConfigurationError, match=r"a\.gz"):
        evaluate(tmp_path / "a.gz", understander)
