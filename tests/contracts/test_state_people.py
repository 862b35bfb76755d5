"""Sessions, sign-in links, API keys, idempotent answers and activity, on every database."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from askwatch.errors import ConflictError, InvalidRequestError, NotAllowedError, NotFoundError
from askwatch.model.expert import Expert, Role
from askwatch.model.ids import ExpertId
from askwatch.state import activity, api_keys, experts, idempotency, sign_in, tables
from askwatch.state.engine import Database
from askwatch.state.idempotency import Answer

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ASTRID, BO = ExpertId("astrid"), ExpertId("bo")
HOUR = timedelta(hours=1)


def make_link(database: Database, expert_id: ExpertId = ASTRID) -> str:
    return database.write(lambda tx: sign_in.create_link(tx, expert_id, now=NOW, duration=HOUR))


def make_session(database: Database, expert_id: ExpertId = ASTRID) -> str:
    return database.write(lambda tx: sign_in.begin_session(tx, expert_id, now=NOW, duration=HOUR))


def test_a_link_is_spent_once(database: Database) -> None:
    token = make_link(database)
    assert database.read(lambda tx: sign_in.find_link(tx, token, now=NOW)) == ASTRID
    assert database.write(lambda tx: sign_in.spend_link(tx, token, now=NOW)) == ASTRID
    with pytest.raises(NotAllowedError, match="used or is too old"):
        database.write(lambda tx: sign_in.spend_link(tx, token, now=NOW))
    assert database.read(lambda tx: sign_in.find_link(tx, token, now=NOW)) is None


def test_a_link_is_too_old_after_its_time(database: Database) -> None:
    token = make_link(database)
    later = NOW + HOUR
    assert database.read(lambda tx: sign_in.find_link(tx, token, now=later)) is None
    with pytest.raises(NotAllowedError):
        database.write(lambda tx: sign_in.spend_link(tx, token, now=later))


def test_no_token_stands_in_the_database(database: Database) -> None:
    tokens = {make_link(database), make_session(database)}
    _, secret = database.write(lambda tx: api_keys.create(tx, name="crm", role=Role.SALES, now=NOW))
    stored = {
        str(value)
        for table in (tables.sign_in_links, tables.sessions, tables.api_keys)
        for row in database.read(lambda tx, table=table: tx.execute(select(table)).all())  # type: ignore[misc]  # a default binds the loop's value
        for value in row
    }
    assert not stored & (tokens | {secret})


def test_a_session_lasts_until_it_ends_or_is_over(database: Database) -> None:
    token = make_session(database)
    found = database.read(lambda tx: sign_in.find_session(tx, token, now=NOW))
    assert found is not None
    assert (found.expert_id, found.expires_at) == (ASTRID, NOW + HOUR)
    assert len(found.csrf_token) > 40
    database.write(lambda tx: sign_in.extend_session(tx, token, until=NOW + 3 * HOUR))
    later = NOW + 2 * HOUR
    assert database.read(lambda tx: sign_in.find_session(tx, token, now=later)) is not None
    end = NOW + 3 * HOUR
    assert database.read(lambda tx: sign_in.find_session(tx, token, now=end)) is None
    database.write(lambda tx: sign_in.end_session(tx, token))
    assert database.read(lambda tx: sign_in.find_session(tx, token, now=NOW)) is None


def test_somebody_is_signed_out_everywhere(database: Database) -> None:
    mine, link, other = make_session(database), make_link(database), make_session(database, BO)
    database.write(lambda tx: sign_in.end_all(tx, ASTRID))
    assert database.read(lambda tx: sign_in.find_session(tx, mine, now=NOW)) is None
    assert database.read(lambda tx: sign_in.find_link(tx, link, now=NOW)) is None
    assert database.read(lambda tx: sign_in.find_session(tx, other, now=NOW)) is not None


def test_what_is_over_is_forgotten(database: Database) -> None:
    make_session(database)
    make_link(database)
    spent = make_link(database)
    database.write(lambda tx: sign_in.spend_link(tx, spent, now=NOW))
    assert database.write(lambda tx: sign_in.forget(tx, now=NOW)) == 1
    assert database.write(lambda tx: sign_in.forget(tx, now=NOW + HOUR)) == 2


def test_a_key_is_found_by_its_secret_until_it_is_revoked(database: Database) -> None:
    key, secret = database.write(
        lambda tx: api_keys.create(tx, name="crm", role=Role.SALES, expert_id=ASTRID, now=NOW)
    )
    assert secret.startswith("ask_")
    assert database.read(lambda tx: api_keys.find(tx, secret)) == key
    assert database.read(lambda tx: api_keys.find(tx, secret + "x")) is None
    assert api_keys.is_use_due(key, now=NOW)
    database.write(lambda tx: api_keys.note_use(tx, key.key_id, now=NOW))
    (used,) = database.read(api_keys.list_keys)
    assert used.used_at == NOW
    assert not api_keys.is_use_due(used, now=NOW + timedelta(minutes=9))
    assert api_keys.is_use_due(used, now=NOW + timedelta(minutes=10))
    database.write(lambda tx: api_keys.revoke(tx, key.key_id))
    assert database.read(lambda tx: api_keys.find(tx, secret)) is None
    with pytest.raises(NotFoundError, match="no key 'nope'"):
        database.write(lambda tx: api_keys.revoke(tx, "nope"))


def test_all_keys_in_a_name_are_revoked_together(database: Database) -> None:
    for expert_id in (ASTRID, BO, None):
        database.write(
            lambda tx, expert_id=expert_id: api_keys.create(  # type: ignore[misc]  # as above
                tx, name="test", role=Role.EXPERT, expert_id=expert_id, now=NOW
            )
        )
    database.write(lambda tx: api_keys.revoke_all(tx, ASTRID))
    revoked = {key.expert_id for key in database.read(api_keys.list_keys) if key.is_revoked}
    assert revoked == {ASTRID}


def begin(database: Database, *, body: str = "hash", at: datetime = NOW) -> Answer | None:
    return database.write(
        lambda tx: idempotency.begin(tx, "expert:astrid", "key-1", request_hash=body, now=at)
    )


def test_the_same_request_gets_the_same_answer(database: Database) -> None:
    assert begin(database) is None
    answer = Answer(201, b'{"a": 1}', {"etag": '"1"'})
    database.write(lambda tx: idempotency.finish(tx, "expert:astrid", "key-1", answer))
    assert begin(database) == answer


def test_another_request_with_the_same_key_is_refused(database: Database) -> None:
    begin(database)
    with pytest.raises(InvalidRequestError, match="used for another request"):
        begin(database, body="other")


def test_a_request_that_still_runs_is_not_run_again(database: Database) -> None:
    begin(database)
    with pytest.raises(ConflictError, match="still runs"):
        begin(database, at=NOW + timedelta(seconds=59))
    # Its process must have died.
    assert begin(database, at=NOW + timedelta(seconds=60)) is None
    with pytest.raises(ConflictError):
        begin(database, at=NOW + timedelta(seconds=61))


def test_a_released_key_may_be_used_again(database: Database) -> None:
    begin(database)
    database.write(lambda tx: idempotency.release(tx, "expert:astrid", "key-1"))
    assert begin(database, body="other") is None


def test_an_answer_is_kept_for_a_day(database: Database) -> None:
    begin(database)
    answer = Answer(204, b"", {})
    database.write(lambda tx: idempotency.finish(tx, "expert:astrid", "key-1", answer))
    assert begin(database, at=NOW + timedelta(hours=24)) == answer
    assert begin(database, at=NOW + timedelta(hours=24, seconds=1)) is None


def put_expert(database: Database, expert_id: str, team: str, *, is_active: bool = True) -> None:
    expert = Expert(
        expert_id=ExpertId(expert_id), name=expert_id, email=f"{expert_id}@example.com",
        team=team, is_active=is_active,
    )  # fmt: skip
    database.write(lambda tx: experts.put_expert(tx, expert, now=NOW))


def put_lead(database: Database, lead_id: str, **changes: object) -> None:
    values: dict[str, object] = {
        "lead_id": lead_id, "state": "alerting", "epoch": 1, "revision": 1, "lane": "alert",
        "intent": "vendor_request", "probability": 0.9, "b2b_probability": 0.8, "lang": "da",
        "topics": [], "entities": [], "reasons": [], "urgency": "normal", "value": 0.5,
        "model": "test", "source_id": "feed", "post_id": lead_id, "post_revision": 1,
        "title": "", "text": "", "url": "", "author_name": "", "author_url": "",
        "author_hash": "", "place": "", "published_at": NOW, "observed_at": NOW,
        "found_at": NOW, "expires_at": NOW + 48 * HOUR, "updated_at": NOW,
    }  # fmt: skip
    database.write(lambda tx: tx.execute(insert(tables.leads).values(**(values | changes))))


def test_activity_counts_what_happened_in_its_time(database: Database) -> None:
    put_expert(database, "astrid", "Build")
    put_expert(database, "bo", "Build")
    put_expert(database, "cleo", "Advice")
    put_expert(database, "dan", "", is_active=True)
    for number, minutes in enumerate((10, 20, 60)):
        moment = NOW + timedelta(minutes=minutes)
        put_lead(
            database, f"answered-{number}", state="answered", owner_id="astrid",
            first_alerted_at=NOW, claimed_at=moment, answered_at=moment,
        )  # fmt: skip
    put_lead(database, "waiting", first_alerted_at=NOW)
    put_lead(
        database, "old", state="claimed", found_at=NOW - HOUR, claimed_at=NOW - HOUR, owner_id="bo"
    )
    found = database.read(
        lambda tx: activity.read_activity(tx, after=NOW, before=NOW + timedelta(hours=2))
    )
    assert (found.found, found.alerted, found.claimed, found.answered) == (4, 4, 3, 3)
    assert found.time_to_first_answer_s == 1200.0
    teams = [(team.team, team.took_part, team.people) for team in found.teams]
    assert teams == [("Advice", 0, 1), ("Build", 1, 2)]


def test_no_answer_has_no_time_to_the_first_answer(database: Database) -> None:
    found = database.read(lambda tx: activity.read_activity(tx, after=NOW, before=NOW + HOUR))
    assert found.time_to_first_answer_s is None
    assert found.teams == ()
