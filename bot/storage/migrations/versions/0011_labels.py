"""Labels of the staff: which entry a question asked for, "" for none of ours."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("questions", sa.Column("expected", sa.String(128)))
    op.add_column("questions", sa.Column("labelled_by", sa.BigInteger()))
    op.add_column("questions", sa.Column("labelled_at", sa.DateTime(timezone=True)))
