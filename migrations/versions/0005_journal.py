"""What happened, what was let go, and what callers were told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")
Document = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _create_event()
    _create_candidate()
    op.create_table(
        "release",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("namespace_id", Key, sa.ForeignKey("namespace.id"), nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("media_type", sa.Text),
        sa.Column("size", Key, nullable=False),
        sa.Column("released_at", Moment, nullable=False),
        sa.UniqueConstraint("namespace_id", "kind", "digest"),
        sa.CheckConstraint("kind IN ('blob', 'config', 'manifest', 'index', 'chain')", name="kind"),
    )
    op.create_table(
        "request",
        sa.Column("id", Word, primary_key=True),
        sa.Column("operation", Word, nullable=False),
        sa.Column("arguments", sa.LargeBinary, nullable=False),
        sa.Column("answer", Document, nullable=False),
        sa.Column("answered_at", Moment, nullable=False),
    )


def downgrade() -> None:
    for table in ("request", "release", "candidate", "event"):
        op.drop_table(table)


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("position", Key, unique=True),
        sa.Column("time", Moment, nullable=False),
        sa.Column("namespace", Word, nullable=False),
        sa.Column("host", Word),
        sa.Column("type", Word, nullable=False),
        sa.Column("action", Word, nullable=False),
        sa.Column("actor_id", Word, nullable=False),
        sa.Column("name", Word, nullable=False),
        sa.Column("attributes", Document, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("database_user", sa.Text, nullable=False),
        sa.Column("request_id", Word, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_request_id", "event", ["request_id"])
    op.create_index("ix_event_actor_id", "event", ["actor_id"])
    waits = sa.column("position").is_(None)
    op.create_index(
        "ix_event_unpositioned", "event", ["id"], postgresql_where=waits, sqlite_where=waits
    )


def _create_candidate() -> None:
    op.create_table(
        "candidate",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("namespace_id", Key, sa.ForeignKey("namespace.id"), nullable=False),
        sa.Column("manifest_id", Key, sa.ForeignKey("manifest.id")),
        sa.Column("document_id", Key, sa.ForeignKey("document.id")),
        sa.CheckConstraint("(manifest_id IS NULL) <> (document_id IS NULL)", name="one_content"),
    )
    for columns in (["namespace_id", "manifest_id"], ["manifest_id"], ["document_id"]):
        op.create_index(f"ix_candidate_{'_'.join(columns)}", "candidate", columns)
