"""Containers, as records: what would run them on an engine changes a row here.

Source: moby, daemon/server/router/container/container_routes.go.
"""

from collections.abc import Callable, Mapping
from typing import Any, Concatenate, Final

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from imagedb.container_filters import FILTERS, ContainerFilter, list_filtered
from imagedb.container_names import rename_container
from imagedb.container_requests import (
    create_container,
    kill_container,
    pause_container,
    remove_container,
    restart_container,
    start_container,
    stop_container,
    unpause_container,
)
from imagedb.container_states import START, STOP, Change
from imagedb.containers import find_container
from imagedb.docker_json.containers import container_details, container_object
from imagedb.errors import InvalidInputError
from imagedb.http.answers import JSON
from imagedb.http.asking import Asked, Asking
from imagedb.http.bodies import JSONObject
from imagedb.http.errors import OutsideError
from imagedb.http.images import Flag
from imagedb.http.parameters import Filters, is_true, parse_filters, parse_platform_text
from imagedb.records import Caller, Container, Mount, Namespace

router: Final = APIRouter()
_RECORDED: Final = "imagedb records this container and does not run it"
Operation = Callable[Concatenate[Connection, Namespace, Caller, str, ...], str]


@router.get("/containers/json")
def list_(
    asking: Asked,
    all: Flag = None,
    limit: int = 0,
    filters: Flag = None,
) -> Response:
    """List the containers of all hosts of the namespace."""
    wanted = container_filter(parse_filters(filters, FILTERS))
    is_whole = is_true(all) or limit > 0 or bool(wanted.states)
    with asking.reading() as (connection, namespace):
        found = list_filtered(connection, namespace, wanted, all=is_whole)
    return JSON([container_object(one) for one in found[: limit if limit > 0 else None]])


def container_filter(filters: Filters) -> ContainerFilter:
    """Read docker's filters."""
    return ContainerFilter(
        ids=filters.get("id", ()),
        names=filters.get("name", ()),
        states=filters.get("status", ()),
        labels=filters.get("label", ()),
        ancestors=filters.get("ancestor", ()),
        mounts=filters.get("volume", ()),
        before=filters.get("before", ()),
        since=filters.get("since", ()),
    )


@router.get("/containers/{id}/json")
def inspect(asking: Asked, id: str) -> Response:
    """Tell all that is known of a container."""
    return JSON(container_details(_find(asking, id)))


def _find(asking: Asking, text: str) -> Container:
    with asking.reading() as (connection, namespace):
        return find_container(connection, namespace, text, host=asking.named_host)


# ── create ────────────────────────────────────────────────────────────────────────────────────


@router.post("/containers/create")
def create(asking: Asked, body: JSONObject, name: Flag = None, platform: Flag = None) -> Response:
    """Record a container of the host that asks."""
    image = body.get("Image")
    if not isinstance(image, str) or not image:
        raise InvalidInputError("No image was specified: give it as Image")
    container = asking.perform(
        create_container,
        image,
        name=name or None,
        platform=parse_platform_text(platform),
        mounts=_mounts(body.get("HostConfig") or {}),
    )
    return JSON({"Id": container, "Warnings": [_RECORDED]}, status_code=201)


def _mounts(host_config: Mapping[str, Any]) -> tuple[Mount, ...]:
    """The images among what is mounted; other mounts keep no image and are left out."""
    mounts = host_config.get("Mounts") or []
    images = [m for m in mounts if isinstance(m, dict) and m.get("Type") == "image"]
    return tuple(Mount(str(m.get("Source", "")), str(m.get("Target", ""))) for m in images)


# ── states ────────────────────────────────────────────────────────────────────────────────────


def _change(
    asking: Asking, operation: Operation, container: str, change: Change | None
) -> Response:
    """Change a container's state; 304 where there is nothing to change."""
    if change and _find(asking, container).state in change.done:
        return Response(status_code=304)
    asking.perform(operation, container, host=asking.named_host)
    return Response(status_code=204)


@router.post("/containers/{id}/start")
def start(asking: Asked, id: str) -> Response:
    """Record that it runs."""
    return _change(asking, start_container, id, START)


@router.post("/containers/{id}/stop")
def stop(asking: Asked, id: str) -> Response:
    """Record that it has stopped."""
    return _change(asking, stop_container, id, STOP)


@router.post("/containers/{id}/kill")
def kill(asking: Asked, id: str) -> Response:
    """Record that it was killed, whatever the signal."""
    return _change(asking, kill_container, id, None)


@router.post("/containers/{id}/pause")
def pause(asking: Asked, id: str) -> Response:
    """Record that it is paused."""
    return _change(asking, pause_container, id, None)


@router.post("/containers/{id}/unpause")
def unpause(asking: Asked, id: str) -> Response:
    """Record that it runs again."""
    return _change(asking, unpause_container, id, None)


@router.post("/containers/{id}/restart")
def restart(asking: Asked, id: str) -> Response:
    """Record that it has stopped and runs again."""
    return _change(asking, restart_container, id, None)


@router.post("/containers/{id}/rename")
def rename(asking: Asked, id: str, name: Flag = None) -> Response:
    """Give a container another name."""
    asking.perform(rename_container, id, name or "", host=asking.named_host)
    return Response(status_code=204)


@router.delete("/containers/{id}")
def remove(asking: Asked, id: str, force: Flag = None, link: Flag = None) -> Response:
    """Remove a container's record."""
    if is_true(link):
        raise OutsideError("link containers")
    asking.perform(remove_container, id, force=is_true(force), host=asking.named_host)
    return Response(status_code=204)
