"""Handing in a post."""

import pytest
from sqlalchemy import insert

from api.pages.hand_in import split_given
from askwatch.state import tables
from tests.api.conftest import World
from tests.api.pages.conftest import SignIn
from tests.api.rows import NOW, set_lead

LINK = "https://example.com/posts/1"


@pytest.mark.parametrize(
    ("given", "link", "text"),
    [
        (LINK, LINK, ""),
        (f"  {LINK}\n", LINK, ""),
        ("Any plumber?", "", "Any plumber?"),
        (f"{LINK}\nAny plumber?\n\nIn Aarhus.", LINK, "Any plumber?\n\nIn Aarhus."),
        (f"Any plumber?\n{LINK}\n{LINK}", LINK, "Any plumber?"),
        (f"Any plumber? {LINK}", LINK, "Any plumber?"),
        (f"{LINK} Any plumber?", LINK, "Any plumber?"),
        (f"See {LINK} or ask me", "", f"See {LINK} or ask me"),
        ("", "", ""),
    ],
)
def test_one_field_takes_a_link_a_text_or_both(given: str, link: str, text: str) -> None:
    assert split_given(given) == (link, text)


def put_hand_in(world: World, hand_in_id: str, state: str, **changes: object) -> None:
    values: dict[str, object] = {
        "hand_in_id": hand_in_id, "expert_id": "astrid", "source_id": "hand-in",
        "post_id": hand_in_id, "url": f"https://example.com/{hand_in_id}", "state": state,
        "reason": "", "lead_id": None, "verdict": {}, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    world.database.write(lambda tx: tx.execute(insert(tables.hand_ins).values(values | changes)))


def test_what_was_handed_in_is_listed_at_once(browse: SignIn) -> None:
    client = browse("astrid")
    done = client.post("/hand-in", data={"post": f"{LINK}\r\nAny plumber?"})
    assert (done.status_code, done.headers["location"]) == (303, "/hand-in#mine")
    page = client.get("/hand-in").text
    assert "Received. You see below what comes of it." in page
    assert "being read" in page
    assert "data-pending" in page


def test_a_bare_link_is_fetched(browse: SignIn) -> None:
    client = browse("astrid", "da")
    client.post("/hand-in", data={"post": LINK})
    page = client.get("/hand-in").text
    assert "Linket læses." in page
    assert "hentes" in page


def test_an_empty_hand_in_says_what_is_missing(browse: SignIn) -> None:
    done = browse("astrid").post("/hand-in", data={"post": " \n "})
    assert done.status_code == 422
    assert "Paste a link or the text of the post first." in done.text


def test_a_share_fills_in_the_form_and_sends_nothing(browse: SignIn, asked: World) -> None:
    shared = {"title": "Any plumber?", "text": f"Any plumber? {LINK}", "url": LINK}
    page = browse("astrid").get("/hand-in", params=shared).text
    assert f">{LINK}\nAny plumber?\nAny plumber? {LINK}</textarea>" in page
    hostile = browse("astrid").get("/hand-in", params={"text": "</textarea><script>"}).text
    assert hostile.count("<script") == 1


def test_everything_that_can_come_of_it_is_told(browse: SignIn, asked: World) -> None:
    put_hand_in(asked, "h1", "found", lead_id="lead-1")
    put_hand_in(asked, "h2", "not_found", verdict={"intent": "job_seeking"})
    put_hand_in(asked, "h3", "not_found")
    put_hand_in(asked, "h4", "needs_text", reason="the site asks not to be read")
    put_hand_in(asked, "h5", "withdrawn")
    put_hand_in(asked, "h6", "fetching", url="")
    put_hand_in(asked, "h7", "found", lead_id="not-there-any-more")
    page = browse("astrid").get("/hand-in").text
    for words in (
        "Understood: it looks for a supplier – Plumbing.",
        'href="/questions/lead-1"',
        "We read it as a post that looks for a job",
        "We found no question in it",
        "the site asks not to be read",
        "Paste the text of the post",
        "It is gone everywhere.",
        "A text without a link",
    ):
        assert words in page


def test_a_find_to_review_says_who_looks_next(browse: SignIn, asked: World) -> None:
    asked.database.write(lambda tx: set_lead(tx, "lead-1", {"state": "review"}))
    put_hand_in(asked, "h1", "found", lead_id="lead-1")
    assert (
        "Somebody looks at it before colleagues are told." in browse("astrid").get("/hand-in").text
    )


def test_a_missing_text_is_added_once(browse: SignIn, asked: World) -> None:
    put_hand_in(asked, "h1", "needs_text")
    client = browse("astrid")
    assert client.post("/hand-in/h1/text", data={"text": " "}).status_code == 422
    assert client.post("/hand-in/h1/text", data={"text": "Any plumber?"}).status_code == 303
    assert client.post("/hand-in/h1/text", data={"text": "Any plumber?"}).status_code == 409


def test_only_its_sender_takes_a_hand_in_back(browse: SignIn, asked: World) -> None:
    put_hand_in(asked, "h1", "found", lead_id="lead-1")
    assert browse("bo").post("/hand-in/h1/withdraw").status_code == 404
    client = browse("astrid")
    assert "This cannot be undone." in client.get("/hand-in").text
    assert client.post("/hand-in/h1/withdraw").status_code == 303
    assert "Taken back. It is gone everywhere." in client.get("/hand-in").text


def test_a_form_address_opened_by_hand_leads_back(browse: SignIn) -> None:
    assert browse("astrid").get("/hand-in/h1/withdraw").headers["location"] == "/hand-in#mine"
