"""Signing in by a one-time link, and out again."""

import logging
from datetime import timedelta

import pytest

from api.auth import SESSION_COOKIE
from askwatch.model.ids import ExpertId
from askwatch.state import audit, sign_in, tables
from tests.api.conftest import World


def make_link(world: World, expert_id: str = "astrid", minutes: int = 20) -> str:
    now = world.clock.now()
    return world.database.write(
        lambda tx: sign_in.create_link(
            tx, ExpertId(expert_id), now=now, duration=timedelta(minutes=minutes)
        )
    )


def test_a_link_signs_in_once_by_a_post(world: World) -> None:
    client, token = world.anonymous(), make_link(world)
    for _ in range(2):  # a mail scanner may look as often as it likes
        shown = client.get(f"/sign-in/{token}", params={"next": "/feed"})
        assert shown.status_code == 200
        assert SESSION_COOKIE not in client.cookies
    done = client.post(f"/sign-in/{token}", data={"next": "/feed"})
    assert (done.status_code, done.headers["location"]) == (303, "/feed")
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/sign-in").headers["location"] == "/"
    again = world.anonymous().post(f"/sign-in/{token}", data={"next": "/"})
    assert again.status_code == 410
    entries = world.database.read(audit.list_entries)
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("expert:astrid", "session.begin")
    ]


def test_an_old_link_signs_nobody_in(world: World) -> None:
    token = make_link(world)
    world.clock.advance(20 * 60)
    assert world.anonymous().get(f"/sign-in/{token}").status_code == 410
    assert world.anonymous().post(f"/sign-in/{token}", data={"next": "/"}).status_code == 410


def test_a_link_of_somebody_who_is_gone_signs_nobody_in(world: World) -> None:
    token = make_link(world, "nobody")
    assert world.anonymous().post(f"/sign-in/{token}").status_code == 410


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "/sign-in"]
)
def test_signing_in_never_leads_to_another_site(world: World, address: str) -> None:
    done = world.anonymous().post(f"/sign-in/{make_link(world)}", data={"next": address})
    assert done.headers["location"] == "/"


def test_a_known_and_an_unknown_address_get_the_same_answer(world: World) -> None:
    known = world.anonymous().post("/sign-in", data={"email": "ASTRID@example.com"})
    unknown = world.anonymous().post("/sign-in", data={"email": "nobody@example.com"})
    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text


def test_a_form_on_another_site_signs_nobody_in(world: World) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    token = make_link(world)
    done = world.anonymous().post(f"/sign-in/{token}", headers=headers)
    assert done.status_code == 403
    asked = world.anonymous().post("/sign-in", data={"email": "a@b"}, headers=headers)
    assert asked.status_code == 403


def test_links_are_sent_to_one_mailbox_only_so_often(world: World) -> None:
    answers = [
        world.anonymous().post("/sign-in", data={"email": email})
        for email in ["astrid@example.com"] * 5 + [" Astrid@example.com"]
    ]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "120"
    assert world.anonymous().post("/sign-in", data={"email": "bo@x"}).status_code == 200
    world.clock.advance(120)
    again = world.anonymous().post("/sign-in", data={"email": "astrid@example.com"})
    assert again.status_code == 200


def test_links_are_tried_from_one_address_only_so_often(world: World) -> None:
    client = world.anonymous()
    tried = [client.post(f"/sign-in/guess-{number}").status_code for number in range(61)]
    assert tried == [410] * 60 + [429]


def test_signing_out_ends_the_session(world: World) -> None:
    client = world.sign_in("astrid")
    refused = client.post("/sign-out", headers={"X-CSRF-Token": ""})
    assert refused.status_code == 403
    done = client.post("/sign-out")
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    assert "Max-Age=0" in done.headers["set-cookie"]
    assert client.get("/sign-in").status_code == 200


def test_a_session_slides_and_ends_after_two_weeks_unused(world: World) -> None:
    client = world.sign_in("astrid")
    world.clock.advance(13 * 86_400)
    slid = client.get("/sign-in")
    assert slid.headers["location"] == "/"
    assert "Max-Age=1209600" in slid.headers["set-cookie"]
    world.clock.advance(13 * 86_400)
    assert client.get("/sign-in").headers["location"] == "/"
    world.clock.advance(15 * 86_400)
    assert client.get("/sign-in").status_code == 200


def test_a_sliding_session_may_be_signed_out(world: World) -> None:
    client = world.sign_in("astrid")
    world.clock.advance(2 * 86_400)
    done = client.post("/sign-out")
    assert "Max-Age=0" in done.headers["set-cookie"]
    assert "Max-Age=1209600" not in done.headers["set-cookie"]


def test_signing_out_without_a_session_leads_to_the_sign_in_page(world: World) -> None:
    done = world.anonymous().post("/sign-out", headers={"Referer": "http://testserver/feed?q=a"})
    assert done.headers["location"] == "/sign-in?next=/feed%3Fq%3Da"
    elsewhere = world.anonymous().post("/sign-out", headers={"Referer": "https://evil.example/x"})
    assert elsewhere.headers["location"] == "/sign-in?next=/"


def test_a_link_that_cannot_be_made_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.database.write(tables.sign_in_links.drop)
    with caplog.at_level(logging.ERROR):
        asked = world.anonymous().post("/sign-in", data={"email": "astrid@example.com"})
    assert asked.status_code == 200
    assert "sign-in link not made" in caplog.text
