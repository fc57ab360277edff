"""The fleets that benchmarks load are what they say."""

import hashlib
import json
from itertools import islice

from benchmarks.fleet import Fleet, Options, mirrors
from benchmarks.fleet_records import Image

_SMALL = Options(bases=20, reservoir=200, mutual=0.05)


def test_fleet_longer_begins_with_the_shorter() -> None:
    """Images new to a loaded fleet are those that a longer one of the same options adds."""
    shorter = [image.target for image in Fleet(200, _SMALL)]
    longer = [image.target for image in islice(Fleet(400, _SMALL), 200)]

    assert shorter == longer
    assert len(set(shorter)) == 200


def test_fleet_real_documents_hash_to_their_digests() -> None:
    """Digests and layers are those of the documents that come along."""
    options = Options(bases=20, real_documents=True)
    for image in Fleet(100, options):
        for manifest in image.manifests:
            config = json.loads(manifest.config or b"")
            diff_ids = [f"sha256:{layer.diff_id.hex()}" for layer in manifest.node.layers()]

            assert hashlib.sha256(manifest.document or b"").digest() == manifest.digest
            assert config["rootfs"]["diff_ids"] == diff_ids
        document = image.document if image.is_index else image.manifests[0].document
        assert hashlib.sha256(document or b"").digest() == image.target


def test_fleet_holds_mutual_parents_and_mixed_spellings() -> None:
    """The population has what the lineage of several platforms must stand."""
    images = list(Fleet(1000, _SMALL))
    by_number = {image.number: image for image in images}
    mutual = [
        image
        for image in images
        if image.derived_from is not None and _are_mutual(by_number[image.derived_from], image)
    ]
    spellings = {manifest.spelling for image in images for manifest in image.manifests}

    assert mutual
    assert {("linux", "arm64", ""), ("linux", "arm64", "v8")} <= spellings


def test_mirrors_each_hold_distinct_images() -> None:
    """A namespace mirrors an image once."""
    chosen = list(mirrors(namespaces=5, images=30, distinct=100))

    assert [len(set(images)) for images in chosen] == [30] * 5


def _are_mutual(one: Image, other: Image) -> bool:
    paths = {manifest.platform: manifest.node.path() for manifest in one.manifests}
    pairs = [
        (paths[manifest.platform], manifest.node.path())
        for manifest in other.manifests
        if manifest.platform in paths
    ]
    below = any(a != b and b.startswith(a) for a, b in pairs)
    above = any(a != b and a.startswith(b) for a, b in pairs)
    return below and above
