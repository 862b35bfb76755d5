"""Experts, and the caller."""

from datetime import timedelta
from typing import Any

from askwatch.model.expert import Role
from askwatch.model.ids import ExpertId
from askwatch.state import api_keys, audit, sign_in
from tests.api.conftest import World


def test_the_caller_is_told_who_they_are(world: World) -> None:
    me = world.sign_in("astrid").get("/api/v1/me").json()
    assert (me["actor"], me["roles"], me["expert"]["team"]) == (
        "expert:astrid", ["expert"], "Build",
    )  # fmt: skip
    assert len(me["csrf_token"]) > 40
    key = world.with_key(Role.SALES).get("/api/v1/me").json()
    assert key["actor"].startswith("key:")
    assert (key["roles"], key["expert"], key["csrf_token"]) == (["sales"], None, "")


def test_people_change_what_is_known_of_them_but_not_their_roles(world: World) -> None:
    client = world.sign_in("astrid")
    changed = client.put("/api/v1/me", json={"hours": {"mon": ["09:00-12:00"]}, "locale": "da"})
    assert changed.status_code == 200
    me = client.get("/api/v1/me").json()["expert"]
    assert (me["hours"], me["locale"], me["team"]) == ({"mon": ["09:00-12:00"]}, "da", "Build")
    for body in ({"roles": ["admin"]}, {"email": "a@b"}, {"locale": "xx"}, {"daily_cap": -1}):
        assert client.put("/api/v1/me", json=body).status_code == 422, body
    wrong = client.put("/api/v1/me", json={"timezone": "Mars/Olympus"})
    assert wrong.status_code == 422
    assert "timezone" in wrong.json()["detail"]
    (entry,) = world.database.read(audit.list_entries)
    assert (entry.actor, entry.action) == ("expert:astrid", "expert.put")


def test_everybody_sees_who_is_there_but_not_everything_of_them(world: World) -> None:
    listed = world.sign_in("bo").get("/api/v1/experts").json()["experts"]
    assert [expert["expert_id"] for expert in listed] == ["ada", "astrid", "bo", "omar", "sanne"]
    assert "email" not in listed[0]
    assert world.sign_in("bo").get("/api/v1/experts/bo").json()["email"] == "bo@example.com"
    assert world.sign_in("bo").get("/api/v1/experts/astrid").status_code == 403


def make_body(**changes: object) -> dict[str, Any]:
    body = {"expert_id": "cleo", "name": "Cleo", "email": "cleo@example.com"}
    return body | changes


def test_an_administrator_adds_changes_and_removes_people(world: World) -> None:
    admin = world.sign_in("ada")
    added = admin.put("/api/v1/experts/cleo", json=make_body())
    assert added.status_code == 200
    etag = added.headers["etag"]
    assert admin.get("/api/v1/experts/cleo").headers["etag"] == etag
    client, key = world.sign_in("cleo"), world.with_key(Role.EXPERT, "cleo")
    named = admin.put(
        "/api/v1/experts/cleo", json=make_body(name="Cleo C"), headers={"If-Match": etag}
    )
    assert named.json()["name"] == "Cleo C"
    late = admin.delete("/api/v1/experts/cleo", headers={"If-Match": etag})
    assert late.status_code == 412
    assert admin.delete("/api/v1/experts/cleo").status_code == 204
    assert client.get("/api/v1/me").status_code == key.get("/api/v1/me").status_code == 401
    assert [each.is_revoked for each in world.database.read(api_keys.list_keys)] == [True]
    assert admin.delete("/api/v1/experts/cleo").status_code == 404
    actions = [entry.action for entry in world.database.read(audit.list_entries)]
    assert actions == ["expert.remove", "expert.put", "expert.put"]


def test_an_expert_that_cannot_be_is_refused(world: World) -> None:
    admin = world.sign_in("ada")
    other = admin.put("/api/v1/experts/dan", json=make_body())
    assert (other.status_code, "in the address" in other.json()["detail"]) == (422, True)
    taken = admin.put("/api/v1/experts/cleo", json=make_body(email="BO@example.com"))
    assert (taken.status_code, taken.json()["detail"]) == (409, "Bo has this address already")
    new = admin.put("/api/v1/experts/cleo", json=make_body(), headers={"If-Match": '"x"'})
    assert new.status_code == 404
    assert admin.put("/api/v1/experts/cleo", json=make_body(email="x")).status_code == 422
    assert admin.delete("/api/v1/experts/ada").status_code == 409


def test_an_address_of_somebody_switched_off_is_free(world: World) -> None:
    admin = world.sign_in("ada")
    switched_off = make_body(email="bo@example.com", is_active=False)
    assert admin.put("/api/v1/experts/cleo", json=switched_off).status_code == 200


def test_who_is_switched_off_keeps_no_way_in(world: World) -> None:
    now = world.clock.now()
    token = world.database.write(
        lambda tx: sign_in.create_link(tx, ExpertId("bo"), now=now, duration=timedelta(minutes=20))
    )
    admin = world.sign_in("ada")
    body = admin.get("/api/v1/experts/bo").json() | {"is_active": False}
    admin.put("/api/v1/experts/bo", json=body)
    assert world.anonymous().post(f"/sign-in/{token}").status_code == 410


def test_a_link_of_somebody_switched_off_elsewhere_signs_nobody_in(world: World) -> None:
    from tests.api.rows import make_expert, put_expert

    now = world.clock.now()
    put_expert(world.database, make_expert("bo", is_active=False))
    token = world.database.write(
        lambda tx: sign_in.create_link(tx, ExpertId("bo"), now=now, duration=timedelta(minutes=20))
    )
    assert world.anonymous().post(f"/sign-in/{token}").status_code == 410
