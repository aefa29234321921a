"""Hand-overs know who has them, when staff replied and were alarmed; the copies of a message are found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("hand_overs", sa.Column("taken_by", sa.BigInteger()))
    op.add_column("hand_overs", sa.Column("taken_name", sa.String(64)))
    op.add_column("hand_overs", sa.Column("replied_at", _TIME))
    op.add_column("hand_overs", sa.Column("snoozed_until", _TIME))
    op.add_column("hand_overs", sa.Column("alarmed_at", _TIME))
    op.create_index("ix_hand_overs_opened", "hand_overs", ["opened_at"])
    op.drop_index("ix_outbox_hand_over", "outbox")
    op.create_index("ix_outbox_origin", "outbox", ["hand_over", "origin"])
