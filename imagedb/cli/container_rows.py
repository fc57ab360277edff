"""Containers as rows of docker's table, with the host that docker has no need of.

Source: docker/cli, command/formatter/container.go; moby, daemon/container/state.go.
"""

from datetime import datetime
from typing import Final

from imagedb.cli.listing import Listing, Row
from imagedb.cli.times import format_local
from imagedb.cli.units import format_age
from imagedb.digests import SHORT_LENGTH
from imagedb.docker_json.statuses import format_status
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
        "Status": format_status(container, now=now),
        "State": container.state,
        "Host": container.host,
        "Platform": str(container.platform or ""),
        "Mounts": ",".join(mount.source for mount in container.mounts),
        "Names": container.name,
    }
