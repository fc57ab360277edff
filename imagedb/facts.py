"""Reading what plans rest on; under locks, by statements that begin after these were taken."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from sqlalchemy import Connection

from imagedb.containers import uses_of
from imagedb.holds import holds_of
from imagedb.inspection import HeldManifest
from imagedb.lineage import list_parents
from imagedb.plans import Facts, ManifestFacts, ParentFacts
from imagedb.records import Image
from imagedb.references import Reference


def read_facts(
    connection: Connection,
    image: Image,
    references: tuple[Reference, ...],
    keys: AbstractSet[int],
    manifests: Iterable[HeldManifest],
    *,
    prune: bool,
) -> Facts:
    """The facts of a delete; `keys` are the image and its prunable parents, `manifests` its own."""
    uses = uses_of(connection, keys)
    holds = holds_of(connection, keys)
    parents = [
        ParentFacts(
            parent.key,
            parent.id,
            is_dangling=parent.is_dangling,
            is_used=bool(uses[parent.key]),
            is_held=bool(holds[parent.key]),
        )
        for parent in (list_parents(connection, image) if prune else ())
    ]
    return Facts(
        image_id=image.id,
        references=references,
        uses=uses[image.key],
        manifests=standing(manifests),
        parents=tuple(_looked_at(parents)),
        holds=holds[image.key],
    )


def standing(manifests: Iterable[HeldManifest]) -> tuple[ManifestFacts, ...]:
    """The present manifests of kind image, in index order."""
    return tuple(
        ManifestFacts(manifest.key, manifest.digest, manifest.platform)
        for manifest in manifests
        if manifest.stands_for_image
    )


def _looked_at(parents: Iterable[ParentFacts]) -> Iterator[ParentFacts]:
    """The parents up to the first that something keeps; what is behind it is no matter."""
    for parent in parents:
        yield parent
        if not parent.is_prunable:
            return
