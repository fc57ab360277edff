"""Bytes, content and answers that break a promise: `db check` tells it, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, delete, insert, update

from imagedb import schema
from imagedb.checking import SHOWN
from imagedb.database import Database
from imagedb.deletion import delete_image
from imagedb.digests import Digest
from imagedb.filters import PruneFilters
from imagedb.namespaces import get_namespace
from imagedb.planning import apply_plan, plan_delete, plan_prune
from imagedb.records import Deleted
from imagedb.schema import event, manifest, release
from tests.builders.images import Built, a_layer, an_image, an_index
from tests.database.fleet import (
    ABC,
    APP,
    ARM,
    BASE,
    BOTH,
    THEN,
    UNKNOWN,
    Fleet,
    broken,
    line_of,
    setting,
)


@pytest.fixture
def fleet(database: Database) -> Fleet:
    """A fleet in order."""
    return Fleet(database)


@broken
def test_content_size_that_is_no_sum_is_told(fleet: Fleet) -> None:
    """I6: an image's bytes are those of what it holds, each content once."""
    size = fleet.find(schema.image.c.content_size, id=fleet.image(BOTH))

    fleet.change(setting(schema.image, fleet.image(BOTH), content_size=size + 1))

    assert fleet.problems() == [
        f"{line_of(BOTH)} says that it holds {size + 1} bytes, it is {size}",
    ]


@broken
def test_negative_size_is_told(fleet: Fleet) -> None:
    """I6: no byte count is ever negative."""
    layer = a_layer("c")
    key = fleet.find(schema.layer.c.id, diff_id=Digest(layer.diff_id))

    fleet.change(setting(schema.layer, key, size=-1))

    assert fleet.problems() == [f"layer {layer.diff_id} has -1 bytes"]


def _unused(table: Any, **values: object) -> Executable:  # noqa: ANN401 - typed tables
    facts = {"digest": UNKNOWN, "media_type": "a/b", "size": 1} | values
    return insert(table).values(**facts)


@broken
def test_unused_blob_is_told_up_to_a_limit(fleet: Fleet) -> None:
    """Of many broken rows some are told, and the others are counted."""
    rows = [{"digest": Digest.of(bytes([n])), "media_type": "a/b", "size": 1} for n in range(25)]
    fleet.change(insert(schema.blob).values(rows))

    problems = fleet.problems()

    assert len(problems) == SHOWN + 1
    assert problems[-1] == "... and 5 more like the last one"
    assert all(line.startswith("blob sha256:") for line in problems[:-1])


@broken
def test_unused_documents_and_manifests_are_told(fleet: Fleet) -> None:
    """Content is used, to be tested, or released; a manifest known by its descriptor is none."""
    absent = Digest.of(b"absent")
    fleet.change(
        _unused(schema.document, body=b"{}"),
        _unused(manifest, digest=absent, layer_count=0, created_at=THEN),
    )
    assert fleet.problems() == [
        f"document {UNKNOWN} is used by no image, waits for no sweep, and is released nowhere"
    ]

    key = fleet.find(schema.document.c.id, digest=UNKNOWN)
    fleet.change(update(manifest).where(manifest.c.digest == absent).values(document_id=key))

    assert fleet.problems() == [
        f"manifest {absent} is used by no image, waits for no sweep, and is released nowhere"
    ]


@broken
@pytest.mark.parametrize(
    ("kind", "digest"),
    [
        ("manifest", APP.digest),
        ("config", APP.config.digest),
        ("blob", APP.layers[0].digest),
        ("index", BOTH.digest),
        ("chain", BASE.diff_ids[0]),
    ],
    ids=str,
)
def test_release_of_what_is_used_is_told(fleet: Fleet, kind: str, digest: str) -> None:
    """Nothing that a namespace uses is released for it; for another one it may be."""
    row = {"kind": kind, "digest": Digest(digest), "size": 1, "released_at": THEN}
    fleet.change(insert(release).values(namespace_id=fleet.elsewhere, **row))
    assert fleet.problems() == []

    fleet.change(update(release).values(namespace_id=fleet.ask(lambda _, n: n.key)))

    assert fleet.problems() == [f"{kind} {digest} is released for namespace default, which uses it"]


def test_content_before_the_sweep_is_in_order(fleet: Fleet) -> None:
    """Content that a delete let go waits as a candidate, and is no leak."""
    _delete_without_sweep(fleet, "both:1")

    assert fleet.find(schema.candidate.c.id, document_id=_document(fleet, BOTH)) > 0
    assert fleet.problems() == []


@broken
def test_content_without_candidates_is_a_leak(fleet: Fleet) -> None:
    """Once the candidates are lost, nobody would ever release the content."""
    _delete_without_sweep(fleet, "both:1")

    fleet.change(delete(schema.candidate))

    problems = fleet.problems()
    assert [
        line for line in problems if "is used by no image, waits for no sweep" in line
    ] == problems
    leaked = sorted(line.split(" is used", 1)[0] for line in problems)
    assert f"document {BOTH.digest}" in leaked
    assert f"manifest {ABC.digest}" in leaked
    assert f"blob {a_layer('c').digest}" in leaked
    assert f"manifest {ARM.digest}" not in leaked


def _delete_without_sweep(fleet: Fleet, reference: str) -> None:
    def run(connection: Connection) -> None:
        namespace = get_namespace(connection, "default")
        delete_image(connection, namespace, fleet.caller(), reference)

    fleet.database.write(run)


def _document(fleet: Fleet, built: Built) -> int:
    return int(fleet.find(schema.document.c.id, digest=Digest(built.digest)))


# ── answers ───────────────────────────────────────────────────────────────────────────────────

_is_untag, _is_delete = event.c.action == "untag", event.c.action == "delete"
_is_request = schema.request.c.operation == "delete_image"
_IN_ANSWERS: dict[str, tuple[Callable[[], Executable], str]] = {
    "no untag": (
        lambda: delete(event).where(_is_untag),
        "told 1 times of the untag of both:1, which has 0 events",
    ),
    "no delete": (
        lambda: delete(event).where(_is_delete),
        f"told 1 times of the delete of {BOTH.digest}, which has 0 events",
    ),
    "told twice": (
        lambda: update(event).where(_is_untag).values(action="delete", actor_id=BOTH.digest),
        f"told 1 times of the delete of {BOTH.digest}, which has 2 events",
    ),
    "told nothing": (
        lambda: update(schema.request).where(_is_request).values(answer=[]),
        f"told 0 times of the delete of {BOTH.digest}, which has 1 events",
    ),
}


@broken
@pytest.mark.parametrize("case", _IN_ANSWERS)
def test_answer_that_is_not_what_happened_is_told(fleet: Fleet, case: str) -> None:
    """I5: each record of a delete has exactly one event, and each event a record."""
    fleet.delete("both:1")
    make, expected = _IN_ANSWERS[case]
    request = fleet.find(schema.request.c.id, operation="delete_image")
    assert fleet.problems() == []

    fleet.change(make())

    assert any(line == f"request {request} was {expected}" for line in fleet.problems())
    assert all(line.startswith(f"request {request} was told") for line in fleet.problems())


def test_digest_that_is_told_of_twice_is_deleted_twice(fleet: Fleet) -> None:
    """I5: a platform is removed from an index, and its manifest, an image too, is pruned."""
    small, large = an_image("x"), an_image("xy")
    fleet.add(an_index(small, large), "whole:1")
    fleet.add(small)

    records = fleet.delete("whole:1", force=True, platforms=["linux/amd64"])

    assert records.count(Deleted(Digest(small.digest))) == 2
    assert fleet.problems() == []


def _prune(fleet: Fleet) -> str:
    fleet.prune(PruneFilters())
    return "prune_batch"


def _prune_as_planned(fleet: Fleet) -> str:
    document = fleet.ask(plan_prune, fleet.caller(), PruneFilters())
    assert list(apply_plan(fleet.database, fleet.caller(), document))
    return "prune_planned"


def _delete_as_planned(fleet: Fleet) -> str:
    document = fleet.ask(plan_delete, fleet.caller(), ABC.digest)
    assert list(apply_plan(fleet.database, fleet.caller(), document))
    return "apply_delete_plan"


@broken
@pytest.mark.parametrize("remove", [_prune, _prune_as_planned, _delete_as_planned])
def test_removal_that_is_not_what_was_told_is_found(
    fleet: Fleet, remove: Callable[[Fleet], str]
) -> None:
    """I5: so it is for whatever removes images, not for a delete alone."""
    fleet.add(ABC)
    operation = remove(fleet)
    assert fleet.problems() == []

    fleet.change(delete(event).where(_is_delete))

    request = fleet.find(schema.request.c.id, operation=operation)
    told = f"request {request} was told 1 times of the delete of {ABC.digest}, which has 0 events"
    assert told in fleet.problems()
