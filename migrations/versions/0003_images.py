"""Images, what they hold, and the references that point at them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_image()
    _create_image_manifest()
    op.create_table(
        "image_index",
        sa.Column("image_id", Key, _of_image(), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("document_id", Key, sa.ForeignKey("document.id"), nullable=False),
    )
    op.create_index("ix_image_index_document_id", "image_index", ["document_id"])
    op.create_table(
        "reference",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("namespace_id", Key, sa.ForeignKey("namespace.id"), nullable=False),
        sa.Column("name", Word, nullable=False),
        sa.Column("image_id", Key, sa.ForeignKey("image.id"), nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.UniqueConstraint("namespace_id", "name"),
    )
    op.create_index("ix_reference_image_id", "reference", ["image_id"])


def downgrade() -> None:
    for table in ("reference", "image_index", "image_manifest", "image"):
        op.drop_table(table)


def _create_image() -> None:
    op.create_table(
        "image",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("namespace_id", Key, sa.ForeignKey("namespace.id"), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", Key, nullable=False),
        sa.Column("identity", Word, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("content_size", Key, nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
        sa.Column("first_used_at", Moment),
        sa.Column("last_used_at", Moment),
        sa.UniqueConstraint("namespace_id", "digest"),
        sa.CheckConstraint("identity IN ('target', 'config')", name="identity"),
    )
    newest_first: list[str | sa.ColumnElement[Any]] = [
        "namespace_id",
        sa.column("created_at").desc(),
        sa.column("id").desc(),
    ]
    op.create_index("ix_image_namespace_id_created_at_id", "image", newest_first)


def _create_image_manifest() -> None:
    op.create_table(
        "image_manifest",
        sa.Column("image_id", Key, _of_image(), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("namespace_id", Key, nullable=False),
        sa.Column("manifest_id", Key, sa.ForeignKey("manifest.id"), nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("platform", Word),
        sa.Column("is_present", sa.Boolean, nullable=False),
        sa.Column("path", sa.LargeBinary),
        sa.Column("index_id", Key, sa.ForeignKey("document.id")),
        sa.CheckConstraint("kind IN ('image', 'attestation', 'unknown')", name="kind"),
    )
    op.create_index(
        "ix_image_manifest_manifest_id_namespace_id",
        "image_manifest",
        ["manifest_id", "namespace_id"],
    )
    for name, columns in (
        ("path", ["namespace_id", "platform", "path", "image_id"]),
        ("index_id", ["index_id"]),
    ):
        is_known = sa.column(name).is_not(None)
        op.create_index(
            f"ix_image_manifest_{name}",
            "image_manifest",
            columns,
            postgresql_where=is_known,
            sqlite_where=is_known,
        )


def _of_image() -> sa.ForeignKey:
    return sa.ForeignKey("image.id", ondelete="CASCADE")
