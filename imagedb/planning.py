"""Plans of deletes and prunes: made without a lock, applied only while their facts hold.

A delete plan applies whole or not at all. A prune plan applies image by image: one whose facts
have changed is left and told, and nothing that is not in the plan is ever deleted. Both are decided
and carried out by the code of the ordinary delete and prune, on facts that are read again under the
locks and compared with the document's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from imagedb.database import Database
from imagedb.deletion import DeleteOptions, carry_out, prepare_delete
from imagedb.digests import ImageID
from imagedb.errors import NotFoundError, PlanChangedError
from imagedb.filters import PruneFilters
from imagedb.plan_differences import find_content_differences, find_differences
from imagedb.plan_documents import DeleteArguments, ImagePlan, PlanDocument
from imagedb.plan_writing import (
    document_of_delete,
    document_of_prune,
    facts_of_image,
    filters_of,
    options_of,
)
from imagedb.platforms import Platform
from imagedb.procedures import perform, perform_part
from imagedb.pruning import (
    PRUNE_BATCH,
    PruneCandidate,
    first_cursor,
    list_candidates,
    read_candidates,
    remove_candidates,
)
from imagedb.records import Caller, LeftImage, Namespace, PrunedBatch, Record
from imagedb.sql import images as images_sql


def plan_delete(  # noqa: PLR0913 - docker's flags
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    reference: str,
    *,
    force: bool = False,
    prune: bool = True,
    platforms: Sequence[Platform] = (),
    ignore_stale: bool = False,
) -> PlanDocument:
    """Tell what `delete_image` would do with the same arguments, and why; changes nothing.

    What refuses it is in the document. Raises what `delete_image` raises otherwise.
    """
    options = DeleteOptions(force, prune, tuple(platforms), ignore_stale)
    prepared = prepare_delete(connection, namespace, caller.host, reference, options, lock=False)
    return document_of_delete(connection, namespace, caller, reference, options, prepared)


def plan_prune(
    connection: Connection, namespace: Namespace, caller: Caller, filters: PruneFilters
) -> PlanDocument:
    """Tell which images `prune_images` would take; changes nothing."""
    found: dict[int, PruneCandidate] = {}
    after = first_cursor(filters)
    while after:
        keys, after = list_candidates(connection, namespace, filters, after)
        for one in read_candidates(connection, filters, keys, lock=False):
            if one.plan:
                found.setdefault(one.image.key, one)
    return document_of_prune(connection, namespace, caller, filters, list(found.values()))


def apply_plan(database: Database, caller: Caller, document: PlanDocument) -> Iterator[PrunedBatch]:
    """Do what a document says; gives what was done when it is committed, batch by batch.

    Raises:
        PlanChangedError: a delete's facts have changed; nothing was done.
        ImageInUseError: the plan of a delete says itself that it would be refused.
    """
    if isinstance(document.arguments, DeleteArguments):
        records = perform(database, apply_delete_plan, document.namespace, caller, document)
        yield PrunedBatch(records, freed=sum(content.size for content in document.content))
        return
    filters = filters_of(document.arguments)
    for number, first in enumerate(range(0, len(document.images), PRUNE_BATCH), start=1):
        images = document.images[first : first + PRUNE_BATCH]
        yield perform_part(
            database, prune_planned, document.namespace, caller, number, filters, images
        )


def apply_delete_plan(
    connection: Connection, namespace: Namespace, caller: Caller, document: PlanDocument
) -> tuple[Record, ...]:
    """Delete as planned, whole or not at all.

    Raises:
        PlanChangedError: what the plan rests on has changed; `differences` tells how.
        ImageInUseError: the plan says itself that it would be refused.
    """
    arguments = document.arguments
    assert isinstance(arguments, DeleteArguments)  # noqa: S101 - apply_plan has looked
    options = options_of(arguments)
    try:
        prepared = prepare_delete(
            connection, namespace, document.host, arguments.reference, options, lock=True
        )
    except NotFoundError as error:
        raise PlanChangedError([str(error)]) from None
    asked = replace(caller, host=document.host)
    now = document_of_delete(connection, namespace, asked, arguments.reference, options, prepared)
    if now.token != document.token:
        raise PlanChangedError(_differences(document, now))
    return carry_out(connection, namespace, caller, prepared)


def prune_planned(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    filters: PruneFilters,
    planned: Sequence[ImagePlan],
) -> PrunedBatch:
    """Prune these images, but for those that are not as they were."""
    ids = [ImageID(one.facts.id) for one in planned]
    values = {"namespace": namespace.key, "digests": ids}
    rows = connection.execute(images_sql.images_by_own_digest, values).all()
    candidates = read_candidates(connection, filters, [row.id for row in rows], lock=True)
    found = {one.image.id: one for one in candidates}
    left, kept = [], []
    for id_, one in zip(ids, planned, strict=True):
        candidate = found.get(id_)
        changed = _changes(one, candidate)
        if candidate and not changed:
            kept.append(candidate)
        else:
            left.append(LeftImage(id_, changed, is_gone=candidate is None))
    done = remove_candidates(connection, namespace, caller, kept)
    return replace(done, left=tuple(left))


def _changes(planned: ImagePlan, candidate: PruneCandidate | None) -> tuple[str, ...]:
    if candidate is None:
        return ("it is gone",)
    now = facts_of_image(candidate.image, candidate.found.facts)
    return tuple(find_differences(planned.facts, now))


def _differences(before: PlanDocument, now: PlanDocument) -> list[str]:
    """What has changed of the image; if nothing, of the content, which follows from it."""
    [old], [new] = before.images, now.images
    return (
        list(find_differences(old.facts, new.facts))
        or list(find_content_differences(before.content, now.content))
        or ["the order of its parents or containers"]
    )
