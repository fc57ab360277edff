"""Moments as docker prints them.

Source: docker/cli, command/system/events.go.
"""

from datetime import datetime


def format_moment(moment: datetime) -> str:
    """Write a moment in local time with nine decimals, as `docker events` does."""
    local = moment.astimezone()
    clock = local.strftime("%H:%M:%S.%f000")
    return f"{local.date().isoformat()}T{clock}{_format_zone(local)}"


def format_local(moment: datetime) -> str:
    """Write a moment in local time, as Go prints one: `2026-01-31 15:04:05 +0000 UTC`."""
    local = moment.astimezone()
    return f"{local.date().isoformat()} {local.strftime('%H:%M:%S %z %Z')}"


def _format_zone(local: datetime) -> str:
    zone = local.strftime("%z")
    return "Z" if zone == "+0000" else f"{zone[:3]}:{zone[3:5]}"
