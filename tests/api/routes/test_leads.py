"""The feed, and one lead."""

from datetime import UTC, datetime, timedelta

import pytest

from askwatch.errors import InvalidRequestError
from askwatch.model.expert import Role
from askwatch.search.query import LeadHit, LeadPage, SortField
from tests.api.conftest import World
from tests.api.fakes import make_document
from tests.api.rows import NOW, TEXT, put_alert, put_lead


def test_the_feed_shows_what_the_index_finds(world: World) -> None:
    hit = LeadHit(make_document("lead-1", topic_ids=("plumbing",)), highlights=((0, 6),))
    world.index.page = LeadPage(
        hits=(hit,), total=7, next_cursor="next", facets={"lang": {"da": 7}}
    )
    found = world.sign_in("astrid").get("/api/v1/leads").json()
    assert (found["total"], found["next_cursor"]) == (7, "next")
    assert found["facets"] == {"lang": {"da": 7}}
    (lead,) = found["leads"]
    assert (lead["lead_id"], lead["topic_ids"]) == ("lead-1", ["plumbing"])
    assert lead["highlights"] == [[0, 6]]


def test_a_question_reaches_the_index_as_it_was_asked(world: World) -> None:
    client = world.with_key(Role.SALES)
    answer = client.get(
        "/api/v1/leads",
        params=[
            ("q", "keycloak hosting"), ("q_lang", "en"), ("state", "pooled"), ("state", "new"),
            ("topic_ids", "identity"), ("found_after", "2026-03-01T00:00:00Z"),
            ("found_before", "2026-03-02T01:00:00+01:00"), ("min_probability", "0.4"),
            ("sort", "value"), ("order", "asc"), ("limit", "10"), ("cursor", "abc"),
            ("facets", "true"),
        ],
    )  # fmt: skip
    assert answer.status_code == 200
    (question,) = world.index.questions
    assert question.text == "keycloak hosting"
    assert question.filters == {"state": ("pooled", "new"), "topic_ids": ("identity",)}
    assert question.found_after == datetime(2026, 3, 1, tzinfo=UTC)
    assert question.found_before == datetime(2026, 3, 2, tzinfo=UTC)
    assert (question.min_probability, question.sort, question.descending) == (
        0.4, SortField.VALUE, False,
    )  # fmt: skip
    assert (question.limit, question.cursor, question.with_facets, question.lang) == (
        10, "abc", True, "en",
    )  # fmt: skip


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"}, {"limit": "201"}, {"order": "up"}, {"found_after": "2026-03-01T00:00:00"},
        {"min_probability": "2"}, {"colour": "red"},
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_is_refused(world: World, params: dict[str, str]) -> None:
    answer = world.sign_in("astrid").get("/api/v1/leads", params=params)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_what_the_index_refuses_is_told(world: World) -> None:
    world.index.error = InvalidRequestError("the cursor is from another question")
    answer = world.sign_in("astrid").get("/api/v1/leads", params={"cursor": "x"})
    assert (answer.status_code, answer.json()["detail"]) == (
        422, "the cursor is from another question",
    )  # fmt: skip


def test_a_lead_shows_what_was_asked_and_why_it_was_found(world: World) -> None:
    put_lead(world.database)
    answer = world.sign_in("bo").get("/api/v1/leads/lead-1")
    lead = answer.json()
    assert answer.headers["etag"] == '"3"'
    assert (lead["text"], lead["author_name"], lead["place"]) == (TEXT, "Mette", "r/aarhus")
    assert lead["reasons"][0]["text"] == "Kender nogen"
    assert lead["entities"][0]["kind"] == "place"
    assert lead["topics"] == [{"topic_id": "plumbing", "probability": 0.8}]
    assert (lead["told"], lead["my_alert"], lead["owner_name"]) == ([], None, "")
    assert lead["value_terms"] == {"b2b": 1.0}
    assert "author_hash" not in lead


def test_a_lead_says_who_was_told_but_not_how_they_decided(world: World) -> None:
    put_lead(world.database, state="claimed", owner_id="bo", claimed_at=NOW)
    put_alert(world.database, "astrid", state="declined", decline_reason="busy")
    put_alert(world.database, "bo", state="accepted", notified_at=None, seen_at=NOW)
    put_alert(world.database, "gone")
    put_alert(world.database, "sanne", state="planned", notified_at=None)
    lead = world.sign_in("bo").get("/api/v1/leads/lead-1").json()
    told = {(each["expert_id"], each["name"]) for each in lead["told"]}
    assert told == {("astrid", "Astrid"), ("bo", "Bo"), ("gone", "gone")}
    assert "declined" not in str(lead["told"])
    assert lead["owner_name"] == "Bo"
    assert lead["my_alert"]["state"] == "accepted"
    assert lead["my_alert"]["because"] == [{"kind": "skill", "values": ["VVS"]}]


def test_a_withdrawn_lead_is_gone(world: World) -> None:
    put_lead(world.database, state="withdrawn", text="")
    answer = world.sign_in("bo").get("/api/v1/leads/lead-1")
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:askwatch:problem:gone")


def test_only_my_alerts_are_listed_with_their_leads(world: World) -> None:
    for lead_id in ("lead-1", "lead-2"):
        put_lead(world.database, lead_id)
    put_lead(world.database, "lead-3", state="withdrawn", text="")
    put_alert(world.database, "astrid", "lead-1", planned_at=NOW - timedelta(minutes=1))
    put_alert(world.database, "astrid", "lead-2", state="declined", decline_reason="busy")
    put_alert(world.database, "astrid", "lead-3")
    put_alert(world.database, "bo", "lead-2")
    client = world.sign_in("astrid")
    (mine,) = client.get("/api/v1/alerts").json()["alerts"]
    assert (mine["alert"]["lead_id"], mine["lead"]["text"]) == ("lead-1", TEXT)
    answer = client.get("/api/v1/alerts", params={"state": ["declined", "notified"]})
    listed = [each["alert"]["lead_id"] for each in answer.json()["alerts"]]
    assert listed == ["lead-2", "lead-1"]
    assert client.get("/api/v1/alerts", params={"state": "asleep"}).status_code == 422
    assert world.with_key(Role.EXPERT).get("/api/v1/alerts").status_code == 403
