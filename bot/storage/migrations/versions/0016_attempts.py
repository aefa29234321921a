"""Attempts to sign in, counted for all processes together."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "console_attempts",
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("made", sa.JSON(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("who"),
    )
    op.create_index("ix_console_attempts_last", "console_attempts", ["last_at"])
