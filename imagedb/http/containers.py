"""Containers, as records: what would run them on an engine changes a row here.

Source: moby, daemon/server/router/container/container_routes.go.
"""

from collections.abc import Callable
from typing import Concatenate, Final, TypeVar

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from imagedb.container_filters import FILTERS, ContainerFilter, list_filtered
from imagedb.container_names import rename_container
from imagedb.container_requests import (
    create_container,
    ensure_started,
    ensure_stopped,
    kill_container,
    pause_container,
    remove_container,
    restart_container,
    unpause_container,
)
from imagedb.containers import find_container
from imagedb.docker_json.containers import container_details, container_object
from imagedb.errors import InvalidInputError
from imagedb.http.answers import JSON
from imagedb.http.asking import Asked, Asking
from imagedb.http.bodies import JSONObject
from imagedb.http.creating import parse_config, parse_image, parse_mounts
from imagedb.http.errors import OutsideError
from imagedb.http.images import Flag
from imagedb.http.parameters import Filters, is_true, parse_filters, parse_platform_text
from imagedb.records import (
    Caller,
    ChangedContainer,
    Container,
    Namespace,
)

router: Final = APIRouter()
T = TypeVar("T")
_RECORDED: Final = "imagedb records this container and does not run it"
Operation = Callable[Concatenate[Connection, Namespace, Caller, str, ...], T]


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
        exits=tuple(map(parse_exit, filters.get("exited", ()))),
        labels=filters.get("label", ()),
        ancestors=filters.get("ancestor", ()),
        mounts=filters.get("volume", ()),
        before=filters.get("before", ()),
        since=filters.get("since", ()),
    )


def parse_exit(text: str) -> int:
    """Read an exit code to look for.

    Raises:
        InvalidInputError: it is no number.
    """
    try:
        return int(text)
    except ValueError:
        raise InvalidInputError(f"invalid filter 'exited={text[:80]}'") from None


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
    container = asking.perform(
        create_container,
        parse_image(body),
        name=name or None,
        platform=parse_platform_text(platform),
        mounts=parse_mounts(body),
        config=parse_config(body),
    )
    return JSON({"Id": container, "Warnings": [_RECORDED]}, status_code=201)


# ── states ────────────────────────────────────────────────────────────────────────────────────


def _ensure(asking: Asking, operation: Operation[ChangedContainer], container: str) -> Response:
    """Bring a container into a state; 304 where it is in it already."""
    changed = asking.perform(operation, container, host=asking.named_host)
    return Response(status_code=204 if changed.is_changed else 304)


def _change(asking: Asking, operation: Operation[str], container: str) -> Response:
    asking.perform(operation, container, host=asking.named_host)
    return Response(status_code=204)


@router.post("/containers/{id}/start")
def start(asking: Asked, id: str) -> Response:
    """Record that it runs."""
    return _ensure(asking, ensure_started, id)


@router.post("/containers/{id}/stop")
def stop(asking: Asked, id: str) -> Response:
    """Record that it has stopped."""
    return _ensure(asking, ensure_stopped, id)


@router.post("/containers/{id}/kill")
def kill(asking: Asked, id: str, signal: Flag = None) -> Response:
    """Record that it was killed, or was sent a signal that usually ends nothing."""
    asking.perform(kill_container, id, host=asking.named_host, signal=signal or None)
    return Response(status_code=204)


@router.post("/containers/{id}/pause")
def pause(asking: Asked, id: str) -> Response:
    """Record that it is paused."""
    return _change(asking, pause_container, id)


@router.post("/containers/{id}/unpause")
def unpause(asking: Asked, id: str) -> Response:
    """Record that it runs again."""
    return _change(asking, unpause_container, id)


@router.post("/containers/{id}/restart")
def restart(asking: Asked, id: str) -> Response:
    """Record that it has stopped and runs again."""
    return _change(asking, restart_container, id)


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
