"""Who: namespaces and the hosts that report into them.

A revision spells its types out and imports nothing of imagedb, which moves on while it must not.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    namespace = op.create_table(
        "namespace",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("name", Word, nullable=False, unique=True),
        sa.Column("created_at", Moment, nullable=False),
    )
    op.create_table(
        "host",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("namespace_id", Key, sa.ForeignKey("namespace.id"), nullable=False),
        sa.Column("name", Word, nullable=False, unique=True),
        sa.Column("platform", Word),
        sa.Column("created_at", Moment, nullable=False),
    )
    op.create_index("ix_host_namespace_id", "host", ["namespace_id"])
    op.bulk_insert(namespace, [{"name": "default", "created_at": _now()}])


def downgrade() -> None:
    op.drop_table("host")
    op.drop_table("namespace")


def _now() -> datetime | int:
    """Give the moment as each engine stores it; SQLite counts microseconds since 1970."""
    now = datetime.now(UTC)
    return int(now.timestamp()) * 1_000_000 if op.get_context().dialect.name == "sqlite" else now
