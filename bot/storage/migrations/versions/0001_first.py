"""The first tables: inbox, conversations, questions, hand-overs, outbox.

Written out, not taken from `bot.storage.tables`: what a migration does must never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_inbox()
    _create_conversations()
    _create_questions()
    _create_hand_overs()
    _create_outbox()


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("seq", _KEY, primary_key=True, autoincrement=True),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("retry_at", _TIME),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("settled_at", _TIME),
        sa.UniqueConstraint("update_id", name="uq_inbox_update_id"),
        sqlite_autoincrement=True,
    )
    _create_partial_index("ix_inbox_waiting", "inbox", ["lane", "seq"], where="state = 'waiting'")


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(64), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat", name="pk_conversations"),
    )


def _create_questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", _KEY, primary_key=True, autoincrement=True),
        sa.Column("ref", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("entry", sa.String(128)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME),
        sa.UniqueConstraint("channel", "ref", name="uq_questions_channel_ref"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_questions_status", "questions", ["status", "asked_at"])
    op.create_index("ix_questions_chat", "questions", ["channel", "chat"])


def _create_hand_overs() -> None:
    op.create_table(
        "hand_overs",
        sa.Column("id", _KEY, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(64), nullable=False),
        sa.Column("question_ref", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("topic", sa.BigInteger()),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sqlite_autoincrement=True,
    )
    _create_partial_index(
        "uq_hand_overs_open", "hand_overs", ["channel", "chat"], where="status <> 'closed'", unique=True
    )
    op.create_index("ix_hand_overs_topic", "hand_overs", ["topic"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _KEY, primary_key=True, autoincrement=True),
        sa.Column("chat", sa.String(64), nullable=False),
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("hand_over", _KEY, sa.ForeignKey("hand_overs.id", name="fk_outbox_hand_over")),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("error", sa.Text()),
        sa.Column("retry_at", _TIME),
        sa.Column("queued_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sqlite_autoincrement=True,
    )
    _create_partial_index("ix_outbox_pending", "outbox", ["chat", "id"], where="status IN ('queued', 'sending')")
    op.create_index("ix_outbox_message", "outbox", ["chat", "message_id"])
    op.create_index("ix_outbox_hand_over", "outbox", ["hand_over"])


def _create_partial_index(name: str, table: str, columns: list[str], *, where: str, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
