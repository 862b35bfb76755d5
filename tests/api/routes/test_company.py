"""Topics and sources."""

from datetime import date
from typing import Any

import pytest

from askwatch.model.ids import SourceId
from askwatch.model.source import Permission, Source, SourceKind
from askwatch.state import audit, sources
from tests.api.conftest import World
from tests.api.rows import NOW

TOPIC = {"topic_id": "vvs", "name": "Plumbing", "names": {"da": "VVS"}, "phrases": ["VVS'er"]}


def test_an_administrator_adds_changes_and_removes_topics(world: World) -> None:
    admin, expert = world.sign_in("ada"), world.sign_in("astrid")
    added = admin.put("/api/v1/topics/vvs", json=TOPIC)
    assert added.status_code == 200
    shown = expert.get("/api/v1/topics/vvs")
    assert (shown.json()["names"], shown.headers["etag"]) == (
        {"da": "VVS"}, added.headers["etag"],
    )  # fmt: skip
    assert [each["topic_id"] for each in expert.get("/api/v1/topics").json()["topics"]] == ["vvs"]
    match = {"If-Match": added.headers["etag"]}
    changed = admin.put("/api/v1/topics/vvs", json=TOPIC | {"wants": "both"}, headers=match)
    assert changed.json()["wants"] == "both"
    assert admin.put("/api/v1/topics/vvs", json=TOPIC, headers=match).status_code == 412
    assert admin.delete("/api/v1/topics/vvs", headers=match).status_code == 412
    assert admin.delete("/api/v1/topics/vvs").status_code == 204
    assert admin.delete("/api/v1/topics/vvs").status_code == 404
    assert expert.get("/api/v1/topics/vvs").status_code == 404
    actions = [entry.action for entry in world.database.read(audit.list_entries)]
    assert actions == ["topic.remove", "topic.put", "topic.put"]


def test_a_topic_that_cannot_be_is_refused(world: World) -> None:
    admin = world.sign_in("ada")
    assert admin.put("/api/v1/topics/other", json=TOPIC).status_code == 422
    assert admin.put("/api/v1/topics/vvs", json=TOPIC | {"name": ""}).status_code == 422
    assert admin.put("/api/v1/topics/vvs", json=TOPIC | {"colour": "red"}).status_code == 422


def make_feed(**changes: object) -> dict[str, Any]:
    body: dict[str, Any] = {
        "source_id": "feed", "kind": "feed", "name": "A feed",
        "url": "https://example.com/feed.xml", "options": {"interval_s": 300},
        "permission": {
            "permission_basis": "public feed", "approved_by": "Ada", "approved_on": "2026-01-05",
        },
    }  # fmt: skip
    return body | changes


def test_a_source_is_added_paused_and_resumed_by_operations(world: World) -> None:
    omar = world.sign_in("omar")
    added = omar.put("/api/v1/sources/feed", json=make_feed())
    assert added.status_code == 200
    assert added.json()["status"]["state"] == "idle"
    paused = omar.post("/api/v1/sources/feed/pause").json()
    assert (paused["source"]["is_paused"], paused["status"]["state"]) == (True, "paused")
    resumed = omar.post("/api/v1/sources/feed/resume").json()
    assert resumed["source"]["is_paused"] is False
    (listed,) = omar.get("/api/v1/sources").json()["sources"]
    assert listed["source"]["permission"]["approved_by"] == "Ada"
    match = {"If-Match": added.headers["etag"]}
    named = omar.put("/api/v1/sources/feed", json=make_feed(name="The feed"), headers=match)
    assert named.json()["source"]["name"] == "The feed"
    late = omar.put("/api/v1/sources/feed", json=make_feed(), headers=match)
    assert late.status_code == 412
    assert omar.get("/api/v1/sources/feed").headers["etag"] == named.headers["etag"]
    actions = [entry.action for entry in world.database.read(audit.list_entries)]
    assert actions == ["source.put", "source.resume", "source.pause", "source.put"]


@pytest.mark.parametrize(
    "changes",
    [
        {"source_id": "other"},
        {"url": "file:///etc/passwd"},
        {"url": ""},
        {"kind": "replay", "options": {"path": "/etc/passwd"}},
        {"kind": "hand_in", "url": ""},
        {"permission": {"permission_basis": ""}},
        {"colour": "red"},
    ],
)
def test_a_source_that_cannot_be_is_refused(world: World, changes: dict[str, Any]) -> None:
    answer = world.sign_in("omar").put("/api/v1/sources/feed", json=make_feed(**changes))
    assert answer.status_code == 422
    assert world.database.read(sources.list_sources) == []


def test_a_replay_keeps_its_file_whatever_is_asked(world: World) -> None:
    source = Source(
        source_id=SourceId("demo"),
        kind=SourceKind.REPLAY,
        name="Demonstration",
        options={"path": "demo.jsonl"},
        permission=Permission(
            permission_basis="own", approved_by="Ada", approved_on=date(2026, 1, 5)
        ),
    )
    world.database.write(lambda tx: sources.put_source(tx, source, now=NOW))
    omar = world.sign_in("omar")
    body = source.model_dump(mode="json")
    renamed = omar.put("/api/v1/sources/demo", json=body | {"name": "Demo"})
    assert renamed.json()["source"]["name"] == "Demo"
    moved = omar.put("/api/v1/sources/demo", json=body | {"options": {"path": "/etc/passwd"}})
    assert moved.status_code == 422
    turned = make_feed(source_id="demo", options={"path": "/etc/passwd"})
    assert omar.put("/api/v1/sources/demo", json=turned).status_code == 422
