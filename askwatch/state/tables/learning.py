"""Tables of what is learned: features of leads, taps, adaptations, back-tests, rejected posts."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from askwatch.state.types import Json, UtcDateTime, metadata

# What the language stage said of a lead's words, for a tap that may come later; goes with them.
lead_features = Table(
    "lead_features",
    metadata,
    Column("lead_id", String(32), ForeignKey("leads.lead_id"), primary_key=True),
    Column("body", Json, nullable=False),  # model.feedback.Features
    Column("updated_at", UtcDateTime, nullable=False),
)

# Taps; they outlive the text of their lead, but neither a deleted post nor a removed author.
feedback = Table(
    "feedback",
    metadata,
    Column("feedback_id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False, index=True),
    Column("lead_id", String(32), index=True),  # None: the post never became one
    Column("post_hash", String(32), nullable=False, index=True),  # as of tombstones
    Column("author_hash", String(64), nullable=False, index=True),
    Column("topic_id", String(64)),  # of wrong_topic: the right one; None: none of ours
    Column("asked_for", String(12), nullable=False, server_default=""),  # of wrong_kind
    Column("note", Text, nullable=False, server_default=""),  # goes with the lead's text
    Column("features", Json, nullable=False),
    Column("given_by", String(80), nullable=False),  # as the audit names people
    Column("given_at", UtcDateTime, nullable=False, index=True),
)

adaptations = Table(
    "adaptations",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("parent", Integer),  # the champion it was learned against; None: the model alone
    Column("state", String(12), nullable=False),  # champion, challenger, retired
    Column("figures", Json, nullable=False),
    Column("content", Json, nullable=False),  # model.adaptation.Adaptation
    Column("created_by", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(
        "uq_adaptations_champion",
        "state",
        unique=True,
        sqlite_where=text("state = 'champion'"),
        postgresql_where=text("state = 'champion'"),
    ),
)

backtests = Table(
    "backtests",
    metadata,
    Column("backtest_id", String(32), primary_key=True),
    Column("state", String(12), nullable=False, index=True),  # waiting, running, done, failed
    Column("request", Json, nullable=False),
    Column("result", Json, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    Column("created_by", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("lease_until", UtcDateTime),  # of a running one: when another may begin it anew
    Column("finished_at", UtcDateTime),
)

# A sample of what was rejected, for people to look for misses. Text, link and author go after a
# day or with the post; a mark stays, to be counted.
rejected_posts = Table(
    "rejected_posts",
    metadata,
    Column("sample_id", String(32), primary_key=True),  # hash of the post, as of tombstones
    Column("source_id", String(64), nullable=False),
    Column("author_hash", String(64), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("lang", String(8), nullable=False),
    Column("place", Text, nullable=False),
    Column("features", Json, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("sampled_at", UtcDateTime, nullable=False, index=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("mark", String(8), nullable=False, server_default="", index=True),  # ask, no_ask
    Column("marked_by", String(80), nullable=False, server_default=""),
    Column("marked_at", UtcDateTime),
)
