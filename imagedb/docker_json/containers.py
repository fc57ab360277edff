"""Containers as docker's JSON; their host is the label `imagedb.host`.

Of what an engine runs there is nothing to tell: no ports, no networks, no process.

Source: moby, api/types/container (container.go, inspect.go); daemon/list.go, `refreshImage`.
"""

from datetime import UTC, datetime
from typing import Any, Final

from imagedb.commands import show_command
from imagedb.container_filters import labels_of
from imagedb.docker_json.images import platform_object
from imagedb.docker_json.moments import ZERO, unix_seconds
from imagedb.docker_json.statuses import format_status
from imagedb.records import Container, Mount
from imagedb.times import format_utc

Object = dict[str, Any]

NONE: Final = "none"


def container_object(container: Container, *, now: datetime | None = None) -> Object:
    """Lay out a row of the list."""
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": container.reference,
        "ImageID": container.image_digest or "",
        "Command": show_command(container.command),
        "Created": unix_seconds(container.created),
        "Ports": [],
        "Labels": labels_of(container),
        "State": container.state,
        "Status": format_status(container, now=now or datetime.now(UTC)),
        "HostConfig": {"NetworkMode": NONE},
        "NetworkSettings": {"Networks": {}},
        "Mounts": [_mount(mount) for mount in container.mounts],
    }


def container_details(container: Container) -> Object:
    """Lay out all that is known of a container."""
    return {
        "Id": container.id,
        "Created": format_utc(container.created),
        "Path": next(iter(container.command), ""),
        "Args": list(container.command[1:]),
        "State": _state(container),
        "Image": container.image_digest or "",
        "ResolvConfPath": "",
        "HostnamePath": "",
        "HostsPath": "",
        "LogPath": "",
        "Name": f"/{container.name}",
        "RestartCount": 0,
        "Driver": "imagedb",
        "Platform": container.platform.os if container.platform else "",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": None,
        "HostConfig": _host_config(container),
        "Mounts": [_mount(mount) for mount in container.mounts],
        "Config": _config(container),
        "NetworkSettings": {"Ports": {}, "Networks": {}},
        **({"ImagePlatform": platform_object(container.platform)} if container.platform else {}),
        "ImageMissing": container.is_image_missing,
    }


def _state(container: Container) -> Object:
    return {
        "Status": container.state,
        "Running": container.is_running,
        "Paused": container.state == "paused",
        "Restarting": container.state == "restarting",
        "OOMKilled": False,
        "Dead": container.state == "dead",
        "Pid": 0,
        "ExitCode": container.exit_code or 0,
        "Error": "",
        "StartedAt": format_utc(container.started) if container.started else ZERO,
        "FinishedAt": format_utc(container.finished) if container.finished else ZERO,
    }


def _config(container: Container) -> Object:
    """What was asked for; all that clients expect to find, though it is not kept."""
    texts = ("Hostname", "Domainname", "User", "WorkingDir")
    flags = ("AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce")
    return {
        **dict.fromkeys(texts, ""),
        **dict.fromkeys(flags, False),
        "Env": [],
        "Cmd": list(container.command) or None,
        "Entrypoint": None,
        "Volumes": None,
        "Image": container.reference,
        "Labels": labels_of(container),
    }


def _host_config(container: Container) -> Object:
    return {
        "NetworkMode": NONE,
        "Binds": None,
        "AutoRemove": False,
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "Mounts": [_asked(mount) for mount in container.mounts],
    }


def _mount(mount: Mount) -> Object:
    return {
        "Type": "image",
        "Source": mount.image_digest or mount.source,
        "Destination": mount.target,
        "Mode": "",
        "RW": False,
        "Propagation": "",
    }


def _asked(mount: Mount) -> Object:
    return {"Type": "image", "Source": mount.source, "Target": mount.target}
