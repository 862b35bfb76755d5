"""The front door: leases, permissions, rows, and readers that begin and end."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from pytest_httpserver import HTTPServer

from askwatch.bus.sqlite import SqliteBus
from askwatch.clock import ManualClock, SystemClock
from askwatch.model.ids import PostId
from askwatch.model.source import Permission, Source, SourceKind
from askwatch.settings import Settings
from askwatch.state import leases, sources
from askwatch.state.engine import Database
from askwatch.state.hand_ins import HAND_IN_SOURCE
from askwatch.state.sources import SeenPost
from collectors.stage import LEASE_S, SEEN_KEPT, Stage, make_process
from tests.collectors.builders import (
    FEED,
    NOW,
    PERMISSION,
    find_row,
    make_source,
    put_source,
    read_stream,
    wait_until,
)


class Stages:
    """Opens stages of several owners on one database and one bus."""

    def __init__(
        self, database: Database, bus: SqliteBus, settings: Settings, clock: ManualClock
    ) -> None:
        self._given = (database, bus, settings, clock)
        self.opened: list[Stage] = []

    def open(self, owner: str) -> Stage:
        database, bus, settings, clock = self._given
        stage = Stage(database=database, bus=bus, settings=settings, clock=clock, owner=owner)
        self.opened.append(stage)
        return stage


@pytest.fixture
def stages(
    database: Database, bus: SqliteBus, settings: Settings, clock: ManualClock
) -> Iterator[Stages]:
    opened = Stages(database, bus, settings, clock)
    yield opened
    for stage in opened.opened:
        stage.close()


@pytest.fixture
def replay(tmp_path: Path) -> Source:
    file = tmp_path / "posts.jsonl"
    lines = [
        orjson.dumps({"id": str(n), "text": f"Kender nogen en revisor? {n}"}) for n in range(5)
    ]
    file.write_bytes(b"\n".join(lines))
    return make_source(kind=SourceKind.REPLAY, url="", options={"path": str(file), "rate": 0})


def state(database: Database) -> tuple[str, str]:
    status = find_row(database).status
    return status.state, status.last_error


def test_a_source_is_read_under_a_lease(
    stages: Stages, database: Database, bus: SqliteBus, replay: Source
) -> None:
    put_source(database, replay)
    first, second = stages.open("one"), stages.open("two")
    first.tick()
    second.tick()
    wait_until(lambda: state(database)[0] == "done")
    assert len(read_stream(bus)) == 5
    assert (first.stats()["sources"], second.stats()["sources"]) == (1, 0)


def test_another_process_takes_over_when_one_ends_or_is_gone(
    stages: Stages, database: Database, clock: ManualClock
) -> None:
    put_source(database, make_source(url="nowhere"))
    first, second, third = (stages.open(name) for name in ("one", "two", "three"))
    first.tick()
    first.close()
    second.tick()
    assert second.stats()["sources"] == 1
    third.tick()
    assert third.stats()["sources"] == 0
    # The second says nothing for as long as a lease lasts: as if it had been killed.
    clock.advance(LEASE_S + 1)
    third.tick()
    assert third.stats()["sources"] == 1
    second.tick()
    assert second.stats()["sources"] == 0


def test_a_lease_is_renewed_while_the_process_lives(
    stages: Stages, database: Database, clock: ManualClock
) -> None:
    put_source(database, make_source(url="nowhere"))
    first, second = stages.open("one"), stages.open("two")
    for _ in range(10):
        first.tick()
        second.tick()
        clock.advance(9)
    assert (first.stats()["sources"], second.stats()["sources"]) == (1, 0)


@pytest.mark.parametrize(
    ("permission", "said"),
    [
        (None, "nobody has said why"),
        (PERMISSION.model_copy(update={"valid_until": date(2026, 3, 1)}), "ended on 2026-03-01"),
    ],
)
def test_a_source_without_a_permission_does_not_run_and_says_so(
    stages: Stages, database: Database, replay: Source, permission: Permission | None, said: str
) -> None:
    put_source(database, replay.model_copy(update={"permission": permission}))
    stage = stages.open("one")
    for _ in range(2):
        stage.tick()
        assert state(database)[0] == "no_permission"
        assert said in state(database)[1]
        assert stage.stats()["sources"] == 0
    put_source(database, replay)
    stage.tick()
    wait_until(lambda: state(database)[0] == "done")


def test_a_permission_that_runs_out_ends_the_reading(
    stages: Stages, database: Database, clock: ManualClock
) -> None:
    permission = PERMISSION.model_copy(update={"valid_until": NOW.date()})
    put_source(database, make_source(url="nowhere", permission=permission))
    stage = stages.open("one")
    stage.tick()
    assert stage.stats()["sources"] == 1
    clock.advance(86_400)
    stage.tick()
    assert (stage.stats()["sources"], state(database)[0]) == (0, "no_permission")


def test_a_source_is_paused_and_goes_on(stages: Stages, database: Database) -> None:
    put_source(database, make_source(url="nowhere"))
    stage = stages.open("one")
    stage.tick()
    wait_until(lambda: state(database)[0] == "failing")
    database.write(lambda tx: sources.set_paused(tx, FEED, is_paused=True, now=NOW))
    stage.tick()
    assert (stage.stats()["sources"], state(database)[0]) == (0, "paused")
    database.write(lambda tx: sources.set_paused(tx, FEED, is_paused=False, now=NOW))
    stage.tick()
    assert stage.stats()["sources"] == 1


def test_a_source_that_changes_gets_a_new_reader(stages: Stages, database: Database) -> None:
    put_source(database, make_source(url="nowhere"))
    stage = stages.open("one")
    stage.tick()
    wait_until(lambda: state(database)[0] == "failing")
    put_source(database, make_source(url="ftp://elsewhere"))
    stage.tick()
    wait_until(lambda: "ftp://elsewhere" in state(database)[1])
    assert stage.stats()["readers_opened"] == 2


def test_a_source_that_is_removed_is_left(stages: Stages, database: Database) -> None:
    put_source(database, make_source(url="nowhere"))
    stage = stages.open("one")
    stage.tick()
    database.write(lambda tx: sources.remove_source(tx, FEED))
    stage.tick()
    assert stage.stats()["sources"] == 0
    now = NOW + timedelta(seconds=1)
    lease = database.write(
        lambda tx: leases.acquire(tx, f"source:{FEED}", "other", now=now, duration_s=5)
    )
    assert lease is not None


def test_posts_that_left_their_feed_long_ago_are_forgotten(
    stages: Stages, database: Database, clock: ManualClock
) -> None:
    put_source(database, make_source(url="nowhere"))
    seen = SeenPost(PostId("1"), "hash", 1, NOW, NOW)
    database.write(lambda tx: sources.put_seen(tx, FEED, [seen]))
    stage = stages.open("one")
    stage.tick()
    assert database.read(lambda tx: sources.find_seen(tx, FEED, [PostId("1")]))
    clock.advance(SEEN_KEPT.total_seconds() + 3_600)
    stage.tick()
    assert not database.read(lambda tx: sources.find_seen(tx, FEED, [PostId("1")]))


def test_the_process_reads_a_feed_over_http_until_it_is_told_to_stop(
    sqlite_database: Database, bus: SqliteBus, settings: Settings, httpserver: HTTPServer
) -> None:
    at = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")  # noqa: TID251 - the real clock is used
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/feed").respond_with_data(
        "<rss><channel><item><guid>1</guid><title>Kender nogen en revisor?</title>"
        f"<pubDate>{at}</pubDate></item></channel></rss>",
        content_type="application/rss+xml",
    )
    put_source(sqlite_database, make_source(url=httpserver.url_for("/feed")))
    process = make_process(
        database=sqlite_database, bus=bus, settings=settings, clock=SystemClock(), owner="one"
    )
    stop = threading.Event()
    thread = threading.Thread(target=process.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: find_row(sqlite_database).status.posts_read == 1)
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
    assert [record.post_id for record in read_stream(bus)] == ["1"]
    # Colleagues may hand in posts, whatever the company has set up.
    assert find_row(sqlite_database, HAND_IN_SOURCE).status.state in {"idle", "running"}
