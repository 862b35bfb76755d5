"""Decisions that cannot be, in the reader's words."""

from datetime import UTC, datetime

import pytest

from api.pages.deciding import decide, snooze_until
from askwatch.errors import InvalidRequestError, NotFoundError
from tests.api.pages.test_voice import NOW, make_voice


def refuse() -> None:
    raise InvalidRequestError("until must lie before tomorrow")


def lose() -> None:
    raise NotFoundError("lead", "lead-1")


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", "until must lie before tomorrow"),
        ("da", "Noget i formularen mangler eller er forkert. Intet blev ændret."),
    ],
)
def test_a_refusal_is_told_in_the_readers_language(locale: str, words: str) -> None:
    refusal = decide(make_voice(locale), refuse)
    assert refusal is not None
    assert (refusal.status, refusal.words) == (422, words)


def test_what_is_not_there_is_no_refusal() -> None:
    with pytest.raises(NotFoundError):
        decide(make_voice(), lose)


def test_the_next_morning_is_the_readers_own() -> None:
    assert snooze_until(make_voice(), "morning") == datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    # Ten in the morning in London is twenty-three o'clock and more in Chatham.
    assert snooze_until(make_voice(zone="Pacific/Chatham"), "morning") > NOW
    early = make_voice(zone="America/New_York")
    assert snooze_until(early, "morning") == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
