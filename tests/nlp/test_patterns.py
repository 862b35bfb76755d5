"""Request patterns: words, choices, beginnings, gaps."""

from pathlib import Path

import pytest

from askwatch.errors import ConfigurationError
from nlp.patterns import GROUPS, PatternSet
from nlp.resources import resource_path
from nlp.words import split_words

ASK = GROUPS.index("ask")


def find(pattern: str, text: str) -> list[str]:
    patterns = PatternSet()
    patterns.add(ASK, [pattern])
    words = split_words(text)
    hits = patterns.find(words.words, words.sentences)
    return [" ".join(words.words[hit.first : hit.last]) for hit in hits]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("any tips", "any tips here", ["any tips"]),
        ("any tips|ideas", "any ideas", ["any ideas"]),
        ("recommend*", "recommendations please", ["recommendations"]),
        ("anbefal*|foreslå en", "anbefaler en", ["anbefaler en"]),
        ("know _ good", "know any good ones", ["know any good"]),
        ("best ... for", "best crm for us", ["best crm for"]),
        ("best ... for", "best for us", ["best for"]),
        ("best ... for", "best a b c d for us", []),
        ("tips ?", "tips?", ["tips ?"]),
        ("any tips", "any", []),
        ("any ... tips", "not any. tips are here", []),
    ],
)
def test_a_pattern_finds_what_it_says(pattern: str, text: str, found: list[str]) -> None:
    assert find(pattern, text) == found


def test_a_pattern_must_begin_with_a_word() -> None:
    with pytest.raises(ValueError, match="begins with a word"):
        PatternSet().add(ASK, ["... tips"])


def test_the_shipped_patterns_can_be_read() -> None:
    patterns = PatternSet.read(resource_path("patterns"))
    words = split_words("er der nogen der kender en god revisor?")
    hits = patterns.find(words.words, words.sentences)
    assert {GROUPS[hit.group] for hit in hits} >= {"ask", "provider", "crowd"}


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no pattern files"):
        PatternSet.read(tmp_path)


@pytest.mark.parametrize("content", ["groups = 3", "not toml", '[groups]\nnonsense = ["a"]'])
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "xx.toml").write_text(content)
    with pytest.raises(ConfigurationError, match=r"xx\.toml"):
        PatternSet.read(tmp_path)
