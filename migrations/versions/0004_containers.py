"""Containers, as records, and the images mounted into them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")

STATES = "'created', 'running', 'paused', 'restarting', 'exited', 'dead', 'removing'"


def upgrade() -> None:
    op.create_table(
        "container",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("namespace_id", Key, sa.ForeignKey("namespace.id"), nullable=False),
        sa.Column("host_id", Key, sa.ForeignKey("host.id"), nullable=False),
        sa.Column("container_id", Word, nullable=False),
        sa.Column("name", Word, nullable=False),
        sa.Column("image_digest", sa.LargeBinary),
        sa.Column("image_id", Key, sa.ForeignKey("image.id")),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("platform", Word),
        sa.Column("state", Word, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("started_at", Moment),
        sa.Column("finished_at", Moment),
        sa.UniqueConstraint("host_id", "container_id"),
        sa.CheckConstraint(f"state IN ({STATES})", name="state"),
    )
    op.create_table(
        "container_mount",
        sa.Column(
            "container_id", Key, sa.ForeignKey("container.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("namespace_id", Key, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("image_digest", sa.LargeBinary),
        sa.Column("image_id", Key, sa.ForeignKey("image.id")),
    )
    for column in ("name", "container_id"):
        name = f"ix_container_namespace_id_{column}"
        op.create_index(name, "container", ["namespace_id", column])
    for table in ("container", "container_mount"):
        _create_image_indexes(table)


def downgrade() -> None:
    op.drop_table("container_mount")
    op.drop_table("container")


def _create_image_indexes(table: str) -> None:
    unlinked = sa.column("image_id").is_(None) & sa.column("image_digest").is_not(None)
    op.create_index(f"ix_{table}_image_id", table, ["image_id"])
    op.create_index(
        f"ix_{table}_unlinked",
        table,
        ["namespace_id", "image_digest"],
        postgresql_where=unlinked,
        sqlite_where=unlinked,
    )
