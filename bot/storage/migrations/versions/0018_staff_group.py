"""Telegram's number of the staff group in which a message stands: in a group that moves, message numbers begin anew."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("staff_group", sa.BigInteger()))
