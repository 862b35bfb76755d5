"""Entities: places, budgets, deadlines, company sizes, roles and suppliers."""

import pytest

from nlp.analysis import analyse
from nlp.entities import EntityFinder
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path


@pytest.fixture(scope="module")
def parts() -> tuple[EntityFinder, PatternSet]:
    return EntityFinder(), PatternSet.read(resource_path("patterns"))


def find(
    parts: tuple[EntityFinder, PatternSet], text: str, lang: str = "en"
) -> list[tuple[str, str, str]]:
    finder, patterns = parts
    found = finder.find(analyse(normalise(text), patterns), lang)
    for entity in found:
        assert text[entity.start : entity.end] == entity.text
    return [(entity.kind, entity.text, entity.value) for entity in found]


@pytest.mark.parametrize(
    ("text", "lang", "entity"),
    [
        ("an office in New York", "en", ("place", "New York", "New York, US")),
        ("revisor i København søges", "da", ("place", "København", "København, DK")),
        ("we pay $1,500 per month", "en", ("budget", "$1,500 per month", "USD 1500/month")),
        ("max 30.000 kr.", "da", ("budget", "30.000 kr.", "DKK 30000")),
        ("högst 5000 kronor", "sv", ("budget", "5000 kronor", "SEK 5000")),
        ("about 5k eur", "en", ("budget", "5k eur", "EUR 5000")),
        ("40 quid a head", "en", ("budget", "40 quid a head", "GBP 40/seat")),
        ("we are 10-20 people", "en", ("company_size", "10-20 people", "10-20")),
        ("vi er 12 ansatte", "da", ("company_size", "12 ansatte", "12")),
        ("needed by next friday", "en", ("deadline", "by next friday", "")),
        ("senest den 3. maj, haster", "da", ("deadline", "haster", "")),
        ("can anyone recommend a plumber?", "en", ("product", "plumber", "plumber")),
        ("we're looking for a developer", "en", ("role", "developer", "developer")),
    ],
)
def test_it_is_found(
    parts: tuple[EntityFinder, PatternSet], text: str, lang: str, entity: tuple[str, str, str]
) -> None:
    assert entity in find(parts, text, lang)


def test_a_name_that_is_a_word_too_counts_only_as_a_name(
    parts: tuple[EntityFinder, PatternSet],
) -> None:
    assert find(parts, "essen gehen") == []
    assert find(parts, "ein Büro in Essen") == [("place", "Essen", "Essen, DE")]


@pytest.mark.parametrize("text", ["version 1.2.3", "in 2024", "call 12345678", "the 3rd of five"])
def test_other_numbers_are_no_money(parts: tuple[EntityFinder, PatternSet], text: str) -> None:
    assert [kind for kind, _, _ in find(parts, text) if kind in {"budget", "company_size"}] == []


def test_at_most_four_of_a_kind_are_told(parts: tuple[EntityFinder, PatternSet]) -> None:
    text = "Oslo, Bergen, Malmö, Odense, London, Berlin"
    assert len(find(parts, text)) == 4
