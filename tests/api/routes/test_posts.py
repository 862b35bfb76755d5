"""Posts that people hand in."""

from askwatch.model.expert import Role
from askwatch.state import audit
from tests.api.conftest import World

PATH = "/api/v1/posts"


def test_a_link_and_a_text_are_taken(world: World) -> None:
    client = world.sign_in("astrid")
    link = client.post(PATH, json={"url": "https://www.linkedin.com/posts/1"})
    assert (link.status_code, link.json()["state"]) == (202, "fetching")
    text = client.post(PATH, json={"text": "Kender nogen en god VVS'er?"})
    assert (text.status_code, text.json()["state"]) == (202, "received")
    listed = client.get(PATH).json()["posts"]
    assert {post["id"] for post in listed} == {link.json()["id"], text.json()["id"]}
    assert len(client.get(PATH, params={"limit": 1}).json()["posts"]) == 1
    entries = world.database.read(audit.list_entries)
    assert [entry.action for entry in entries] == ["post.hand_in"] * 2


def test_the_text_of_a_link_is_added_and_the_post_taken_back(world: World) -> None:
    client = world.sign_in("astrid")
    identity = client.post(PATH, json={"url": "https://example.com/1"}).json()["id"]
    added = client.post(f"{PATH}/{identity}/text", json={"text": "Kender nogen en VVS'er?"})
    assert (added.status_code, added.json()["state"]) == (202, "received")
    twice = client.post(f"{PATH}/{identity}/text", json={"text": "Kender nogen en VVS'er?"})
    assert twice.status_code == 409
    assert client.delete(f"{PATH}/{identity}").status_code == 204
    shown = client.get(f"{PATH}/{identity}").json()
    assert (shown["state"], shown["url"], shown["lead_id"]) == (
        "withdrawn", "https://example.com/1", None,
    )  # fmt: skip


def test_what_others_handed_in_is_not_there(world: World) -> None:
    identity = world.sign_in("astrid").post(PATH, json={"text": "Kender nogen?"}).json()["id"]
    other = world.sign_in("bo")
    for answer in (
        other.get(f"{PATH}/{identity}"),
        other.delete(f"{PATH}/{identity}"),
        other.post(f"{PATH}/{identity}/text", json={"text": "x"}),
    ):
        assert answer.status_code == 404
    assert other.get(PATH).json()["posts"] == []


def test_nothing_and_nobody_are_refused(world: World) -> None:
    client = world.sign_in("astrid")
    assert client.post(PATH, json={}).status_code == 422
    assert client.post(PATH, json={"text": "x", "mood": "sad"}).status_code == 422
    assert client.post(f"{PATH}/x/text", json={"text": ""}).status_code == 422
    assert world.with_key(Role.OPS).post(PATH, json={"text": "x"}).status_code == 403
