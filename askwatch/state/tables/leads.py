"""Tables of leads, alerts, deliveries and timers."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from askwatch.state.types import Json, UtcDateTime, metadata

leads = Table(
    "leads",
    metadata,
    Column("lead_id", String(32), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("epoch", Integer, nullable=False),  # grows with every rung, claim and release
    Column("revision", Integer, nullable=False),  # grows with every change of the row
    Column("lane", String(8), nullable=False),
    # What was understood.
    Column("intent", String(24), nullable=False),
    Column("probability", Float, nullable=False),
    Column("b2b_probability", Float, nullable=False),
    Column("lang", String(8), nullable=False),
    Column("topic_id", String(64)),  # the best one; None when no topic fits
    Column("topics", Json, nullable=False),  # [{topic_id, probability}], best first
    Column("entities", Json, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("urgency", String(8), nullable=False),
    Column("value", Float, nullable=False),
    Column("value_terms", Json, nullable=False, server_default="{}"),  # {term: in [0, 1]}
    Column("model", String(64), nullable=False),
    # The post, as its newest revision stands.
    Column("source_id", String(64), nullable=False, index=True),
    Column("post_id", String(512), nullable=False),
    Column("post_revision", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("author_name", Text, nullable=False),
    Column("author_url", Text, nullable=False),
    Column("author_hash", String(64), nullable=False, index=True),
    Column("place", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("observed_at", UtcDateTime, nullable=False),
    Column("found_at", UtcDateTime, nullable=False, index=True),
    Column("handed_in_by", String(64)),
    # Who is told and who has it.
    Column("rung", Integer, nullable=False, server_default="0"),  # rungs of the ladder used
    Column("owner_id", String(64)),
    Column("claimed_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("answer_url", Text, nullable=False, server_default=""),
    Column("disclosed", String(12), nullable=False, server_default=""),  # yes, no, not_needed
    Column("disclosure_reason", Text, nullable=False, server_default=""),
    Column("outcome", String(12), nullable=False, server_default=""),
    Column("final_reason", Text, nullable=False, server_default=""),
    Column("first_alerted_at", UtcDateTime),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False, index=True),
    # Who has a lead is never in doubt (ROUTING: I1).
    CheckConstraint(
        "(state NOT IN ('claimed', 'answered') OR owner_id IS NOT NULL) AND "
        "(state NOT IN ('review', 'new', 'held', 'alerting', 'pooled') OR owner_id IS NULL)",
        name="owner",
    ),
)

# Every place the ask stands in; the primary link is repeated in the lead's own columns.
lead_links = Table(
    "lead_links",
    metadata,
    Column("source_id", String(64), nullable=False),
    Column("post_id", String(512), nullable=False),
    Column("lead_id", String(32), ForeignKey("leads.lead_id"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("author_hash", String(64), nullable=False, index=True),
    Column("post_revision", Integer, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("linked_at", UtcDateTime, nullable=False),
    Column("is_withdrawn", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("source_id", "post_id"),
)

# Near-duplicate bands: posts that share one may be copies of each other.
lead_bands = Table(
    "lead_bands",
    metadata,
    Column("band", String(40), nullable=False),
    Column("lead_id", String(32), ForeignKey("leads.lead_id"), nullable=False, index=True),
    Column("seen_at", UtcDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("band", "lead_id"),
)

# Posts that are gone, as hashes: a late record of one of their older revisions makes no lead.
tombstones = Table(
    "tombstones",
    metadata,
    Column("post_hash", String(32), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", String(32), primary_key=True),
    Column("lead_id", String(32), ForeignKey("leads.lead_id"), nullable=False),
    Column("expert_id", String(64), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("rung", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),  # the lead's epoch when it was planned
    Column("score", Float, nullable=False),
    Column("terms", Json, nullable=False),  # every term of the formula
    Column("because", Json, nullable=False),  # [{"kind": "skill", "values": [...]}, ...] for words
    Column("propensity", Float, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("model", String(64), nullable=False),
    Column("local_day", Date, nullable=False),  # in the expert's zone, for the daily cap
    Column("planned_at", UtcDateTime, nullable=False, index=True),
    Column("notified_at", UtcDateTime),
    Column("seen_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("snoozed_until", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("decline_reason", String(24), nullable=False, server_default=""),
    # Counts to the expert's caps; given back only when no delivery was ever tried (ROUTING: I4).
    Column("is_slot_held", Boolean, nullable=False, server_default=true()),
    # One lead never alerts the same expert twice (ROUTING: I6).
    UniqueConstraint("lead_id", "expert_id"),
    # At most one open claim on a lead (ROUTING: I1).
    Index(
        "uq_alerts_accepted",
        "lead_id",
        unique=True,
        sqlite_where=text("state = 'accepted'"),
        postgresql_where=text("state = 'accepted'"),
    ),
    CheckConstraint("propensity > 0", name="propensity"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", String(32), primary_key=True),
    Column("alert_id", String(32), ForeignKey("alerts.alert_id"), nullable=False, index=True),
    Column("lead_id", String(32), nullable=False, index=True),
    Column("expert_id", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("kind", String(16), nullable=False),  # alert, reminder, nudge, notice
    Column("state", String(16), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),  # pending and failed_temp: when to try
    Column("lease_owner", String(64), nullable=False, server_default=""),
    Column("lease_until", UtcDateTime),
    Column("message_id", String(200), nullable=False),  # the same in every attempt
    Column("error", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Index("ix_deliveries_due", "state", "due_at"),
    UniqueConstraint("alert_id", "channel", "kind"),
)

timers = Table(
    "timers",
    metadata,
    Column("aggregate", String(40), nullable=False),  # lead:<id>, alert:<id>
    Column("kind", String(24), nullable=False),
    Column("lead_id", String(32), nullable=False, index=True),
    Column("epoch", Integer, nullable=False),  # older than the lead's epoch: changes nothing
    Column("due_at", UtcDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("aggregate", "kind"),
)

hand_ins = Table(
    "hand_ins",
    metadata,
    Column("hand_in_id", String(32), primary_key=True),
    Column("expert_id", String(64), nullable=False, index=True),
    Column("source_id", String(64), nullable=False),
    Column("post_id", String(512), nullable=False, index=True),
    Column("url", Text, nullable=False),
    # fetching, needs_text, received, found, not_found, withdrawn
    Column("state", String(16), nullable=False, index=True),
    Column("reason", Text, nullable=False, server_default=""),  # why its text is needed
    Column("lead_id", String(32)),
    Column("verdict", Json, nullable=False),  # intent, probability, topics of the language stage
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
