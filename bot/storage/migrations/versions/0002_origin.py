"""Outgoing messages know which message they pass on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("origin", sa.BigInteger()))
