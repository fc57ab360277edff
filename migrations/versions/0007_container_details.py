"""What is known of a container beside what keeps images: labels, command, exit code."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Document = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    container = sa.ForeignKey("container.id", ondelete="CASCADE")
    op.create_table(
        "container_detail",
        sa.Column("container_id", Key, container, primary_key=True),
        sa.Column("labels", Document, nullable=False),
        sa.Column("command", sa.Text),
        sa.Column("exit_code", sa.Integer),
    )


def downgrade() -> None:
    op.drop_table("container_detail")
