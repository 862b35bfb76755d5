"""What pages build on: who looks, who sends a form, who came by a mail's link."""

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from api.auth import (
    SESSION_COOKIE,
    FormCaller,
    GivenLink,
    PageCaller,
    require_form,
    require_page,
    safe_next,
    session_cookie,
)
from askwatch.links import LeadLink, sign_lead_link
from askwatch.model.expert import Role
from askwatch.model.ids import ExpertId, LeadId
from askwatch.model.lead import FINAL_LEAD_STATES, LeadState
from tests.api.conftest import World
from tests.api.rows import make_expert, put_expert, put_lead, set_lead

SECRET = "s" * 32


@pytest.fixture
def pages(world: World) -> World:
    """Return the application with pages of the test's own."""
    _add_pages(world.app)
    return world


def _add_pages(app: FastAPI) -> None:
    @app.get("/test/page")
    def show(caller: PageCaller) -> str:
        return caller.actor

    @app.post("/test/form")
    def send(caller: FormCaller) -> str:
        return caller.actor

    @app.get("/test/ops", dependencies=[Depends(require_page(Role.OPS))])
    def show_ops() -> str:
        return "ops"

    @app.post("/test/ops", dependencies=[Depends(require_form(Role.OPS))])
    def send_ops() -> str:
        return "ops"

    @app.get("/test/a/{token}")
    @app.post("/test/a/{token}")
    def open_link(found: GivenLink) -> dict[str, str]:
        assert found.caller.roles == {Role.EXPERT}
        return {"actor": found.caller.actor, "lead": found.lead.lead_id}


def test_a_page_leads_to_the_sign_in_page_and_back(pages: World) -> None:
    answer = pages.anonymous().get("/test/page?a=1&b=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/test/page%3Fa%3D1%26b%3D2"
    assert pages.sign_in("bo").get("/test/page").json() == "expert:bo"


def test_a_form_carries_the_token_of_its_session(pages: World) -> None:
    client = pages.sign_in("bo")
    token = client.headers.pop("X-CSRF-Token")
    assert client.post("/test/form", data={"csrf_token": token}).json() == "expert:bo"
    assert client.post("/test/form", headers={"X-CSRF-Token": token}).status_code == 200
    assert client.post("/test/form", data={"csrf_token": "x"}).status_code == 403
    assert client.post("/test/form").status_code == 403
    other = pages.sign_in("bo").headers["X-CSRF-Token"]
    assert client.post("/test/form", data={"csrf_token": other}).status_code == 403


def test_a_form_without_a_session_leads_back_to_its_page(pages: World) -> None:
    headers = {"Referer": "http://testserver/test/page"}
    answer = pages.anonymous().post("/test/form", headers=headers)
    assert answer.headers["location"] == "/sign-in?next=/test/page"


def test_pages_and_forms_are_for_their_roles(pages: World) -> None:
    for person, status in (("bo", 403), ("omar", 200)):
        client = pages.sign_in(person)
        data = {"csrf_token": client.headers["X-CSRF-Token"]}
        assert client.get("/test/ops").status_code == status
        assert client.post("/test/ops", data=data).status_code == status


def make_token(expert_id: str = "astrid", lead_id: str = "lead-1", secret: str = SECRET) -> str:
    return sign_lead_link(secret, LeadLink(ExpertId(expert_id), LeadId(lead_id)))


def test_a_mails_link_opens_one_lead_for_one_expert_without_a_session(pages: World) -> None:
    put_lead(pages.database)
    client = pages.anonymous()
    for method in ("GET", "POST"):
        answer = client.request(method, f"/test/a/{make_token()}")
        assert answer.json() == {"actor": "expert:astrid", "lead": "lead-1"}
    assert SESSION_COOKIE not in client.cookies


@pytest.mark.parametrize("state", sorted(FINAL_LEAD_STATES))
def test_a_mails_link_opens_nothing_once_its_lead_is_final(pages: World, state: LeadState) -> None:
    put_lead(pages.database)
    pages.database.write(lambda tx: set_lead(tx, "lead-1", {"state": state.value}))
    assert pages.anonymous().get(f"/test/a/{make_token()}").status_code == 410


def test_a_link_that_is_not_ours_opens_nothing(pages: World) -> None:
    put_lead(pages.database)
    put_expert(pages.database, make_expert("bo", is_active=False))
    client = pages.anonymous()
    assert client.get(f"/test/a/{make_token(secret='x' * 32)}").status_code == 403
    assert client.get(f"/test/a/{make_token()}x").status_code == 403
    assert client.get(f"/test/a/{make_token('bo')}").status_code == 403
    assert client.get(f"/test/a/{make_token('nobody')}").status_code == 403
    assert client.get(f"/test/a/{make_token(lead_id='nope')}").status_code == 404


def test_writes_by_a_link_are_limited(pages: World) -> None:
    put_lead(pages.database)
    client, path = pages.anonymous(), f"/test/a/{make_token()}"
    assert {client.post(path).status_code for _ in range(60)} == {200}
    assert client.post(path).status_code == 429
    assert client.get(path).status_code == 200


def test_a_browser_gets_a_page_where_a_machine_gets_a_problem(pages: World) -> None:
    client = pages.sign_in("bo")
    machine = client.get("/test/ops")
    browser = client.get("/test/ops", headers={"Accept": "text/html,*/*"})
    assert machine.headers["content-type"] == "application/problem+json"
    assert browser.headers["content-type"].startswith("text/html")
    assert machine.status_code == browser.status_code == 403
    script = client.get("/api/v1/status", headers={"Accept": "text/html"})
    assert script.headers["content-type"] == "application/problem+json"


def test_over_https_cookies_and_browsers_insist_on_it(world: World) -> None:
    secure = world.services.settings.model_copy(update={"base_url": "https://ask.example.com"})
    world.use_settings(secure)
    client = TestClient(world.app, base_url="https://ask.example.com")
    answer = client.get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "Secure" in session_cookie("token", is_secure=True)
    assert "Secure" not in session_cookie("token", is_secure=False)


@pytest.mark.parametrize(
    ("given", "leads_to"),
    [
        ("/feed?q=a", "/feed?q=a"), ("", "/"), ("feed", "/"), ("//x", "/"), ("/\\x", "/"),
        ("/sign-out", "/"), ("/a\tb", "/"), ("http://x/", "/"),
    ],
)  # fmt: skip
def test_the_next_page_is_always_one_of_ours(given: str, leads_to: str) -> None:
    assert safe_next(given) == leads_to
