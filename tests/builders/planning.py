"""Make and apply plans in a world."""

from typing import Any

from imagedb.filters import PruneFilters
from imagedb.plan_documents import PlanDocument
from imagedb.planning import apply_plan, plan_delete, plan_prune
from imagedb.records import Caller, PrunedBatch
from tests.builders.world import ALL, World


def plan(world: World, reference: str, **options: Any) -> PlanDocument:  # noqa: ANN401 - docker's flags
    """Plan a delete."""
    return world.ask(
        lambda connection, namespace: plan_delete(
            connection, namespace, world.caller(), reference, **options
        )
    )


def plan_of_prune(world: World, filters: PruneFilters = ALL) -> PlanDocument:
    """Plan a prune."""
    return world.ask(
        lambda connection, namespace: plan_prune(connection, namespace, world.caller(), filters)
    )


def apply(
    world: World, document: PlanDocument, caller: Caller | None = None
) -> tuple[PrunedBatch, ...]:
    """Apply a plan."""
    return tuple(apply_plan(world.database, caller or world.caller(), document))
