"""Containers as rows of docker's table, with the host that docker has no need of.

Source: docker/cli, command/formatter/container.go; moby, daemon/container/state.go.
"""

from datetime import datetime, timedelta
from typing import Final

from imagedb.cli.listing import Listing, Row
from imagedb.cli.times import format_local
from imagedb.cli.units import format_age, format_duration
from imagedb.digests import SHORT_LENGTH
from imagedb.records import Container

CONTAINERS: Final = Listing(
    headers={
        "ID": "CONTAINER ID",
        "Image": "IMAGE",
        "ImageID": "IMAGE ID",
        "RunningFor": "CREATED",
        "CreatedAt": "CREATED AT",
        "Status": "STATUS",
        "State": "STATE",
        "Host": "HOST",
        "Platform": "PLATFORM",
        "Mounts": "MOUNTS",
        "Names": "NAMES",
    },
    columns=("ID", "Image", "RunningFor", "Status", "Host", "Names"),
)


def container_row(container: Container, *, no_trunc: bool, now: datetime) -> Row:
    """Give the row of a container."""
    digest = container.image_digest
    return {
        "ID": container.id if no_trunc else container.id[:SHORT_LENGTH],
        "Image": container.reference,
        "ImageID": "" if digest is None else str(digest) if no_trunc else digest.short,
        "RunningFor": format_age(container.created, now=now),
        "CreatedAt": format_local(container.created),
        "Status": _status(container, now),
        "State": container.state,
        "Host": container.host,
        "Platform": str(container.platform or ""),
        "Mounts": ",".join(mount.source for mount in container.mounts),
        "Names": container.name,
    }


def _status(container: Container, now: datetime) -> str:
    """Say how it is, in docker's words, and whether its image is stored."""
    missing = " (image missing)" if container.is_image_missing else ""
    return _state(container, now) + missing


def _state(container: Container, now: datetime) -> str:
    match container.state:
        case "running" | "paused":
            up = f"Up {_since(container.started, now)}".rstrip()
            return f"{up} (Paused)" if container.state == "paused" else up
        case "exited":
            age = _since(container.finished, now)
            return f"Exited {age} ago" if age else "Exited"
        case "removing":
            return "Removal In Progress"
        case state:
            return state.capitalize()


def _since(moment: datetime | None, now: datetime) -> str:
    return format_duration(max(now - moment, timedelta(0))) if moment else ""
