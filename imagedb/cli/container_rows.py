"""Containers as rows of docker's table, with the host that docker has no need of.

Source: docker/cli, command/formatter/container.go; moby, daemon/container/state.go.
"""

import json
from datetime import datetime
from typing import Final

from imagedb.cli.listing import Listing, Row
from imagedb.cli.times import format_local
from imagedb.cli.units import format_age
from imagedb.commands import show_command
from imagedb.digests import SHORT_LENGTH
from imagedb.docker_json.statuses import format_status
from imagedb.records import Container

_WIDTH: Final = 20
"""Of a command."""
CONTAINERS: Final = Listing(
    headers={
        "ID": "CONTAINER ID",
        "Image": "IMAGE",
        "Command": "COMMAND",
        "ImageID": "IMAGE ID",
        "RunningFor": "CREATED",
        "CreatedAt": "CREATED AT",
        "Status": "STATUS",
        "State": "STATE",
        "Host": "HOST",
        "Platform": "PLATFORM",
        "Labels": "LABELS",
        "Mounts": "MOUNTS",
        "Names": "NAMES",
    },
    columns=("ID", "Image", "Command", "RunningFor", "Status", "Host", "Names"),
)


def container_row(container: Container, *, no_trunc: bool, now: datetime) -> Row:
    """Give the row of a container."""
    digest = container.image_digest
    return {
        "ID": container.id if no_trunc else container.id[:SHORT_LENGTH],
        "Image": container.reference,
        "ImageID": "" if digest is None else str(digest) if no_trunc else digest.short,
        "Command": _quoted(show_command(container.command), no_trunc=no_trunc),
        "RunningFor": format_age(container.created, now=now),
        "CreatedAt": format_local(container.created),
        "Status": format_status(container, now=now),
        "State": container.state,
        "Host": container.host,
        "Platform": str(container.platform or ""),
        "Labels": ",".join(f"{key}={value}" for key, value in sorted(container.labels.items())),
        "Mounts": ",".join(mount.source for mount in container.mounts),
        "Names": container.name,
    }


def _quoted(command: str, *, no_trunc: bool) -> str:
    """Write a command in quotes, as docker does; empty ones too."""
    short = command if no_trunc or len(command) <= _WIDTH else f"{command[: _WIDTH - 1]}…"
    return json.dumps(short, ensure_ascii=False)
