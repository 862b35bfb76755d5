"""Input that cannot be, on each database: refused with a problem, never a failure of ours."""

import pytest

from tests.api.conftest import World

ZALGO = "h̷̢̛e̸l̶p̴" * 300
RIGHT_TO_LEFT = "\u202eמישהו מכיר"


@pytest.mark.parametrize(
    "path",
    [
        "/leads/%00", "/topics/%00", "/posts/%00", "/sources/a%00b", "/dead-letters/%00",
        "/experts/%00", f"/leads/{'x' * 2_000}", "/leads/%F0%9F%98%80", "/leads/%ff%fe",
        "/audit?object_id=%00", "/leads/..%2f..%2fetc", "/dead-letters?cursor=%00",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_is_refused(any_world: World, path: str) -> None:
    answer = any_world.sign_in("ada").get(f"/api/v1{path}")
    assert answer.status_code in (200, 404, 422)
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_nul_character_is_kept_nowhere_it_does_harm(any_world: World) -> None:
    admin = any_world.sign_in("ada")
    topic = {"topic_id": "vvs", "name": "a\0b"}
    expert = {"expert_id": "cleo", "name": "a\0b", "email": "c@example.com", "team": "t" * 500}
    for answer in (
        admin.put("/api/v1/topics/vvs", json=topic),
        admin.put("/api/v1/experts/cleo", json=expert),
        admin.get("/api/v1/topics"),
        admin.get("/api/v1/experts"),
    ):
        assert answer.status_code in (200, 422)
    headers = {"Idempotency-Key": "k" * 255}
    assert admin.put("/api/v1/me", json={"locale": "da"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "cookie", ["x", "é", "a" * 4_000, "%00", '"'], ids=["short", "accent", "long", "nul", "quote"]
)
def test_a_cookie_that_is_not_ours_is_nobody(any_world: World, cookie: str) -> None:
    header = {b"Cookie": f"askwatch_session={cookie}".encode()}
    answer = any_world.anonymous().get("/api/v1/me", headers=header)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "text",
    ["", " ", ZALGO, RIGHT_TO_LEFT, "a\0b", "<b>" * 100_000],
    ids=["empty", "blank", "zalgo", "right to left", "nul", "bomb"],
)
def test_any_text_may_be_handed_in_or_is_refused(any_world: World, text: str) -> None:
    answer = any_world.sign_in("astrid").post("/api/v1/posts", json={"text": text})
    assert answer.status_code in (202, 422)


def test_a_lone_surrogate_is_refused(any_world: World) -> None:
    headers = {"Content-Type": "application/json"}
    content = b'{"text": "\\ud800"}'
    answer = any_world.sign_in("astrid").post("/api/v1/posts", content=content, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_a_deep_nest_is_refused(any_world: World) -> None:
    headers = {"Content-Type": "application/json"}
    content = b"[" * 100_000 + b"]" * 100_000
    answer = any_world.sign_in("astrid").post("/api/v1/posts", content=content, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
