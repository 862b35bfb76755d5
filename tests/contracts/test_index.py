"""What every index must do, whatever stands behind it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from askwatch.errors import BadRecordError, InvalidRequestError
from askwatch.model.ids import LeadId
from askwatch.search.base import LeadIndex
from askwatch.search.query import LeadDocument, LeadQuery, SortField
from tests.contracts.indexes import NOW, OpenIndex, find, make_document, put, read_all

HOSTILE = [
    '"', '""', '"unfinished', "revisor AND", "OR", "NOT revisor", "NEAR(a b, 2)", "da: revisor",
    "-revisor", "revi*", "^revisor", "(revisor", "revisor)", "[a]", "{a b} : c", "a\x00b", "\x00",
    "'; DROP TABLE leads; --", "\\", "%", "_", "revisor' OR '1'='1", "🙂", "\ud800", "ﷺ",
    "\u202erosiver", "a\u0301\u0301\u0301\u0301", "+", "c++ c#", "a:b", "x" * 5000, "\n\t ",
    "<script>", "${jndi}", "*:*", "title:*", "/re.*/", "a~2", "a^3", "a && b || !c",
]  # fmt: skip


def test_a_document_comes_back_as_it_was_put(index: LeadIndex) -> None:
    document = LeadDocument(
        lead_id=LeadId("1"), revision=7, state="claimed", lane="alert", intent="vendor_request",
        lang="da", topic_ids=("crm", "erp"), source_id="forum", place="r/dk", region="Århus",
        title="CRM?", text="Hvem kender\n\net godt CRM? 🙂", author_name="Ø", url="https://a.example/1",
        owner_id="mia", owner_name="Mia", outcome="won", urgency="high", probability=0.7,
        value=0.25, published_at=NOW - timedelta(days=1, microseconds=1), found_at=NOW,
    )  # fmt: skip
    put(index, document)
    (hit,) = index.search(LeadQuery()).hits
    assert hit.document == document


def test_a_danish_document_is_found_by_another_inflection(index: LeadIndex) -> None:
    put(index, make_document("1", "Vi mangler en revisor til vores virksomhed"))
    assert find(index, "revisorer") == ["1"]
    assert find(index, "REVISOREN virksomheder", lang="da") == ["1"]
    assert find(index, "revisorer tandlæge") == []


def test_a_document_is_found_though_its_language_was_taken_for_another(index: LeadIndex) -> None:
    put(index, make_document("1", "Nogen der kender gode håndværkere i Odense?", lang="en"))
    assert find(index, "håndværker") == ["1"]


@pytest.mark.parametrize(
    ("text", "question", "lang"),
    [
        ("Looking for recommendations of accountants", "recommendation accountant", "en"),
        ("Någon som kan rekommendera en målare i Malmö?", "målaren", "sv"),
        ("Noen som har anbefalinger?", "anbefalingen", "no"),
        ("Wer kennt gute Häuser für Events?", "Haus", "de"),
        ("Quelqu'un connaît un comptable à Lyon ?", "comptable lyon", "fr"),
        ("Ищу бухгалтера в Киеве", "бухгалтера", "uk"),
        ("おすすめの税理士", "おすすめの税理士", "ja"),
    ],
)
def test_words_are_found_in_their_language_and_without_it(
    index: LeadIndex, text: str, question: str, lang: str
) -> None:
    put(index, make_document("1", text, lang=lang))
    assert find(index, question, lang=lang) == ["1"]
    assert find(index, question) == ["1"]


@pytest.mark.parametrize(
    "question", ["Århus", "aarhus", "AARHUS", "A\u030arhus", "århus smedjer", "aarhus's"]
)
def test_spellings_of_the_same_letters_find_each_other(index: LeadIndex, question: str) -> None:
    put(index, make_document("1", "Smedje i Århus søges"))
    assert find(index, question) == ["1"]


def test_all_words_must_occur_and_stop_words_do_not_count(index: LeadIndex) -> None:
    put(index, make_document("1", "revisor søges"), make_document("2", "revisor og bogholder"))
    assert find(index, "nogen der kender en revisor og en bogholder") == ["2"]
    assert find(index, "og") == ["2"]


def test_quoted_words_must_be_adjacent(index: LeadIndex) -> None:
    put(
        index,
        make_document("1", "et nyt CRM system til salg"),
        make_document("2", "et system til CRM, helt nyt"),
    )
    assert find(index, '"CRM systemer"') == ["1"]
    assert find(index, "“nyt crm”") == ["1"]
    assert find(index, "crm system") == ["1", "2"]
    assert find(index, '"til crm" nyt') == ["2"]


def test_names_with_signs_are_words(index: LeadIndex) -> None:
    put(
        index,
        make_document("1", "C++ developer"),
        make_document("2", "C# developer"),
        make_document("3", "C developer #hiring"),
    )
    assert [find(index, text) for text in ("c++", "C#", "c", "#hiring")] == [
        ["1"],
        ["2"],
        ["3"],
        ["3"],
    ]


def test_the_title_is_searched_and_highlighted_with_the_text(index: LeadIndex) -> None:
    document = make_document("1", "Vi søger revisorer 🙂 nu: revisoren", title="Revisor søges")
    put(index, document)
    (hit,) = index.search(LeadQuery(text="revisor")).hits
    text = document.title + "\n\n" + document.text
    assert [text[start:end] for start, end in hit.highlights] == [
        "Revisor",
        "revisorer",
        "revisoren",
    ]


def test_a_phrase_is_highlighted_whole(index: LeadIndex) -> None:
    put(index, make_document("1", "Et CRM-system, ja et CRM system. CRM!"))
    (hit,) = index.search(LeadQuery(text='"crm system"')).hits
    assert [hit.document.text[start:end] for start, end in hit.highlights] == [
        "CRM-system",
        "CRM system",
    ]
    (hit,) = index.search(LeadQuery()).hits
    assert hit.highlights == ()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_is_an_error(index: LeadIndex, text: str) -> None:
    put(index, make_document("1", "revisor"))
    for sort in (SortField.RELEVANCE, SortField.FOUND_AT):
        page = index.search(LeadQuery(text=text, sort=sort, with_facets=True))
        assert page.total == len(page.hits)


def test_a_text_of_hostile_signs_is_found_as_it_is(index: LeadIndex) -> None:
    text = "nul \x00 byte \ud83d lone, zal\u0337\u0321go, revisor\u200dfirma"
    put(index, make_document("1", text, title="\x00", region="a\x00b", author_name="\udfff"))
    (hit,) = index.search(LeadQuery(text="zalgo byte")).hits
    assert hit.document.text == text.replace("\ud83d", "?")
    assert find(index, filters={"region": ("a\x00b",)}) == ["1"]


def test_filters_are_alternatives_within_and_add_up_between(index: LeadIndex) -> None:
    put(
        index,
        make_document("1", state="new", topic_ids=("crm", "erp")),
        make_document("2", state="claimed", topic_ids=("crm",), owner_id="mia"),
        make_document("3", state="closed", topic_ids=()),
    )
    assert find(index, filters={"state": ("new", "claimed")}) == ["1", "2"]
    assert find(index, filters={"state": ("new", "claimed"), "topic_ids": ("erp", "x")}) == ["1"]
    assert find(index, filters={"owner_id": ("",)}) == ["1", "3"]
    assert find(index, filters={"owner_id": ("' OR 1=1",)}) == []
    assert find(index, filters={"state": ()}) == ["1", "2", "3"]


def test_times_and_probability_bound_what_is_found(index: LeadIndex) -> None:
    step = timedelta(microseconds=1)
    put(
        index,
        make_document("1", found_at=NOW - step, probability=0.5),
        make_document("2", found_at=NOW, probability=0.75),
        make_document("3", found_at=NOW + step, probability=1.0),
        make_document("4", found_at=None, probability=0.1),
    )
    ascending: dict[str, Any] = {"descending": False}
    assert find(index, found_after=NOW, **ascending) == ["2", "3"]
    assert find(index, found_before=NOW, **ascending) == ["1"]
    assert find(index, found_after=NOW, found_before=NOW + step) == ["2"]
    assert find(index, min_probability=0.75, **ascending) == ["2", "3"]


def test_every_field_sorts_both_ways_with_ties_by_id_and_no_time_first(index: LeadIndex) -> None:
    put(
        index,
        make_document("b", value=0.5, found_at=NOW),
        make_document("a", value=0.5, found_at=NOW),
        make_document("c", value=-0.0, found_at=None),
        make_document("d", value=0.0, found_at=NOW - timedelta(days=40_000)),
        make_document("é", value=1.0, found_at=NOW + timedelta(days=200_000)),
    )
    assert find(index) == ["é", "a", "b", "d", "c"]
    assert find(index, descending=False) == ["c", "d", "a", "b", "é"]
    assert find(index, sort=SortField.VALUE) == ["é", "a", "b", "c", "d"]
    assert find(index, sort=SortField.VALUE, descending=False) == ["c", "d", "a", "b", "é"]


@pytest.mark.parametrize("sort", SortField)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_show_every_hit_once(index: LeadIndex, sort: SortField, descending: bool) -> None:
    documents = [
        make_document(
            f"{number:02}", "revisor " * (1 + number % 4), value=number % 3 / 3,
            probability=number % 5 / 5, found_at=NOW + timedelta(seconds=number // 4),
            published_at=None if number % 6 == 0 else NOW - timedelta(seconds=number % 7),
        )
        for number in range(23)
    ]  # fmt: skip
    put(index, *documents)
    query = LeadQuery(text="revisoren", sort=sort, descending=descending, limit=5)
    found = read_all(index, query)
    assert sorted(found) == [document.lead_id for document in documents]
    assert found == read_all(index, replace(query, limit=200))


def test_the_most_relevant_comes_first(index: LeadIndex) -> None:
    put(
        index,
        make_document("1", "en lang historie om alt muligt andet og så til sidst en revisor"),
        make_document("2", "revisor revisor revisor"),
        make_document("3", "ingenting"),
    )
    assert find(index, "revisor", sort=SortField.RELEVANCE) == ["2", "1"]


def test_relevance_to_nothing_is_the_newest_first(index: LeadIndex) -> None:
    put(index, make_document("1"), make_document("2", found_at=NOW + timedelta(days=1)))
    assert find(index, sort=SortField.RELEVANCE, descending=False) == ["2", "1"]


def test_facets_count_what_there_would_be_without_their_own_filter(index: LeadIndex) -> None:
    put(
        index,
        make_document("1", "crm", state="new", topic_ids=("crm", "erp")),
        make_document("2", "crm", state="claimed", topic_ids=("crm",), owner_id="mia"),
        make_document("3", "crm", state="claimed", topic_ids=("erp",)),
        make_document("4", "andet", state="new"),
    )
    query = LeadQuery(
        text="crm", filters={"state": ("claimed",), "topic_ids": ("crm",)}, with_facets=True
    )
    page = index.search(query)
    assert [hit.document.lead_id for hit in page.hits] == ["2"]
    assert page.total == 1
    assert page.facets["state"] == {"claimed": 1, "new": 1}
    assert page.facets["topic_ids"] == {"crm": 1, "erp": 1}
    assert page.facets["owner_id"] == {"mia": 1}
    assert index.search(replace(query, with_facets=False)).facets == {}


def test_facets_lose_no_value(index: LeadIndex) -> None:
    documents = [
        make_document(f"{number:04}", region=f"place {number // 2}") for number in range(2402)
    ]
    put(index, *documents)
    page = index.search(LeadQuery(with_facets=True, limit=1))
    assert page.total == 2402
    assert page.facets["region"] == {f"place {number}": 2 for number in range(1201)}
    assert list(page.facets["region"]) == sorted(page.facets["region"])


def test_an_older_revision_never_replaces_a_newer_one(index: LeadIndex) -> None:
    put(index, make_document("1", "første", revision=3))
    put(index, make_document("1", "gammel", revision=2))
    assert (find(index, "første"), find(index, "gammel")) == (["1"], [])
    put(index, make_document("1", "samme", revision=3))
    assert (find(index, "første"), find(index, "samme")) == ([], ["1"])
    put(index, make_document("1", "ny", revision=5), make_document("1", "ældre", revision=4))
    assert (find(index, "ny"), find(index, "ældre")) == (["1"], [])
    assert index.count() == 1


def test_a_withdrawn_lead_is_found_by_nothing_but_its_state(index: LeadIndex) -> None:
    put(index, make_document("1", "revisor"), make_document("2", "revisor"))
    stub = LeadDocument(lead_id=LeadId("1"), revision=2, state="withdrawn")
    put(index, stub)
    put(index, make_document("1", "revisor", revision=1))
    page = index.search(LeadQuery(with_facets=True))
    assert [hit.document.lead_id for hit in page.hits] == ["2"]
    assert page.facets["state"] == {"new": 1}
    assert find(index, "revisor") == ["2"]
    assert find(index, "revisor", filters={"state": ("withdrawn",)}) == []
    (hit,) = index.search(LeadQuery(filters={"state": ("withdrawn",)})).hits
    assert hit.document == stub
    assert index.count() == 2


def test_deleting_forgets_documents_and_overlooks_unknown_ones(index: LeadIndex) -> None:
    put(index, make_document("1", "revisor"), make_document("2", "revisor"))
    index.delete([LeadId("1"), LeadId("never there")])
    index.delete([])
    index.refresh()
    assert find(index, "revisor") == ["2"]
    assert index.count() == 1


def test_putting_nothing_is_fine(index: LeadIndex) -> None:
    index.put([])
    assert index.count() == 0
    assert index.search(LeadQuery(with_facets=True)).total == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"probability": float("nan")}, "lead 1: probability"),
        ({"value": float("inf")}, "lead 1: value"),
        ({"revision": -1}, "lead 1: revision -1"),
        ({"found_at": NOW.replace(tzinfo=None)}, "lead 1: found_at has no time zone"),
        ({"lead_id": ""}, "lead id"),
        ({"lead_id": "x" * 200}, "lead id"),
    ],
)
def test_a_document_that_cannot_be_is_refused_by_name_and_nothing_is_written(
    index: LeadIndex, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(BadRecordError, match=words):
        index.put([make_document("2"), make_document("1", **changes)])
    index.refresh()
    assert index.count() == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (LeadQuery(limit=0), "limit"),
        (LeadQuery(limit=201), "limit"),
        (LeadQuery(filters={"text": ("a",)}), "no filter 'text'"),
        (LeadQuery(filters={"state": ("a",) * 501}), "at most 500"),
        (LeadQuery(min_probability=1.5), "min_probability"),
        (LeadQuery(min_probability=float("nan")), "min_probability"),
        (LeadQuery(found_after=NOW.replace(tzinfo=None)), "found_after"),
        (LeadQuery(found_before=NOW.replace(tzinfo=None)), "found_before"),
        (LeadQuery(text="word " * 65), "at most 64 words"),
    ],
)
def test_a_query_that_cannot_be_is_refused(index: LeadIndex, query: LeadQuery, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        index.search(query)


def test_the_longest_query_is_answered(index: LeadIndex) -> None:
    words = [f"ord{number}" for number in range(64)]
    put(index, make_document("1", " ".join(words)))
    assert find(index, " ".join(words)) == ["1"]
    assert find(index, f'"{" ".join(words)}"', sort=SortField.RELEVANCE) == ["1"]
    assert find(index, filters={"state": tuple(f"new{number}" for number in range(500))}) == []


@pytest.mark.parametrize(
    "cursor", ["x", "%%%", "\ud800", "e30", "W10", "WzEsMiwzXQ", "bnVsbA", "\x00", "A" * 9999, "é"]
)
def test_a_cursor_that_is_not_ours_is_refused(index: LeadIndex, cursor: str) -> None:
    with pytest.raises(InvalidRequestError, match="cursor"):
        index.search(LeadQuery(cursor=cursor))


def test_a_cursor_of_another_search_is_refused(index: LeadIndex) -> None:
    put(index, make_document("1"), make_document("2"))
    cursor = index.search(LeadQuery(limit=1)).next_cursor
    assert find(index, limit=1, cursor=cursor) == ["2"]
    with pytest.raises(InvalidRequestError, match="another search"):
        index.search(LeadQuery(limit=1, cursor=cursor, descending=False))


def test_an_index_made_twice_keeps_what_it_has(open_index: OpenIndex) -> None:
    first = open_index()
    put(first, make_document("1"))
    second = open_index()
    second.ensure()
    assert second.count() == 1
    second.check()
