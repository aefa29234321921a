"""The staff console: who has signed in, one-time links, sessions, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "console_people",
        sa.Column("user_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("editor", sa.Boolean(), nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
    )
    op.create_table(
        "console_tickets",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME),
    )
    op.create_table(
        "console_sessions",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("checked_at", _TIME, nullable=False),
    )
    op.create_table(
        "console_acts",
        sa.Column("id", _KEY, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(64)),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.UniqueConstraint("key", name="uq_console_acts_key"),
        sqlite_autoincrement=True,
    )
