"""The page behind a mail's button, without a session."""

import pytest
from fastapi.testclient import TestClient

from askwatch.links import LeadLink, sign_lead_link
from askwatch.model.ids import ExpertId, LeadId
from tests.api.conftest import World
from tests.api.pages.test_lead import state_of
from tests.api.rows import set_lead


def address_of(world: World, expert_id: str = "astrid") -> str:
    link = LeadLink(ExpertId(expert_id), LeadId("lead-1"))
    return f"/a/{sign_lead_link(world.services.settings.secret_key, link)}"


@pytest.fixture
def mail(asked: World) -> TestClient:
    """Return a browser without a session."""
    client = asked.anonymous()
    client.headers["Accept"] = "text/html"
    return client


def test_looking_changes_nothing(mail: TestClient, asked: World) -> None:
    for _ in range(3):  # as mail scanners do
        assert mail.get(address_of(asked)).status_code == 200
    page = mail.get(address_of(asked))
    assert asked.decisions.calls == []
    assert "You are Astrid." in page.text
    assert "Not you?" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert 'class="top"' not in page.text


def test_the_question_is_taken_and_answered_by_the_link_alone(
    mail: TestClient, asked: World
) -> None:
    address = address_of(asked)
    assert mail.post(f"{address}/claim").headers["location"] == address
    page = mail.get(address).text
    assert "It is yours. The others know." in page
    assert f'action="{address}/answer"' in page
    assert mail.post(f"{address}/answer", data={"disclosed": ""}).status_code == 422
    done = mail.post(f"{address}/answer", data={"disclosed": "yes", "answer_url": ""})
    assert done.headers["location"] == address
    assert state_of(asked) == "answered"
    assert "Thank you. It is marked as answered." in mail.get(address).text


def test_the_question_is_declined_by_the_link(mail: TestClient, asked: World) -> None:
    address = address_of(asked)
    done = mail.post(f"{address}/decline", data={"reason": "not_my_topic"})
    assert done.status_code == 303
    assert asked.decisions.calls[-1] == (
        "decline", "lead-1", "astrid", "not_my_topic", "expert:astrid",
    )  # fmt: skip


def test_who_comes_second_by_mail_learns_who_won(mail: TestClient, asked: World) -> None:
    mail.post(f"{address_of(asked, 'bo')}/claim")
    done = mail.post(f"{address_of(asked)}/claim")
    assert done.status_code == 409
    assert "Bo was faster and has taken it." in done.text


def test_a_link_opens_nothing_else(mail: TestClient, asked: World) -> None:
    page = mail.get(address_of(asked)).text
    assert "Pass on" not in page
    assert "Snooze" not in page
    assert "/questions/lead-1/" not in page
    assert mail.get("/questions/lead-1").status_code == 303


def test_a_link_ends_with_its_question(mail: TestClient, asked: World) -> None:
    asked.database.write(lambda tx: set_lead(tx, "lead-1", {"state": "withdrawn"}))
    page = mail.get(address_of(asked))
    assert page.status_code == 410
    assert "This question is over" in page.text


@pytest.mark.parametrize("token", ["nonsense", "WyJhIl0.x"])
def test_a_damaged_link_says_so(mail: TestClient, token: str) -> None:
    page = mail.get(f"/a/{token}", headers={"Accept-Language": "da"})
    assert page.status_code == 403
    assert "linket er beskadiget" in page.text
