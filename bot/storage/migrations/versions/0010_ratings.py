"""What citizens say of the answers they got: entry → whether it helped."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("questions", sa.Column("ratings", sa.JSON(), nullable=False, server_default="{}"))
