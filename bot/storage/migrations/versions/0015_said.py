"""Which questions somebody said something of: few among many, found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_CHOSEN = "decision = 'clarify' AND status = 'answered' AND entry IS NOT NULL"
_RATED = "CAST(ratings AS TEXT) <> '{}'"


def upgrade() -> None:
    op.add_column("questions", sa.Column("said", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(f"UPDATE questions SET said = true WHERE ({_CHOSEN}) OR {_RATED}")  # noqa: S608 - ours
    said = sa.text("said")
    op.create_index("ix_questions_said", "questions", ["channel", "id"], sqlite_where=said, postgresql_where=said)
