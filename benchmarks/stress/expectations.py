"""What an answer promises: the events of a request that was answered so, no more and no less.

Written from docker's words, not from imagedb's code.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

Promise = Counter[tuple[str, ...]]
"""Action and subject of each event."""
Keep = Callable[[Any, Promise], bool]
"""Whether the events of a request keep what its answer promises."""


def is_kept(operation: str, answer: Any, events: Sequence[Any]) -> bool:  # noqa: ANN401 - JSON
    """Whether these events are those of an operation that was answered so."""
    return _PROMISES[operation](answer, Counter(map(_told, events)))


def _told(event: Any) -> tuple[str, ...]:  # noqa: ANN401 - a row
    if event.type == "hold":
        return (event.action, event.attributes["hold"])
    if event.action == "load":
        return ("load", event.actor_id, event.attributes.get("reference", ""))
    if event.action in {"tag", "untag"}:
        return (event.action, event.name)
    return (event.action, event.actor_id)


def _exactly(promised: Callable[[Any], Iterator[tuple[str, ...]]]) -> Keep:
    return lambda answer, events: events == Counter(promised(answer))


def _records(answer: Any) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - JSON
    for record in answer:
        [(word, subject)] = record.items()
        yield {"Untagged": "untag", "Deleted": "delete"}[word], subject


def _batch(answer: Any) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - JSON
    return _records(answer["fields"]["records"])


def _loads(answer: Any) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - JSON
    for image in answer:
        fields = image["fields"]
        for name in fields["names"] or [""]:
            yield "load", fields["id"], name


def _one_tag(_: object, events: Promise) -> bool:
    return events.total() == 1 and next(iter(events))[0] == "tag"


def _one_of(*choices: Sequence[str]) -> Keep:
    """One of these lists of actions, each on the container that the answer names."""

    def keeps(answer: Any, events: Promise) -> bool:  # noqa: ANN401 - JSON
        return any(events == Counter((action, answer) for action in c) for c in choices)

    return keeps


def _lifted(answer: Any) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - JSON
    return (("destroy", str(number)) for number in answer)


def _removal(answer: Any, events: Promise) -> bool:  # noqa: ANN401 - JSON
    """The host's end, and that of each container that it took along."""
    gone = [subject for action, subject in events.elements() if action == "destroy"]
    return len(gone) == int(answer) + 1


def _nothing(_: object, events: Promise) -> bool:
    return not events


def _report(answer: Any, events: Promise) -> bool:  # noqa: ANN401 - JSON
    counts = Counter(action for action, *_ in events.elements())
    return (counts["create"], counts["destroy"]) == (answer["created"], answer["removed"])


_PROMISES: Final[dict[str, Keep]] = {
    "delete_image": _exactly(_records),
    "apply_delete_plan": _exactly(_records),
    "prune_batch": _exactly(_batch),
    "prune_planned": _exactly(_batch),
    "import_images": _exactly(_loads),
    "tag_image": _one_tag,
    "create_container": _one_of(["create"]),
    "start_container": _one_of(["start"], []),
    "stop_container": _one_of(["kill", "die", "stop"], []),
    "kill_container": _one_of(["kill", "die"]),
    "pause_container": _one_of(["pause"]),
    "unpause_container": _one_of(["unpause"]),
    "remove_container": _one_of(["destroy"], ["kill", "die", "destroy"]),
    "report_containers": _report,
    "add_hold": _exactly(lambda answer: iter([("create", str(answer))])),
    "delete_hold": _exactly(_lifted),
    "delete_host": _removal,
    "claim_releases": _nothing,
    "finish_releases": _nothing,
    "reset_claim": _nothing,
}
"""By the name under which an answer is stored."""
