"""Why each thing that a plan looked at keeps an image or lets it go, and what would lift it."""

from collections.abc import Iterable, Iterator

from imagedb.plans import DeleteRequest, Facts, ParentFacts, Plan, counted_uses
from imagedb.records import Conflict, ConflictKind, ContainerUse, Hold, Reason, Way
from imagedb.references import Reference


def explain(request: DeleteRequest, facts: Facts, plan: Plan) -> tuple[Reason, ...]:
    """Give a reason for every hold, container, reference and parent that was looked at."""
    return (
        *(_of_hold(hold, plan) for hold in facts.holds),
        *_of_uses(request, facts, plan),
        *(_of_reference(reference, plan) for reference in facts.references),
        *_of_parents(facts.parents, plan),
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


def _of_uses(request: DeleteRequest, facts: Facts, plan: Plan) -> Iterator[Reason]:
    conflicts = {one.container.key: one for one in plan.conflicts if one.container}
    counted = counted_uses(request, facts)
    for use in facts.uses:
        kind, subject = "mount" if use.is_mount else "container", describe_use(use)
        if use.key in conflicts:
            why = "it runs, and needs the image" if use.is_running else "it was made of the image"
            yield _keeps(kind, subject, why, remedy(conflicts[use.key]))
        elif use not in counted:
            yield _frees(kind, subject, "its host is stale, which is to be ignored")
        elif is_untag_for_use(request, facts, plan):
            yield _keeps(kind, subject, "it uses the image: only the name goes")
        else:
            yield _frees(kind, subject, _why_it_does_not_matter(plan))


def is_untag_for_use(request: DeleteRequest, facts: Facts, plan: Plan) -> bool:
    """Whether force makes a delete by name go no further than the name, because of containers."""
    is_forced_name = request.way is Way.NAME and request.force and not request.platforms
    return is_forced_name and not plan.deletes_image and facts.references == plan.untagged


def _why_it_does_not_matter(plan: Plan) -> str:
    if plan.deletes_image:
        return "it is stopped: it stays, and loses its image"
    if plan.untagged:
        return "other names keep the image: containers are not asked"
    return "it is not what refuses" if plan.conflicts else "it does not need what goes"


def _of_reference(reference: Reference, plan: Plan) -> Reason:
    name = reference.familiar
    for conflict in plan.conflicts:
        if conflict.kind is ConflictKind.SEVERAL_REFERENCES and conflict.reference == name:
            why = "the image is referenced in multiple repositories"
            return _keeps("reference", name, why, remedy(conflict))
    if reference in plan.untagged:
        return _frees("reference", name, "it is removed")
    if plan.conflicts:
        return _frees("reference", name, "it would be removed")
    if plan.dropped:
        return _keeps("reference", name, "the image keeps its other platforms")
    return _keeps("reference", name, "it is not asked for", "remove it too, or delete by ID")


def _of_parents(parents: Iterable[ParentFacts], plan: Plan) -> Iterator[Reason]:
    for parent in parents:
        subject = parent.id.short
        if parent in plan.pruned:
            yield _frees("parent", subject, "it dangles and nothing needs it: it goes too")
        elif not parent.is_dangling:
            yield _keeps("parent", subject, "it has a name")
        elif parent.is_used:
            yield _keeps("parent", subject, "a container uses it")
        elif parent.is_held:
            yield _keeps("parent", subject, "it is held")
        else:
            yield _frees("parent", subject, "it would go too if the image went")
