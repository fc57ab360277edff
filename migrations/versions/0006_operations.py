"""Holds, heartbeats of hosts, claims of releases, and what retention needs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.Integer(), "sqlite")

_INDEXES = {
    "ix_hold_image_id": ("hold", "image_id"),
    "ix_hold_namespace_id": ("hold", "namespace_id"),
    "ix_release_digest": ("release", "digest"),
    "ix_release_claim_claim": ("release_claim", "claim"),
    "ix_done_release_done_at": ("done_release", "done_at"),
    "ix_event_time": ("event", "time"),
    "ix_request_answered_at": ("request", "answered_at"),
}


def upgrade() -> None:
    _create_hold()
    _create_heartbeat()
    _create_claims()
    op.create_table(
        "event_cut",
        sa.Column("position", Key, primary_key=True, autoincrement=False),
        sa.Column("cut_at", Moment, nullable=False),
    )
    for name, (table, column) in _INDEXES.items():
        op.create_index(name, table, [column])


def downgrade() -> None:
    for name, (table, _) in _INDEXES.items():
        op.drop_index(name, table)
    for table in ("event_cut", "done_release", "release_claim", "heartbeat", "hold"):
        op.drop_table(table)


def _create_hold() -> None:
    op.create_table(
        "hold",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("namespace_id", Key, sa.ForeignKey("namespace.id"), nullable=False),
        sa.Column("image_id", Key, sa.ForeignKey("image.id"), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("held_at", Moment, nullable=False),
        sa.Column("until", Moment),
        sqlite_autoincrement=True,
    )


def _create_heartbeat() -> None:
    host = sa.ForeignKey("host.id", ondelete="CASCADE")
    op.create_table(
        "heartbeat",
        sa.Column("host_id", Key, host, primary_key=True),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("lease_seconds", sa.Integer),
        sa.Column("stale_at", Moment),
    )


def _create_claims() -> None:
    release = sa.ForeignKey("release.id", ondelete="CASCADE")
    op.create_table(
        "release_claim",
        sa.Column("release_id", Key, release, primary_key=True),
        sa.Column("claim", Word, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("claimed_at", Moment, nullable=False),
        sa.Column("until", Moment, nullable=False),
    )
    op.create_table(
        "done_release",
        sa.Column("id", Key, sa.Identity(), primary_key=True),
        sa.Column("namespace", Word, nullable=False),
        sa.Column("kind", Word, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("media_type", sa.Text),
        sa.Column("size", Key, nullable=False),
        sa.Column("released_at", Moment, nullable=False),
        sa.Column("done_at", Moment, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
    )
