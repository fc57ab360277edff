"""Events as docker's JSON, with what imagedb knows besides.

Source: moby, api/types/events/events.go.
"""

from datetime import datetime
from typing import Any

from imagedb.docker_json.moments import unix_nanoseconds, unix_seconds
from imagedb.records import Event


def event_object(event: Event, *, is_legacy: bool = False) -> dict[str, Any]:
    """Lay an event out; `is_legacy` repeats action and actor, as docker did before 1.52."""
    actor = {"ID": event.actor_id, "Attributes": dict(sorted(event.attributes.items()))}
    return {
        **({"status": event.action, "id": event.actor_id} if is_legacy else {}),
        "Type": event.type,
        "Action": event.action,
        "Actor": actor,
        "scope": "local",
        "time": unix_seconds(event.time),
        "timeNano": unix_nanoseconds(event.time),
        "Position": event.position,
        "Namespace": event.namespace,
        "Host": event.host or "",
        "Who": event.who,
        "DatabaseUser": event.database_user,
        "RequestID": event.request_id,
    }


def error_object(message: str, *, now: datetime) -> dict[str, Any]:
    """Lay out why a stream of events ends: as docker's errors in streams, and as an event.

    Clients that look for no error show it as what the daemon says of itself.
    """
    return {
        "error": message,
        "errorDetail": {"message": message},
        "Type": "daemon",
        "Action": "error",
        "Actor": {"ID": "imagedb", "Attributes": {"error": message, "name": "imagedb"}},
        "scope": "local",
        "time": unix_seconds(now),
        "timeNano": unix_nanoseconds(now),
    }
