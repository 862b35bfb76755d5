"""The one way from a source to the stream of posts: compare, produce, and only then remember."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import JsonValue

from askwatch.bus.base import SCHEMA_HEADER, Bus, NewRecord
from askwatch.clock import Clock
from askwatch.events import POSTS, PostKind, PostRecord, make_post_record
from askwatch.model.ids import PostId, SourceId, derive_event_id, hash_author
from askwatch.model.post import Post
from askwatch.observe import POST_AGE, POSTS_READ, POSTS_REFUSED
from askwatch.state import sources, suppression
from askwatch.state.engine import Database, Transaction
from askwatch.state.sources import Report, SeenPost
from collectors.normalise import hash_content

# A post that is still in its feed is marked again this often, so that it is never forgotten.
_TOUCH_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is new since the last read: records to produce, and posts to remember after that."""

    records: list[PostRecord]
    seen: list[SeenPost]


class Intake:
    """Shared by all readers of a process; thread-safe."""

    def __init__(self, *, database: Database, bus: Bus, secret_key: str, clock: Clock) -> None:
        self._database, self._secret_key, self._clock = database, secret_key, clock
        self._producer, self._lock = bus.producer(), threading.Lock()

    def compare(
        self, source_id: SourceId, posts: Sequence[Post], deleted: Sequence[PostId] = ()
    ) -> Batch:
        """Return what is new, edited or deleted among `posts`; suppressed authors are dropped."""
        hashes = {post.post_id: self._hash_author(post) for post in posts}
        ids = [*hashes, *deleted]

        def read(transaction: Transaction) -> tuple[dict[PostId, SeenPost], set[str]]:
            authors = sorted({value for value in hashes.values() if value})
            return (
                sources.find_seen(transaction, source_id, ids),
                set(suppression.find_suppressed(transaction, authors)),
            )

        known, suppressed = self._database.read(read)
        batch = Batch([], [])
        now = self._clock.now()
        for post in posts:
            if hashes[post.post_id] in suppressed:
                POSTS_REFUSED.labels(source=source_id, reason="suppressed").inc()
                continue
            self._add(batch, post, known.get(post.post_id), hashes[post.post_id])
        for post_id in deleted:
            _add_deletion(batch, source_id, known.get(post_id), now)
        return batch

    def produce(self, source_id: SourceId, records: Sequence[PostRecord]) -> None:
        """Append to the stream of posts and return when acknowledged."""
        if not records:
            return
        entries = [
            NewRecord(record.key, record.to_bytes(), {SCHEMA_HEADER: PostRecord.SCHEMA})
            for record in records
        ]
        with self._lock:
            self._producer.produce(POSTS, entries)
        POSTS_READ.labels(source=source_id).inc(len(records))
        ages = POST_AGE.labels(source=source_id)
        for record in records:
            if record.post is not None:
                ages.observe(record.post.age_s(record.post.observed_at))

    def remember(self, source_id: SourceId, seen: Sequence[SeenPost], result: Report) -> None:
        """Write posts seen, cursor and status in one transaction; call it after `produce`."""
        now = self._clock.now()

        def write(transaction: Transaction) -> None:
            sources.put_seen(transaction, source_id, seen)
            sources.report(transaction, source_id, result, now=now)

        self._database.write(write)

    def drop_suppressed(self, records: Sequence[PostRecord]) -> list[PostRecord]:
        """Return the records whose author may be stored; removals always pass."""
        authors = sorted({record.author_hash for record in records if record.post})
        if not authors:
            return list(records)
        found = set(
            self._database.read(
                lambda transaction: suppression.find_suppressed(transaction, authors)
            )
        )
        return [record for record in records if not record.post or record.author_hash not in found]

    def record(self, kind: PostKind, post: Post) -> PostRecord:
        """Return the record that says `post` was observed or edited."""
        return make_post_record(
            kind, post, at=post.observed_at, author_hash=self._hash_author(post)
        )

    def hash_of(self, source_id: SourceId, author_id: str) -> str:
        """Return the keyed hash of an author; "" of nobody."""
        return hash_author(self._secret_key, source_id, author_id) if author_id else ""

    def close(self) -> None:
        self._producer.close()

    def _hash_author(self, post: Post) -> str:
        return self.hash_of(post.source_id, post.author.author_id)

    def _add(self, batch: Batch, post: Post, known: SeenPost | None, author_hash: str) -> None:
        content, now = hash_content(post), post.observed_at
        if known is not None and known.content_hash == content:
            if now - known.seen_at > _TOUCH_AFTER:
                batch.seen.append(replace(known, seen_at=now))
            return
        revision = known.revision + 1 if known else 1
        # A post that comes back after its deletion is a new one to everybody behind us.
        is_edit = known is not None and known.content_hash != ""
        kind = PostKind.EDITED if is_edit else PostKind.OBSERVED
        post = post.model_copy(update={"revision": revision})
        batch.records.append(make_post_record(kind, post, at=now, author_hash=author_hash))
        batch.seen.append(SeenPost(post.post_id, content, revision, post.published_at, now))


def make_deletion(
    source_id: SourceId, post_id: PostId, revision: int, *, at: datetime
) -> PostRecord:
    """Return the record that says a post is gone at its source."""
    return PostRecord(
        event_id=derive_event_id(POSTS, source_id, post_id, revision, PostKind.DELETED),
        kind=PostKind.DELETED,
        at=at,
        source_id=source_id,
        post_id=post_id,
        revision=revision,
    )


def make_author_removal(source_id: SourceId, author_hash: str, *, at: datetime) -> PostRecord:
    """Return the record that says an author is gone at the source, or opted out."""
    return PostRecord(
        event_id=derive_event_id(POSTS, source_id, author_hash, 1, PostKind.AUTHOR_REMOVED),
        kind=PostKind.AUTHOR_REMOVED,
        at=at,
        source_id=source_id,
        author_hash=author_hash,
    )


def newest_publication(records: Sequence[PostRecord]) -> datetime | None:
    """Return the latest publication time among the posts of `records`."""
    return max((record.post.published_at for record in records if record.post), default=None)


def running(
    records: Sequence[PostRecord],
    *,
    cursor: Mapping[str, JsonValue],
    message: str = "",
    next_read_at: datetime | None = None,
) -> Report:
    """Return the report of a read that went well."""
    return Report(
        state="running",
        posts=len(records),
        message=message,
        cursor=cursor,
        last_post_at=newest_publication(records),
        next_read_at=next_read_at,
    )


def _add_deletion(batch: Batch, source_id: SourceId, known: SeenPost | None, now: datetime) -> None:
    if known is None or known.content_hash == "":
        return
    revision = known.revision + 1
    batch.records.append(make_deletion(source_id, known.post_id, revision, at=now))
    batch.seen.append(SeenPost(known.post_id, "", revision, known.published_at, now))
