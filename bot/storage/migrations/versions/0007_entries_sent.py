"""Messages know which entry they answer with; corrections that were sent out."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TIME = sa.DateTime(timezone=True)
_ANSWERS = sa.text("entry IS NOT NULL")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("entry", sa.String(128)))
    op.create_index(
        "ix_outbox_entry", "outbox", ["entry", "queued_at"], sqlite_where=_ANSWERS, postgresql_where=_ANSWERS
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("entry", sa.String(128), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
    )
