"""Read what `docker inspect` prints of a host's containers.

::

    [{"Id", "Name", "Created", "Image", "Platform",
      "Path", "Args",                               the command that it runs
      "State": {"Status", "StartedAt", "FinishedAt", "ExitCode"},
      "Config": {"Image", "Labels"},                the image as it was typed
      "ImageManifestDescriptor": {"platform"},      engines with the containerd store
      "Mounts": [{"Type", "Name", "Source", "Destination"}]}]

`Image` is the digest that the engine has for the image: its ID, or, of classic engines, its
config's. Only what is named above is looked at. Go's zero time means that something never was.

Source: moby, api/types/container/container.go (InspectResponse), daemon/volumes.go.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from imagedb.digests import Digest, find_digest
from imagedb.errors import InvalidPlatformError, InvalidReportError
from imagedb.platforms import Platform, parse_platform, platform_of
from imagedb.records import CONTAINER_STATES, Mount, ReportedContainer
from imagedb.texts import storable
from imagedb.times import find_time

_ID: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ZERO_TIME: Final = "0001-01-01T00:00:00Z"
_SHOWN: Final = 80
_MAX_NAME_LENGTH: Final = 255
_MAX_CODE: Final = 2**31 - 1
_ENDED: Final = frozenset({"exited", "dead"})

JSONObject = Mapping[str, Any]


def parse_report(text: str | bytes) -> tuple[ReportedContainer, ...]:
    """Read the containers of a report, in its order.

    Raises:
        InvalidReportError: it is no such JSON; the message says which container and field.
    """
    if not text.strip():
        raise InvalidReportError("invalid report: it is empty; a host without containers says []")
    try:
        document = json.loads(text)
    except RecursionError:
        raise InvalidReportError("invalid report: it is nested too deeply") from None
    except ValueError as error:  # what json and a wrong encoding raise
        raise InvalidReportError(f"invalid report: not JSON: {error}") from None
    if not isinstance(document, list):
        raise InvalidReportError(
            "invalid report: expected the JSON array that docker inspect prints"
        )
    return tuple(_container(_Item(item, number)) for number, item in enumerate(document, start=1))


class _Item:
    """A container of the report, and where it stands there."""

    def __init__(self, item: object, number: int) -> None:
        self._place = f"container {number}"
        self._item = item if isinstance(item, Mapping) else {}
        if self._item is not item:
            raise self.invalid("expected an object")
        if isinstance(name := item.get("Name"), str):
            self._place += f" ({name[:_SHOWN]!r})"

    def invalid(self, problem: str) -> InvalidReportError:
        """Say what is wrong with this container."""
        return InvalidReportError(f"invalid report: {self._place}: {problem}")

    def get(self, path: str, kind: type[Any], *, default: object = None) -> Any:  # noqa: ANN401
        """Find a field by its path; without `default` it must be there."""
        value: object = self._item
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is None and default is not None:
            return default
        if not isinstance(value, kind):
            found = "is missing" if value is None else f"is {str(value)[:_SHOWN]!r}"
            raise self.invalid(f"{path} {found}, expected {_KINDS[kind]}")
        return value

    def text(self, path: str, *, default: str | None = None) -> str:
        """Find a text, made fit to be stored."""
        return storable(self.get(path, str, default=default))


_KINDS: Final[Mapping[type, str]] = {
    str: "a text",
    int: "a number",
    list: "an array",
    dict: "an object",
}


def _container(item: _Item) -> ReportedContainer:
    created = _moment(item, "Created")
    if created is None:
        raise item.invalid("Created is no moment")
    return ReportedContainer(
        id=_id(item),
        name=_name(item),
        state=_state(item),
        reference=item.text("Config.Image", default=""),
        image_digest=_image_digest(item),
        platform=_platform(item),
        created=created,
        started=_moment(item, "State.StartedAt"),
        finished=_moment(item, "State.FinishedAt"),
        mounts=tuple(_mounts(item)),
        labels=_labels(item),
        command=_command(item),
        exit_code=_exit_code(item),
    )


def _id(item: _Item) -> str:
    text = item.text("Id")
    if not _ID.fullmatch(text):
        raise item.invalid(f"Id is {text[:_SHOWN]!r}, expected 64 hex digits")
    return text


def _name(item: _Item) -> str:
    name = item.text("Name").removeprefix("/")
    if len(name) > _MAX_NAME_LENGTH:
        raise item.invalid(f"Name has {len(name):,} characters (limit: {_MAX_NAME_LENGTH})")
    return name


def _state(item: _Item) -> str:
    state = item.text("State.Status")
    if state not in CONTAINER_STATES:
        known = ", ".join(sorted(CONTAINER_STATES))
        raise item.invalid(f"State.Status is {state[:_SHOWN]!r}, expected one of {known}")
    return state


def _labels(item: _Item) -> dict[str, str]:
    found = item.get("Config.Labels", dict, default={})
    for value in found.values():
        if not isinstance(value, str):
            raise item.invalid(f"Config.Labels has {str(value)[:_SHOWN]!r}, expected a text")
    return {storable(key): storable(value) for key, value in found.items()}


def _command(item: _Item) -> tuple[str, ...]:
    path, words = item.text("Path", default=""), item.get("Args", list, default=[])
    if not all(isinstance(word, str) for word in words):
        raise item.invalid("Args has something else than texts")
    return (path, *map(storable, words)) if path else ()


def _exit_code(item: _Item) -> int | None:
    """Find how it ended; what has not ended has a 0 that means nothing, and some tell none."""
    code = item.get("State.ExitCode", int, default=_MAX_CODE + 1)
    return code if _state(item) in _ENDED and abs(code) <= _MAX_CODE else None


def _image_digest(item: _Item) -> Digest:
    text = item.text("Image")
    digest = find_digest(text) or find_digest(f"sha256:{text}")
    if digest is None:
        raise item.invalid(f"Image is {text[:_SHOWN]!r}, expected a digest")
    return digest


def _platform(item: _Item) -> Platform | None:
    """Find the platform of the image; None where the engine tells only the operating system."""
    found = item.get("ImageManifestDescriptor.platform", dict, default={})
    try:
        if found:
            fields = [found.get(name) or "" for name in ("os", "architecture", "variant")]
            return platform_of(*map(str, fields)) if all(fields[:2]) else None
        text = item.text("Platform", default="")
        return parse_platform(text) if "/" in text else None
    except InvalidPlatformError as error:
        raise item.invalid(str(error)) from None


def _moment(item: _Item, path: str) -> datetime | None:
    text = item.text(path, default=_ZERO_TIME).strip()
    moment = find_time(text)
    if moment is None and not text.startswith("0001-") and text:
        raise item.invalid(f"{path} is {text[:_SHOWN]!r}, expected a moment as in RFC 3339")
    return moment


def _mounts(item: _Item) -> list[Mount]:
    """Find the images that it mounts; `Name` is how one was typed, `Source` a path of the host."""
    mounts = []
    for number, mount in enumerate(item.get("Mounts", list, default=[])):
        fields = mount if isinstance(mount, Mapping) else {}
        if fields.get("Type") != "image":
            continue
        source, target = fields.get("Name") or fields.get("Source"), fields.get("Destination")
        if not isinstance(source, str) or not isinstance(target, str):
            raise item.invalid(f"Mounts[{number}] names no image (Name) or no Destination")
        mounts.append(Mount(storable(source), storable(target), find_digest(source)))
    return mounts
