"""Make small images: every letter of `layers` is a layer, and equal letters are equal layers.

::

    base = an_image("ab")
    app = an_image("abc", labels={"team": "web"}, platform="linux/arm64")
    both = an_index(an_image("ab"), app)

Nothing here is read from imagedb: a builder that shared its code would share its mistakes. All
digests depend on the arguments alone; those of gzip layers also on the zlib that made them.
"""

import functools
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
DOCKER_INDEX: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar"
IN_TOTO: Final = "application/vnd.in-toto+json"

CREATED: Final = "2024-01-01T00:00:00Z"
"""When an image was created, unless a test says otherwise."""

JSONObject = dict[str, Any]


def digest_of(content: bytes) -> str:
    """Compute the sha256 digest of some bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def as_json(document: object) -> bytes:
    """Write a document without spaces, its keys sorted."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def a_tar(files: Mapping[str, bytes], *, mode: int = 0o644) -> bytes:
    """Pack files in the given order, without times and owners."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@dataclass(frozen=True, slots=True)
class Blob:
    """Some content and what a descriptor says of it."""

    content: bytes = field(repr=False)
    media_type: str

    @property
    def digest(self) -> str:
        """The sha256 digest of the content."""
        return digest_of(self.content)

    @property
    def descriptor(self) -> JSONObject:
        """Its descriptor, without platform and annotations."""
        return {
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": len(self.content),
        }


@dataclass(frozen=True, slots=True)
class BuiltLayer(Blob):
    """A layer file, and the tar in it."""

    tar: bytes = field(repr=False)

    @property
    def diff_id(self) -> str:
        """The digest of the tar."""
        return digest_of(self.tar)


@functools.lru_cache(maxsize=4096)
def a_layer(name: str, *, compressed: bool = False, media_type: str = OCI_LAYER) -> BuiltLayer:
    """Make a layer of one file that is called and contains `name`."""
    tar = a_tar({name: f"{name}\n".encode()})
    if not compressed:
        return BuiltLayer(tar, media_type, tar)
    suffix = ".gzip" if media_type == DOCKER_LAYER else "+gzip"
    return BuiltLayer(gzip.compress(tar, mtime=0), media_type + suffix, tar)


@dataclass(frozen=True, slots=True)
class BuiltImage(Blob):
    """A manifest with its config and layers, bottom layer first."""

    config: Blob
    layers: tuple[Blob, ...]
    platform: JSONObject
    """As an index would repeat it."""
    annotations: JSONObject = field(default_factory=dict)
    """Of its descriptor in an index."""

    @property
    def diff_ids(self) -> list[str]:
        """What its config says is in the layers."""
        diff_ids: list[str] = json.loads(self.config.content)["rootfs"]["diff_ids"]
        return diff_ids

    @property
    def member(self) -> JSONObject:
        """Its descriptor in an index."""
        notes = {"annotations": self.annotations} if self.annotations else {}
        return {**self.descriptor, "platform": self.platform, **notes}

    @property
    def blobs(self) -> dict[str, bytes]:
        """All its content by digest, itself included."""
        parts: tuple[Blob, ...] = (self, self.config, *self.layers)
        return {part.digest: part.content for part in parts}

    @property
    def first_image(self) -> "BuiltImage":
        """The image that a docker `manifest.json` speaks of."""
        return self


@dataclass(frozen=True, slots=True)
class BuiltIndex(Blob):
    """An index; `missing` members are named and not there."""

    members: tuple["BuiltImage | BuiltIndex", ...]
    missing: tuple["BuiltImage | BuiltIndex", ...] = ()

    @property
    def member(self) -> JSONObject:
        """Its descriptor in an index."""
        return self.descriptor

    @property
    def blobs(self) -> dict[str, bytes]:
        """All present content by digest, itself included."""
        found = {self.digest: self.content}
        for member in self.members:
            if member not in self.missing:
                found.update(member.blobs)
        return found

    @property
    def first_image(self) -> BuiltImage:
        """The image that a docker `manifest.json` speaks of."""
        return next(m for m in self.members if m not in self.missing).first_image


Built = BuiltImage | BuiltIndex


def platform_object(platform: str) -> JSONObject:
    """Turn `os/architecture[/variant]` into its JSON form; an empty part is left out."""
    parts = zip(("os", "architecture", "variant"), platform.split("/"), strict=False)
    return {key: value for key, value in parts if value}


def a_config(
    layers: Iterable[BuiltLayer],
    *,
    labels: Mapping[str, str] | None = None,
    created: str | None = CREATED,
    platform: str = "linux/amd64",
    media_type: str = OCI_CONFIG,
    **settings: object,
) -> Blob:
    """Make a config; `settings` become members of its inner `config` (`Cmd`, `Env`)."""
    layers = tuple(layers)
    inner = {**settings, **({"Labels": dict(labels)} if labels else {})}
    document = {
        **platform_object(platform),
        **({"created": created} if created else {}),
        "config": inner,
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
        "history": [{"created_by": f"layer {number}"} for number, _ in enumerate(layers)],
    }
    return Blob(as_json(document), media_type)


def a_manifest(config: Blob, layers: Iterable[Blob], media_type: str = OCI_MANIFEST) -> bytes:
    """Write the manifest of a config and layers."""
    document = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": config.descriptor,
        "layers": [layer.descriptor for layer in layers],
    }
    return as_json(document)


def an_image(
    layers: str | Iterable[str] = "a",
    *,
    labels: Mapping[str, str] | None = None,
    created: str | None = CREATED,
    platform: str = "linux/amd64",
    compressed: bool = False,
    docker: bool = False,
    **settings: object,
) -> BuiltImage:
    """Make an image of one platform; `""` has no layers.

    Siblings, images of equal layers, differ in labels, `created` or a setting (`Cmd=["x"]`).
    `compressed` layers are gzip files; `docker` takes docker's media types, not OCI's.
    """
    layer_type = DOCKER_LAYER if docker else OCI_LAYER
    made = tuple(a_layer(n, compressed=compressed, media_type=layer_type) for n in layers)
    config = a_config(
        made,
        labels=labels,
        created=created,
        platform=platform,
        media_type=DOCKER_CONFIG if docker else OCI_CONFIG,
        **settings,
    )
    media_type = DOCKER_MANIFEST if docker else OCI_MANIFEST
    manifest = a_manifest(config, made, media_type)
    return BuiltImage(manifest, media_type, config, made, platform_object(platform))


def an_attestation(image: BuiltImage) -> BuiltImage:
    """Make what buildkit puts beside an image to say how it was built."""
    statement = as_json({"subject": [{"name": "_", "digest": image.digest}]})
    layer = Blob(statement, IN_TOTO)
    config = a_config([BuiltLayer(statement, IN_TOTO, statement)], platform="unknown/unknown")
    annotations = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": image.digest,
    }
    manifest = a_manifest(config, [layer])
    platform = platform_object("unknown/unknown")
    return BuiltImage(manifest, OCI_MANIFEST, config, (layer,), platform, annotations)


def an_artifact(content: bytes = b"some bytes") -> BuiltImage:
    """Make a manifest that is no image: its config is of a type of its own."""
    config = Blob(b"{}", "application/vnd.example.config.v1+json")
    layer = Blob(content, "application/vnd.example.data.v1")
    return BuiltImage(a_manifest(config, [layer]), OCI_MANIFEST, config, (layer,), {})


def an_index(*members: Built, missing: Iterable[Built] = (), docker: bool = False) -> BuiltIndex:
    """Make an index of images, attestations or other indexes, in this order.

    `missing` are those of the members whose content is to be left out wherever it is written.
    """
    media_type = DOCKER_INDEX if docker else OCI_INDEX
    document = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "manifests": [member.member for member in members],
    }
    return BuiltIndex(as_json(document), media_type, members, tuple(missing))
