"""Reading posts to measure on."""

import gzip
from pathlib import Path

import pytest

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.training.labelled_file import read_measured
from tests.nlp.training.labelled import ASK, write


def test_a_post_is_read_with_its_labels(tmp_path: Path) -> None:
    (post,) = read_measured(write(tmp_path / "a.jsonl", ASK))
    assert (post.post_id, post.intent, post.b2b) == ("ask", Intent.VENDOR_REQUEST, True)
    assert (post.topic, post.is_hard, post.register) == ("accounting_finance", False, "usenet")
    assert post.words == 12


def test_a_line_without_labels_is_named_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'\n{"text": "hello there"}\n'))
    (post,) = read_measured(path)
    assert (post.post_id, post.intent, post.lang) == ("a.jsonl.gz:2", None, "und")
    assert (post.register, post.is_hard) == ("unknown", False)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", r"a\.jsonl:1: not JSON"),
        (b"[]", "not an object"),
        (b'{"text": 1}', 'string "text"'),
        (b'{"text": "a", "intent": "ask"}', "intent: 'ask' is none of"),
        (b"{\n{\n{\n{\n{\n{\n{", r"a\.jsonl:5: .* and 2 more"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: bytes, message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line)
    with pytest.raises(ConfigurationError, match=message):
        read_measured(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        read_measured(tmp_path / "nowhere.jsonl")
    for content in (b"no gzip", gzip.compress(b"cut short")[:-9]):
        (tmp_path / "a.gz").write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"a\.gz: cannot be read"):
            read_measured(tmp_path / "a.gz")
