"""The same documents and questions give the same answer on every index."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from askwatch.model.ids import LeadId
from askwatch.search.base import LeadIndex
from askwatch.search.query import FACET_FIELDS, LeadDocument, LeadPage, LeadQuery, SortField
from tests.contracts.indexes import NOW, OpenIndex, ids_of, put, read_all

pytestmark = pytest.mark.elasticsearch

TEXT = (
    "revisor revisorer revisoren regnskab regnskaber søger søges håndværker haandvaerkere Århus "
    "Aarhus accountant accountants accounting recommend recommendations recommended house houses "
    "Haus Häuser haeuser bokföring bokfoering räkenskap målare målaren rørlegger anbefaling "
    "anbefalinger the og nogen und att C++ c# C don't company's crm CRM-system IT-konsulent café "
    "naïve ½ ﷺ 会計士 бухгалтер Бухгалтера ليس \u202ehej zal\u0337\u0321go a\u030arhus ÅRHUS ß ẞ İ "
    "_under_score_ 42 3.14 2026-03-02 user@example.com https://example.com/a?b=c 🙂 \x00 \ud800"
)
WORDS = TEXT.split(" ")
SEPARATORS = (" ", " ", " ", ", ", "\n\n", " - ", "/", '"')
LANGUAGES = ("", "da", "en", "sv", "no", "de", "fr", "nb", "und")
SORTS = (SortField.FOUND_AT, SortField.PUBLISHED_AT, SortField.PROBABILITY, SortField.VALUE)
VALUES: dict[str, tuple[str, ...]] = {
    "state": ("new", "claimed", "closed", "withdrawn"),
    "lane": ("alert", "review"),
    "intent": ("vendor_request", "candidate_search"),
    "lang": ("da", "en", "und"),
    "topic_ids": ("crm", "erp", "it", "økonomi"),
    "source_id": ("forum", "feed"),
    "region": ("", "Århus", "Aarhus", "å\x00b", "🙂"),
    "owner_id": ("", "mia", "bo"),
    "outcome": ("", "won", "lost"),
    "urgency": ("normal", "high"),
}


def write_text(dice: random.Random, length: int) -> str:
    return "".join(dice.choice(WORDS) + dice.choice(SEPARATORS) for _ in range(length))


def draw_document(dice: random.Random, number: int) -> LeadDocument:
    lead_id, revision = LeadId(f"{number % 60:03}"), dice.randrange(1, 4)
    values = {name: dice.choice(VALUES[name]) for name in FACET_FIELDS if name != "topic_ids"}
    if values["state"] == "withdrawn":
        return LeadDocument(lead_id=lead_id, revision=revision, state="withdrawn")
    return LeadDocument(
        lead_id=lead_id,
        revision=revision,
        topic_ids=tuple(dice.choices(VALUES["topic_ids"], k=dice.randrange(4))),
        title=write_text(dice, dice.randrange(4)),
        text=write_text(dice, dice.randrange(30)),
        probability=dice.choice((0.0, -0.0, 1 / 3, 0.5, 0.1 + 0.2, 1.0)),
        value=dice.random(),
        published_at=dice.choice((None, NOW, NOW - timedelta(days=30_000, microseconds=1))),
        found_at=dice.choice((None, NOW, NOW + timedelta(microseconds=dice.randrange(3)))),
        **values,
    )


def draw_query(dice: random.Random) -> LeadQuery:
    text = " ".join(write_text(dice, 1).strip() for _ in range(dice.choice((0, 1, 1, 2))))
    if dice.random() < 0.3:
        text = f'"{text}"'
    filtered = dice.sample(FACET_FIELDS, k=dice.choice((0, 0, 1, 2)))
    return LeadQuery(
        text=text,
        lang=dice.choice(LANGUAGES),
        filters={name: tuple(dice.sample(VALUES[name], k=2)) for name in filtered},
        found_after=dice.choice((None, None, NOW, NOW + timedelta(microseconds=1))),
        found_before=dice.choice((None, None, NOW + timedelta(microseconds=2))),
        min_probability=dice.choice((0.0, 0.0, 1 / 3, 0.3)),
        sort=dice.choice(SORTS),
        descending=dice.random() < 0.5,
        limit=dice.choice((1, 7, 200)),
        with_facets=dice.random() < 0.5,
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_same_questions_have_the_same_answers(
    open_sqlite_index: OpenIndex, open_elastic_index: OpenIndex, seed: int
) -> None:
    dice = random.Random(seed)
    indexes = (open_sqlite_index(), open_elastic_index())
    for _ in range(3):
        documents = [draw_document(dice, dice.randrange(1000)) for _ in range(60)]
        for index in indexes:
            put(index, *documents)
    assert indexes[0].count() == indexes[1].count()
    found = 0
    for _ in range(60):
        query = draw_query(dice)
        page, other = (index.search(query) for index in indexes)
        assert ids_of(page) == ids_of(other), query
        # Cursors may differ in the kind of number, never in where they lead.
        assert replace(page, next_cursor="") == replace(other, next_cursor=""), query
        found += page.total
    assert found > 100


def test_all_pages_are_the_same(
    open_sqlite_index: OpenIndex, open_elastic_index: OpenIndex
) -> None:
    dice = random.Random(99)
    documents = [draw_document(dice, number) for number in range(60)]
    indexes = (open_sqlite_index(), open_elastic_index())
    for index in indexes:
        put(index, *documents)
    for sort in SORTS:
        for descending in (True, False):
            query = LeadQuery(sort=sort, descending=descending, limit=7)
            first, second = (read_all(index, query) for index in indexes)
            assert first == second
            # A page of one index may be followed by a page of the other.
            assert _cross(*indexes, query) == first[:14]


def test_relevance_finds_the_same_in_any_order(
    open_sqlite_index: OpenIndex, open_elastic_index: OpenIndex
) -> None:
    dice = random.Random(7)
    documents = [draw_document(dice, number) for number in range(60)]
    indexes = (open_sqlite_index(), open_elastic_index())
    for index in indexes:
        put(index, *documents)
    query = LeadQuery(text="revisor", sort=SortField.RELEVANCE, limit=3)
    first, second = (read_all(index, query) for index in indexes)
    assert sorted(first) == sorted(second)
    assert len(first) > 10


def _cross(first: LeadIndex, second: LeadIndex, query: LeadQuery) -> list[str]:
    page: LeadPage = first.search(query)
    return ids_of(page) + ids_of(second.search(replace(query, cursor=page.next_cursor)))
