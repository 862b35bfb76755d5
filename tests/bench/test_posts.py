from pathlib import Path

import orjson
import pytest

from bench.posts import PostMaker, asking_sentences, split_sentences, take_file


def read(path: Path) -> list[dict[str, str]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_posts_never_come_twice(tmp_path: Path) -> None:
    maker = PostMaker()
    first = maker.write(tmp_path / "first.jsonl", 50, ask_share=0.1)
    second = maker.write(tmp_path / "second.jsonl", 50, ask_share=0.1)
    ids = [post["id"] for file in (first, second) for post in read(file.path)]
    assert len(set(ids)) == 100
    assert first.count == 50
    assert first.size_bytes == first.path.stat().st_size


def test_the_same_seed_makes_the_same_posts(tmp_path: Path) -> None:
    files = [PostMaker(seed=7).write(tmp_path / name, 30, ask_share=0.5) for name in ("one", "two")]
    assert files[0].lines() == files[1].lines()


def test_asks_beyond_the_corpus_keep_their_question_among_other_sentences(tmp_path: Path) -> None:
    posts = PostMaker().write(tmp_path / "asks.jsonl", 1_500, ask_share=1.0)
    texts = posts.texts()
    assert len(set(texts)) == 1_500
    assert posts.describes == "100.0% asks"


def test_whoever_is_new_reads_the_asks_of_the_corpus_as_they_are(tmp_path: Path) -> None:
    maker = PostMaker()
    first = read(maker.write(tmp_path / "first.jsonl", 1, ask_share=1.0).path)
    maker.begin_again()
    second = read(maker.write(tmp_path / "second.jsonl", 1, ask_share=1.0).path)
    assert first[0]["id"] != second[0]["id"]
    assert first[0]["text"].split()[:-1] == second[0]["text"].split()[:-1]


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("Hi. Can anyone recommend a host? Thanks.", ["anyone recommend"],
         ["Can anyone recommend a host?"]),
        ("Hi all\nAny host? Thanks.", [], ["Hi all", "Any host?"]),
        ("We need it. Who does it?", ["We need it. Who does it?"],
         ["We need it.", "Who does it?"]),
    ],
)  # fmt: skip
def test_asking_sentences_are_those_with_the_asking_words(
    text: str, spans: list[str], expected: list[str]
) -> None:
    assert asking_sentences(text, spans) == expected


def test_empty_lines_are_no_sentences() -> None:
    assert split_sentences("One.\n\nTwo!  Three") == ["One.", "Two!", "Three"]


def test_a_given_file_is_cut_and_its_empty_lines_left_out(tmp_path: Path) -> None:
    given = tmp_path / "mine.jsonl"
    given.write_text('{"id": "1", "text": "a"}\n\n{"id": "2", "title": "t", "text": "b"}\n{"id"')
    file = take_file(given, limit=3, folder=tmp_path)
    assert file.count == 2
    assert file.texts() == ["a", "t\n\nb"]
    assert file.describes == "posts of mine.jsonl"
