"""Sources, their cursors and seen posts, and hand-ins, on every database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from askwatch.errors import NotFoundError
from askwatch.model.ids import ExpertId, LeadId, PostId, SourceId
from askwatch.model.source import Permission, Source, SourceKind
from askwatch.state import hand_ins, sources
from askwatch.state.engine import Database
from askwatch.state.sources import Report, SeenPost

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FEED = SourceId("feed")


def make_source(**changes: object) -> Source:
    source = Source(
        source_id=FEED,
        kind=SourceKind.FEED,
        name="A feed",
        url="https://example.com/feed.xml",
        options={"interval_s": 300},
        permission=Permission(
            permission_basis="public feed", approved_by="Astrid", approved_on=date(2026, 1, 5)
        ),
    )
    return source.model_copy(update=changes)


def put(database: Database, source: Source) -> None:
    database.write(lambda tx: sources.put_source(tx, source, now=NOW))


def test_a_source_comes_back_as_it_was_put(database: Database) -> None:
    for source in (make_source(), make_source(permission=None)):
        put(database, source)
        assert database.read(lambda tx: sources.find_source(tx, FEED)) == source
    assert database.read(sources.list_sources) == [make_source(permission=None)]


def test_a_report_adds_up_and_keeps_what_it_does_not_name(database: Database) -> None:
    put(database, make_source())
    first = Report(state="running", posts=3, cursor={"etag": "a"}, last_post_at=NOW)
    second = Report(state="failing", errors=1, message="no feed: " + "x" * 900)
    for result in (first, second):
        database.write(lambda tx, result=result: sources.report(tx, FEED, result, now=NOW))  # type: ignore[misc]  # a default binds the loop's value
    row = database.read(lambda tx: sources.find_row(tx, FEED))
    assert (row.status.posts_read, row.status.errors, row.status.state) == (3, 1, "failing")
    assert row.cursor == {"etag": "a"}
    assert row.status.last_post_at == NOW
    assert len(row.status.last_error) == 500


def test_a_cursor_survives_a_new_pace_but_not_a_new_address(database: Database) -> None:
    put(database, make_source())
    database.write(lambda tx: sources.write_cursor(tx, FEED, {"etag": "a"}, now=NOW))
    put(database, make_source(options={"interval_s": 60}))
    assert database.read(lambda tx: sources.read_cursor(tx, FEED)) == {"etag": "a"}
    put(database, make_source(is_paused=True))
    assert database.read(lambda tx: sources.read_cursor(tx, FEED)) == {"etag": "a"}
    put(database, make_source(url="https://example.com/other.xml"))
    assert database.read(lambda tx: sources.read_cursor(tx, FEED)) == {}


def test_a_source_is_paused_and_goes_on(database: Database) -> None:
    put(database, make_source())
    for is_paused, state in ((True, "paused"), (False, "idle")):
        database.write(
            lambda tx, is_paused=is_paused: sources.set_paused(  # type: ignore[misc]  # as above
                tx, FEED, is_paused=is_paused, now=NOW
            )
        )
        (status,) = database.read(sources.list_status)
        assert status.state == state
    database.write(lambda tx: sources.set_state(tx, FEED, "no_permission", "expired", now=NOW))
    (status,) = database.read(sources.list_status)
    assert (status.state, status.last_error) == ("no_permission", "expired")


def test_an_unknown_source_is_an_error(database: Database) -> None:
    nowhere = SourceId("nowhere")
    with pytest.raises(NotFoundError, match="no source 'nowhere'"):
        database.read(lambda tx: sources.find_source(tx, nowhere))
    with pytest.raises(NotFoundError):
        database.write(lambda tx: sources.remove_source(tx, nowhere))
    with pytest.raises(NotFoundError):
        database.write(lambda tx: sources.set_paused(tx, nowhere, is_paused=True, now=NOW))


def test_seen_posts_are_remembered_replaced_and_forgotten(database: Database) -> None:
    put(database, make_source())
    one, two = PostId("1"), PostId("2")
    seen = [SeenPost(each, "hash", 1, NOW, NOW) for each in (one, two)]
    edited = SeenPost(one, "other", 2, NOW, NOW + timedelta(hours=1))
    for posts in (seen, [edited], []):
        database.write(lambda tx, posts=posts: sources.put_seen(tx, FEED, posts))  # type: ignore[misc]  # as above
    found = database.read(lambda tx: sources.find_seen(tx, FEED, [one, two, PostId("3")]))
    assert found == {one: edited, two: seen[1]}
    later = NOW + timedelta(minutes=1)
    assert database.write(lambda tx: sources.forget_seen(tx, before=later)) == 1
    database.write(lambda tx: sources.remove_source(tx, FEED))
    assert database.read(lambda tx: sources.find_seen(tx, FEED, [one])) == {}
    assert database.read(sources.list_sources) == []


def test_a_hand_in_goes_from_its_link_to_its_verdict(database: Database) -> None:
    expert = ExpertId("mette")
    database.write(
        lambda tx: hand_ins.create(
            tx, "h1", expert, url="https://example.com/1", state=hand_ins.FETCHING, now=NOW
        )
    )
    (waiting,) = database.read(hand_ins.take_fetching)
    assert waiting.hand_in_id == "h1"
    assert database.write(lambda tx: hand_ins.set_needs_text(tx, "h1", "closed", now=NOW))
    assert database.read(hand_ins.take_fetching) == []
    assert database.write(lambda tx: hand_ins.set_received(tx, "h1", now=NOW))
    lead_id = LeadId("l1")
    assert database.write(
        lambda tx: hand_ins.set_verdict(
            tx,
            hand_ins.HAND_IN_SOURCE,
            PostId("h1"),
            lead_id=lead_id,
            verdict={"intent": "vendor_request"},
            state=hand_ins.FOUND,
            now=NOW,
        )
    )
    (mine,) = database.read(lambda tx: hand_ins.list_for_expert(tx, expert))
    assert (mine.state, mine.lead_id, mine.reason) == (hand_ins.FOUND, lead_id, "")
    assert database.write(lambda tx: hand_ins.set_withdrawn(tx, "h1", now=NOW))
    assert not database.write(lambda tx: hand_ins.set_withdrawn(tx, "h1", now=NOW))


def test_an_unknown_hand_in_is_an_error(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no hand-in 'h9'"):
        database.read(lambda tx: hand_ins.find(tx, "h9"))
