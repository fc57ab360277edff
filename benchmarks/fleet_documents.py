"""Write the real documents of a generated image: configs, manifests and the index."""

import hashlib
import json
from datetime import UTC, datetime

from benchmarks.fleet_records import Image, Manifest, Spelling

_CONFIG = "application/vnd.oci.image.config.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def add_documents(image: Image) -> None:
    """Give an image its documents, and the digests and sizes that follow from them."""
    for manifest in image.manifests:
        manifest.config = _config(image, manifest)
        manifest.config_digest = hashlib.sha256(manifest.config).digest()
        manifest.config_size = len(manifest.config)
        manifest.document = _manifest(manifest)
        manifest.digest = hashlib.sha256(manifest.document).digest()
        manifest.size = len(manifest.document)
    if image.is_index:
        image.document = _index(image)


def _config(image: Image, manifest: Manifest) -> bytes:
    created = datetime.fromtimestamp(image.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    layers = manifest.node.layers()
    return _compact(
        {
            **_platform(manifest.spelling),
            "created": created,
            "config": _run_configuration(image.number),
            "rootfs": {"type": "layers", "diff_ids": [_text(layer.diff_id) for layer in layers]},
            "history": [_history(created, layer.number) for layer in layers],
        }
    )


def _run_configuration(number: int) -> dict[str, object]:
    return {
        "Env": [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            f"APP_BUILD={number}",
        ],
        "Cmd": ["/bin/sh", "-c", f"exec app --image {number}"],
        "WorkingDir": "/srv/app",
        "Labels": {
            "org.opencontainers.image.version": str(number),
            "org.opencontainers.image.source": "example",
        },
    }


def _history(created: str, layer: int) -> dict[str, str]:
    return {
        "created": created,
        "created_by": f"RUN step {layer} && apt-get install -y package-{layer} # buildkit",
        "comment": "buildkit.dockerfile.v0",
    }


def _manifest(manifest: Manifest) -> bytes:
    layers = [
        _descriptor(_LAYER, layer.blob_digest, layer.blob_size) for layer in manifest.node.layers()
    ]
    config = _descriptor(_CONFIG, manifest.config_digest, manifest.config_size)
    return _compact(
        {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": layers}
    )


def _index(image: Image) -> bytes:
    manifests = [
        _descriptor(_MANIFEST, manifest.digest, manifest.size)
        | {"platform": _platform(manifest.spelling)}
        for manifest in image.manifests
    ]
    return _compact({"schemaVersion": 2, "mediaType": _INDEX, "manifests": manifests})


def _platform(spelling: Spelling) -> dict[str, str]:
    names = ("os", "architecture", "variant")
    return {name: value for name, value in zip(names, spelling, strict=True) if value}


def _descriptor(media_type: str, digest: bytes, size: int) -> dict[str, object]:
    return {"mediaType": media_type, "digest": _text(digest), "size": size}


def _text(digest: bytes) -> str:
    return f"sha256:{digest.hex()}"


def _compact(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
