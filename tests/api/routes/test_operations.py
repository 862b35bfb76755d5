"""Dead letters, status, activity, audit and probes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from askwatch.bus.base import Record
from askwatch.errors import BackendUnavailableError
from askwatch.events import POSTS
from askwatch.state import audit, dead_letters
from tests.api.conftest import World
from tests.api.rows import NOW, put_alert, put_lead


def add_letter(world: World, offset: int = 7) -> str:
    record = Record(
        stream=POSTS, partition=1, offset=offset, key="feed/1", value=b'{"broken \xff',
        headers={"schema": "post/1"}, appended_at=NOW,
    )  # fmt: skip
    return world.database.write(
        lambda tx: dead_letters.add(
            tx, record, group="nlp", reason="broken", trace="Trace", now=NOW
        )
    )


def test_dead_letters_are_listed_page_by_page(world: World) -> None:
    added = {add_letter(world, offset) for offset in range(5)}
    omar = world.sign_in("omar")
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = omar.get("/api/v1/dead-letters", params={"limit": 2, "cursor": cursor}).json()
        seen += [letter["dead_letter_id"] for letter in page["dead_letters"]]
        assert "record" not in page["dead_letters"][0]
        cursor = page["next_cursor"]
    assert (set(seen), len(seen), cursor) == (added, 5, "")
    assert omar.get("/api/v1/dead-letters", params={"state": "lost"}).status_code == 422


def test_a_dead_letter_is_shown_replayed_and_dropped(world: World) -> None:
    identity = add_letter(world)
    omar, path = world.sign_in("omar"), f"/api/v1/dead-letters/{identity}"
    shown = omar.get(path).json()
    assert (shown["record"], shown["trace"]) == ('{"broken \ufffd', "Trace")
    tail = world.bus.tail(POSTS)
    assert omar.post(f"{path}/replay").json()["state"] == "replayed"
    (record,) = tail.poll(max_records=10, timeout_s=1.0)
    tail.close()
    assert (record.key, record.value) == ("feed/1", b'{"broken \xff')
    assert omar.post(f"{path}/drop").json()["state"] == "dropped"
    assert omar.get(path).json()["record"] == ""
    refused = omar.post(f"{path}/replay")
    assert refused.status_code == 409
    assert "erased" in refused.json()["detail"]
    actions = [entry.action.partition(".")[2] for entry in world.database.read(audit.list_entries)]
    assert actions == ["show", "drop", "replay", "show"]


def test_the_status_counts(world: World) -> None:
    put_lead(world.database)
    put_alert(world.database, "astrid")
    add_letter(world)
    found = world.sign_in("omar").get("/api/v1/status").json()
    assert (found["alerts"], found["alerts_by_state"]) == (1, {"notified": 1})
    assert (found["leads"], found["dead_letters"]) == ({"alerting": 1}, 1)


def test_activity_is_of_the_last_week_unless_asked_otherwise(world: World) -> None:
    put_lead(world.database, "old", found_at=NOW - timedelta(days=8))
    put_lead(
        world.database, "new", state="answered", owner_id="astrid", claimed_at=NOW,
        found_at=NOW - timedelta(minutes=9), answered_at=NOW - timedelta(minutes=2),
    )  # fmt: skip
    client = world.sign_in("bo")
    world.clock.advance(1)
    week = client.get("/api/v1/activity").json()
    assert (week["found"], week["answered"], week["time_to_first_answer_s"]) == (1, 1, 420.0)
    assert week["teams"] == [{"team": "Build", "took_part": 1, "people": 2}]
    month = client.get("/api/v1/activity", params={"after": "2026-02-01T00:00:00Z"}).json()
    assert month["found"] == 2
    wrong = client.get("/api/v1/activity", params={"after": "2026-04-01T00:00:00Z"})
    assert (wrong.status_code, wrong.json()["detail"]) == (422, "after must be earlier than before")


def test_the_audit_is_for_administrators(world: World) -> None:
    for name in ("a", "b"):
        world.sign_in("ada").put(f"/api/v1/topics/{name}", json={"topic_id": name, "name": name})
    admin = world.sign_in("ada")
    entries = admin.get("/api/v1/audit", params={"object_id": "a"}).json()["entries"]
    assert [(entry["actor"], entry["action"]) for entry in entries] == [("expert:ada", "topic.put")]
    assert len(admin.get("/api/v1/audit", params={"limit": 1}).json()["entries"]) == 1


def test_a_process_is_alive_whatever_is_away(world: World) -> None:
    world.database.close()
    assert world.anonymous().get("/healthz").json() == {"state": "ok"}


def test_the_service_is_ready_when_all_answer(world: World) -> None:
    answer = world.anonymous().get("/readyz")
    assert (answer.status_code, answer.json()["state"]) == (200, "ok")


def test_without_its_index_the_service_is_degraded(world: World) -> None:
    world.index.error = BackendUnavailableError("index", "refused")
    answer = world.anonymous().get("/readyz")
    assert (answer.status_code, answer.json()["state"]) == (200, "degraded")
    (away,) = [each for each in answer.json()["dependencies"] if not each["is_ok"]]
    assert (away["name"], away["reason"]) == ("index", "index does not answer: refused")


def test_without_its_bus_the_service_is_down(world: World) -> None:
    world.bus.close()
    answer = world.anonymous().get("/readyz")
    assert (answer.status_code, answer.json()["state"]) == (503, "down")


def test_metrics_of_several_processes_are_added_up(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    answer = world.anonymous().get("/metrics", headers={"Accept": "text/plain"})
    assert answer.status_code == 200


def test_times_are_aware(world: World) -> None:
    at = world.sign_in("omar").get("/api/v1/status").json()["at"]
    assert datetime.fromisoformat(at).tzinfo is not None
    assert datetime.fromisoformat(at) == NOW.astimezone(UTC)
