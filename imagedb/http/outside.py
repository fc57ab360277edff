"""What docker can do and imagedb cannot: 501, and one sentence that says what imagedb is.

What somebody may look for by name before they give up (`docker inspect`) is answered as an engine
does that has none.
"""

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from imagedb.http.errors import OutsideError, RefusedError

router: Final = APIRouter()

OUTSIDE: Final = {
    "build images": ("POST /build", "POST /build/cancel", "POST /session", "POST /grpc"),
    "keep a build cache": ("POST /build/prune",),
    "push images": ("POST /images/{name:path}/push",),
    "save images": ("GET /images/get", "GET /images/{name:path}/get"),
    "search registries": ("GET /images/search",),
    "sign in to registries": ("POST /auth", "GET /distribution/{name:path}/json"),
    "commit containers": ("POST /commit",),
    "prune containers": ("POST /containers/prune",),
    "run commands": (
        "POST /containers/{id}/exec",
        "POST /exec/{id}/start",
        "POST /exec/{id}/resize",
        "GET /exec/{id}/json",
    ),
    "run containers": (
        "GET /containers/{id}/logs",
        "GET /containers/{id}/top",
        "GET /containers/{id}/stats",
        "GET /containers/{id}/changes",
        "GET /containers/{id}/export",
        "GET /containers/{id}/attach/ws",
        "POST /containers/{id}/attach",
        "POST /containers/{id}/resize",
        "POST /containers/{id}/update",
        "POST /containers/{id}/wait",
        "GET /containers/{id}/archive",
        "HEAD /containers/{id}/archive",
        "PUT /containers/{id}/archive",
    ),
    "have networks": (
        "GET /networks",
        "POST /networks/create",
        "POST /networks/prune",
        "POST /networks/{id}/connect",
        "POST /networks/{id}/disconnect",
        "DELETE /networks/{id}",
    ),
    "have volumes": (
        "GET /volumes",
        "POST /volumes/create",
        "POST /volumes/prune",
        "PUT /volumes/{name}",
        "DELETE /volumes/{name}",
    ),
    "have plugins": ("GET /plugins", "POST /plugins/pull"),
    "have a swarm": (
        *("GET /swarm", "POST /swarm/init", "POST /swarm/join", "POST /swarm/leave"),
        *("GET /nodes", "GET /services", "GET /tasks", "GET /secrets", "GET /configs"),
    ),
}
"""What docker's clients may ask for, by what it would take."""

NO_SWARM: Final = (
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state."
)
ABSENT: Final = {
    "/networks/{name}": (404, "network {name} not found"),
    "/volumes/{name}": (404, "get {name}: no such volume"),
    "/plugins/{name:path}/json": (404, 'plugin "{name}" not found'),
    "/services/{name}": (503, NO_SWARM),
    "/tasks/{name}": (503, NO_SWARM),
    "/nodes/{name}": (503, NO_SWARM),
    "/secrets/{name}": (503, NO_SWARM),
    "/configs/{name}": (503, NO_SWARM),
}
"""What is looked for by name, and never there: statuses and docker's words."""


def _refusing(what: str) -> Callable[[], Response]:
    def refuse() -> Response:
        raise OutsideError(what)

    return refuse


for _what, _routes in OUTSIDE.items():
    for _route in _routes:
        _method, _, _path = _route.partition(" ")
        router.add_api_route(_path, _refusing(_what), methods=[_method])


def _lacking(status: int, message: str) -> Callable[[str], Response]:
    def lack(name: str) -> Response:
        raise RefusedError(status, message.format(name=name))

    return lack


for _path, (_status, _message) in ABSENT.items():
    router.add_api_route(_path, _lacking(_status, _message), methods=["GET"])
