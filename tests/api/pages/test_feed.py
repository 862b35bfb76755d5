"""The opportunity feed."""

import pytest

from askwatch.errors import BackendUnavailableError, InvalidRequestError
from askwatch.search.query import LeadHit, LeadPage
from tests.api.conftest import World
from tests.api.fakes import make_document
from tests.api.pages.conftest import SignIn

HITS = (
    LeadHit(make_document("lead-1", topic_ids=("plumbing",), source_id="feed"), ((0, 12),)),
    LeadHit(make_document("lead-2", state="claimed", owner_name="Bo", lang="en", text="Who?")),
)
FACETS = {
    "state": {"alerting": 4, "pooled": 3, "claimed": 2},
    "lang": {"da": 5, "en": 2, "und": 1, "": 3},
    "topic_ids": {"plumbing": 5, "gone-topic": 1},
    "source_id": {"feed": 5, "other": 1},
    "intent": {"vendor_request": 6, "candidate_search": 1},
    "owner_id": {"bo": 1, "": 6},
}


@pytest.fixture
def found(asked: World) -> World:
    asked.index.page = LeadPage(hits=HITS, total=2, next_cursor="next", facets=FACETS)
    return asked


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("Opportunity feed", "2 opportunities", "Plumbing", "waiting", "Who has it")),
        ("da", ("Muligheder", "2 muligheder", "VVS", "venter", "Hvem har den")),
    ],
)
def test_what_was_found_stands_in_rows(
    browse: SignIn, found: World, locale: str, words: tuple[str, ...]
) -> None:
    page = browse("sanne", locale).get("/feed")
    assert page.status_code == 200
    for each in words:
        assert each in page.text
    assert "<mark>Kender nogen</mark>" in page.text
    assert "Bo</span>" in page.text
    assert "cursor=next" in page.text


def test_facets_count_by_the_words_people_see(browse: SignIn, found: World) -> None:
    page = browse("sanne").get("/feed").text
    assert 'waiting <span class="number">7</span>' in page
    assert 'taken <span class="number">2</span>' in page
    assert "to review" in page
    assert "<span>Danish</span>" in page
    assert "<span>unknown</span>" in page
    assert "<span>looks for a person</span>" in page


def test_the_address_is_the_question(browse: SignIn, found: World) -> None:
    page = browse("sanne").get(
        "/feed?q=vvs&state=waiting&topic=plumbing&topic=unheard&age=24h&sort=best"
    )
    question = found.index.questions[-1]
    assert question.text == "vvs"
    assert question.filters["topic_ids"] == ("plumbing", "unheard")
    assert 'value="vvs"' in page.text
    assert "“vvs”" in page.text
    assert "unheard" in page.text
    assert '<input type="hidden" name="topic" value="plumbing">' in page.text


def test_an_expert_reads_of_questions_and_sees_no_review_lane(browse: SignIn, found: World) -> None:
    page = browse("astrid").get("/feed").text
    assert "2 questions" in page
    assert "to review" not in page
    assert "review" not in found.index.questions[-1].filters["state"]


@pytest.mark.parametrize(
    ("address", "words"), [("/feed?q=xyz", "Nothing fits"), ("/feed", "No question yet")]
)
def test_an_empty_feed_shows_a_way_on(browse: SignIn, address: str, words: str) -> None:
    page = browse("sanne").get(address)
    assert page.status_code == 200
    assert words in page.text


def test_a_feed_without_its_index_says_so(browse: SignIn, asked: World) -> None:
    asked.index.error = BackendUnavailableError("search", "connection refused")
    page = browse("sanne").get("/feed?q=vvs")
    assert page.status_code == 503
    assert page.headers["retry-after"] == "10"
    assert "The search is not answering" in page.text
    assert 'href="/feed?q=vvs"' in page.text
    assert "connection refused" not in page.text


def test_an_old_page_of_a_feed_begins_again(browse: SignIn, asked: World) -> None:
    asked.index.error = InvalidRequestError("this cursor is another question's")
    client = browse("sanne")
    done = client.get("/feed?q=vvs&cursor=old")
    assert (done.status_code, done.headers["location"]) == (303, "/feed?q=vvs")
    assert client.get("/feed?q=vvs").status_code == 422


def test_hostile_words_in_the_address_stay_words(browse: SignIn, found: World) -> None:
    page = browse("sanne").get("/feed", params={"q": '"><script>alert(1)</script>'}).text
    assert page.count("<script") == 1


def test_sales_decides_in_the_review_lane_with_one_tap(browse: SignIn, asked: World) -> None:
    hit = LeadHit(make_document("lead-1", state="review"), ())
    asked.index.page = LeadPage(hits=(hit,), total=1, next_cursor="", facets=FACETS)
    page = browse("sanne").get("/feed?state=review").text
    assert 'action="/questions/lead-1/promote"' in page
    assert 'action="/questions/lead-1/dismiss"' in page
    assert 'name="back" value="/feed?state=review"' in page
    assert "/dismiss" not in browse("astrid").get("/feed").text
