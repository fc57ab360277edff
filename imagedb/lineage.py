"""Lineage: what an image is built on, and what is built on it.

P is a parent of C if, for some platform both hold, P's layers are a strict prefix of C's. In SQL:
P's path is a proper prefix of C's path. Order ("affinity"): more shared layers first; at the same
count dangling first, then by image ID.
"""

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from imagedb.digests import ImageID
from imagedb.platforms import Platform, parse_platform
from imagedb.records import Image, Relative
from imagedb.sql import lineage as sql

PATH_STEP: Final = 8
"""Bytes of a path for each layer."""
_AFTER_ALL: Final = b"\xff" * PATH_STEP
"""Greater than any layer's number."""


@dataclass(slots=True)
class _Relation:
    """What is known of one relative while its platforms are put together."""

    id: ImageID
    is_named: bool
    layers: dict[Platform, int] = field(default_factory=dict)


def list_parents(connection: Connection, image: Image) -> tuple[Relative, ...]:
    """Every image this one is built on, nearest first."""
    relations: dict[int, _Relation] = {}
    rows = connection.execute(sql.parents_of_image, {"image": image.key}).all()
    for key, id_, platform, layers, is_named in rows:
        _add(relations, key, id_, platform, layers, is_named=is_named)
    return _in_affinity_order(relations)


def list_children(connection: Connection, image: Image) -> tuple[Relative, ...]:
    """Every image built on this one; those that share most first."""
    relations: dict[int, _Relation] = {}
    for platform, path in connection.execute(sql.paths_of_image, {"image": image.key}).all():
        values = {
            "namespace": image.namespace_key,
            "image": image.key,
            "platform": platform,
            "lower": path,
            "upper": path + _AFTER_ALL,
        }
        layers = len(path) // PATH_STEP
        for key, id_, is_named in connection.execute(sql.children_of_path, values).all():
            _add(relations, key, id_, platform, layers, is_named=is_named)
    return _in_affinity_order(relations)


def find_base(connection: Connection, image: Image) -> Relative | None:
    """The nearest named parent, or None."""
    parents = list_parents(connection, image)
    return next((parent for parent in parents if not parent.is_dangling), None)


def _add(
    relations: dict[int, _Relation],
    key: int,
    id_: ImageID,
    platform: str,
    layers: int,
    *,
    is_named: bool,
) -> None:
    relation = relations.get(key)
    if relation is None:
        relation = relations[key] = _Relation(id_, is_named)
    known = parse_platform(platform)
    relation.layers[known] = max(layers, relation.layers.get(known, 0))


def _in_affinity_order(relations: dict[int, _Relation]) -> tuple[Relative, ...]:
    relatives = (
        Relative(
            id=relation.id,
            shared_layers=max(relation.layers.values()),
            platforms=_sorted(relation.layers),
            is_dangling=not relation.is_named,
            key=key,
        )
        for key, relation in relations.items()
    )
    return tuple(sorted(relatives, key=_affinity))


def _sorted(platforms: dict[Platform, int]) -> tuple[Platform, ...]:
    return tuple(sorted(platforms, key=str) if len(platforms) > 1 else platforms)


def _affinity(relative: Relative) -> tuple[int, bool, str]:
    return -relative.shared_layers, not relative.is_dangling, relative.id
