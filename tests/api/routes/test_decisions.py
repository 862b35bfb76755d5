"""What people decide about a lead."""

from datetime import timedelta

import pytest

from askwatch.model.expert import Role
from tests.api.conftest import World
from tests.api.rows import NOW, put_lead

PATH = "/api/v1/leads/lead-1"


def test_one_wins_and_the_other_is_told_who(world: World) -> None:
    put_lead(world.database)
    won = world.sign_in("astrid").post(f"{PATH}/claim")
    assert won.json() == {
        "lead_id": "lead-1", "state": "claimed", "revision": 4, "owner_id": "astrid",
        "owner_name": "Astrid",
    }  # fmt: skip
    lost = world.sign_in("bo").post(f"{PATH}/claim")
    assert lost.status_code == 409
    problem = lost.json()
    assert problem["type"] == "urn:askwatch:problem:already-claimed"
    assert problem["owner"] == {"expert_id": "astrid", "name": "Astrid"}
    assert problem["detail"] == "Astrid has taken it already"
    again = world.sign_in("astrid").post(f"{PATH}/claim")
    assert again.status_code == 200


def test_a_key_claims_in_its_experts_name_and_the_audit_knows_the_key(world: World) -> None:
    put_lead(world.database)
    claimed = world.with_key(Role.EXPERT, "bo").post(f"{PATH}/claim")
    assert claimed.json()["owner_name"] == "Bo"
    (call,) = world.decisions.calls
    assert call[:3] == ("claim", "lead-1", "bo")
    assert str(call[3]).startswith("key:")


def test_a_lead_is_given_back_passed_on_and_answered(world: World) -> None:
    put_lead(world.database)
    astrid, bo = world.sign_in("astrid"), world.sign_in("bo")
    astrid.post(f"{PATH}/claim")
    back = astrid.post(f"{PATH}/release").json()
    assert (back["state"], back["owner_id"], back["owner_name"]) == ("alerting", None, "")
    astrid.post(f"{PATH}/claim")
    passed = astrid.post(f"{PATH}/pass-on", json={"to": "bo"}).json()
    assert passed["owner_name"] == "Bo"
    answer = {"answer_url": "https://example.com/answer", "disclosed": "yes"}
    assert bo.post(f"{PATH}/answered", json=answer).json()["state"] == "answered"
    done = world.sign_in("sanne").post(f"{PATH}/outcome", json={"outcome": "won"})
    assert done.json()["state"] == "closed"
    late = bo.post(f"{PATH}/claim")
    assert (late.status_code, late.json()["title"]) == (410, "Gone")


def test_a_question_is_declined_snoozed_and_dismissed(world: World) -> None:
    put_lead(world.database)
    astrid = world.sign_in("astrid")
    assert astrid.post(f"{PATH}/decline", json={"reason": "busy"}).status_code == 200
    until = (NOW + timedelta(hours=1)).isoformat()
    assert astrid.post(f"{PATH}/snooze", json={"until": until}).status_code == 200
    dismissed = world.sign_in("ada").post(f"{PATH}/dismiss", json={"reason": "an advert"})
    assert dismissed.json()["state"] == "dismissed"
    words = [call[0] for call in world.decisions.calls]
    assert words == ["decline", "snooze", "dismiss"]


def test_a_lead_in_review_is_promoted_by_an_expert_once(world: World) -> None:
    put_lead(world.database, state="review", lane="review")
    astrid = world.sign_in("astrid")
    assert astrid.post(f"{PATH}/promote").json()["state"] == "new"
    again = astrid.post(f"{PATH}/promote")
    assert (again.status_code, again.json()["detail"]) == (409, "the question is not in review")


def test_a_decision_may_insist_on_what_was_seen(world: World) -> None:
    put_lead(world.database)
    astrid = world.sign_in("astrid")
    old = astrid.post(f"{PATH}/claim", headers={"If-Match": '"2"'})
    assert old.status_code == 412
    assert world.decisions.calls == []
    assert astrid.post(f"{PATH}/claim", headers={"If-Match": '"2", "3"'}).status_code == 200
    assert astrid.post(f"{PATH}/release", headers={"If-Match": "*"}).status_code == 200
    missing = astrid.post("/api/v1/leads/nope/claim", headers={"If-Match": '"1"'})
    assert missing.status_code == 404


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("pass-on", {}),
        ("pass-on", {"to": ""}),
        ("decline", {"reason": "lazy"}),
        ("snooze", {"until": "2026-03-02T11:00:00"}),
        ("snooze", {"until": NOW.isoformat()}),
        ("answered", {"disclosed": "maybe"}),
        ("answered", {"disclosed": "no"}),
        ("answered", {"disclosed": "yes", "answer_url": "javascript:alert(1)"}),
        ("answered", {"disclosed": "yes", "expert_id": "bo"}),
    ],
)
def test_a_decision_that_cannot_be_is_refused(
    world: World, action: str, body: dict[str, str]
) -> None:
    put_lead(world.database)
    answer = world.sign_in("astrid").post(f"{PATH}/{action}", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_judges_say_must_be_possible_too(world: World) -> None:
    put_lead(world.database)
    sanne = world.sign_in("sanne")
    assert sanne.post(f"{PATH}/dismiss", json={"reason": ""}).status_code == 422
    assert sanne.post(f"{PATH}/outcome", json={"outcome": "glory"}).status_code == 422
    early = sanne.post(f"{PATH}/outcome", json={"outcome": "won"})
    assert early.status_code == 409


def test_nobody_is_handed_to_who_is_not_there(world: World) -> None:
    put_lead(world.database)
    astrid = world.sign_in("astrid")
    astrid.post(f"{PATH}/claim")
    answer = astrid.post(f"{PATH}/pass-on", json={"to": "nobody"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no expert 'nobody'")
