"""What is told of containers, in docker's words.

Source: moby, daemon/events.go, `LogContainerEventWithAttributes`; daemon/monitor.go.
"""

from collections.abc import Iterable, Iterator, Mapping

from imagedb.events import NewEvent
from imagedb.records import Container


def container_events(
    container: Container, actions: Iterable[str], *, exit_code: int | None = None
) -> Iterator[NewEvent]:
    """Events of a container, on its host."""
    for action in actions:
        yield NewEvent(
            type="container",
            action=action,
            actor_id=container.id,
            name=container.name,
            attributes=attributes_of(action, container.reference, exit_code),
            labels=container.labels,
            host=container.host,
        )


def attributes_of(action: str, reference: str, exit_code: int | None) -> Mapping[str, str]:
    """What an event says beside name and labels; how a container ended, where that is known."""
    image = {"image": reference}
    return image if action != "die" or exit_code is None else image | {"exitCode": str(exit_code)}
