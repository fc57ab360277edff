"""Pruning a namespace: images that nobody needs go, in batches of one transaction each.

Named images first, by their names, then those without a name, by ID. A batch locks its images in
one statement, reads the facts in later ones and applies what `plans.decide_prune` says; images that
something keeps are passed over, without a lock. Where a batch ended is the next one's beginning: an
interruption leaves whole batches done, and the same command goes on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from imagedb.applying import PlannedImage, apply_plans
from imagedb.containers import uses_of
from imagedb.database import Database
from imagedb.facts import standing
from imagedb.filters import PruneFilters
from imagedb.holds import holds_of
from imagedb.images import images_by_key, parse_stored_name, references_of
from imagedb.inspection import HeldManifest, labels_of, manifests_of
from imagedb.plans import Facts, Plan, PruneFacts, decide_prune
from imagedb.procedures import perform_part
from imagedb.records import Caller, Image, Namespace, PrunedBatch
from imagedb.sql import images as images_sql
from imagedb.sql import pruning as sql
from imagedb.unused import find_freed

PRUNE_BATCH: Final = 200
"""Images looked at in one transaction."""
_BY_NAME: Final = "name:"
_BY_ID: Final = "id:"
_END: Final = ""


@dataclass(frozen=True, slots=True)
class PruneCandidate:
    """An image that a prune looks at, and what it decides."""

    image: Image
    found: PruneFacts
    plan: Plan | None
    held: tuple[HeldManifest, ...]


def prune_images(
    database: Database, namespace: str, caller: Caller, filters: PruneFilters
) -> Iterator[PrunedBatch]:
    """Prune a namespace; gives each batch when it is committed.

    Every batch is a request of its own, under the caller's ID and its number: a prune that is
    repeated under one ID is told the same again, and goes on where it ended.
    """
    after = first_cursor(filters)
    number = 0
    while after != _END:
        number += 1
        batch = perform_part(database, prune_batch, namespace, caller, number, filters, after)
        yield batch
        after = batch.after


def prune_batch(
    connection: Connection, namespace: Namespace, caller: Caller, filters: PruneFilters, after: str
) -> PrunedBatch:
    """Prune what lies behind a cursor: of `PRUNE_BATCH` names or images, those that may go."""
    keys, cursor = list_candidates(connection, namespace, filters, after)
    candidates = read_candidates(connection, filters, keys, lock=True)
    done = remove_candidates(connection, namespace, caller, candidates)
    return replace(done, after=cursor)


def remove_candidates(
    connection: Connection,
    namespace: Namespace,
    caller: Caller,
    candidates: Sequence[PruneCandidate],
) -> PrunedBatch:
    """Carry out what was decided under locks; tells also the bytes no longer used."""
    planned = [
        PlannedImage(one.image, one.plan, {one.image.key: one.held}, bool(one.found.facts.uses))
        for one in candidates
        if one.plan
    ]
    deleted = [key for one in planned for key in one.deleted]
    freed = find_freed(connection, namespace, deleted) if deleted else ()
    if planned:
        apply_plans(connection, namespace, caller, planned)
    return PrunedBatch(
        records=tuple(record for one in planned for record in one.plan.records),
        freed=sum(content.size for content in freed),
    )


# ── what is looked at ─────────────────────────────────────────────────────────────────────────


def first_cursor(filters: PruneFilters) -> str:
    """Where a prune begins; no image without a name has one that matches a pattern."""
    if not filters.dangling:
        return _BY_NAME
    return _END if filters.references else _BY_ID


def list_candidates(
    connection: Connection, namespace: Namespace, filters: PruneFilters, after: str
) -> tuple[list[int], str]:
    """The images behind a cursor, in order, and the cursor behind them; that is empty at the end.

    Without locks; those that something keeps are left out, so that nobody waits for them.
    """
    values = {"namespace": namespace.key, "limit": PRUNE_BATCH}
    if after.startswith(_BY_NAME):
        last = {"after": after.removeprefix(_BY_NAME)}
        rows = connection.execute(sql.named_images, values | last).all()
        ended = _END if filters.references else _BY_ID
        cursor = f"{_BY_NAME}{rows[-1].name}" if len(rows) == PRUNE_BATCH else ended
        keys = [row.image_id for row in rows if _may_go(filters, row.name)]
        return _without_kept(connection, keys), cursor
    last_id = {"after": bytes.fromhex(after.removeprefix(_BY_ID))}
    found = connection.execute(sql.dangling_images, values | last_id).all()
    is_full = len(found) == PRUNE_BATCH
    cursor = f"{_BY_ID}{found[-1].digest.to_bytes().hex()}" if is_full else _END
    return _without_kept(connection, [row.id for row in found]), cursor


def _may_go(filters: PruneFilters, name: str) -> bool:
    """Whether an image is looked at for this name's sake."""
    return not filters.references or bool(filters.names_to_remove([parse_stored_name(name)]))


def _without_kept(connection: Connection, keys: Sequence[int]) -> list[int]:
    """Those that no container and no hold keeps, each once."""
    rows = connection.execute(images_sql.containers_of_images, {"images": list(keys)})
    used, holds = {row.image_id for row in rows}, holds_of(connection, keys)
    return [key for key in dict.fromkeys(keys) if key not in used and not holds[key]]


def read_candidates(
    connection: Connection, filters: PruneFilters, keys: Sequence[int], *, lock: bool
) -> list[PruneCandidate]:
    """The facts of images and what is decided, in the order given; those that are gone left out.

    With `lock`, the images are locked before anything else is read.
    """
    if not keys:
        return []
    if lock:
        connection.execute(images_sql.lock_images, {"images": sorted(keys)})
    references = references_of(connection, keys)
    images = images_by_key(connection, keys)
    uses, holds = uses_of(connection, keys), holds_of(connection, keys)
    manifests = manifests_of(connection, keys)
    labels = labels_of(connection, [one.key for key in keys for one in standing(manifests[key])])
    candidates = []
    for key in keys:
        if key not in images:
            continue
        image, held = images[key], standing(manifests[key])
        facts = Facts(image.id, references[key], uses[key], held, (), holds[key])
        found = PruneFacts(facts, image.entered, tuple(labels[one.key] for one in held))
        plan = decide_prune(filters, found)
        candidates.append(PruneCandidate(image, found, plan, manifests[key]))
    return candidates
