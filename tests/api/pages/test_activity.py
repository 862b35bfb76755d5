"""Activity: thanks, never a ranking."""

import pytest

from tests.api.conftest import World
from tests.api.pages.conftest import SignIn
from tests.api.rows import NOW, put_lead


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("1 question got an answer from one of you. Thank you.", "1 of 2", "Build")),
        ("da", ("1 spørgsmål fik svar fra en af jer. Tak.", "1 af 2", "typisk tid til et svar")),
    ],
)
def test_what_was_answered_is_thanked_for(
    browse: SignIn, asked: World, locale: str, words: tuple[str, ...]
) -> None:
    put_lead(
        asked.database, "lead-2", state="answered", owner_id="bo", claimed_at=NOW, answered_at=NOW
    )
    asked.clock.advance(60)
    page = browse("astrid", locale).get("/activity?days=30").text
    for each in words:
        assert each in page
    assert ">Bo<" not in page
    assert "Bo " not in page


def test_nothing_answered_yet_is_no_blame(browse: SignIn, asked: World) -> None:
    asked.clock.advance(60)
    assert "The first answer counts most." in browse("astrid").get("/activity").text


def test_a_quiet_time_says_so(browse: SignIn, asked: World) -> None:
    asked.clock.advance(40 * 86_400)
    client = browse("astrid")
    assert "Nobody has asked in this time." in client.get("/activity?days=odd").text
