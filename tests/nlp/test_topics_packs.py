"""The ready-made packs: whole, in five languages, and none speaks for another."""

from pathlib import Path

import pytest

from askwatch.errors import ConfigurationError
from nlp.resources import resource_path
from nlp.topics.packs import LANGUAGES, Pack, read_pack, read_packs
from nlp.topics.weights import read_weights
from nlp.words import phrase_words
from tests.nlp.texts import LABEL_TOPICS

PACKS = read_packs()


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.topic_id)
def test_a_pack_says_something_of_everything_in_five_languages(pack: Pack) -> None:
    for lang in LANGUAGES:
        assert pack.names[lang]
        assert len(pack.descriptions[lang]) > 40
        assert len(pack.phrases[lang]) >= 8
        assert len(pack.examples[lang]) == 2
    assert len(pack.to_topic().phrases) >= 60


def test_there_is_a_pack_for_every_topic_and_no_other_file() -> None:
    assert {pack.topic_id for pack in PACKS} == LABEL_TOPICS
    assert {path.stem for path in resource_path("topics").iterdir()} == LABEL_TOPICS


def test_no_phrase_stands_in_two_packs() -> None:
    owners: dict[tuple[str, ...], str] = {}
    for pack in PACKS:
        for phrase in pack.to_topic().phrases:
            assert owners.setdefault(phrase_words(phrase), pack.topic_id) == pack.topic_id, phrase


def test_no_example_stands_twice() -> None:
    examples = [text for pack in PACKS for text in pack.to_topic().examples]
    assert len(set(examples)) == len(examples)


def test_a_topic_of_one_line_has_nothing_but_the_line() -> None:
    line = PACKS[0].to_line("da")
    assert (line.name, line.phrases, line.examples) == ("CRM og salg", (), ())
    assert line.description == PACKS[0].descriptions["da"]


def test_a_damaged_pack_is_told_with_its_name(tmp_path: Path) -> None:
    whole = resource_path("topics", "legal.toml").read_text(encoding="utf-8")
    for text, reason in (
        ("format = 2", "not a topic pack"),
        (whole.replace('sv = "Juridik"', 'sv = ""'), "names has nothing in sv"),
        (whole.replace('topic_id = "legal"', 'topic_id = "law"'), "another file's name"),
    ):
        path = tmp_path / "legal.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=reason):
            read_pack(path)


def test_the_weights_are_there() -> None:
    assert read_weights().own.lexical > 0
