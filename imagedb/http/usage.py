"""`GET /system/df`: how much there is.

Source: moby, daemon/server/router/system/system_routes.go, `getDiskUsage`; daemon/disk_usage.go.
"""

from collections.abc import Collection, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.responses import Response

from imagedb.containers import list_containers
from imagedb.docker_json.containers import container_object
from imagedb.docker_json.images import summary_object
from imagedb.errors import InvalidInputError
from imagedb.hosts import find_host_platform
from imagedb.http.answers import JSON
from imagedb.http.asking import Asked
from imagedb.http.images import Flag
from imagedb.http.parameters import is_true
from imagedb.listing import ImageFilter, list_filtered
from imagedb.platforms import Platform
from imagedb.records import Namespace
from imagedb.usage import get_content_size, shared_sizes_of

router: Final = APIRouter()
Object = dict[str, Any]
USAGE_SINCE: Final = (1, 52)
_IMAGE, _CONTAINER, _VOLUME, _CACHE = _TYPES = ("image", "container", "volume", "build-cache")
_LEGACY: Final = {_VOLUME: "Volumes", _CACHE: "BuildCache"}
_USAGE: Final = {_VOLUME: "VolumeUsage", _CACHE: "BuildCacheUsage"}


@router.get("/system/df")
def disk_usage(
    asking: Asked,
    type: Annotated[list[str] | None, Query()] = None,
    verbose: Flag = None,
) -> Response:
    """Tell how many bytes there are, and how many nothing uses."""
    wanted = type or _TYPES
    for unknown in set(wanted).difference(_TYPES):
        raise InvalidInputError(f"unknown object type: {unknown}")
    is_verbose = is_true(verbose) and asking.version >= USAGE_SINCE
    with asking.reading() as (connection, namespace):
        platform = find_host_platform(connection, asking.caller.host)
        images = _images(connection, namespace, platform) if _IMAGE in wanted else []
        total = get_content_size(connection, namespace) if _IMAGE in wanted else 0
        containers = list_containers(connection, namespace, all=True)
    rows = [container_object(one) | {"SizeRw": 0} for one in containers]
    body: Object = {}
    if not is_verbose:
        body |= _legacy(wanted, images, rows)
        if _IMAGE in wanted and (total or asking.version < USAGE_SINCE):
            body["LayersSize"] = total
    if asking.version >= USAGE_SINCE:
        body |= _usage(wanted, images, rows, total, is_verbose=is_verbose)
    return JSON(body)


def _images(
    connection: Connection, namespace: Namespace, platform: Platform | None
) -> list[Object]:
    shared = shared_sizes_of(connection, namespace)
    listed = list_filtered(connection, namespace, ImageFilter(), platform=platform)
    return [summary_object(one, shared_size=shared.get(one.image.key, 0)) for one in listed]


def _legacy(
    wanted: Collection[str], images: Sequence[Object], containers: Sequence[Object]
) -> Object:
    body: Object = {name: [] for kind, name in _LEGACY.items() if kind in wanted}
    if _IMAGE in wanted:
        body["Images"] = images
    if _CONTAINER in wanted:
        body["Containers"] = containers
    return body


def _usage(
    wanted: Collection[str],
    images: Sequence[Object],
    containers: Sequence[Object],
    total: int,
    *,
    is_verbose: bool,
) -> Object:
    body: Object = {name: {} for kind, name in _USAGE.items() if kind in wanted}
    if _IMAGE in wanted:
        unused = [image for image in images if not image["Containers"]]
        reclaimable = sum(image["Size"] - image["SharedSize"] for image in unused)
        active = len(images) - len(unused)
        body["ImageUsage"] = _summed(images, active, total, reclaimable, is_verbose=is_verbose)
    if _CONTAINER in wanted:
        running = [one for one in containers if one["State"] in {"running", "paused", "restarting"}]
        body["ContainerUsage"] = _summed(containers, len(running), 0, 0, is_verbose=is_verbose)
    return body


def _summed(
    items: Sequence[Object], active: int, total: int, reclaimable: int, *, is_verbose: bool
) -> Object:
    """Sum up one kind; what is zero is left out, as Go does."""
    figures = {
        "ActiveCount": active,
        "TotalCount": len(items),
        "Reclaimable": reclaimable,
        "TotalSize": total,
        "Items": items if is_verbose else None,
    }
    return {name: figure for name, figure in figures.items() if figure}
