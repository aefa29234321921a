"""Whether somebody was promised an answer who asked for a person while another request was open."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("questions", sa.Column("promised", sa.Boolean(), nullable=False, server_default=sa.false()))
