"""From what was decided to a document, and from a document's arguments back."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from imagedb.deletion import DeleteOptions, PreparedDelete
from imagedb.filters import LabelTest, PruneFilters
from imagedb.plan_documents import (
    ConflictEntry,
    DeleteArguments,
    ImageFacts,
    LabelArgument,
    PlanDocument,
    PruneArguments,
    with_token,
)
from imagedb.plans import Facts, Plan, decide_unrefused
from imagedb.platforms import parse_platform
from imagedb.pruning import PruneCandidate
from imagedb.reasons import explain, explain_prune
from imagedb.records import (
    Caller,
    Conflict,
    ContainerUse,
    Content,
    Hold,
    Image,
    Namespace,
    Reason,
)
from imagedb.requests import encode
from imagedb.unused import count_held, find_freed


def document_of_delete(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    reference: str,
    options: DeleteOptions,
    prepared: PreparedDelete,
) -> PlanDocument:
    """Write down a delete; of one that is refused, also what would be freed without that."""
    arguments = DeleteArguments(
        reference=reference,
        force=options.force,
        prune=options.prune,
        platforms=tuple(map(str, options.platforms)),
        ignore_stale=options.ignore_stale,
    )
    reasons = explain(prepared.request, prepared.facts, prepared.plan)
    leaving, dropped = _leaving(prepared)
    content = find_freed(connection, namespace, leaving, dropped)
    return with_token(
        {
            "operation": "delete",
            "namespace": namespace.name,
            "actor": caller.who,
            "host": caller.host,
            "arguments": arguments,
            "images": [_image(prepared.image, prepared.facts, prepared.plan, reasons)],
            **_measured(content, count_held(connection, leaving, dropped)),
        }
    )


def document_of_prune(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    filters: PruneFilters,
    candidates: Sequence[PruneCandidate],
) -> PlanDocument:
    """Write down a prune."""
    planned = [(one, one.plan) for one in candidates if one.plan]
    leaving = [one.image.key for one, plan in planned if plan.deletes_image]
    content = find_freed(connection, namespace, leaving)
    return with_token(
        {
            "operation": "prune",
            "namespace": namespace.name,
            "actor": caller.who,
            "host": caller.host,
            "arguments": _prune_arguments(filters),
            "images": [
                _image(one.image, one.found.facts, plan, explain_prune(one.found.facts, plan))
                for one, plan in planned
            ],
            **_measured(content, count_held(connection, leaving)),
        }
    )


def facts_of_image(image: Image, facts: Facts) -> ImageFacts:
    """Write down what is known of an image."""
    return ImageFacts.model_validate(_facts(image, facts))


def conflict_entry(conflict: Conflict) -> ConflictEntry:
    """Write down a reason that refuses."""
    use, hold = conflict.container, conflict.hold
    return ConflictEntry(
        kind=conflict.kind.value,
        is_hard=conflict.is_hard,
        message=str(conflict),
        container=use.id if use else None,
        host=use.host if use else None,
        reference=conflict.reference,
        hold=hold.key if hold else None,
    )


def options_of(arguments: DeleteArguments) -> DeleteOptions:
    """Read back how an image is to be deleted."""
    return DeleteOptions(
        arguments.force,
        arguments.prune,
        tuple(map(parse_platform, arguments.platforms)),
        arguments.ignore_stale,
    )


def filters_of(arguments: PruneArguments) -> PruneFilters:
    """Read back which images are to be pruned."""
    labels = (LabelTest(one.key, one.value, one.is_wanted) for one in arguments.labels)
    return PruneFilters(arguments.dangling, arguments.until, tuple(labels), arguments.references)


def _leaving(prepared: PreparedDelete) -> tuple[list[int], list[int] | None]:
    """The images that would go, by number, or the manifests that one would stop holding."""
    plan, key = prepared.plan, prepared.image.key
    if plan.conflicts:
        plan = decide_unrefused(prepared.request, prepared.facts)
    if plan.dropped and not plan.deletes_image:
        return [key], [manifest.key for manifest in plan.dropped]
    own = [key] if plan.deletes_image else []
    return [*own, *(parent.key for parent in plan.pruned)], None


def _measured(content: Sequence[Content], held: int) -> dict[str, Any]:
    freed = sum(one.size for one in content)
    return {"content": list(map(asdict, content)), "freed": freed, "shared": held - freed}


def _prune_arguments(filters: PruneFilters) -> PruneArguments:
    labels = (
        LabelArgument(key=test.key, value=test.value, is_wanted=test.is_wanted)
        for test in filters.labels
    )
    return PruneArguments(
        dangling=filters.dangling,
        until=filters.until,
        labels=tuple(labels),
        references=filters.references,
    )


def _image(image: Image, facts: Facts, plan: Plan, reasons: Iterable[Reason]) -> dict[str, Any]:
    return {
        "facts": _facts(image, facts),
        "conflicts": list(map(conflict_entry, plan.conflicts)),
        "records": [encode(record) for record in plan.records],
        "reasons": list(map(asdict, reasons)),
    }


def _facts(image: Image, facts: Facts) -> dict[str, Any]:
    return {
        "id": facts.image_id,
        "entered": image.entered,
        "references": [str(reference) for reference in facts.references],
        "containers": list(map(_container, facts.uses)),
        "holds": list(map(_hold, facts.holds)),
        "manifests": [
            {"digest": one.digest, "platform": str(one.platform) if one.platform else None}
            for one in facts.manifests
        ],
        "parents": [
            {
                "id": one.id,
                "is_dangling": one.is_dangling,
                "is_used": one.is_used,
                "is_held": one.is_held,
            }
            for one in facts.parents
        ],
    }


def _container(use: ContainerUse) -> dict[str, Any]:
    return {
        "id": use.id,
        "name": use.name,
        "host": use.host,
        "is_host_stale": use.is_host_stale,
        "state": use.state,
        "platform": str(use.platform) if use.platform else None,
        "is_mount": use.is_mount,
        "created": use.created,
    }


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "number": hold.key,
        "who": hold.who,
        "reason": hold.reason,
        "held": hold.held,
        "until": hold.until,
    }
