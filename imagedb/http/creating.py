"""What a create of a container says: its image, its command, its labels and the images it mounts.

What is of the wrong type is refused, and not left out: a mount that is not recorded keeps no image.

Source: moby, api/types/container/create_request.go; Go, encoding/json: names match without
regard to case.
"""

from collections.abc import Mapping
from typing import Any

from imagedb.errors import InvalidInputError
from imagedb.records import ContainerConfig, Mount

Fields = Mapping[str, Any]


def folded(document: Fields) -> Fields:
    """The members of an object by their names in lower case; of several the last stands."""
    return {name.lower(): value for name, value in document.items()}


def parse_image(body: Fields) -> str:
    """Read what the container is of.

    Raises:
        InvalidInputError: it says nothing, or nothing that could be.
    """
    image = folded(body).get("image")
    if not isinstance(image, str) or not image:
        raise InvalidInputError("No image was specified: give it as Image")
    return image


def parse_config(body: Fields) -> ContainerConfig:
    """Read what a create says beside its image and its mounts.

    Raises:
        InvalidInputError: it is of another kind.
    """
    fields = folded(body)
    labels = _object(fields, "Labels", of="strings")
    if not all(isinstance(value, str) for value in labels.values()):
        raise InvalidInputError("invalid JSON: Labels is no object of strings")
    return ContainerConfig(labels, _words(fields, "Entrypoint"), _words(fields, "Cmd") or ())


def parse_mounts(body: Fields) -> tuple[Mount, ...]:
    """Read the images among what is mounted; other mounts keep no image and are left out.

    Raises:
        InvalidInputError: it is of another kind.
    """
    mounts = folded(_object(folded(body), "HostConfig")).get("mounts")
    if mounts is None:
        return ()
    if not isinstance(mounts, list) or not all(isinstance(mount, dict) for mount in mounts):
        raise InvalidInputError("invalid JSON: HostConfig.Mounts is no list of objects")
    read = [_texts(folded(mount), "Type", "Source", "Target") for mount in mounts]
    return tuple(Mount(source, target) for kind, source, target in read if kind == "image")


def _object(fields: Fields, name: str, *, of: str = "") -> Fields:
    value = fields.get(name.lower())
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInputError(f"invalid JSON: {name} is no object{of and f' of {of}'}")
    return value


def _texts(fields: Fields, *names: str) -> tuple[str, ...]:
    """Members of a mount; one that is not there is empty."""
    values = tuple(fields.get(name.lower()) for name in names)
    for name, value in zip(names, values, strict=True):
        if not isinstance(value, str | None):
            raise InvalidInputError(f"invalid JSON: {name} of a mount is no string")
    return tuple(value or "" for value in values)


def _words(fields: Fields, name: str) -> tuple[str, ...] | None:
    """Read a command: a list, or a single word."""
    value = fields.get(name.lower())
    words = [value] if isinstance(value, str) else value
    if words is None:
        return None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise InvalidInputError(f"invalid JSON: {name} is no list of strings")
    return tuple(words)
