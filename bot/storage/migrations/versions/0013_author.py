"""Who of the staff wrote what an outgoing message passes on."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("author", sa.BigInteger()))
