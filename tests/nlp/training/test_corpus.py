"""The corpus reader names every mistake with file, line and field."""

from pathlib import Path

import orjson
import pytest

from askwatch.errors import ConfigurationError
from askwatch.model.lead import Intent
from nlp.training.corpus import CorpusError, hash_posts, read_corpus, read_posts

GOOD = {
    "id": "en-1", "text": "Any good CRM?", "lang": "en", "intent": "vendor_request", "b2b": True,
    "topic": "crm_sales", "urgency": "normal", "register": "reddit", "spans": ["Any good CRM?"],
    "note": "", "hard": False,
}  # fmt: skip


def write(path: Path, *posts: dict[str, object]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(post) + b"\n" for post in posts))
    return path


def test_a_post_is_read_with_all_it_says(tmp_path: Path) -> None:
    (post,) = read_posts(write(tmp_path / "a.jsonl", GOOD))
    assert post.intent is Intent.VENDOR_REQUEST
    assert post.is_ask
    assert post.kind_of_place == "reddit"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"intent": "question"}, r"a\.jsonl:2: intent:"),
        ({"lang": "english"}, r"a\.jsonl:2: lang:"),
        ({"topic": "plumbing"}, r"a\.jsonl:2: topic:.*no topic 'plumbing'"),
        ({"spans": ["a better CRM"]}, r"a\.jsonl:2: .*spans:.*does not stand in the text"),
        ({"text": ""}, r"a\.jsonl:2: text:"),
        ({"urgency": "soon"}, r"a\.jsonl:2: urgency:"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    path = write(tmp_path / "a.jsonl", GOOD, {**GOOD, "id": "en-2", **change})
    with pytest.raises(CorpusError, match=message):
        read_posts(path)


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n{\n")
    with pytest.raises(CorpusError, match=r"a\.jsonl:2: line:"):
        read_posts(path)


def test_all_files_are_read_in_order_and_all_faults_told(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", {**GOOD, "id": "en-2"})
    write(tmp_path / "a.jsonl", GOOD)
    assert [post.id for post in read_corpus(tmp_path)] == ["en-1", "en-2"]
    for name in "ab":
        write(tmp_path / f"{name}.jsonl", *({**GOOD, "lang": "x"} for _ in range(8)))
    with pytest.raises(CorpusError, match="and 6 more") as caught:
        read_corpus(tmp_path)
    assert len(caught.value.faults) == 16


def test_an_id_used_twice_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", GOOD, GOOD)
    with pytest.raises(CorpusError, match="'en-1' is used twice"):
        read_corpus(tmp_path)


def test_a_folder_without_files_and_a_file_that_is_none_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no corpus files"):
        read_corpus(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_posts(tmp_path / "nowhere.jsonl")


def test_the_hash_depends_on_every_label(tmp_path: Path) -> None:
    first = read_posts(write(tmp_path / "a.jsonl", GOOD))
    second = read_posts(write(tmp_path / "a.jsonl", {**GOOD, "b2b": False}))
    assert hash_posts(first) != hash_posts(second)


def test_the_corpus_of_the_repository_can_be_read() -> None:
    import nlp

    posts = read_corpus(Path(nlp.__file__).parent / "corpus")
    assert len(posts) >= 600
    assert {post.lang for post in posts} >= {"da", "en"}
