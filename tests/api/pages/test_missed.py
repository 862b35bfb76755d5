"""The page on which sales looks for what was missed."""

import pytest

from askwatch.state import rejected_posts
from tests.api.conftest import World
from tests.api.pages.conftest import SignIn, form_token
from tests.api.rejected import put_rejected
from tests.api.rows import NOW


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("Missed?", "Rightly left out", "Asks for something", "Nobody has looked at any")),
        ("da", ("Overset?", "Med rette udeladt", "Spørger efter noget", "Ingen har set på nogen")),
    ],
)
def test_rejected_posts_wait_for_one_tap(
    browse: SignIn, asked: World, locale: str, words: tuple[str, ...]
) -> None:
    put_rejected(asked.database)
    page = browse("sanne", locale).get("/missed").text
    for each in words:
        assert each in page
    assert "Nogen der kender X?" in page
    assert 'href="https://example.com/1"' in page


def test_a_mark_is_made_by_a_plain_form_and_shows_in_the_rate(browse: SignIn, asked: World) -> None:
    sample_id = put_rejected(asked.database)
    client = browse("sanne")
    del client.headers["X-CSRF-Token"]
    token = form_token(client.get("/missed").text)
    done = client.post(f"/missed/{sample_id}", data={"csrf_token": token, "said": "ask"})
    assert (done.status_code, done.headers["location"]) == (303, "/missed")
    page = client.get("/missed").text
    assert "Thank you. It counts." in page
    assert "100.00 %" in page
    assert "1 post looked at" in page
    assert "Nothing to look at" in page
    rate = asked.database.read(lambda tx: rejected_posts.read_miss_rate(tx, since=NOW))
    assert (rate.marked, rate.misses) == (1, 1)


def test_a_long_post_is_shown_in_part(browse: SignIn, asked: World) -> None:
    put_rejected(asked.database, text="ord " * 1_000)
    page = browse("sanne").get("/missed").text
    assert "ord …" in page
    assert len(page) < 20_000


def test_a_mark_must_be_one_and_experts_have_no_such_page(browse: SignIn, asked: World) -> None:
    sample_id = put_rejected(asked.database)
    assert browse("sanne").post(f"/missed/{sample_id}", data={"said": "x"}).status_code == 422
    assert browse("astrid").get("/missed").status_code == 403
    assert "/missed" not in browse("astrid").get("/feed").text
    assert 'href="/missed"' in browse("sanne").get("/feed").text
