"""Creates the tables of what is learned from taps."""

import sqlalchemy as sa
from alembic import op

from askwatch.state.types import Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lead_features",
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.lead_id"], name=op.f("fk_lead_features_lead_id_leads")
        ),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_lead_features")),
    )
    op.create_table(
        "feedback",
        sa.Column("feedback_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lead_id", sa.String(length=32), nullable=True),
        sa.Column("post_hash", sa.String(length=32), nullable=False),
        sa.Column("author_hash", sa.String(length=64), nullable=False),
        sa.Column("topic_id", sa.String(length=64), nullable=True),
        sa.Column("asked_for", sa.String(length=12), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("features", Json, nullable=False),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_feedback")),
    )
    for column in ("kind", "lead_id", "post_hash", "author_hash", "given_at"):
        op.create_index(op.f(f"ix_feedback_{column}"), "feedback", [column], unique=False)
    op.create_table(
        "adaptations",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_adaptations")),
    )
    op.create_index(
        "uq_adaptations_champion",
        "adaptations",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'champion'"),
        postgresql_where=sa.text("state = 'champion'"),
    )
    op.create_table(
        "backtests",
        sa.Column("backtest_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("request", Json, nullable=False),
        sa.Column("result", Json, nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("backtest_id", name=op.f("pk_backtests")),
    )
    for column in ("state", "created_at"):
        op.create_index(op.f(f"ix_backtests_{column}"), "backtests", [column], unique=False)
    op.create_table(
        "rejected_posts",
        sa.Column("sample_id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("author_hash", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("features", Json, nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("sampled_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("mark", sa.String(length=8), server_default="", nullable=False),
        sa.Column("marked_by", sa.String(length=80), server_default="", nullable=False),
        sa.Column("marked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("sample_id", name=op.f("pk_rejected_posts")),
    )
    for column in ("author_hash", "sampled_at", "expires_at", "mark"):
        op.create_index(
            op.f(f"ix_rejected_posts_{column}"), "rejected_posts", [column], unique=False
        )


def downgrade() -> None:
    for table in ("rejected_posts", "backtests", "adaptations", "feedback", "lead_features"):
        op.drop_table(table)
