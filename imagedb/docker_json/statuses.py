"""How a container is, in docker's words.

Source: moby, daemon/container/state.go, `String`.
"""

from datetime import datetime, timedelta

from imagedb.docker_json.durations import format_duration
from imagedb.records import Container


def format_status(container: Container, *, now: datetime) -> str:
    """Say how it is, in docker's words, and whether its image is stored."""
    missing = " (image missing)" if container.is_image_missing else ""
    return _state(container, now) + missing


def _state(container: Container, now: datetime) -> str:
    match container.state:
        case "running" | "paused":
            up = f"Up {_since(container.started, now)}".rstrip()
            return f"{up} (Paused)" if container.state == "paused" else up
        case "exited":
            code = "" if container.exit_code is None else f" ({container.exit_code})"
            age = _since(container.finished, now)
            return f"Exited{code} {age} ago" if age else f"Exited{code}"
        case "removing":
            return "Removal In Progress"
        case state:
            return state.capitalize()


def _since(moment: datetime | None, now: datetime) -> str:
    return format_duration(max(now - moment, timedelta(0))) if moment else ""
