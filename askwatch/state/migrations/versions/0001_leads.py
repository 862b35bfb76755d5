"""Creates the tables of the company, its sources, leads and alerts."""

import sqlalchemy as sa
from alembic import op

from askwatch.state.types import Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "experts",
        sa.Column("expert_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("team", sa.String(length=120), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("expert_id", name=op.f("pk_experts")),
    )
    op.create_table(
        "hand_ins",
        sa.Column("hand_in_id", sa.String(length=32), nullable=False),
        sa.Column("expert_id", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("post_id", sa.String(length=512), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("lead_id", sa.String(length=32), nullable=True),
        sa.Column("verdict", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("hand_in_id", name=op.f("pk_hand_ins")),
    )
    op.create_index(op.f("ix_hand_ins_expert_id"), "hand_ins", ["expert_id"], unique=False)
    op.create_index(op.f("ix_hand_ins_post_id"), "hand_ins", ["post_id"], unique=False)
    op.create_index(op.f("ix_hand_ins_state"), "hand_ins", ["state"], unique=False)
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(length=8), nullable=False),
        sa.Column("intent", sa.String(length=24), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("b2b_probability", sa.Float(), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("topic_id", sa.String(length=64), nullable=True),
        sa.Column("topics", Json, nullable=False),
        sa.Column("entities", Json, nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("urgency", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("post_id", sa.String(length=512), nullable=False),
        sa.Column("post_revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("author_url", sa.Text(), nullable=False),
        sa.Column("author_hash", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("observed_at", UtcDateTime(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("handed_in_by", sa.String(length=64), nullable=True),
        sa.Column("rung", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answer_url", sa.Text(), server_default="", nullable=False),
        sa.Column("disclosed", sa.String(length=12), server_default="", nullable=False),
        sa.Column("disclosure_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("outcome", sa.String(length=12), server_default="", nullable=False),
        sa.Column("final_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("first_alerted_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(state NOT IN ('claimed', 'answered') OR owner_id IS NOT NULL) AND "
            "(state NOT IN ('review', 'new', 'held', 'alerting', 'pooled') OR owner_id IS NULL)",
            name=op.f("ck_leads_owner"),
        ),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_leads")),
    )
    op.create_index(op.f("ix_leads_author_hash"), "leads", ["author_hash"], unique=False)
    op.create_index(op.f("ix_leads_found_at"), "leads", ["found_at"], unique=False)
    op.create_index(op.f("ix_leads_source_id"), "leads", ["source_id"], unique=False)
    op.create_index(op.f("ix_leads_state"), "leads", ["state"], unique=False)
    op.create_index(op.f("ix_leads_updated_at"), "leads", ["updated_at"], unique=False)
    op.create_table(
        "policies",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_policies")),
    )
    op.create_table(
        "seen_posts",
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("post_id", sa.String(length=512), nullable=False),
        sa.Column("content_hash", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "post_id", name=op.f("pk_seen_posts")),
    )
    op.create_index(op.f("ix_seen_posts_seen_at"), "seen_posts", ["seen_at"], unique=False)
    op.create_table(
        "sources",
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("permission_basis", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("terms_url", sa.Text(), nullable=True),
        sa.Column("terms_checked_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("retention_days", sa.Integer(), server_default="90", nullable=False),
        sa.Column(
            "delete_on_source_delete", sa.Boolean(), server_default=sa.true(), nullable=False
        ),
        sa.Column("attribution_required", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("contact_allowed", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("state", sa.String(length=24), server_default="idle", nullable=False),
        sa.Column("posts_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("last_read_at", UtcDateTime(), nullable=True),
        sa.Column("last_post_at", UtcDateTime(), nullable=True),
        sa.Column("next_read_at", UtcDateTime(), nullable=True),
        sa.Column("cursor", Json, nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_sources")),
    )
    op.create_table(
        "timers",
        sa.Column("aggregate", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("aggregate", "kind", name=op.f("pk_timers")),
    )
    op.create_index(op.f("ix_timers_due_at"), "timers", ["due_at"], unique=False)
    op.create_index(op.f("ix_timers_lead_id"), "timers", ["lead_id"], unique=False)
    op.create_table(
        "topics",
        sa.Column("topic_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", name=op.f("pk_topics")),
    )
    op.create_table(
        "tombstones",
        sa.Column("post_hash", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("post_hash", name=op.f("pk_tombstones")),
    )
    op.create_index(op.f("ix_tombstones_created_at"), "tombstones", ["created_at"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("expert_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("terms", Json, nullable=False),
        sa.Column("because", Json, nullable=False),
        sa.Column("propensity", sa.Float(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("notified_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("snoozed_until", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("decline_reason", sa.String(length=24), server_default="", nullable=False),
        sa.Column("is_slot_held", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.CheckConstraint("propensity > 0", name=op.f("ck_alerts_propensity")),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.lead_id"], name=op.f("fk_alerts_lead_id_leads")
        ),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("lead_id", "expert_id", name=op.f("uq_alerts_lead_id")),
    )
    op.create_index(op.f("ix_alerts_expert_id"), "alerts", ["expert_id"], unique=False)
    op.create_index(op.f("ix_alerts_planned_at"), "alerts", ["planned_at"], unique=False)
    op.create_index(op.f("ix_alerts_state"), "alerts", ["state"], unique=False)
    op.create_index(
        "uq_alerts_accepted",
        "alerts",
        ["lead_id"],
        unique=True,
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_table(
        "lead_bands",
        sa.Column("band", sa.String(length=40), nullable=False),
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.lead_id"], name=op.f("fk_lead_bands_lead_id_leads")
        ),
        sa.PrimaryKeyConstraint("band", "lead_id", name=op.f("pk_lead_bands")),
    )
    op.create_index(op.f("ix_lead_bands_lead_id"), "lead_bands", ["lead_id"], unique=False)
    op.create_index(op.f("ix_lead_bands_seen_at"), "lead_bands", ["seen_at"], unique=False)
    op.create_table(
        "lead_links",
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("post_id", sa.String(length=512), nullable=False),
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("author_hash", sa.String(length=64), nullable=False),
        sa.Column("post_revision", sa.Integer(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.lead_id"], name=op.f("fk_lead_links_lead_id_leads")
        ),
        sa.PrimaryKeyConstraint("source_id", "post_id", name=op.f("pk_lead_links")),
    )
    op.create_index(op.f("ix_lead_links_author_hash"), "lead_links", ["author_hash"], unique=False)
    op.create_index(op.f("ix_lead_links_lead_id"), "lead_links", ["lead_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.String(length=32), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("expert_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), server_default="", nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.alert_id"], name=op.f("fk_deliveries_alert_id_alerts")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("alert_id", "channel", "kind", name=op.f("uq_deliveries_alert_id")),
    )
    op.create_index(op.f("ix_deliveries_alert_id"), "deliveries", ["alert_id"], unique=False)
    op.create_index("ix_deliveries_due", "deliveries", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_deliveries_lead_id"), "deliveries", ["lead_id"], unique=False)


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("lead_links")
    op.drop_table("lead_bands")
    op.drop_table("alerts")
    op.drop_table("tombstones")
    op.drop_table("topics")
    op.drop_table("timers")
    op.drop_table("sources")
    op.drop_table("seen_posts")
    op.drop_table("policies")
    op.drop_table("leads")
    op.drop_table("hand_ins")
    op.drop_table("experts")
