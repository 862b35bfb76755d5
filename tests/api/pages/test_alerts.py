"""My alerts."""

import pytest

from tests.api.conftest import World
from tests.api.pages.conftest import SignIn
from tests.api.rows import NOW, put_alert, put_lead


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("For you now", "You, because", "I'll take it", "Not for me", "Plumbing")),
        ("da", ("Til dig nu", "Du, fordi", "Jeg tager den", "Ikke noget for mig", "VVS")),
    ],
)
def test_what_is_for_me_stands_first(browse: SignIn, locale: str, words: tuple[str, ...]) -> None:
    page = browse("astrid", locale).get("/")
    assert page.status_code == 200
    assert f'<html lang="{locale}">' in page.text
    assert page.headers["content-language"] == locale
    for each in words:
        assert each in page.text
    assert "5 min" in page.text
    assert 'datetime="2026-03-02T09:55:00+00:00"' in page.text


def test_a_quote_in_another_language_says_so(browse: SignIn) -> None:
    assert '<q class="row-line" dir="auto" lang="da">' in browse("astrid", "en").get("/").text
    assert '<q class="row-line" dir="auto">' in browse("astrid", "da").get("/").text


def test_an_empty_inbox_says_what_will_come(browse: SignIn) -> None:
    page = browse("omar").get("/").text
    assert "Nothing waits for you" in page
    assert 'href="/feed"' in page


def test_what_i_have_taken_says_until_when(browse: SignIn, asked: World) -> None:
    asked.decisions.claim("lead-1", "astrid", actor="test")  # type: ignore[arg-type]  # plain ids
    page = browse("astrid").get("/").text
    assert "Taken by you" in page
    assert "/questions/lead-1#answer" in page


def test_what_came_to_an_end_stands_under_earlier(browse: SignIn, asked: World) -> None:
    put_lead(asked.database, "lead-2", state="withdrawn", text="", url="")
    put_alert(asked.database, "astrid", "lead-2", state="superseded")
    put_lead(asked.database, "lead-3", state="answered", owner_id="astrid", answered_at=NOW)
    put_lead(asked.database, "lead-4", state="alerting", text="Snoozed one?")
    put_alert(asked.database, "astrid", "lead-4", state="snoozed", snoozed_until=NOW)
    page = browse("astrid").get("/").text
    before, _, earlier = page.partition("Earlier")
    assert "lead-2" in earlier
    assert "The text is no longer kept." in earlier
    assert "lead-3" in earlier
    assert "Later" in before
    assert "Snoozed one?" in before


def test_nobody_sees_alerts_without_signing_in(asked: World) -> None:
    page = asked.anonymous().get("/", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/")


def test_pages_run_no_script_of_their_own(browse: SignIn) -> None:
    page = browse("astrid").get("/")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert page.text.count("<script") == 1
    assert " onclick" not in page.text
    assert "<style" not in page.text
    assert ' style="' not in page.text
