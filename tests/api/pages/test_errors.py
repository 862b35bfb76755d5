"""What did not work, as designed pages; machines get problems instead."""

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from api.pages.errors import show_problem
from api.schemas.problems import FieldError, Problem
from askwatch.state.engine import Database
from tests.api.conftest import World
from tests.api.pages.conftest import SignIn

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize(
    ("language", "title"), [("en", "There is nothing here"), ("da", "Her er ingenting")]
)
def test_a_wrong_address_is_a_page_with_a_way_on(world: World, language: str, title: str) -> None:
    page = world.anonymous().get("/nowhere", headers=HTML | {"Accept-Language": language})
    assert page.status_code == 404
    assert title in page.text
    assert 'href="/"' in page.text
    assert f'<html lang="{language}">' in page.text


def test_a_machine_gets_a_problem(world: World) -> None:
    answer = world.anonymous().get("/nowhere", headers={"Accept": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_form_with_a_wrong_field_is_told_so(browse: SignIn) -> None:
    done = browse("astrid").post("/me", data={"locale": "klingon"})
    assert done.status_code == 422
    assert "That could not be read" in done.text


def test_a_database_that_is_away_is_told_without_it(browse: SignIn, asked: World) -> None:
    client = browse("astrid")
    away = Database("postgresql://nobody@127.0.0.1:9/none")
    object.__setattr__(asked.services, "database", away)
    page = client.get("/")
    away.close()
    assert page.status_code == 503
    assert int(page.headers["retry-after"]) > 0
    assert "We cannot reach our own records right now" in page.text
    assert 'href="/">Try again' in page.text


@pytest.mark.parametrize("status", [403, 404, 409, 410, 413, 422, 429, 500, 502, 503, 418])
@pytest.mark.parametrize("language", ["en", "da"])
def test_every_status_has_a_sentence(world: World, status: int, language: str) -> None:
    request = Request(
        {
            "type": "http", "method": "POST", "path": "/x", "query_string": b"", "app": world.app,
            "headers": [(b"accept-language", language.encode())],
        }
    )  # fmt: skip
    page = show_problem(request, Problem(type="x", title="X", status=status))
    assert page.status_code == status
    assert b"<h1>" in page.body


def test_what_a_person_did_wrong_is_told_in_its_own_words(world: World) -> None:
    request = Request(
        {"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": [],
         "app": world.app}
    )  # fmt: skip
    told = Problem(type="x", title="X", status=422, detail="Choose <one> first.")
    assert b"Choose &lt;one&gt; first." in show_problem(request, told).body
    faults = told.model_copy(update={"errors": (FieldError(field="body.x", detail="no"),)})
    assert b"Something in the form is missing" in show_problem(request, faults).body


@pytest.fixture
def guest(world: World) -> TestClient:
    return world.anonymous()


def test_signing_in_is_explained(guest: TestClient) -> None:
    page = guest.get("/sign-in?next=/feed", headers={"Accept-Language": "da"})
    assert "Log ind på Askwatch" in page.text
    assert '<input type="hidden" name="next" value="/feed">' in page.text
    sent = guest.post("/sign-in", data={"email": "nobody@example.com", "next": "/feed"})
    assert "Look in your mail" in sent.text


def test_a_used_link_says_how_to_get_another(guest: TestClient) -> None:
    page = guest.get("/sign-in/used-up")
    assert page.status_code == 410
    assert "This link is used up" in page.text


def test_a_phone_can_keep_the_page_shown_offline(guest: TestClient) -> None:
    assert "You are offline" in guest.get("/offline").text
    manifest = guest.get("/manifest.webmanifest", headers={"Accept-Language": "da"})
    assert manifest.headers["content-type"] == "application/manifest+json"
    assert manifest.json()["share_target"]["action"] == "/hand-in"
    assert manifest.json()["lang"] == "da"
    assert "offline" in guest.get("/worker.js").text


def test_files_are_kept_by_browsers_until_they_change(guest: TestClient) -> None:
    address = guest.get("/sign-in").text.partition('stylesheet" href="')[2].partition('"')[0]
    file = guest.get(address)
    assert file.status_code == 200
    assert "immutable" in file.headers["cache-control"]
    assert guest.get("/static/../app.py").status_code == 404
