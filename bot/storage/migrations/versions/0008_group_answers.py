"""One answer to everybody who asked the same: who wrote it, and which messages bear it, at most one to each chat."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BEARS_ONE = sa.text("group_answer IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "group_answers",
        sa.Column("id", _KEY, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("key", name="uq_group_answers_key"),
        sqlite_autoincrement=True,
    )
    op.add_column("outbox", sa.Column("group_answer", sa.BigInteger()))
    op.create_index(
        "uq_outbox_group_answer",
        "outbox",
        ["group_answer", "chat"],
        unique=True,
        sqlite_where=_BEARS_ONE,
        postgresql_where=_BEARS_ONE,
    )
