"""Messages that are not kept once they have left; the key of the pseudonyms; what is done is kept emptied."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("fleeting", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute("UPDATE inbox SET body = '', lane = '' WHERE state = 'done'")
