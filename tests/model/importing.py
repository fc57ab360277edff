"""Importing and tagging: names move, old images stay, waiting containers are linked."""

from collections.abc import Sequence

from imagedb.digests import ImageID
from imagedb.records import ImportedImage, Replaced, SourceImage
from imagedb.references import Reference, parse_reference
from tests.model.images import StoredImage
from tests.model.matching import link
from tests.model.resolving import DANGLING, resolve
from tests.model.stores import Asking, Refused, Store


def load(store: Store, asking: Asking, sources: Sequence[SourceImage]) -> list[ImportedImage]:
    """Store images or complete them, then name them."""
    known = set(store.images)
    stored = [image for source in sources if (image := _keep(store, source))]
    replaced = {source.id: _name(store, source) for source in sources}
    link(store, stored)
    for source in sources:
        _tell(store, asking, source, replaced[source.id])
    return [
        _outcome(store, source, replaced[source.id], is_new=source.id not in known)
        for source in sources
    ]


def _keep(store: Store, source: SourceImage) -> StoredImage | None:
    """Returns the image if anything of it is stored now that was not before."""
    image = store.images.get(source.id)
    if image is None:
        store.images[source.id] = StoredImage.of(source)
        return store.images[source.id]
    before = image.content()
    image.complete(source)
    return image if image.content() != before else None


def _name(store: Store, source: SourceImage) -> dict[Reference, ImageID]:
    """Returns the names that pointed elsewhere, with where that was."""
    old = {name: store.names.get(str(name)) for name in source.names}
    store.names |= {str(name): source.id for name in source.names}
    return {name: image for name, image in old.items() if image and image != source.id}


def _tell(
    store: Store, asking: Asking, source: SourceImage, replaced: dict[Reference, ImageID]
) -> None:
    """An event for each name, or one without."""
    for name in source.names or (None,):
        told = store.images[source.id].told_labels(asking.platform)
        if name:
            told["reference"] = name.familiar
        if name in replaced:
            told["previous"] = replaced[name]
        store.tell(asking, "image", "load", source.id, source.id, told)


def _outcome(
    store: Store,
    source: SourceImage,
    replaced: dict[Reference, ImageID],
    *,
    is_new: bool,
) -> ImportedImage:
    brought = StoredImage.of(source)
    return ImportedImage(
        id=source.id,
        names=tuple(name.familiar for name in source.names),
        is_new=is_new,
        replaced=tuple(
            Replaced(name.familiar, image, store.is_dangling(image))
            for name, image in replaced.items()
        ),
        bare_tag=source.bare_tag,
        manifests=len(brought.held),
        layers=len({layer.digest for member in brought.held for layer in member.layers}),
        size=brought.content_size,
    )


def tag(store: Store, asking: Asking, source: str, text: str) -> None:
    """Section 5: create or move a name."""
    name = _new_name(text)
    image = resolve(store, source).image
    previous = store.names.get(str(name))
    store.names[str(name)] = image
    told = store.images[image].told_labels(asking.platform)
    if previous and previous != image:
        told["previous"] = previous
    store.tell(asking, "image", "tag", image, name.familiar, told)


def _new_name(text: str) -> Reference:
    name = parse_reference(text)
    refusals = {
        "refusing to create a tag with a digest reference": name.digest is not None,
        "refusing to create an ambiguous tag using digest algorithm as name": (
            name.familiar_repository == "sha256"
        ),
        "refusing to create a tag in the reserved repository moby-dangling": (
            name.repository == DANGLING
        ),
    }
    for refusal, applies in refusals.items():
        if applies:
            raise Refused("InvalidReferenceError", refusal)
    return name.with_default_tag()
