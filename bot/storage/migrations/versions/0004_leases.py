"""Inbox and outbox rows know which of several processes is at work on them, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    leased = sa.text("leased_by IS NOT NULL")
    for table in ("inbox", "outbox"):
        op.add_column(table, sa.Column("leased_by", sa.String(32)))
        op.add_column(table, sa.Column("leased_until", sa.DateTime(timezone=True)))
        op.create_index(f"ix_{table}_leased", table, ["leased_by"], sqlite_where=leased, postgresql_where=leased)
