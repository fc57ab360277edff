"""Why each thing that a plan looked at keeps an image or lets it go, and what would lift it."""

from collections.abc import Iterable, Iterator

from imagedb.plans import (
    DeleteRequest,
    Facts,
    ParentFacts,
    Plan,
    counted_uses,
    decide_unrefused,
    may_use,
)
from imagedb.records import Conflict, ContainerUse, Hold, Reason


def explain(request: DeleteRequest, facts: Facts, plan: Plan) -> tuple[Reason, ...]:
    """Give a reason for every hold, container, reference and parent that was looked at.

    In this order; those of a kind in the order of the facts.
    """
    aim = decide_unrefused(request, facts) if plan.conflicts else plan
    return (
        *(_of_hold(hold, plan) for hold in facts.holds),
        *_of_uses(request, facts, plan, aim),
        *_of_references(facts, plan, aim),
        *_of_parents(facts.parents, plan),
    )


def explain_prune(facts: Facts, plan: Plan) -> tuple[Reason, ...]:
    """Give a reason for every reference of an image that a prune takes, or takes names of."""
    return tuple(
        _frees("reference", reference.familiar, "it is removed")
        if reference in plan.untagged
        else _keeps("reference", reference.familiar, "no pattern of the filter matches it")
        for reference in facts.references
    )


def remedy(conflict: Conflict) -> str:
    """Say what would lift a conflict."""
    if conflict.hold:
        return "lift it with `imagedb hold rm`"
    if conflict.container is None:
        return "remove it by this name, or use --force, which removes every name"
    use = conflict.container
    first = "stop and remove the container" if use.is_running else "remove the container"
    if use.is_host_stale:
        first += ", or use --ignore-stale if its host is gone for good"
    if conflict.is_hard:
        return f"{first}; --force does not lift this"
    if ":" in conflict.subject:  # a name: by ID the subject is 12 digits
        return f"{first}, or use --force, which only removes the name"
    return f"{first}, or use --force, which leaves it without an image"


def describe_hold(hold: Hold) -> str:
    """Write a hold in a few words."""
    overdue = ", overdue" if hold.is_overdue else ""
    return f"{hold.key} by {hold.who}{overdue} ({hold.reason})"


def describe_use(use: ContainerUse) -> str:
    """Write a container in a few words."""
    stale = " (stale)" if use.is_host_stale else ""
    return f"{use.short_id} ({use.name}, {use.state}) on host {use.host}{stale}"


def _keeps(kind: str, subject: str, why: str, lift: str = "") -> Reason:
    return Reason(kind, subject, keeps=True, why=why, lift=lift)


def _frees(kind: str, subject: str, why: str) -> Reason:
    return Reason(kind, subject, keeps=False, why=why)


def _of_hold(hold: Hold, plan: Plan) -> Reason:
    subject = describe_hold(hold)
    found = [conflict for conflict in plan.conflicts if conflict.hold == hold]
    if found:
        return _keeps("hold", subject, "it protects the image", remedy(found[0]))
    return _keeps("hold", subject, "it protects the image, of which only names go")


def _of_uses(request: DeleteRequest, facts: Facts, plan: Plan, aim: Plan) -> Iterator[Reason]:
    conflicts = {one.container.key: one for one in plan.conflicts if one.container}
    counted = counted_uses(request, facts)
    for use in facts.uses:
        kind, subject = "mount" if use.is_mount else "container", describe_use(use)
        if use.key in conflicts:
            yield _keeps(kind, subject, _why_it_refuses(use), remedy(conflicts[use.key]))
        elif use not in counted:
            yield _frees(kind, subject, "its host is stale, which is to be ignored")
        elif plan.is_name_alone:
            yield _keeps(kind, subject, "it uses the image: only the name goes")
        elif plan.conflicts and not _is_spared(request, use, aim):
            yield _frees(kind, subject, "it is stopped: force goes past it")
        else:
            yield _frees(kind, subject, _why_it_does_not_matter(request, use, aim))


def _why_it_refuses(use: ContainerUse) -> str:
    if use.is_running:
        return "it runs, and needs the image"
    return "it mounts the image" if use.is_mount else "it was made of the image"


def _why_it_does_not_matter(request: DeleteRequest, use: ContainerUse, aim: Plan) -> str:
    """Of a container that refuses nothing: it is stopped, or nothing that it needs goes."""
    if aim.deletes_image:
        return "it is stopped: it stays, and loses its image"
    if aim.untagged:
        return "other names keep the image: containers are not asked"
    if _is_spared(request, use, aim):
        return "it needs no platform that goes"
    return "it is stopped: it stays, and loses its platform"


def _is_spared(request: DeleteRequest, use: ContainerUse, aim: Plan) -> bool:
    """Whether only platforms go that a container does not need."""
    return bool(aim.dropped) and not aim.deletes_image and not may_use(use, request.platforms)


def _of_references(facts: Facts, plan: Plan, aim: Plan) -> Iterator[Reason]:
    several = {one.reference: one for one in plan.conflicts if one.reference and not one.container}
    for reference in facts.references:
        name = reference.familiar
        if name in several:
            yield _keeps("reference", name, several[name].message, remedy(several[name]))
        elif reference in aim.untagged:
            removed = "it would be removed" if plan.conflicts else "it is removed"
            yield _frees("reference", name, removed)
        else:
            yield _of_reference_that_stays(name, aim)


def _of_reference_that_stays(name: str, aim: Plan) -> Reason:
    if aim.dropped:
        return _keeps("reference", name, "the image keeps its other platforms")
    if aim.is_name_alone:
        return _keeps("reference", name, "force takes one name alone while containers use it")
    return _keeps("reference", name, "it is not asked for", "remove it too, or delete by ID")


def _of_parents(parents: Iterable[ParentFacts], plan: Plan) -> Iterator[Reason]:
    for parent in parents:
        subject = parent.id.short
        if parent in plan.pruned:
            yield _frees("parent", subject, "it dangles and nothing needs it: it goes too")
        elif not parent.is_dangling:
            yield _keeps("parent", subject, "it has a name", "remove its names")
        elif parent.is_used:
            yield _keeps("parent", subject, "a container uses it", "remove the container")
        elif parent.is_held:
            yield _keeps("parent", subject, "it is held", "lift the hold")
        else:
            yield _frees("parent", subject, "it would go too if the image went")
