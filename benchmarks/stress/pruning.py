"""Prunes, and plans that are applied later: what decides on many facts at once."""

from typing import Any, Final

from benchmarks.stress.dice import Dice
from benchmarks.stress.history import Arguments
from benchmarks.stress.operations import Kind, Operation, Session
from benchmarks.stress.writes import draw_delete
from imagedb.filters import PruneFilters
from imagedb.plan_documents import parse_plan
from imagedb.planning import apply_plan, plan_delete, plan_prune
from imagedb.platforms import parse_platform
from imagedb.pruning import prune_images


def _draw_prune(dice: Dice) -> Arguments:
    dangling = dice.happens(0.8)
    patterns = [] if dangling else [dice.name().rpartition(":")[0] + ":*"]
    return dice.place() | {"dangling": dangling, "references": patterns}


def _filters(a: Arguments) -> PruneFilters:
    return PruneFilters(dangling=a["dangling"], references=tuple(a["references"]))


def _prune(session: Session, a: Arguments) -> Any:  # noqa: ANN401 - every answer is encoded
    return list(prune_images(session.database, a["namespace"], session.caller(a), _filters(a)))


def _plan_prune(session: Session, a: Arguments) -> Arguments:
    caller = session.caller(a)
    document = session.read(plan_prune, a, caller, _filters(a))
    return a | {"document": document.to_json()}


def _plan_delete(session: Session, a: Arguments) -> Arguments | None:
    """Plan a delete; one that says itself that it is refused is not applied."""
    document = session.read(
        plan_delete,
        a,
        session.caller(a),
        a["image"],
        force=a["force"],
        prune=a["prune"],
        platforms=[parse_platform(platform) for platform in a["platforms"]],
        ignore_stale=a["ignore_stale"],
    )
    return None if document.conflicts else a | {"document": document.to_json()}


def _apply(session: Session, a: Arguments) -> Any:  # noqa: ANN401
    """Apply a plan; the answer is what is kept of it: records of a delete, batches of a prune."""
    batches = list(apply_plan(session.database, session.caller(a), parse_plan(a["document"])))
    return batches[0].records if "image" in a else batches


DECISIONS: Final = (
    Operation("prune", 2, Kind.WRITE, _draw_prune, _prune),
    Operation("apply prune", 1, Kind.WRITE, _draw_prune, _apply, _plan_prune),
    Operation("apply delete", 5, Kind.WRITE, draw_delete, _apply, _plan_delete),
)
