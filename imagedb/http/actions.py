"""Actions: what a request asked of the core, for metrics and logs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from imagedb import errors
from imagedb.digests import Digest
from imagedb.records import Claim, Deleted, ImportedImage, PrunedBatch

KINDS: Final = ("image", "container", "host", "hold", "content")
_ACTIONS: Final = {
    "delete_image": ("image", "delete"),
    "apply_delete_plan": ("image", "delete"),
    "prune_batch": ("image", "prune"),
    "prune_planned": ("image", "prune"),
    "tag_image": ("image", "tag"),
    "import_images": ("image", "import"),
    "report_containers": ("container", "report"),
    "add_host": ("host", "create"),
    "delete_host": ("host", "destroy"),
    "renew_host": ("host", "heartbeat"),
    "add_hold": ("hold", "create"),
    "delete_hold": ("hold", "destroy"),
    "claim_releases": ("content", "claim"),
    "finish_releases": ("content", "done"),
    "reset_claim": ("content", "reset"),
}
"""Operations by name, in the words of docker's events."""
_OUTCOMES: Final = (
    (errors.InvalidInputError, "invalid"),
    (errors.NotFoundError, "not found"),
    (errors.ConflictError, "refused"),
    (errors.BusyError, "busy"),
)
_SHOWN: Final = 5
"""Digests that a line of the log shows."""


@dataclass(slots=True)
class Action:
    """Something asked of the core, and what came of it."""

    kind: str
    action: str
    actor: str
    """What it is about, as it was typed."""
    outcome: str = "done"
    seconds: float = 0.0
    digests: list[str] = field(default_factory=list)
    conflicts: tuple[str, ...] = ()


def action_of(operation: Callable[..., object], args: tuple[object, ...]) -> Action:
    """Begin an action; an operation without words of its own is one of containers."""
    name = getattr(operation, "__name__", "")
    kind, action = _ACTIONS.get(name) or ("container", name.removesuffix("_container"))
    actor = args[0] if args and isinstance(args[0], str) else ""
    return Action(kind, action, actor)


@contextmanager
def timed(action: Action, tell: Callable[[Action], None]) -> Iterator[Action]:
    """Measure an action, see what came of it, and tell."""
    began = perf_counter()
    try:
        yield action
    except BaseException as error:
        action.outcome = _outcome_of(error)
        if isinstance(error, errors.ImageInUseError):
            action.conflicts = tuple(str(one.kind) for one in error.conflicts)
        raise
    finally:
        action.seconds = perf_counter() - began
        tell(action)


def _outcome_of(error: BaseException) -> str:
    return next((word for cls, word in _OUTCOMES if isinstance(error, cls)), "failed")


def digests_in(value: object) -> list[str]:
    """The digests that an answer speaks of, the first ones."""
    return [digest for digest, _ in zip(_digests_in(value), range(_SHOWN), strict=False)]


def _digests_in(value: Any) -> Iterator[str]:  # noqa: ANN401 - whatever operations answer
    match value:
        case Digest():
            yield value
        case Deleted():
            yield value.digest
        case ImportedImage():
            yield value.id
        case PrunedBatch():
            yield from _digests_in(value.records)
        case Claim():
            yield from (release.digest for release in value.releases)
        case tuple() | list():
            for one in value:
                yield from _digests_in(one)
