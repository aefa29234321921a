"""The questions that staff have labelled: few among many, counted and read by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    labelled = sa.text("expected IS NOT NULL")
    op.create_index(
        "ix_questions_labelled",
        "questions",
        ["channel", "labelled_at"],
        sqlite_where=labelled,
        postgresql_where=labelled,
    )
