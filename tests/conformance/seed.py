"""The seed's records in the newest engine's form, so that only what was done compares.

The seed deleted parents by their layers, as imagedb does and the newest engine does not. How it
told of them are defects that the newest engine mended (deviations 15 and 17): untagging was told
of dangling images too and by the image's ID, and a list had a row for each name, in its long
form, and for each platform.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Final

Object = dict[str, Any]

_DANGLING: Final = "moby-dangling@"
_DOMAIN: Final = "docker.io/library/"


def as_newest(record: Mapping[str, Any]) -> Object:
    """Put a scenario's record into the newest engine's form."""
    steps = [_step(step) for step in record["steps"]]
    return {"initial": _images(record["initial"]), "steps": steps}


def _step(step: Object) -> Object:
    shown = dict(step)
    if "after" in step:
        shown["after"] = _images(step["after"])
    if isinstance(step["body"], list):
        shown["body"] = [one for one in step["body"] if not _is_dangling(one)]
        shown["events"] = _events(shown["body"])
    return shown


def _is_dangling(record: Mapping[str, str]) -> bool:
    return record.get("Untagged", "").startswith(_DANGLING)


def _events(records: Iterable[Mapping[str, str]]) -> list[list[Any]]:
    """One event for each record; what is untagged belongs to what is deleted next."""
    events: list[list[Any]] = []
    image = ""
    for record in reversed(list(records)):
        if "Deleted" in record:
            image = record["Deleted"]
            events.append(["image", "delete", image, {"name": image}])
        else:
            events.append(["image", "untag", image, {"name": record["Untagged"]}])
    return events[::-1]


def _images(rows: Iterable[Object]) -> list[Object]:
    return [_image(key, list(group)) for key, group in groupby(rows, lambda row: row["id"])]


def _image(key: str, rows: list[Object]) -> Object:
    """One row for all names and platforms of an image; the last name gives the repository."""
    names = sorted({name.removeprefix(_DOMAIN) for row in rows for name in row["tags"]})
    digests = [f"{names[-1].partition(':')[0]}@{key}"] if names else []
    return {"id": key, "parent": rows[0]["parent"], "tags": names, "digests": digests}
