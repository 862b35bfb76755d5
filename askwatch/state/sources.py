"""Sources with their permission, how reading them goes, and the posts seen in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from askwatch.errors import NotFoundError
from askwatch.model.ids import PostId, SourceId
from askwatch.model.source import Permission, Source, SourceKind, SourceStatus
from askwatch.state.engine import Transaction
from askwatch.state.tables import seen_posts, sources
from askwatch.state.upsert import insert_ignore

# SQLite takes at most 32 766 values in one statement; a seen post has six.
_CHUNK = 1_000
# Never longer in a row: a message is for a person to read.
_MESSAGE_LIMIT = 500

Cursor = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as its reader needs it: what it is, how it goes, and where it stands."""

    source: Source
    status: SourceStatus
    cursor: Cursor
    next_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeenPost:
    """A post that was acknowledged by the bus; an empty hash: it was deleted at its source."""

    post_id: PostId
    content_hash: str
    revision: int
    published_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one read of a source came to; counts are added to the row's.

    `cursor` None keeps the old one. `message` stands in the row until the next report.
    """

    state: str
    posts: int = 0
    errors: int = 0
    message: str = ""
    cursor: Mapping[str, JsonValue] | None = None
    last_post_at: datetime | None = None
    next_read_at: datetime | None = None


def list_sources(transaction: Transaction) -> list[Source]:
    """Return all sources, by id."""
    return [row.source for row in list_rows(transaction)]


def list_rows(transaction: Transaction) -> list[SourceRow]:
    """Return all sources with status and cursor, by id."""
    found = transaction.execute(select(sources).order_by(sources.c.source_id))
    return [_read_row(row) for row in found]


def list_status(transaction: Transaction) -> list[SourceStatus]:
    """Return how each source goes, by id."""
    return [row.status for row in list_rows(transaction)]


def find_row(transaction: Transaction, source_id: SourceId) -> SourceRow:
    """Return one source with status and cursor.

    Raises:
        NotFoundError: There is no such source.
    """
    found = transaction.execute(select(sources).where(sources.c.source_id == source_id)).first()
    if found is None:
        raise NotFoundError("source", source_id)
    return _read_row(found)


def find_source(transaction: Transaction, source_id: SourceId) -> Source:
    """Return one source.

    Raises:
        NotFoundError: There is no such source.
    """
    return find_row(transaction, source_id).source


def put_source(transaction: Transaction, source: Source, *, now: datetime) -> None:
    """Create or replace a source; counts stay, the cursor too while it reads the same place."""
    values = _column_values(source, now)
    fresh = insert_ignore(transaction, sources).values(**values, cursor={})
    if transaction.execute(fresh).rowcount > 0:
        return
    old = find_source(transaction, source.source_id)
    if _place(old) != _place(source):
        values |= {"cursor": {}, "state": "idle", "last_error": "", "next_read_at": None}
    elif old.permission != source.permission or old.is_paused != source.is_paused:
        values |= {"state": "idle", "last_error": "", "next_read_at": None}
    else:
        values |= {"next_read_at": None}
    transaction.execute(
        update(sources).where(sources.c.source_id == source.source_id).values(**values)
    )


def remove_source(transaction: Transaction, source_id: SourceId) -> None:
    """Forget a source and the posts seen in it; leads found in it stay.

    Raises:
        NotFoundError: There is no such source.
    """
    transaction.execute(delete(seen_posts).where(seen_posts.c.source_id == source_id))
    gone = transaction.execute(delete(sources).where(sources.c.source_id == source_id))
    if gone.rowcount == 0:
        raise NotFoundError("source", source_id)


def set_paused(
    transaction: Transaction, source_id: SourceId, *, is_paused: bool, now: datetime
) -> None:
    """Stop or go on reading a source; takes effect within seconds.

    Raises:
        NotFoundError: There is no such source.
    """
    done = transaction.execute(
        update(sources)
        .where(sources.c.source_id == source_id)
        .values(
            is_paused=is_paused,
            state="paused" if is_paused else "idle",
            next_read_at=None,
            updated_at=now,
        )
    )
    if done.rowcount == 0:
        raise NotFoundError("source", source_id)


def read_cursor(transaction: Transaction, source_id: SourceId) -> Cursor:
    """Return where reading a source stands; {} at its beginning.

    Raises:
        NotFoundError: There is no such source.
    """
    return find_row(transaction, source_id).cursor


def write_cursor(
    transaction: Transaction, source_id: SourceId, cursor: Mapping[str, JsonValue], *, now: datetime
) -> None:
    """Say where reading a source stands; only after the bus has acknowledged what lies before."""
    transaction.execute(
        update(sources)
        .where(sources.c.source_id == source_id)
        .values(cursor=dict(cursor), updated_at=now)
    )


def report(transaction: Transaction, source_id: SourceId, result: Report, *, now: datetime) -> None:
    """Write what a read came to into the source's row; a row that is gone is left alone."""
    values: dict[str, Any] = {
        "state": result.state,
        "last_error": result.message[:_MESSAGE_LIMIT],
        "posts_read": sources.c.posts_read + result.posts,
        "errors": sources.c.errors + result.errors,
        "last_read_at": now,
        "next_read_at": result.next_read_at,
        "updated_at": now,
    }
    if result.cursor is not None:
        values["cursor"] = dict(result.cursor)
    if result.last_post_at is not None:
        values["last_post_at"] = result.last_post_at
    transaction.execute(update(sources).where(sources.c.source_id == source_id).values(**values))


def set_state(
    transaction: Transaction, source_id: SourceId, state: str, message: str = "", *, now: datetime
) -> None:
    """Say in a source's row why nothing is read, without counting anything."""
    transaction.execute(
        update(sources)
        .where(sources.c.source_id == source_id)
        .values(state=state, last_error=message[:_MESSAGE_LIMIT], updated_at=now)
    )


def find_seen(
    transaction: Transaction, source_id: SourceId, post_ids: Sequence[PostId]
) -> dict[PostId, SeenPost]:
    """Return those of `post_ids` that were seen before."""
    found: dict[PostId, SeenPost] = {}
    for start in range(0, len(post_ids), _CHUNK):
        query = select(seen_posts).where(
            seen_posts.c.source_id == source_id,
            seen_posts.c.post_id.in_(post_ids[start : start + _CHUNK]),
        )
        for row in transaction.execute(query):
            found[row.post_id] = SeenPost(
                row.post_id, row.content_hash, row.revision, row.published_at, row.seen_at
            )
    return found


def put_seen(transaction: Transaction, source_id: SourceId, posts: Sequence[SeenPost]) -> None:
    """Remember posts as seen, in place of what was known of them."""
    dialect_insert = (
        postgresql.insert if transaction.dialect.name == "postgresql" else sqlite.insert
    )
    statement = dialect_insert(seen_posts)
    changed = ("content_hash", "revision", "published_at", "seen_at")
    statement = statement.on_conflict_do_update(
        index_elements=["source_id", "post_id"],
        set_={name: statement.excluded[name] for name in changed},
    )
    rows = [
        {
            "source_id": source_id,
            "post_id": post.post_id,
            "content_hash": post.content_hash,
            "revision": post.revision,
            "published_at": post.published_at,
            "seen_at": post.seen_at,
        }
        for post in posts
    ]
    if rows:
        transaction.execute(statement, rows)


def forget_seen(transaction: Transaction, *, before: datetime) -> int:
    """Drop what was last seen before that time; returns how many."""
    return transaction.execute(delete(seen_posts).where(seen_posts.c.seen_at < before)).rowcount


def _place(source: Source) -> tuple[SourceKind, str, dict[str, JsonValue]]:
    # Pace may change without reading everything again.
    options = {
        name: value
        for name, value in source.options.items()
        if name not in {"interval_s", "rate", "max_posts"}
    }
    return source.kind, source.url, options


def _column_values(source: Source, now: datetime) -> dict[str, Any]:
    permission = source.permission
    values: dict[str, Any] = {
        "source_id": source.source_id,
        "kind": source.kind.value,
        "name": source.name,
        "url": source.url,
        "options": source.options,
        "is_paused": source.is_paused,
        "updated_at": now,
    }
    if permission is None:
        return values | {
            "permission_basis": None,
            "approved_by": None,
            "approved_on": None,
            "terms_url": None,
            "terms_checked_on": None,
            "valid_until": None,
        }
    return values | permission.model_dump()


def _read_row(row: Row[Any]) -> SourceRow:
    columns = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    permission = None
    if columns["permission_basis"]:
        given = {name: columns[name] for name in Permission.model_fields}
        permission = Permission.model_validate(given | {"terms_url": columns["terms_url"] or ""})
    source = Source(
        source_id=columns["source_id"],
        kind=SourceKind(columns["kind"]),
        name=columns["name"],
        url=columns["url"],
        options=columns["options"],
        permission=permission,
        is_paused=columns["is_paused"],
    )
    status = SourceStatus.model_validate(
        {name: columns[name] for name in SourceStatus.model_fields}
    )
    return SourceRow(source, status, columns["cursor"], columns["next_read_at"])
