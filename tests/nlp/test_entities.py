"""Entities: eleven kinds with spans and values, in five languages and on any text."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askwatch.model.lead import Entity, Intent
from askwatch.model.post import TEXT_LIMIT
from nlp.analysis import analyse
from nlp.entities import EntityFinder
from nlp.entities.finder import MOST_OF_A_KIND
from nlp.normalise import normalise
from nlp.patterns import PatternSet
from nlp.resources import resource_path
from tests.nlp.texts import HOSTILE_TEXTS

Parts = tuple[EntityFinder, PatternSet]
WEDNESDAY = date(2026, 3, 11)
PERSON = Intent.CANDIDATE_SEARCH
# 20 000 characters take 16 ms at most on a quiet machine; coverage and neighbours slow it down.
MOST_SECONDS = 0.5


@pytest.fixture(scope="module")
def parts() -> Parts:
    return EntityFinder(), PatternSet.read(resource_path("patterns"))


def find(
    parts: Parts,
    text: str,
    lang: str = "en",
    *,
    intent: Intent = Intent.VENDOR_REQUEST,
    posted_on: date | None = WEDNESDAY,
) -> tuple[Entity, ...]:
    finder, patterns = parts
    found = finder.find(
        analyse(normalise(text), patterns), lang, intent=intent, posted_on=posted_on
    )
    for entity in found:
        assert 0 <= entity.start < entity.end <= len(text)
    return found


def values(parts: Parts, text: str, kind: str, lang: str = "en") -> list[str]:
    return [each.value for each in find(parts, text, lang) if each.kind == kind]


@pytest.mark.parametrize(
    ("text", "lang", "kind", "written", "value"),
    [
        ("an office in New York", "en", "place", "New York", "New York, US"),
        ("revisor i Århus søges", "da", "place", "Århus", "Aarhus, DK"),
        ("tømrer til Aarhus-området", "da", "place", "Aarhus-området", "Aarhus, DK"),
        ("en byrå i Göteborg", "sv", "place", "Göteborg", "Göteborg, SE"),
        ("an agency in Gothenburg", "en", "place", "Gothenburg", "Göteborg, SE"),
        ("ein Büro in München", "de", "place", "München", "München, DE"),
        ("hele Københavns omegn", "da", "place", "Københavns", "København, DK"),
        ("leveret til Tyskland", "da", "place", "Tyskland", "Deutschland, DE"),
        ("shops across the EU", "en", "place", "EU", "EU"),
        ("we pay $1,500 per month", "en", "budget", "$1,500 per month", "USD 1500/month"),
        ("max 30.000 kr.", "da", "budget", "30.000 kr", "DKK 30000"),
        ("max 300 kr/år", "da", "budget", "300 kr/år", "DKK 300/year"),
        ("DKK 10.000/md", "da", "budget", "DKK 10.000/md", "DKK 10000/month"),
        ("EUR 2k per month", "en", "budget", "EUR 2k per month", "EUR 2000/month"),
        ("högst 5000 kronor", "sv", "budget", "5000 kronor", "SEK 5000"),
        ("ca 1,2 mio. kr. årligt", "da", "budget", "1,2 mio. kr. årligt", "DKK 1200000/year"),
        ("ramme på 150 t.kr.", "da", "budget", "150 t.kr", "DKK 150000"),
        ("budget 8-10k EUR", "en", "budget", "8-10k EUR", "EUR 8000-10000"),
        ("40 quid a head", "en", "budget", "40 quid a head", "GBP 40/seat"),
        ("budget 600 for a bike", "en", "budget", "600", "600"),
        ("we are 10-20 people", "en", "company_size", "10-20 people", "10-20"),
        ("vi er tolv ansatte", "da", "company_size", "tolv ansatte", "12"),
        ("ein 5 Mann Betrieb", "de", "company_size", "5 Mann", "5"),
        ("a firm of 12.", "en", "company_size", "12", "12"),
        ("needed by Friday", "en", "deadline", "by Friday", "2026-03-13"),
        ("inden fredag", "da", "deadline", "inden fredag", "2026-03-13"),
        ("by end of March", "en", "deadline", "by end of March", "2026-03-31"),
        ("i næste uge", "da", "deadline", "i næste uge", "2026-03-22"),
        ("senest den 3. maj", "da", "deadline", "senest den 3. maj", "2026-05-03"),
        ("bis zum 15.04.2027", "de", "deadline", "bis zum 15.04.2027", "2027-04-15"),
        ("inom två veckor", "sv", "deadline", "inom två veckor", "2026-03-25"),
        ("we need it this Sunday", "en", "deadline", "this Sunday", "2026-03-15"),
        ("ab sofort gesucht", "de", "start", "ab sofort", "2026-03-11"),
        ("oppstart 1. februar", "no", "start", "oppstart 1. februar", "2027-02-01"),
        ("start uge 20", "da", "start", "start uge 20", "2026-05-11"),
        ("this is urgent!", "en", "urgency", "urgent", "high"),
        ("det haster ikke", "da", "urgency", "det haster ikke", "low"),
        ("can anyone recommend a plumber?", "en", "product", "plumber", "plumber"),
        ("Wir suchen eine neue Zeiterfassung", "de", "product", "Zeiterfassung", "zeiterfassung"),
        ("leder efter et lønsystem", "da", "product", "lønsystem", "lønsystem"),
    ],
)
def test_it_is_found(
    parts: Parts, text: str, lang: str, kind: str, written: str, value: str
) -> None:
    found = find(parts, text, lang)
    assert (kind, written, value) in [(each.kind, each.text, each.value) for each in found]


@pytest.mark.parametrize(
    ("text", "lang", "name", "relation"),
    [
        ("any alternative to Mailchimp?", "en", "Mailchimp", "incumbent"),
        ("Xero vs QuickBooks?", "en", "Xero", "compared"),
        ("we tried Salesforce, too heavy", "en", "Salesforce", "rejected"),
        ("a plugin for WordPress", "en", "WordPress", ""),
        ("vi vil væk fra Uniconta", "da", "Uniconta", "incumbent"),
        ("hat jemand Erfahrung mit Pipedrive?", "de", "Pipedrive", "compared"),
        ("has anyone used Kvastly?", "en", "Kvastly", "compared"),
        ("Pipedrive, Zwurbel or Close?", "en", "Zwurbel", "compared"),
    ],
)
def test_a_vendor_is_told_with_its_relation(
    parts: Parts, text: str, lang: str, name: str, relation: str
) -> None:
    found = find(parts, text, lang)
    assert (name, relation) in [(each.value, each.relation) for each in found]


def test_a_search_for_a_person_names_role_skills_and_workplace(parts: Parts) -> None:
    text = "We're hiring a senior backend engineer with Python and SQL, fully remote"
    found = [(each.kind, each.value) for each in find(parts, text, intent=PERSON)]
    assert found == [
        ("role", "senior backend engineer"),
        ("skill", "python"),
        ("skill", "sql"),
        ("workplace", "remote"),
    ]


def test_dates_keep_their_words_without_the_day_of_the_post(parts: Parts) -> None:
    (found,) = list(find(parts, "by  Friday", posted_on=None))
    assert (found.kind, found.value) == ("deadline", "by friday")


def test_a_name_that_is_a_word_too_counts_only_as_a_name(parts: Parts) -> None:
    assert values(parts, "wir gehen essen", "place", "de") == []
    assert values(parts, "Gutes Essen gesucht", "place", "de") == []
    assert values(parts, "ein Büro in Essen", "place", "de") == ["Essen, DE"]
    assert values(parts, "tell us more", "place") == []
    assert values(parts, "only in the US", "place") == ["United States, US"]


def test_kroner_are_those_of_the_language_or_of_the_place(parts: Parts) -> None:
    assert values(parts, "500 kr", "budget", "no") == ["NOK 500"]
    assert values(parts, "about 500 kr in Stockholm", "budget") == ["SEK 500"]


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.3", "in 2024", "call 12345678", "the 3rd of five", "9000 contacts twice",
        "revenue of 2 million", "10 hours a week",
    ],
)  # fmt: skip
def test_other_numbers_are_no_money_and_no_size(parts: Parts, text: str) -> None:
    kinds = {each.kind for each in find(parts, text)}
    assert kinds.isdisjoint({"budget", "company_size"})


def test_a_habit_and_a_range_are_no_deadline(parts: Parts) -> None:
    assert values(parts, "practice on Tuesday evenings", "deadline") == []
    assert values(parts, "June to October", "deadline") == []


def test_only_so_many_of_a_kind_are_told(parts: Parts) -> None:
    text = "Oslo, Bergen, Malmö, Odense, London, Berlin, Hamburg, Aarhus, Köln, Wien, Kiel"
    assert len(find(parts, text)) == MOST_OF_A_KIND


def test_spans_count_in_the_original_text(parts: Parts) -> None:
    text = "a plumber in Co\u200bpen\u200bhagen"
    (place,) = [each for each in find(parts, text) if each.kind == "place"]
    assert text[place.start : place.end] == "Co\u200bpen\u200bhagen"


@pytest.mark.parametrize("lang", ["en", "da", "sv", "no", "de", "und"])
@pytest.mark.parametrize("text", ["", "?", "\ud800", "\u0130" * 40, "1" * 5_000, "den den den 31."])
def test_strange_texts_are_taken(parts: Parts, text: str, lang: str) -> None:
    find(parts, text, lang)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_any_text_is_taken(parts: Parts, text: str) -> None:
    finder, _ = parts
    analysis = analyse(normalise(text), PatternSet())
    for lang in ("en", "da", "de"):
        for intent in (Intent.VENDOR_REQUEST, PERSON):
            found = finder.find(analysis, lang, intent=intent, posted_on=WEDNESDAY)
            assert all(0 <= each.start < each.end <= len(text) for each in found)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "by",
                "inden",
                "31",
                "31.",
                "februar",
                "uge 53",
                "Q4",
                "next",
                "week",
                "30.2.",
                "2026-02-31",
                "99/99",
                "the 30th",
                "start",
                "om",
                "to",
                "uger",
                "end of",
                "€",
                "k",
                "5-8.000",
                "kr",
                "/md",
                "vs",
                "Excel",
                "?",
                "team of",
                "0",
                ",",
                "\n",
            ]
        ),
        max_size=30,
    )
)
def test_any_mixture_of_its_own_words_is_taken(parts: Parts, words: list[str]) -> None:
    finder, _ = parts
    text = " ".join(words)
    analysis = analyse(normalise(text), PatternSet())
    for lang in ("en", "da", "de"):
        found = finder.find(analysis, lang, posted_on=date(2026, 1, 31))
        assert all(0 <= each.start < each.end <= len(text) for each in found)


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS, "software " * 3_000, "1 2 3 " * 4_000])
def test_long_hostile_texts_are_read_in_time(parts: Parts, text: str) -> None:
    finder, patterns = parts
    analysis = analyse(normalise(text[:TEXT_LIMIT]), patterns)
    began = time.perf_counter()
    finder.find(analysis, "en", posted_on=WEDNESDAY)
    assert time.perf_counter() - began < MOST_SECONDS
