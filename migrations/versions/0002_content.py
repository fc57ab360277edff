"""Content: stored once for the whole database, however many images use it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_files()
    op.create_table(
        "manifest",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", Key, nullable=False),
        sa.Column("document_id", Key, sa.ForeignKey("document.id")),
        sa.Column("config_id", Key, sa.ForeignKey("document.id")),
        sa.Column("path", sa.LargeBinary),
        sa.Column("chain_id", sa.LargeBinary),
        sa.Column("layer_count", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
    )
    op.create_index("ix_manifest_config_id", "manifest", ["config_id"])
    op.create_index("ix_manifest_document_id", "manifest", ["document_id"])
    op.create_table(
        "manifest_layer",
        sa.Column("manifest_id", Key, _of_manifest(), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("layer_id", Key, sa.ForeignKey("layer.id")),
        sa.Column("blob_id", Key, sa.ForeignKey("blob.id")),
    )
    op.create_index("ix_manifest_layer_layer_id", "manifest_layer", ["layer_id"])
    op.create_index("ix_manifest_layer_blob_id", "manifest_layer", ["blob_id"])
    op.create_table(
        "manifest_label",
        sa.Column("manifest_id", Key, _of_manifest(), primary_key=True),
        sa.Column("key", Word, primary_key=True),
        sa.Column("value", Word, nullable=False),
    )


def downgrade() -> None:
    for table in ("manifest_label", "manifest_layer", "manifest", "document", "blob", "layer"):
        op.drop_table(table)


def _create_files() -> None:
    op.create_table(
        "layer",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("diff_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("size", Key),
    )
    op.create_table(
        "blob",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", Key, nullable=False),
    )
    op.create_table(
        "document",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", Key, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def _of_manifest() -> sa.ForeignKey:
    return sa.ForeignKey("manifest.id", ondelete="CASCADE")
