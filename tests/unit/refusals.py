"""What the tests of refusals share: an image to damage, and how it is read."""

import json
from pathlib import Path
from typing import Any

import pytest

from imagedb.errors import InvalidSourceError
from imagedb.sources import read_source
from tests.builders.archives import Files, Link, blob_path, docker_files, layout_files
from tests.builders.images import (
    OCI_CONFIG,
    OCI_MANIFEST,
    Blob,
    BuiltImage,
    a_manifest,
    an_image,
    as_json,
)

APP = an_image("ab", compressed=True)
CONFIG, LAYER = blob_path(APP.config.digest), blob_path(APP.layers[0].digest)
MANIFEST = blob_path(APP.digest)


def problem_of(path: Path) -> str:
    """Read what must be refused, and give what is said of it behind its path."""
    with pytest.raises(InvalidSourceError) as caught:
        read_source(path)
    message = str(caught.value)

    assert message.isprintable()
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def layout(**changes: bytes | Link | None) -> Files:
    """Lay out the image with some files changed, or left out."""
    files = layout_files([(APP, [])])
    for name, content in changes.items():
        if content is None:
            del files[name]
        else:
            files[name] = content
    return files


def layout_of(config: object, layers: tuple[Blob, ...] = ()) -> Files:
    """Lay out an image with a config of any form."""
    blob = Blob(config if isinstance(config, bytes) else as_json(config), OCI_CONFIG)
    image = BuiltImage(a_manifest(blob, layers), OCI_MANIFEST, blob, layers, {})
    return layout_files([(image, [])])


def docker_archive(**changes: object) -> tuple[dict[str, Any], Files]:
    """Save the image, with changes to its entry in `manifest.json`."""
    files = docker_files([(APP, ["app:1"])])
    content = files["manifest.json"]
    assert isinstance(content, bytes)
    (entry,) = json.loads(content)
    files["manifest.json"] = as_json([{**entry, **changes}])
    return entry, files
