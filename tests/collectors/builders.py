"""Builds sources and posts for tests of stage 1, and reads back what they produced."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

from askwatch.bus.base import Bus
from askwatch.events import POSTS, PostRecord
from askwatch.model.ids import PostId, SourceId
from askwatch.model.post import Author, Post
from askwatch.model.source import Permission, Source, SourceKind
from askwatch.state import sources
from askwatch.state.engine import Database
from askwatch.state.sources import SourceRow

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
FEED = SourceId("feed")
PERMISSION = Permission(
    permission_basis="public feed", approved_by="Astrid", approved_on=date(2026, 1, 5)
)


def make_source(**changes: object) -> Source:
    source = Source(
        source_id=FEED,
        kind=SourceKind.FEED,
        name="A feed",
        url="https://example.com/feed.xml",
        permission=PERMISSION,
    )
    return source.model_copy(update=changes)


def make_post(**changes: object) -> Post:
    post = Post(
        source_id=FEED,
        post_id=PostId("1"),
        title="Revisor?",
        text="Kender nogen en god revisor i Aarhus?",
        author=Author(author_id="signe"),
        published_at=NOW,
        observed_at=NOW,
    )
    return post.model_copy(update=changes)


def put_source(database: Database, source: Source) -> SourceRow:
    database.write(lambda tx: sources.put_source(tx, source, now=NOW))
    return find_row(database, source.source_id)


def find_row(database: Database, source_id: SourceId = FEED) -> SourceRow:
    return database.read(lambda tx: sources.find_row(tx, source_id))


def read_stream(bus: Bus) -> list[PostRecord]:
    """Return everything on the stream of posts that this process has not read yet."""
    consumer = bus.consumer(POSTS, group="reader")
    found: list[PostRecord] = []
    while batch := consumer.poll(max_records=1_000, timeout_s=0.0):
        found += [PostRecord.from_bytes(record.value) for record in batch]
    consumer.commit()
    consumer.close()
    return found


def wait_until(condition: Callable[[], bool], *, timeout_s: float = 20.0) -> None:
    """Return when something that another thread does has happened."""
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError(f"did not happen within {timeout_s} s")
