"""The system: ping, version, info.

Source: moby, daemon/server/router/system/system_routes.go.
"""

import platform
import socket
from typing import Final

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from imagedb import __version__
from imagedb.http.answers import JSON
from imagedb.http.asking import Asked
from imagedb.http.versions import NEWEST, OLDEST, format_version
from imagedb.usage import count_objects

router: Final = APIRouter()
_PING: Final = {
    "Builder-Version": "1",
    "Swarm": "inactive",
    "Cache-Control": "no-cache, no-store, must-revalidate",
    "Pragma": "no-cache",
}
_PURPOSE: Final = (
    "imagedb keeps the metadata of images and containers: "
    "it runs no containers and stores no layers"
)


@router.get("/_ping")
@router.head("/_ping")
def ping() -> Response:
    """Say that somebody is here."""
    return PlainTextResponse("OK", headers=_PING)


@router.get("/version")
def version() -> Response:
    """Say what this is, in the terms of an engine."""
    own = {
        "Version": __version__,
        "ApiVersion": format_version(NEWEST),
        "MinAPIVersion": format_version(OLDEST),
        "Os": platform.system().lower(),
        "Arch": _architecture(),
        "KernelVersion": platform.release(),
    }
    details = {name: own[name] for name in ("ApiVersion", "MinAPIVersion", "Os", "Arch")}
    component = {"Name": "imagedb", "Version": __version__, "Details": details}
    return JSON({"Platform": {"Name": "imagedb"}, "Components": [component], **own})


def _architecture() -> str:
    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


@router.get("/info")
def info(asking: Asked) -> Response:
    """Say how much there is, and what this is not."""
    with asking.reading() as (connection, namespace):
        counts = count_objects(connection, namespace)
    return JSON(
        {
            "ID": f"imagedb:{namespace.name}",
            "Name": asking.caller.host or socket.gethostname(),
            "ServerVersion": __version__,
            "Driver": "imagedb",
            "DriverStatus": [["Namespace", namespace.name], ["Purpose", _PURPOSE]],
            "OperatingSystem": "imagedb",
            "OSType": platform.system().lower(),
            "Architecture": platform.machine(),
            "NCPU": 0,
            "MemTotal": 0,
            "Images": counts.images,
            "Containers": counts.containers,
            "ContainersRunning": counts.running,
            "ContainersPaused": counts.paused,
            "ContainersStopped": counts.stopped,
            "Plugins": {"Volume": None, "Network": None, "Authorization": None, "Log": None},
            "Swarm": {"LocalNodeState": "inactive"},
            "Warnings": [f"WARNING: {_PURPOSE}"],
        }
    )
