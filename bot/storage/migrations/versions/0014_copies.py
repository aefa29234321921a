"""The numbers of further messages that an outgoing one became: the pictures of an album, the pieces of a long text."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("others", sa.JSON()))
