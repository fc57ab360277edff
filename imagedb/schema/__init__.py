"""The stored layout.

::

    namespace ─┬─ host ───────────┐    host ◀─ heartbeat
               ├─ image ──┬───────┼─ container ── container_mount ─▶ image
               │   ▲  ▲   │       │   ▲    (links are NULL while the image is not stored)
               │   │  │   │       │   └─── container_detail
               │   │ hold ├─ image_manifest ─▶ manifest ─┬─ manifest_layer ─▶ layer, blob
               │   │      │   present, platform, path    ├─ manifest_label
               │   │      └─ image_index ──▶ document ◀──┘ its own and its config's bytes
               │ reference
               ├─ candidate ─▶ manifest | document      content a delete let go, untested
               └─ release ◀─ release_claim              content the namespace no longer uses
    event      what happened, in order                  request   what callers were told
    event_cut  up to where events may be gone           done_release   bytes that are gone

Content (`layer`, `blob`, `document`, `manifest` and its parts) is stored once for the whole
database; whether an image holds a manifest is `image_manifest.is_present`, never a fact of the
content. `ON DELETE CASCADE` is for what is part of a row, `NO ACTION` for what uses one.

A **path** is the list of a manifest's layers as a byte string: 8 bytes, big-endian, for each
layer's number, bottom layer first. "P's layers are a strict prefix of C's" is then "P's path is a
proper prefix of C's path". A manifest has one if it is an image's and has layers. Images repeat it
where it is looked for: not for a manifest that they do not hold, nor for one of more than
`MAX_PATH_LAYERS` layers.
"""

from typing import Final

from imagedb.schema.base import metadata
from imagedb.schema.containers import container, container_detail, container_mount
from imagedb.schema.content import blob, document, layer, manifest, manifest_label, manifest_layer
from imagedb.schema.images import hold, image, image_index, image_manifest, reference
from imagedb.schema.journal import (
    candidate,
    done_release,
    event,
    event_cut,
    release,
    release_claim,
    request,
)
from imagedb.schema.stores import heartbeat, host, namespace

REVISION: Final = "0007"
"""The newest revision in `migrations/versions`, which makes these tables."""
MAX_PATH_LAYERS: Final = 256
"""Deeper ones are found by no path (PostgreSQL's b-tree limit lies above)."""

__all__ = [
    "MAX_PATH_LAYERS",
    "REVISION",
    "blob",
    "candidate",
    "container",
    "container_detail",
    "container_mount",
    "document",
    "done_release",
    "event",
    "event_cut",
    "heartbeat",
    "hold",
    "host",
    "image",
    "image_index",
    "image_manifest",
    "layer",
    "manifest",
    "manifest_label",
    "manifest_layer",
    "metadata",
    "namespace",
    "reference",
    "release",
    "release_claim",
    "request",
]
