"""Tables of how the service runs: outbox, dead letters, leases, sign-in, audit."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
    text,
)

from askwatch.state.types import Json, UtcDateTime, metadata

# SQLite only counts up by itself in a column of type INTEGER.
_Serial = BigInteger().with_variant(Integer(), "sqlite")

# Facts to send to stream `events`, written in the transaction of the change they tell of.
outbox = Table(
    "outbox",
    metadata,
    Column("outbox_id", _Serial, primary_key=True, autoincrement=True),
    Column("event_id", String(32), nullable=False, unique=True),
    Column("stream", String(32), nullable=False),
    Column("key", String(600), nullable=False),
    Column("schema", String(32), nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    # The relay looks for unsent rows, never for "id > last": ids commit out of order.
    Index(
        "ix_outbox_unsent",
        "outbox_id",
        sqlite_where=text("sent_at IS NULL"),
        postgresql_where=text("sent_at IS NULL"),
    ),
)

# Event ids already dealt with, per consumer group; they outlive every retention.
handled = Table(
    "handled",
    metadata,
    Column("consumer_group", String(32), nullable=False),
    Column("event_id", String(32), nullable=False),
    Column("handled_at", UtcDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("consumer_group", "event_id"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("dead_letter_id", String(32), primary_key=True),
    Column("consumer_group", String(32), nullable=False),
    Column("stream", String(32), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("headers", Json, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("state", String(12), nullable=False, index=True),  # open, replayed, dropped
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("updated_at", UtcDateTime, nullable=False),
)

# Authors who must not be stored: keyed hashes (model.ids.hash_author).
suppression = Table(
    "suppression",
    metadata,
    Column("author_hash", String(64), primary_key=True),
    Column("reason", String(32), nullable=False),  # account_deleted, opt_out, erasure
    Column("created_at", UtcDateTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", _Serial, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor", String(80), nullable=False),  # expert:<id>, key:<id>, cli, system
    Column("action", String(40), nullable=False),  # lead.claim, source.pause, ...
    Column("object_id", String(600), nullable=False),
    Column("detail", Json, nullable=False),  # never a post's text
)

# Leases with fencing: sources, relay, replay.
leases = Table(
    "leases",
    metadata,
    Column("name", String(100), primary_key=True),  # source:<id>, relay
    Column("owner", String(80), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

processes = Table(
    "processes",
    metadata,
    Column("instance", String(80), primary_key=True),  # name-host-pid
    Column("name", String(16), nullable=False),
    Column("host", String(120), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("state", String(12), nullable=False),  # starting, running, stopped
    Column("started_at", UtcDateTime, nullable=False),
    Column("beat_at", UtcDateTime, nullable=False),
    Column("stats", Json, nullable=False),  # lag, handled, memory_mb, ...
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("expert_id", String(64), nullable=False),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("expert_id", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("spent_at", UtcDateTime),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(32), primary_key=True),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(12), nullable=False),
    Column("expert_id", String(64)),  # in whose name it may claim; None: nobody's
    Column("is_revoked", Boolean, nullable=False, server_default=false()),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("actor", String(80), nullable=False),
    Column("key", String(255), nullable=False),
    Column("request_hash", String(64), nullable=False),
    Column("status", Integer),  # None while the first request still runs
    Column("body", LargeBinary),
    Column("headers", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("actor", "key"),
)
