"""Rejected posts are looked at over the wire, and the miss rate is published."""

from askwatch.state import audit, feedback
from tests.api.conftest import World
from tests.api.rejected import put_rejected


def test_a_miss_is_marked_and_counted(any_world: World) -> None:
    first, second = put_rejected(any_world.database), put_rejected(any_world.database, "2")
    client = any_world.sign_in("sanne")
    found = client.get("/api/v1/misses").json()
    assert (found["rate"]["marked"], found["rate"]["share"]) == (0, None)
    assert (found["rate"]["low"], found["rate"]["high"]) == (0.0, 1.0)
    assert {each["sample_id"] for each in found["posts"]} == {first, second}
    assert client.post(f"/api/v1/misses/{first}", json={"mark": "ask"}).status_code == 200
    rate = client.post(f"/api/v1/misses/{second}", json={"mark": "no_ask"}).json()
    assert (rate["marked"], rate["misses"], rate["share"]) == (2, 1, 0.5)
    assert 0 < rate["low"] < 0.5 < rate["high"] < 1
    assert client.get("/api/v1/misses").json()["posts"] == []
    kinds = any_world.database.read(feedback.count_taps)
    assert {kind.value for kind in kinds} == {"missed", "not_a_lead"}
    (entry,) = any_world.database.read(lambda tx: audit.list_entries(tx, object_id=first))
    assert (entry.action, entry.detail) == ("miss.mark", {"mark": "ask"})


def test_what_is_not_there_or_no_mark_is_refused(world: World) -> None:
    client = world.sign_in("sanne")
    assert client.post("/api/v1/misses/x", json={"mark": "ask"}).status_code == 404
    assert client.post("/api/v1/misses/x", json={"mark": "perhaps"}).status_code == 422
