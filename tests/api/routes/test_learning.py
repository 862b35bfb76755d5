"""Taps, adaptations and back-tests over the wire."""

import pytest

from askwatch.model.adaptation import Adaptation
from askwatch.model.backtest import BacktestResult
from askwatch.model.ids import TopicId
from askwatch.model.topic import Topic
from askwatch.state import adaptations, audit, backtests, feedback, topics
from askwatch.state.engine import Database
from tests.api.conftest import World
from tests.api.rows import NOW, put_lead

LEAD = "/api/v1/leads/lead-1/feedback"


@pytest.fixture
def told(world: World) -> World:
    """Return a world with one lead and one topic."""
    topic = Topic(topic_id=TopicId("plumbing"), name="Plumbing")
    world.database.write(lambda tx: topics.put_topic(tx, topic, now=NOW))
    put_lead(world.database)
    return world


def publish(database: Database, shift: float) -> int:
    content = Adaptation(alert_shift=shift)
    row = database.write(
        lambda tx: adaptations.add(
            tx, content, is_better=True, figures={"taps": 20}, actor="cli", now=NOW
        )
    )
    return row.version


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "not_a_lead"},
        {"kind": "wrong_topic"},
        {"kind": "wrong_topic", "topic_id": "plumbing"},
        {"kind": "wrong_kind", "asked_for": "candidate"},
        {"kind": "missed_entity", "note": "they use another product"},
    ],
)
def test_an_expert_says_what_is_wrong(told: World, body: dict[str, str]) -> None:
    answer = told.sign_in("bo").post(LEAD, json=body)
    assert answer.status_code == 201
    assert answer.json() == {"lead_id": "lead-1", "kinds": [body["kind"]]}
    (tap,) = told.database.read(feedback.list_taps)
    assert (tap.given_by, tap.lead_id, tap.features.probability) == ("expert:bo", "lead-1", 0.9)
    (entry,) = told.database.read(lambda tx: audit.list_entries(tx, object_id="lead-1"))
    assert (entry.action, entry.actor) == ("lead.feedback", "expert:bo")
    assert "another product" not in str(entry.detail)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "wanted"}, 422),
        ({"kind": "wrong_kind"}, 422),
        ({"kind": "not_a_lead", "asked_for": "none"}, 422),
        ({"kind": "not_a_lead", "topic_id": "plumbing"}, 422),
        ({"kind": "not_a_lead", "note": "x"}, 422),
        ({"kind": "wrong_topic", "topic_id": "nothing"}, 404),
        ({}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(told: World, body: dict[str, str], status: int) -> None:
    assert told.sign_in("bo").post(LEAD, json=body).status_code == status
    assert told.database.read(feedback.list_taps) == []


def test_nothing_can_be_said_of_what_is_erased(world: World) -> None:
    put_lead(world.database, state="dismissed")
    client = world.sign_in("bo")
    assert client.post(LEAD, json={"kind": "not_a_lead"}).status_code == 410
    assert client.post("/api/v1/leads/x/feedback", json={"kind": "not_a_lead"}).status_code == 404


def test_an_administrator_sees_how_much_there_is_to_learn_from(told: World) -> None:
    told.sign_in("bo").post(LEAD, json={"kind": "not_a_lead"})
    told.sign_in("sanne").post(LEAD, json={"kind": "not_a_lead"})
    found = told.sign_in("ada").get("/api/v1/feedback").json()
    assert found == {"taps": 2, "kinds": {"not_a_lead": 2}}


def test_what_was_learned_is_shown_and_an_earlier_version_applied(world: World) -> None:
    publish(world.database, 0.1)
    publish(world.database, 0.2)
    client = world.sign_in("ada")
    found = client.get("/api/v1/adaptations").json()
    assert found["champion"] == 2
    assert [each["state"] for each in found["adaptations"]] == ["champion", "retired"]
    assert client.post("/api/v1/adaptations/1/apply").json() == {"version": 1}
    assert client.post("/api/v1/adaptations/0/apply").json() == {"version": 0}
    assert client.get("/api/v1/adaptations").json()["champion"] is None
    assert client.post("/api/v1/adaptations/7/apply").status_code == 404
    entries = world.database.read(lambda tx: audit.list_entries(tx, object_id="adaptation"))
    assert entries[0].actor == "expert:ada"


def test_a_backtest_is_asked_for_and_shown_when_it_is_done(world: World) -> None:
    client = world.sign_in("ada")
    asked = client.post("/api/v1/backtests", json={"alert": 0.9, "most_posts": 100})
    assert asked.status_code == 202
    path = f"/api/v1/backtests/{asked.json()['backtest_id']}"
    assert client.get(path).json()["state"] == "waiting"
    taken = world.database.write(lambda tx: backtests.take(tx, now=NOW, duration_s=60))
    assert taken is not None
    result = BacktestResult(posts=3, cut="stopped after 3 posts")
    world.database.write(lambda tx: backtests.finish(tx, taken.backtest_id, result, now=NOW))
    found = client.get(path).json()
    assert (found["state"], found["result"]["cut"]) == ("done", "stopped after 3 posts")
    assert [each["state"] for each in client.get("/api/v1/backtests").json()["backtests"]] == [
        "done"
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"most_posts": 0}, 422),
        ({"most_posts": 10_000_000}, 422),
        ({"most_seconds": 3_600}, 422),
        ({"alert": 1.5}, 422),
        ({"adaptation": 4}, 404),
    ],
)
def test_a_backtest_without_bounds_or_sense_is_refused(
    world: World, body: dict[str, float], status: int
) -> None:
    assert world.sign_in("ada").post("/api/v1/backtests", json=body).status_code == status


def test_no_more_than_a_few_backtests_wait(world: World) -> None:
    client = world.sign_in("ada")
    found = [client.post("/api/v1/backtests", json={}).status_code for _ in range(6)]
    assert found == [202] * 5 + [409]
