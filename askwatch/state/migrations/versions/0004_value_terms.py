"""Keeps what the value of a lead is made of."""

import sqlalchemy as sa
from alembic import op

from askwatch.state.types import Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leads", sa.Column("value_terms", Json, server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("leads", "value_terms")
