"""Every route of the JSON API: nobody gets in without a role, and each role only where it may."""

import pytest
from fastapi.testclient import TestClient

from askwatch.model.expert import Role
from tests.api.conftest import World

E, S, O, A = Role.EXPERT, Role.SALES, Role.OPS, Role.ADMIN  # noqa: E741 - a table of letters
ALL = {E, S, O, A}
PEOPLE = {E: "astrid", S: "sanne", O: "omar", A: "ada"}

MATRIX = [
    ("GET", "/leads", ALL),
    ("GET", "/leads/x", ALL),
    ("POST", "/leads/x/claim", {E, S, A}),
    ("POST", "/leads/x/release", {E, S, A}),
    ("POST", "/leads/x/pass-on", {E, S, A}),
    ("POST", "/leads/x/decline", {E, S, A}),
    ("POST", "/leads/x/snooze", {E, S, A}),
    ("POST", "/leads/x/answered", {E, S, A}),
    ("POST", "/leads/x/promote", {E, S, A}),
    ("POST", "/leads/x/dismiss", {S, A}),
    ("POST", "/leads/x/outcome", {S, A}),
    ("POST", "/leads/x/feedback", {E, S, A}),
    ("GET", "/feedback", {A}),
    ("GET", "/adaptations", {A}),
    ("POST", "/adaptations/1/apply", {A}),
    ("GET", "/backtests", {A}),
    ("POST", "/backtests", {A}),
    ("GET", "/backtests/x", {A}),
    ("GET", "/misses", {S, A}),
    ("POST", "/misses/x", {S, A}),
    ("GET", "/alerts", ALL),
    ("GET", "/posts", ALL),
    ("POST", "/posts", ALL),
    ("GET", "/posts/x", ALL),
    ("DELETE", "/posts/x", ALL),
    ("POST", "/posts/x/text", ALL),
    ("GET", "/me", ALL),
    ("PUT", "/me", ALL),
    ("GET", "/experts", ALL),
    ("GET", "/experts/x", {A}),
    ("PUT", "/experts/x", {A}),
    ("DELETE", "/experts/x", {A}),
    ("GET", "/topics", ALL),
    ("GET", "/topics/x", ALL),
    ("PUT", "/topics/x", {A}),
    ("DELETE", "/topics/x", {A}),
    ("GET", "/sources", {O, A}),
    ("GET", "/sources/x", {O, A}),
    ("PUT", "/sources/x", {O, A}),
    ("POST", "/sources/x/pause", {O, A}),
    ("POST", "/sources/x/resume", {O, A}),
    ("GET", "/dead-letters", {O, A}),
    ("GET", "/dead-letters/x", {O, A}),
    ("POST", "/dead-letters/x/replay", {O, A}),
    ("POST", "/dead-letters/x/drop", {O, A}),
    ("GET", "/status", {O, A}),
    ("GET", "/activity", ALL),
    ("GET", "/audit", {A}),
]


def statuses(clients: dict[Role, TestClient], method: str, path: str) -> dict[Role, int]:
    found = {}
    for role, client in clients.items():
        response = client.request(method, f"/api/v1{path}")
        found[role] = response.status_code
        if response.status_code >= 400:
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["status"] == response.status_code
    return found


def test_each_role_may_do_what_it_is_for_and_no_more(world: World) -> None:
    clients = {role: world.sign_in(person) for role, person in PEOPLE.items()}
    for method, path, allowed in MATRIX:
        found = statuses(clients, method, path)
        refused = {role for role, status in found.items() if status == 403}
        assert refused == ALL - allowed, (method, path)
        assert not {status for status in found.values() if status in (401, 500)}, (method, path)


def test_a_key_may_do_what_its_role_is_for(world: World) -> None:
    clients = {role: world.with_key(role, PEOPLE[role]) for role in Role}
    for method, path, allowed in MATRIX:
        found = statuses(clients, method, path)
        assert {role for role, status in found.items() if status == 403} == ALL - allowed


def test_nothing_is_open_to_nobody(world: World) -> None:
    client = world.anonymous()
    for method, path, _ in [*MATRIX, ("GET", "/events", ALL)]:
        response = client.request(method, f"/api/v1{path}")
        assert response.status_code == 401, (method, path)
        assert response.headers["www-authenticate"] == "Bearer"
        assert "askwatch keys create" in response.json()["detail"]


def test_no_route_is_missing_in_the_table(world: World) -> None:
    paths = world.anonymous().get("/api/v1/openapi.json").json()["paths"]
    described = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in paths.items()
        if path.startswith("/api/v1")
        for method in operations
    }
    names = ("{lead_id}", "{post_id}", "{expert_id}", "{topic_id}", "{source_id}")
    for name in (*names, "{dead_letter_id}", "{backtest_id}", "{sample_id}"):
        described = {(method, path.replace(name, "x")) for method, path in described}
    described = {(method, path.replace("{version}", "1")) for method, path in described}
    assert described == {(method, path) for method, path, _ in MATRIX} | {("GET", "/events")}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_with_a_session_needs_its_token(world: World, method: str) -> None:
    client = world.sign_in("ada")
    for token in ("", "wrong", "æ"):
        headers = {b"X-CSRF-Token": token.encode()}
        path = "/api/v1/sources/x/pause" if method == "POST" else "/api/v1/topics/x"
        response = client.request(method, path, headers=headers)
        assert response.status_code == 403
        assert response.json()["type"] == "urn:askwatch:problem:wrong-csrf-token"


@pytest.mark.parametrize(
    "authorization", ["Bearer ask_unknown", "Bearer", "Basic YTpi", "ask_unknown"]
)
def test_an_unknown_key_opens_nothing_even_with_a_session(world: World, authorization: str) -> None:
    client = world.sign_in("ada")
    response = client.get("/api/v1/me", headers={"Authorization": authorization})
    assert response.status_code == 401
    assert response.json()["detail"] == "this key is unknown or revoked"


def test_a_key_in_nobodys_name_cannot_act_as_somebody(world: World) -> None:
    client = world.with_key(Role.SALES)
    response = client.post("/api/v1/leads/x/claim")
    assert response.status_code == 403
    assert "nobody's name" in response.json()["detail"]


def test_who_is_switched_off_is_out_at_once(world: World) -> None:
    person, key = world.sign_in("astrid"), world.with_key(Role.EXPERT, "astrid")
    assert person.get("/api/v1/me").status_code == key.get("/api/v1/me").status_code == 200
    admin = world.sign_in("ada")
    expert = admin.get("/api/v1/experts/astrid").json() | {"is_active": False}
    assert admin.put("/api/v1/experts/astrid", json=expert).status_code == 200
    assert person.get("/api/v1/me").status_code == key.get("/api/v1/me").status_code == 401


def test_writes_are_limited_by_caller(world: World) -> None:
    client = world.sign_in("omar")
    found = [client.post("/api/v1/sources/x/pause").status_code for _ in range(61)]
    assert set(found[:60]) == {404}
    refused = client.post("/api/v1/sources/x/pause")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert client.get("/api/v1/sources").status_code == 200
    assert world.sign_in("ada").post("/api/v1/sources/x/pause").status_code == 404
    world.clock.advance(1)
    assert client.post("/api/v1/sources/x/pause").status_code == 404
