"""The API over the real desk, decisions and index, as it runs embedded."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.app import create_app
from askwatch.events import POSTS, PostRecord
from askwatch.projection import reindex
from askwatch.search.sqlite import SqliteIndex
from askwatch.state import audit
from collectors.desk import Desk
from router.decisions import RouterDecisions
from tests.api.conftest import World
from tests.api.rows import put_alert, put_lead

CLAIMS = 12


@pytest.fixture
def whole(world: World, tmp_path: Path) -> Iterator[World]:
    services = world.services
    index = SqliteIndex(tmp_path / "search.db", clock=world.clock)
    index.ensure()
    desk = Desk(
        database=world.database, bus=world.bus, settings=services.settings, clock=world.clock
    )
    decisions = RouterDecisions(
        database=world.database, settings=services.settings, clock=world.clock
    )
    world.services = replace(services, index=index, desk=desk, decisions=decisions)
    world.app = create_app(world.services)
    yield world
    desk.close()
    index.close()


def test_the_feed_finds_another_inflection(whole: World) -> None:
    put_lead(whole.database, text="Hvem kender dygtige tømrere i Aarhus?", lang="da")
    put_lead(whole.database, "lead-2", text="Søger en revisor", lang="da", state="pooled")
    reindex(
        database=whole.database, index=whole.services.index, clock=whole.clock,
        on_progress=lambda _count: None,
    )  # fmt: skip
    client = whole.sign_in("sanne")
    found = client.get("/api/v1/leads", params={"q": "dygtig tømrer", "facets": "true"}).json()
    assert [lead["lead_id"] for lead in found["leads"]] == ["lead-1"]
    assert found["leads"][0]["highlights"]
    assert found["facets"]["state"] == {"alerting": 1}
    pages = client.get("/api/v1/leads", params={"limit": 1}).json()
    second = client.get("/api/v1/leads", params={"limit": 1, "cursor": pages["next_cursor"]})
    ids = {lead["lead_id"] for lead in (*pages["leads"], *second.json()["leads"])}
    assert (ids, second.json()["next_cursor"]) == ({"lead-1", "lead-2"}, "")
    assert client.get("/api/v1/leads", params={"cursor": "x"}).status_code == 422


def test_of_many_claims_at_once_one_wins_and_all_others_hear_who(whole: World) -> None:
    put_lead(whole.database)
    for expert_id in ("astrid", "bo"):
        put_alert(whole.database, expert_id)
    clients = [whole.sign_in(("astrid", "bo")[number % 2]) for number in range(CLAIMS)]
    barrier = threading.Barrier(CLAIMS)
    answers: dict[int, tuple[int, dict[str, object]]] = {}

    def claim(number: int) -> None:
        barrier.wait()
        answer = clients[number].post("/api/v1/leads/lead-1/claim")
        answers[number] = (answer.status_code, answer.json())

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(CLAIMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lead = whole.sign_in("ada").get("/api/v1/leads/lead-1").json()
    winner = lead["owner_id"]
    assert winner in ("astrid", "bo")
    for number, (status, body) in answers.items():
        if ("astrid", "bo")[number % 2] == winner:
            assert status == 200  # the same person's other taps are fine
        else:
            assert (status, body["owner"]) == (
                409, {"expert_id": winner, "name": lead["owner_name"]},
            )  # fmt: skip
    actions = [entry.action for entry in whole.database.read(audit.list_entries)]
    assert "lead.claim" in actions


def test_a_claimed_lead_is_answered_and_closed(whole: World) -> None:
    put_lead(whole.database)
    put_alert(whole.database, "astrid")
    astrid = whole.sign_in("astrid")
    assert astrid.post("/api/v1/leads/lead-1/claim").json()["owner_name"] == "Astrid"
    body = {"answer_url": "https://example.com/a", "disclosed": "yes"}
    assert astrid.post("/api/v1/leads/lead-1/answered", json=body).json()["state"] == "answered"
    closed = whole.sign_in("sanne").post("/api/v1/leads/lead-1/outcome", json={"outcome": "won"})
    assert closed.json()["state"] == "closed"
    assert astrid.post("/api/v1/leads/lead-1/claim").status_code == 410


def test_a_text_that_is_handed_in_reaches_the_stream_of_posts(whole: World) -> None:
    tail = whole.bus.tail(POSTS)
    client = whole.sign_in("astrid")
    body = {"text": "Er der nogen der kender en god VVS'er i Aarhus?"}
    handed = client.post("/api/v1/posts", json=body, headers={"Idempotency-Key": "k"}).json()
    (record,) = tail.poll(max_records=10, timeout_s=5.0)
    tail.close()
    post = PostRecord.from_bytes(record.value).post
    assert post is not None
    assert (post.text, post.handed_in_by) == (body["text"], "astrid")
    assert client.get(f"/api/v1/posts/{handed['id']}").json()["state"] == "received"
    assert client.post("/api/v1/posts", json={"text": "kort"}).status_code == 422
    assert client.post("/api/v1/posts", json={"url": "ftp://x"}).status_code == 422
