"""A path spells the layers that a manifest uses, and images repeat it where they hold it."""

from typing import Final

from sqlalchemy import and_, case, func, or_, select

from imagedb.schema import MAX_PATH_LAYERS, image_manifest, layer, manifest, manifest_layer
from imagedb.sql.checks.check import Check
from imagedb.sql.checks.images import HELD, STANDS
from imagedb.sql.functions import BYTES, hex_of_bytes, hex_of_number

_LAYER_BYTES: Final = 8

_part = func.substr(
    manifest.c.path, manifest_layer.c.position * _LAYER_BYTES + 1, _LAYER_BYTES, type_=BYTES
)
_is_spelled = hex_of_bytes(_part) == hex_of_number(manifest_layer.c.layer_id)
_layers = (
    select(
        manifest.c.id,
        manifest.c.digest.label("manifest"),
        manifest.c.path,
        manifest.c.chain_id,
        manifest.c.layer_count,
        func.count(manifest_layer.c.position).label("layers"),
        func.count(manifest_layer.c.layer_id).label("known"),
        func.count(case((_is_spelled, 1))).label("spelled"),
        func.coalesce(func.max(manifest_layer.c.position) + 1, 0).label("end"),
    )
    .join_from(
        manifest, manifest_layer, manifest_layer.c.manifest_id == manifest.c.id, isouter=True
    )
    .group_by(manifest.c.id)
    .subquery("layers_of_manifests")
)
_counts = Check(
    "manifest {manifest} counts {layer_count} layers, has {layers}, and they end at {end}",
    select(_layers.c.manifest, _layers.c.layer_count, _layers.c.layers, _layers.c.end).where(
        or_(_layers.c.layer_count != _layers.c.layers, _layers.c.end != _layers.c.layers)
    ),
)
_spelling = Check(
    "the path of manifest {manifest} does not spell its layers",
    select(_layers.c.manifest).where(
        _layers.c.path.is_not(None),
        or_(
            func.length(_layers.c.path) != _layers.c.layers * _LAYER_BYTES,
            _layers.c.spelled != _layers.c.layers,
        ),
    ),
)
_missing = Check(
    "manifest {manifest} has no path, although an image holds it and its layers are known",
    select(_layers.c.manifest).where(
        _layers.c.path.is_(None),
        _layers.c.layers > 0,
        _layers.c.known == _layers.c.layers,
        _layers.c.id.in_(select(image_manifest.c.manifest_id).where(STANDS)),
    ),
)
_bottom = (
    select(layer.c.diff_id)
    .join_from(manifest_layer, layer, manifest_layer.c.layer_id == layer.c.id)
    .where(manifest_layer.c.manifest_id == _layers.c.id, manifest_layer.c.position == 0)
    .correlate(_layers)
    .scalar_subquery()
)
_chains = Check(
    "the chain ID of manifest {manifest} cannot be that of its layers",
    select(_layers.c.manifest).where(
        or_(
            and_(_layers.c.path.is_not(None), _layers.c.chain_id.is_(None)),
            and_(_layers.c.layers == 0, _layers.c.chain_id.is_not(None)),
            and_(_layers.c.layers == 1, _layers.c.chain_id != _bottom),
        )
    ),
)
_repeated = Check(
    "image {image} of namespace {namespace} does not repeat the path of its manifest {manifest}",
    HELD.where(
        image_manifest.c.path.is_distinct_from(
            case((and_(STANDS, manifest.c.layer_count <= MAX_PATH_LAYERS), manifest.c.path)),
        ),
    ),
)

CHECKS = (_counts, _spelling, _missing, _chains, _repeated)
