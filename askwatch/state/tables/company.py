"""Tables of what the company is: topics, experts, policies, sources."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    true,
)

from askwatch.state.types import Json, UtcDateTime, metadata

# Whole models as JSON (model.topic.Topic, model.expert.Expert): they are read whole, and a new
# field needs no migration. Columns beside them are what queries filter by.
topics = Table(
    "topics",
    metadata,
    Column("topic_id", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("body", Json, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

experts = Table(
    "experts",
    metadata,
    Column("expert_id", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("email", String(320), nullable=False),
    Column("team", String(120), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("body", Json, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

# One row a policy name; the body is the router's Policy or another named set of thresholds.
policies = Table(
    "policies",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Json, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("source_id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(120), nullable=False),
    Column("url", Text, nullable=False),
    Column("options", Json, nullable=False),
    Column("is_paused", Boolean, nullable=False),
    Column("permission_basis", Text),
    Column("approved_by", Text),
    Column("approved_on", Date),
    Column("terms_url", Text),
    Column("terms_checked_on", Date),
    Column("valid_until", Date),
    Column("retention_days", Integer, nullable=False, server_default="90"),
    Column("delete_on_source_delete", Boolean, nullable=False, server_default=true()),
    Column("attribution_required", Boolean, nullable=False, server_default=true()),
    Column("contact_allowed", Boolean, nullable=False, server_default=true()),
    # Status, written by whoever reads the source.
    Column("state", String(24), nullable=False, server_default="idle"),
    Column("posts_read", BigInteger, nullable=False, server_default="0"),
    Column("errors", BigInteger, nullable=False, server_default="0"),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("last_read_at", UtcDateTime),
    Column("last_post_at", UtcDateTime),
    Column("next_read_at", UtcDateTime),
    Column("cursor", Json, nullable=False),  # etag, last_modified, position, overlap window
    Column("updated_at", UtcDateTime, nullable=False),
)

# Posts seen in the overlap window: late and same-second posts are kept, edits are noticed.
seen_posts = Table(
    "seen_posts",
    metadata,
    Column("source_id", String(64), nullable=False),
    Column("post_id", String(512), nullable=False),
    Column("content_hash", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("source_id", "post_id"),
)
