"""Say what `docker inspect` would print of the containers on the demo's hosts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

NEVER: Final = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a host; `days` ago it was made and started, and stopped a day later."""

    name: str
    image: str
    state: str
    days: int
    command: str


HOSTS: Final[Mapping[str, Sequence[Container]]] = {
    "web-1": (Container("debug", "shop/web:2.1", "exited", 4, "sh"),),
    "web-2": (
        Container("frontend", "shop/web:2.1", "running", 3, "nginx -g daemon-off"),
        Container("batch", "shop/web:stable", "exited", 2, "report --daily"),
    ),
}


def inspect_host(host: str, ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """Inspect all containers of a host; `ids` are those of images by name."""
    now = datetime.now(UTC)
    return [_inspect(host, container, ids, now) for container in HOSTS[host]]


def _inspect(
    host: str, container: Container, ids: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    started = now - timedelta(days=container.days)
    is_running = container.state == "running"
    path, *args = container.command.split()
    return {
        "Id": hashlib.sha256(f"{host}/{container.name}".encode()).hexdigest(),
        "Name": f"/{container.name}",
        "Created": started.isoformat(),
        "Path": path,
        "Args": args,
        "Image": ids[container.image],
        "State": {
            "Status": container.state,
            "ExitCode": 0,
            "StartedAt": started.isoformat(),
            "FinishedAt": NEVER if is_running else (started + timedelta(days=1)).isoformat(),
        },
        "Config": {"Image": container.image, "Labels": {"team": "shop"}},
        "ImageManifestDescriptor": {"platform": {"os": "linux", "architecture": "amd64"}},
        "Mounts": [],
    }
