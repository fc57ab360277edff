"""Compare the layer files of images with what their manifests and configs say."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from imagedb.digests import Digest
from imagedb.records import SourceImage, SourceLayer, SourceManifest
from imagedb.sources.archive import Archive
from imagedb.sources.content import blob_path, mismatch, require_size
from imagedb.sources.layers import LayerFile, read_layer
from imagedb.sources.problems import Problem, quoted
from imagedb.sources.progress import Progress


def verified(
    archive: Archive, images: Sequence[SourceImage], progress: Progress
) -> tuple[SourceImage, ...]:
    """Read each layer file once, however many manifests use it, and add the unpacked sizes.

    Raises:
        Problem: a layer file is missing, damaged, or not what a config says.
        OverLimit: one unpacks to too many bytes.
    """
    wanted = _diff_algorithms(images)
    _check_sizes(archive, _layers(images))
    progress.started("verifying", sum(archive.get_size(blob_path(d)) for d in wanted))
    files: dict[Digest, LayerFile] = {}
    for digest, diff_algorithm in wanted.items():
        files[digest] = _read(archive, digest, diff_algorithm, progress)
        progress.layer(digest, len(files), len(wanted))
    return tuple(_verified_image(image, files) for image in images)


def require_diff_id(file: LayerFile, layer: SourceLayer, path: str) -> None:
    """Compare what a layer file unpacks to with what the config says.

    Raises:
        Problem: they differ.
    """
    if file.diff_id != layer.diff_id:
        raise Problem(
            f"{quoted(path)} unpacks to {file.diff_id}, where the image's config has "
            f"{layer.diff_id}",
        )


def _layers(images: Iterable[SourceImage]) -> Iterator[SourceLayer]:
    for image in images:
        for manifest in image.manifests:
            yield from manifest.layers


def _diff_algorithms(images: Iterable[SourceImage]) -> dict[Digest, str | None]:
    """List the layer files to read; those that some image is made of are to be unpacked."""
    wanted: dict[Digest, str | None] = {}
    for layer in _layers(images):
        algorithm = layer.diff_id.algorithm if layer.diff_id else None
        wanted[layer.digest] = wanted.get(layer.digest) or algorithm
    return wanted


def _check_sizes(archive: Archive, layers: Iterable[SourceLayer]) -> None:
    for layer in layers:
        path = blob_path(layer.digest)
        require_size(archive.get_size(path), layer.size, path)


def _read(
    archive: Archive, digest: Digest, diff_algorithm: str | None, progress: Progress
) -> LayerFile:
    path = blob_path(digest)
    file = read_layer(
        archive,
        path,
        progress.advanced,
        algorithm=digest.algorithm,
        diff_algorithm=diff_algorithm,
    )
    if file.digest != digest:
        raise mismatch(path, file.digest, digest)
    return file


def _verified_image(image: SourceImage, files: dict[Digest, LayerFile]) -> SourceImage:
    manifests = tuple(_verified_manifest(manifest, files) for manifest in image.manifests)
    return replace(image, manifests=manifests)


def _verified_manifest(manifest: SourceManifest, files: dict[Digest, LayerFile]) -> SourceManifest:
    layers = tuple(_verified_layer(layer, files[layer.digest]) for layer in manifest.layers)
    return replace(manifest, layers=layers)


def _verified_layer(layer: SourceLayer, file: LayerFile) -> SourceLayer:
    if layer.diff_id is None:
        return layer
    require_diff_id(file, layer, blob_path(layer.digest))
    return replace(layer, unpacked_size=file.unpacked_size)
