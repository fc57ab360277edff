"""Events as docker's JSON, with what imagedb knows besides.

Source: moby, api/types/events/events.go.
"""

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
