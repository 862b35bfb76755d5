"""A write that is sent twice with one key."""

import logging

import pytest
from sqlalchemy import select

from askwatch.model.expert import Role
from askwatch.state import idempotency, tables
from tests.api.conftest import World
from tests.api.rows import put_lead

KEY = {"Idempotency-Key": "key-1"}
TOPIC = {"topic_id": "vvs", "name": "VVS"}


def test_the_same_request_has_one_effect_and_one_answer(world: World) -> None:
    put_lead(world.database)
    client = world.sign_in("astrid")
    first = client.post("/api/v1/leads/lead-1/claim", headers=KEY)
    second = client.post("/api/v1/leads/lead-1/claim", headers=KEY)
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["content-security-policy"]
    assert len(world.decisions.calls) == 1


def test_an_entity_tag_is_repeated_too(world: World) -> None:
    client = world.sign_in("ada")
    first, second = (client.put("/api/v1/topics/vvs", json=TOPIC, headers=KEY) for _ in range(2))
    assert first.headers["etag"] == second.headers["etag"]


def test_a_refusal_is_repeated_too(world: World) -> None:
    client = world.sign_in("astrid")
    first = client.post("/api/v1/leads/lead-1/claim", headers=KEY)
    put_lead(world.database)
    second = client.post("/api/v1/leads/lead-1/claim", headers=KEY)
    assert first.status_code == second.status_code == 404
    assert second.headers["content-type"] == "application/problem+json"


def test_another_request_with_the_same_key_is_refused(world: World) -> None:
    client = world.sign_in("ada")
    assert client.put("/api/v1/topics/vvs", json=TOPIC, headers=KEY).status_code == 200
    changed = TOPIC | {"name": "Plumbing"}
    for refused in (
        client.put("/api/v1/topics/vvs", json=changed, headers=KEY),
        client.delete("/api/v1/topics/vvs", headers=KEY),
    ):
        assert refused.status_code == 422
        assert "another request" in refused.json()["detail"]


def test_keys_of_two_callers_do_not_meet(world: World) -> None:
    put_lead(world.database)
    assert (
        world.sign_in("astrid").post("/api/v1/leads/lead-1/claim", headers=KEY).status_code == 200
    )
    late = world.sign_in("bo").post("/api/v1/leads/lead-1/claim", headers=KEY)
    assert late.status_code == 409


def test_a_first_request_that_still_runs_is_not_run_again(world: World) -> None:
    client = world.sign_in("ada")
    client.put("/api/v1/topics/vvs", json=TOPIC, headers=KEY)
    # As it stands while the first one runs.
    world.database.write(
        lambda tx: tx.execute(tables.idempotency_keys.update().values(status=None, body=None))
    )
    again = client.put("/api/v1/topics/vvs", json=TOPIC, headers=KEY)
    assert again.status_code == 409


def test_what_had_no_effect_may_be_tried_again(world: World) -> None:
    put_lead(world.database)
    client = world.sign_in("astrid")
    refused = client.post("/api/v1/leads/lead-1/claim", headers=KEY | {"X-CSRF-Token": "x"})
    assert refused.status_code == 403
    assert client.post("/api/v1/leads/lead-1/claim", headers=KEY).status_code == 200


def test_an_unexpected_error_is_not_kept(world: World) -> None:
    client = world.sign_in("astrid")
    world.desk.error = ValueError("broken")
    with pytest.raises(ValueError, match="broken"):
        client.post("/api/v1/posts", json={"text": "Kender nogen"}, headers=KEY)
    world.desk.error = None
    done = client.post("/api/v1/posts", json={"text": "Kender nogen"}, headers=KEY)
    assert done.status_code == 202


def test_a_key_that_cannot_be_is_refused(world: World) -> None:
    client = world.sign_in("ada")
    for key in ("", "k" * 256, "a\tb"):
        refused = client.put("/api/v1/topics/vvs", json=TOPIC, headers={"Idempotency-Key": key})
        assert refused.status_code == 422


def test_nobody_leaves_no_trace(world: World) -> None:
    client = world.anonymous()
    assert client.post("/api/v1/leads/lead-1/claim", headers=KEY).status_code == 401
    bad = KEY | {"Authorization": "Bearer ask_x"}
    assert client.post("/api/v1/leads/lead-1/claim", headers=bad).status_code == 401
    stored = world.database.read(lambda tx: tx.execute(select(tables.idempotency_keys)).all())
    assert stored == []


def test_an_answer_that_cannot_be_kept_is_still_given(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    put_lead(world.database)
    client = world.with_key(Role.EXPERT, "astrid")

    def drop_table() -> None:
        world.database.write(tables.idempotency_keys.drop)

    world.decisions.before_claim = drop_table
    with caplog.at_level(logging.WARNING):
        done = client.post("/api/v1/leads/lead-1/claim", headers=KEY)
    assert done.status_code == 200
    assert "answer not kept" in caplog.text


def test_keys_are_kept_for_a_day(world: World) -> None:
    client = world.sign_in("ada")
    client.put("/api/v1/topics/vvs", json=TOPIC, headers=KEY)
    world.clock.advance(idempotency.KEPT_FOR.total_seconds() + 1)
    again = client.put("/api/v1/topics/vvs", json=TOPIC, headers=KEY)
    assert "idempotency-replayed" not in again.headers
