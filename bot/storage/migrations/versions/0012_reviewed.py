"""What staff decided on what a citizen said of an entry: entry → whether it counts."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("questions", sa.Column("reviewed", sa.JSON(), nullable=False, server_default="{}"))
