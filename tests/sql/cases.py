"""What each statement is asked in the tests of plans, and what it may read as a whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from imagedb.columns import EPOCH
from imagedb.releases import KINDS
from imagedb.schema import image
from tests.sql.population import BUSY, Known

Asks = Callable[[Known], Mapping[str, Any]]

NOW: Final = datetime(2024, 1, 1, tzinfo=UTC)
NEW: Final = "sha256:" + "ab" * 32


WHOLE: Final[Mapping[str, str]] = {
    "containers.containers_of_namespace": "container ls shows them all",
    "content.namespaces_to_sweep": "candidates are few: whoever makes some sweeps them",
    "events.lock_positions": "it reads no table",
    "holds.holds_of_namespace": "hold ls shows them all",
    "lineage.paths_of_namespace": "image tree draws them all",
    "hosts.hosts": "host ls shows them all",
    "hosts.hosts_of_namespace": "host ls shows them all",
    "retention.moment": "it reads no table",
    "namespaces.namespaces": "namespace ls shows them all",
    "standing.releases_by_namespace": "metrics count them all",
    "standing.stale_hosts_by_namespace": "metrics count them all",
    "standing.waiting_candidates": "metrics count them all",
    "usage.content_size": "system df adds it all up",
    "usage.object_counts": "info counts them all",
    "usage.shared_sizes": "system df compares every image with all others",
}
"""Statements that read a table as a whole because that is what they are for."""


AT_THE_END: Final = ("manifest", "document", "blob", "layer")
"""Read from the end of an index, one row of it."""


@dataclass(frozen=True)
class Case:
    """A statement's parameters, and the tables that it may read as a whole."""

    asks: Asks
    reads: frozenset[str] = frozenset()
    rows: int = 300
    """As many it may touch."""
    engine: str | None = None
    """The only one that is asked it."""


def case(
    asks: Asks | Mapping[str, Any], *reads: str, rows: int = 300, engine: str | None = None
) -> Case:
    """Write a case in a line."""
    ask = asks if callable(asks) else lambda _: asks
    return Case(ask, frozenset(reads), rows, engine)


def leaving(known: Known) -> dict[str, Any]:
    """The most popular base leaves."""
    return {
        "namespace": known.namespace,
        "leaving": [known.base],
        "dropped": known.base_manifests,
    }


CASES: Final[Mapping[str, Case]] = {
    # ── resolve ───────────────────────────────────────────────────────────────────────────────
    "images.image_by_name": case(lambda k: {"namespace": k.namespace, "name": k.names[0]}),
    "images.image_by_digest": case(lambda k: {"namespace": k.namespace, "digest": k.digests[0]}),
    "images.images_by_prefix": case(
        lambda k: {
            "namespace": k.namespace,
            "lower": bytes.fromhex("12ab".ljust(64, "0")),
            "upper": bytes.fromhex("12ab".ljust(64, "f")),
            "limit": 20,
        }
    ),
    # ── what images hold ──────────────────────────────────────────────────────────────────────
    "images.images_by_key": case(lambda k: {"images": k.images}),
    "images.names_of_images": case(lambda k: {"images": k.images}),
    "images.last_tagged": case(lambda k: {"image": k.base}),
    "images.manifests_of_images": case(lambda k: {"images": k.images}),
    "images.standing_manifests_of_images": case(lambda k: {"images": k.images}),
    "images.rows_of_image_manifests": case(lambda k: {"image": k.base}),
    "images.labels_of_manifests": case(lambda k: {"manifests": k.manifests}),
    "images.layers_of_manifests": case(lambda k: {"manifests": k.manifests}),
    "images.documents": case(lambda k: {"documents": k.documents}),
    "images.sizes_of_documents": case(lambda k: {"documents": k.documents}),
    "images.containers_of_images": case(lambda k: {"images": k.images}),
    # ── ls ────────────────────────────────────────────────────────────────────────────────────
    "images.images_newest": case(lambda k: {"namespace": k.namespace, "limit": 100}),
    "images.images_after": case(
        lambda k: {
            "namespace": k.namespace,
            "created": k.one_of(image.c.created_at, image.c.id == k.leaf),
            "after": k.leaf,
            "limit": 100,
        }
    ),
    # ── report ────────────────────────────────────────────────────────────────────────────────
    "images.images_by_own_digest": case(lambda k: {"namespace": k.namespace, "digests": k.digests}),
    "images.images_by_manifest": case(
        lambda k: {"namespace": k.namespace, "digests": k.manifest_digests}
    ),
    "images.images_by_config": case(
        lambda k: {"namespace": k.namespace, "digests": k.document_digests}
    ),
    # ── locks ─────────────────────────────────────────────────────────────────────────────────
    "images.lock_images": case(lambda k: {"images": k.images}),
    "images.lock_images_for_use": case(lambda k: {"images": k.images}),
    "images.lock_images_for_change": case(lambda k: {"images": k.images}),
    "references.targets_of_names": case(lambda k: {"namespace": k.namespace, "names": k.names}),
    "references.lock_names": case(lambda k: {"namespace": k.namespace, "names": k.names}),
    "containers.lock_container": case(lambda k: {"container": k.containers[0]}),
    "containers.lock_containers_of_host": case({"host": 1}, rows=500),
    "hosts.lock_host": case({"host": 1}, "host"),
    "hosts.lock_host_for_heartbeat": case({"host": 1}, "host"),
    # ── lineage ───────────────────────────────────────────────────────────────────────────────
    "lineage.parents_of_image": case(lambda k: {"image": k.leaf}),
    "lineage.paths_of_image": case(lambda k: {"image": k.base}),
    "lineage.children_of_path": case(
        lambda k: {
            "namespace": k.namespace,
            "image": k.middle,
            "platform": k.platform,
            "lower": k.path,
            "upper": k.path + b"\xff" * 8,
        },
        rows=600,
    ),
    "lineage.paths_of_images": case(lambda k: {"images": k.images}),
    # ── the delete check, and the delete ──────────────────────────────────────────────────────
    "containers.uses_of_images": case(lambda k: {"images": k.images}, "host", "heartbeat"),
    "hosts.lock_heartbeats_of_images": case(lambda k: {"images": k.images}, "heartbeat"),
    "containers.unlink_containers": case(lambda k: {"images": k.images}),
    "containers.unlink_mounts": case(lambda k: {"images": k.images}),
    "references.delete_names": case(
        lambda k: {"namespace": k.namespace, "names": k.names, "images": k.images}
    ),
    "images.drop_image_manifests": case(lambda k: {"image": k.base, "manifests": k.base_manifests}),
    "content.add_candidates_of_images": case(lambda k: {"images": k.images}),
    "images.delete_images": case(lambda k: {"images": k.unused}),
    # ── the sweep, of the most popular base's content ─────────────────────────────────────────
    "content.take_candidates": case(
        lambda k: {"namespace": k.namespace, "limit": 200},
        "candidate",  # along an index, up to the limit
        rows=500,
    ),
    "unused.unused_manifests": case(
        lambda k: {"namespace": k.namespace, "manifests": k.base_manifests}
    ),
    "unused.unused_indexes": case(lambda k: {"namespace": k.namespace, "documents": k.indexes}),
    "unused.unused_configs": case(lambda k: {"namespace": k.namespace, "documents": k.documents}),
    "unused.unused_blobs": case(
        lambda k: {"namespace": k.namespace, "manifests": k.base_manifests}
    ),
    "unused.unused_chains": case(
        lambda k: {"namespace": k.namespace, "manifests": k.base_manifests}
    ),
    # ── the sweep, of an image's content that nobody holds any more ───────────────────────────
    "unused.unused_manifests: gone": case(
        lambda k: {"namespace": k.namespace, "manifests": k.gone_manifests}
    ),
    "unused.unused_configs: gone": case(
        lambda k: {"namespace": k.namespace, "documents": k.gone_documents}
    ),
    "unused.unused_blobs: gone": case(
        lambda k: {"namespace": k.namespace, "manifests": k.gone_manifests}
    ),
    "unused.unused_chains: gone": case(
        lambda k: {"namespace": k.namespace, "manifests": k.gone_manifests}
    ),
    # ── prune ─────────────────────────────────────────────────────────────────────────────────
    "pruning.named_images": case(
        lambda k: {"namespace": k.namespace, "after": "docker.io/", "limit": 200},
        "reference",  # along an index, up to the limit
        rows=600,
    ),
    "pruning.dangling_images": case(
        lambda k: {"namespace": k.namespace, "after": b"", "limit": 200},
        "image",  # along an index, up to the limit
        rows=40_000,
    ),
    # ── what would go if these images went ────────────────────────────────────────────────────
    "unused.content_of_images": case(lambda k: {"images": k.images}),
    "unused.bytes_held": case(lambda k: {"manifests": k.base_manifests, "documents": k.indexes}),
    "unused.freed_manifests": case(lambda k: leaving(k) | {"manifests": k.base_manifests}),
    "unused.freed_indexes": case(lambda k: leaving(k) | {"documents": k.indexes}),
    "unused.freed_configs": case(lambda k: leaving(k) | {"documents": k.documents}),
    "unused.freed_blobs": case(lambda k: leaving(k) | {"manifests": k.base_manifests}),
    "unused.freed_chains": case(lambda k: leaving(k) | {"manifests": k.base_manifests}),
    # ── import ────────────────────────────────────────────────────────────────────────────────
    "content.layers_by_digest": case(lambda k: {"digests": k.layers}),
    "content.blobs_by_digest": case(lambda k: {"digests": k.blobs}),
    "content.documents_by_digest": case(lambda k: {"digests": k.document_digests}),
    "content.manifests_by_digest": case(lambda k: {"digests": k.manifest_digests}),
    "content.knowledge_of_manifests": case(lambda k: {"manifests": k.manifests}),
    "content.images_holding_manifests": case(lambda k: {"manifests": k.manifests}),
    "content.delete_manifest_layers": case(lambda k: {"manifest": k.manifests[0]}),
    "content.delete_manifest_labels": case(lambda k: {"manifest": k.manifests[0]}),
    "content.complete_manifest": case(
        lambda k: {
            "manifest": k.manifests[0],
            "document": k.documents[0],
            "config": k.documents[0],
            "path": b"",
            "chain_id": NEW,
            "layer_count": 1,
            "media_type": "application/json",
            "size": 1,
            "knows_config": True,
            "knows_layers": True,
            "created": NOW,
        }
    ),
    # ── releases ──────────────────────────────────────────────────────────────────────────────
    "releases.releases_after": case(
        lambda k: {"namespace": k.namespace, "after": 5_000, "limit": 100, "kinds": KINDS}
    ),
    "releases.releases_of_digests": case(
        lambda k: {"namespace": k.namespace, "digests": k.document_digests}
    ),
    "releases.claims_of_releases": case({"releases": [10, 20, 30]}),
    "releases.keys_of_claim": case({"claim": "c2"}),
    "releases.lock_claimable": case(
        lambda k: {"namespace": k.namespace, "limit": 100, "kinds": KINDS},
        "release",  # the oldest first, up to the limit
        rows=500,
    ),
    "releases.lock_releases": case(lambda k: {"namespace": k.namespace, "releases": [7, 8, 9]}),
    "releases.withdraw_releases": case({"releases": [7, 8, 9]}),
    "releases.delete_releases": case({"releases": [7, 8, 9]}),
    "releases.delete_claims": case({"releases": [10, 20, 30]}),
    "releases.lock_claim": case({"claim": "c2"}),
    "releases.done_since_claim": case(
        lambda k: {"name": BUSY, "claim": "r9990", "digests": k.document_digests}
    ),
    "releases.last_load_since_claim": case({"name": BUSY, "claim": "r9990"}, "event_cut"),
    "unused.used_content": case(
        lambda k: {"namespace": k.namespace, "digests": k.document_digests}
    ),
    "releases.set_claim": case({"claim": "c2", "answer": []}),
    "references.move_name": case(
        lambda k: {
            "namespace": k.namespace,
            "at": k.names[0],
            "from": k.images[0],
            "to": k.images[1],
        }
    ),
    "images.delete_image_manifests": case(lambda k: {"image": k.base}),
    "images.indexes_of_image": case(lambda k: {"image": k.base}),
    "images.set_image_summary": case(
        lambda k: {"image": k.base, "created": NOW, "content_size": 1}
    ),
    # ── containers ────────────────────────────────────────────────────────────────────────────
    "containers.containers_by_name": case(
        lambda k: {"namespace": k.namespace, "name": "c1"}, "host"
    ),
    "containers.containers_by_prefix": case(
        lambda k: {"namespace": k.namespace, "lower": "12ab", "upper": "12abg"}, "host"
    ),
    "containers.containers_of_host": case({"host": 1}, rows=500),
    "containers.details_of_containers": case(lambda k: {"containers": k.containers}),
    "containers.set_exit": case(lambda k: {"container": k.containers[0], "exit_code": 137}),
    "containers.images_of_container": case(lambda k: {"container": k.containers[0]}),
    "containers.images_of_host": case({"host": "host-moby-1"}, rows=700),
    "containers.mounts_of_host": case({"host": "host-moby-1"}, rows=700),
    "containers.mounts_of_containers": case(lambda k: {"containers": k.containers}),
    "containers.delete_mounts": case(lambda k: {"containers": k.containers}),
    "containers.set_container": case(
        lambda k: {
            "container": k.containers[0],
            "name": "c",
            "image_digest": NEW,
            "image_id": k.base,
            "reference": "app",
            "platform": None,
            "state": "exited",
            "created_at": NOW,
            "started_at": None,
            "finished_at": None,
        }
    ),
    "containers.set_started": case(lambda k: {"container": k.containers[0]}),
    "containers.set_finished": case(lambda k: {"container": k.containers[0]}),
    "containers.set_name": case(lambda k: {"container": k.containers[0], "name": "web"}),
    "containers.set_state": case(lambda k: {"container": k.containers[0], "state": "paused"}),
    "containers.link_container": case(lambda k: {"container": k.containers[0], "image": k.base}),
    "containers.link_mount": case(
        lambda k: {"container": k.containers[0], "at": 0, "image": k.base}
    ),
    "containers.lock_waiting_containers": case(
        lambda k: {"namespace": k.namespace, "digests": k.digests}
    ),
    "containers.lock_waiting_mounts": case(
        lambda k: {"namespace": k.namespace, "digests": k.digests}
    ),
    "containers.use_times": case(lambda k: {"containers": k.containers}),
    "containers.delete_containers": case(lambda k: {"containers": k.containers}),
    "images.note_use": case(lambda k: {"image": k.base, "first": NOW, "last": NOW}),
    # ── holds ─────────────────────────────────────────────────────────────────────────────────
    "holds.holds_of_images": case(lambda k: {"images": k.images}),
    "holds.lock_holds": case(lambda k: {"image": k.base}),
    "holds.delete_holds": case({"holds": [1, 2]}),
    # ── namespaces and hosts ──────────────────────────────────────────────────────────────────
    "namespaces.namespace_by_name": case({"name": BUSY}, "namespace"),
    "namespaces.namespace_and_platform": case(
        {"name": BUSY, "host": "host-moby-1"}, "namespace", "host"
    ),
    "namespaces.lock_namespace": case({"name": BUSY}, "namespace"),
    "namespaces.lock_namespace_for_import": case(lambda k: {"namespace": k.namespace}, "namespace"),
    "namespaces.lock_namespace_for_host": case(lambda k: {"namespace": k.namespace}, "namespace"),
    "namespaces.lock_namespace_for_report": case(lambda k: {"namespace": k.namespace}, "namespace"),
    "namespaces.lock_namespace_for_sweep": case(lambda k: {"namespace": k.namespace}, "namespace"),
    "namespaces.namespace_content": case(
        lambda k: {"namespace": k.namespace},
        *("image", "container", "host", "release", "candidate"),  # up to the first row
    ),
    "namespaces.delete_namespace": case({"namespace": 0}, "namespace"),
    "hosts.host_by_name": case({"name": "host-moby-1"}, "namespace", "host"),
    "hosts.lock_host_for_removal": case({"host": 1}, "host"),
    "hosts.lock_heartbeat": case({"host": 1}, "heartbeat"),
    "hosts.delete_host": case({"host": 0}, "host"),
    "hosts.renew": case({"host": 1, "lease": 60}, "heartbeat"),
    "hosts.revive": case({"host": 1, "lease": None}, "heartbeat"),
    # ── events and requests ───────────────────────────────────────────────────────────────────
    "events.last_position": case({}, "event_cut"),
    "events.events_after": case({"after": 9_900}),
    "events.events_since": case(lambda k: {"since": k.lately, "after": 0}, rows=1_000),
    "events.position_events_by_id": case({}, engine="sqlite"),
    "events.position_events": case(
        {},
        *("event", "event_cut"),  # those without one
        engine="postgresql",
    ),
    "events.answer_of_request": case({"request": "r77"}),
    # ── collecting: what is used, and what is gone ────────────────────────────────────────────
    "collecting.manifests_by_digest": case(lambda k: {"digests": k.manifest_digests}),
    "collecting.documents_by_digest": case(lambda k: {"digests": k.document_digests}),
    "collecting.blobs_by_digest": case(lambda k: {"digests": k.blobs}),
    "collecting.last_manifest": case({}, *AT_THE_END),
    "collecting.last_document": case({}, *AT_THE_END),
    "collecting.last_blob": case({}, *AT_THE_END),
    "collecting.last_layer": case({}, *AT_THE_END),
    "collecting.unused_manifests_between": case({"after": 100, "upto": 120}),
    "collecting.unused_documents_between": case({"after": 100, "upto": 120}),
    "collecting.unused_blobs_between": case({"after": 100, "upto": 120}),
    "collecting.unused_layers_between": case({"after": 100, "upto": 120}),
    "collecting.lock_unused_manifests": case(lambda k: {"keys": k.base_manifests}),
    "collecting.lock_unused_manifests: gone": case(lambda k: {"keys": k.gone_manifests}),
    "collecting.unused_manifests": case(lambda k: {"keys": k.base_manifests}),
    "collecting.unused_manifests: gone": case(lambda k: {"keys": k.gone_manifests}),
    "collecting.parts_of_manifests": case(lambda k: {"keys": k.gone_manifests}),
    "collecting.delete_manifests": case(lambda k: {"keys": k.gone_manifests}),
    "collecting.reduce_manifests": case(lambda k: {"keys": k.gone_manifests}),
    "collecting.delete_layers_of_manifests": case(lambda k: {"keys": k.gone_manifests}),
    "collecting.delete_labels_of_manifests": case(lambda k: {"keys": k.gone_manifests}),
    "collecting.lock_unused_documents": case(lambda k: {"keys": k.documents}),
    "collecting.lock_unused_documents: gone": case(lambda k: {"keys": k.gone_documents}),
    "collecting.delete_unused_documents": case(lambda k: {"keys": k.gone_documents}),
    "collecting.lock_unused_blobs": case({"keys": [1, 2, 3]}),
    "collecting.delete_unused_blobs": case({"keys": [1, 2, 3]}),
    "collecting.lock_unused_layers": case({"keys": [1, 2, 3]}),
    "collecting.delete_unused_layers": case({"keys": [1, 2, 3]}),
    # ── retention ─────────────────────────────────────────────────────────────────────────────
    "retention.delete_old_events": case(lambda k: {"before": k.early, "limit": 100}, rows=500),
    "retention.delete_lower_cuts": case({"position": 100}, "event_cut"),
    "retention.cut": case({}, "event_cut"),
    "retention.old_done_releases": case(
        lambda k: {"before": k.early, "after": EPOCH, "last": 0, "limit": 100}, rows=500
    ),
    "retention.delete_done_releases": case({"releases": [7, 8, 9]}),
    "standing.unpositioned_events": case({}, "event"),
    "retention.delete_old_answers": case(lambda k: {"before": k.early, "limit": 100}, rows=500),
}
