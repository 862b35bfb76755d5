"""What I can set myself."""

import pytest

from api.pages.me import read_hours
from askwatch.model.alert import Channel
from askwatch.model.ids import ExpertId
from askwatch.state import audit, experts
from tests.api.conftest import World
from tests.api.pages.conftest import SignIn


@pytest.mark.parametrize(
    ("given", "hours"),
    [
        ("08:00-16:00", ("08:00-16:00",)),
        ("13:00–17:00, 08:00 - 12:00", ("08:00-12:00", "13:00-17:00")),
        ("00:00-24:00", ("00:00-24:00",)),
        ("22:00-02:00", ("22:00-02:00",)),
    ],
)
def test_hours_are_read_as_people_write_them(given: str, hours: tuple[str, ...]) -> None:
    assert read_hours(given) == hours


@pytest.mark.parametrize("given", ["8-16", "08:00-25:00", "never", "08:00-08:00"])
def test_hours_that_cannot_be_are_named(given: str) -> None:
    with pytest.raises(ValueError, match=given):
        read_hours(given)


@pytest.mark.parametrize(("locale", "words"), [("en", "Plumbing"), ("da", "Mandag")])
def test_a_person_sees_what_is_known_of_them(browse: SignIn, locale: str, words: str) -> None:
    page = browse("astrid", locale).get("/me").text
    assert words in page
    assert 'value="08:00-17:00"' in page


def test_settings_are_kept_and_noted(browse: SignIn, asked: World) -> None:
    client = browse("astrid")
    done = client.post("/me", data={"locale": "da", "mon": "09:00-15:00", "tue": ""})
    assert (done.status_code, done.headers["location"]) == (303, "/me")
    page = client.get("/me").text
    assert "Gemt." in page
    expert = asked.database.read(lambda tx: experts.find_expert(tx, ExpertId("astrid")))
    assert expert.locale == "da"
    assert expert.hours == {"mon": ("09:00-15:00",)}
    assert expert.channels == (Channel.INBOX,)
    (entry,) = asked.database.read(lambda tx: audit.list_entries(tx, object_id="astrid"))
    assert entry.action == "expert.put"
    client.post("/me", data={"locale": "en", "email": "yes"})
    expert = asked.database.read(lambda tx: experts.find_expert(tx, ExpertId("astrid")))
    assert Channel.EMAIL in expert.channels


def test_wrong_hours_are_shown_again_with_what_was_typed(browse: SignIn, asked: World) -> None:
    done = browse("astrid").post("/me", data={"mon": "eight to four"})
    assert done.status_code == 422
    assert "is no time of day" in done.text
    assert 'value="eight to four"' in done.text


def test_somebody_without_topics_reads_what_that_means(browse: SignIn) -> None:
    page = browse("omar").get("/me").text
    assert "none, so you are never alerted" in page
    assert 'href="/sources"' in page
