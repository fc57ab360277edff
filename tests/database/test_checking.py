"""Images, paths and containers that break a promise: `db check` tells it, and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from imagedb import schema
from imagedb.database import Database
from imagedb.digests import Digest
from imagedb.schema import (
    container,
    container_detail,
    container_mount,
    image_manifest,
    manifest,
)
from tests.builders.images import BuiltImage, an_image, an_index
from tests.builders.world import World
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

LATE = datetime(2999, 1, 1, tzinfo=UTC)
DEEP = an_image([f"layer {number}" for number in range(schema.MAX_PATH_LAYERS + 1)])


@pytest.fixture
def fleet(database: Database) -> Fleet:
    """A fleet in order."""
    return Fleet(database)


@pytest.mark.postgresql15
def test_fleet_that_lived_keeps_every_promise(fleet: Fleet) -> None:
    """Deep, empty and absent images, forced deletes, dropped platforms and sweeps are all fine."""
    for built in (DEEP, an_image("")):
        fleet.add(built)
    World(fleet.database, "other", host="web-9").add(APP, "app:1")
    fleet.delete("both:1", force=True, platforms=["linux/amd64"])
    fleet.remove(fleet.container)
    fleet.run("app:1", state="exited")
    fleet.delete(APP.digest, force=True)
    fleet.delete("base:1")

    assert fleet.problems() == []


# ── names and images ──────────────────────────────────────────────────────────────────────────


@broken
def test_name_of_another_namespace_is_told(fleet: Fleet) -> None:
    """I1: a reference points at an image of its own namespace."""
    key = fleet.find(schema.reference.c.id, name="docker.io/library/app:1")

    fleet.change(setting(schema.reference, key, namespace_id=fleet.elsewhere))

    assert fleet.problems() == [
        "reference docker.io/library/app:1 of namespace other points at no image of that namespace"
    ]


@broken
def test_manifest_of_another_namespace_unbalances_bytes(fleet: Fleet) -> None:
    """The repeated namespace of what an image holds is the image's; else the bytes disagree."""
    held = image_manifest.c.image_id == fleet.image(APP)

    fleet.change(update(image_manifest).where(held).values(namespace_id=fleet.elsewhere))

    place, *balances = fleet.problems()
    assert place == f"{line_of(APP)} files its manifest {APP.digest} under another one"
    assert [line.split(":")[0] for line in balances] == ["namespace default", "namespace other"]
    assert all("bytes are not all of its" in line for line in balances)


@broken
def test_held_manifest_without_document_is_told(fleet: Fleet) -> None:
    """What an image holds is stored."""
    size = len(ARM.content)
    content_size = fleet.find(schema.image.c.content_size, id=fleet.image(BOTH))

    fleet.change(
        update(image_manifest)
        .where(image_manifest.c.manifest_id == fleet.manifest(ARM))
        .values(is_present=True),
        setting(schema.image, fleet.image(BOTH), content_size=content_size + size),
    )

    assert fleet.problems() == [
        f"{line_of(BOTH)} holds manifest {ARM.digest}, whose document is missing",
    ]


@broken
def test_image_with_another_date_is_told(fleet: Fleet) -> None:
    """An image's date is that of the manifest which stands for it."""
    fleet.change(setting(schema.image, fleet.image(APP), created_at=THEN))

    assert fleet.problems() == [
        f"{line_of(APP)} has another date than the manifest that stands for it",
    ]


@broken
def test_date_is_of_linux_amd64_before_others(database: Database) -> None:
    """linux/amd64 stands for an image wherever it is listed, then the first present manifest."""
    world = Fleet(database)
    late = an_image("z", created="2024-06-01T00:00:00Z", platform="linux/arm64")
    preferred = an_image("y", created="2024-05-01T00:00:00Z")
    index = an_index(late, preferred)
    world.add(index)
    assert world.problems() == []

    drop = update(image_manifest).values(is_present=False, path=None)
    world.change(drop.where(image_manifest.c.manifest_id == world.manifest(preferred)))

    assert any(f"image {index.digest}" in line and "date" in line for line in world.problems())


# ── paths ─────────────────────────────────────────────────────────────────────────────────────


@broken
def test_layers_that_are_not_counted_are_told(fleet: Fleet) -> None:
    """A manifest counts its layers."""
    fleet.change(setting(manifest, fleet.manifest(APP), layer_count=3))

    assert fleet.problems() == [f"manifest {APP.digest} counts 3 layers, has 2, and they end at 2"]


@broken
@pytest.mark.parametrize("path", [b"\0" * 16, b"\0" * 8, b"", b"\0" * 24], ids=len)
def test_path_that_spells_other_layers_is_told(fleet: Fleet, path: bytes) -> None:
    """A path spells the numbers of the layers, bottom first, 8 bytes each."""
    key = fleet.manifest(APP)

    fleet.change(
        setting(manifest, key, path=path),
        update(image_manifest).where(image_manifest.c.manifest_id == key).values(path=path),
    )

    assert fleet.problems() == [f"the path of manifest {APP.digest} does not spell its layers"]


@broken
def test_path_that_is_lost_is_told(fleet: Fleet) -> None:
    """An image's manifest whose layers are known has a path."""
    key = fleet.manifest(APP)

    fleet.change(
        setting(manifest, key, path=None),
        update(image_manifest).where(image_manifest.c.manifest_id == key).values(path=None),
    )

    assert fleet.problems() == [
        f"manifest {APP.digest} has no path, although an image holds it and its layers are known"
    ]


@broken
@pytest.mark.parametrize(("built", "chain"), [(BASE, UNKNOWN), (APP, None)], ids=["other", "none"])
def test_chain_id_that_cannot_be_is_told(
    fleet: Fleet, built: BuiltImage, chain: Digest | None
) -> None:
    """The chain ID of one layer is its diff ID; what has a path has a chain ID."""
    fleet.change(setting(manifest, fleet.manifest(built), chain_id=chain))

    assert fleet.problems() == [
        f"the chain ID of manifest {built.digest} cannot be that of its layers"
    ]


@broken
def test_path_that_an_image_does_not_repeat_is_told(fleet: Fleet) -> None:
    """An image repeats the path of what it holds, and of nothing else."""
    held = image_manifest.c.image_id == fleet.image(APP)

    fleet.change(update(image_manifest).where(held).values(path=None))

    assert fleet.problems() == [
        f"{line_of(APP)} does not repeat the path of its manifest {APP.digest}",
    ]


# ── containers ────────────────────────────────────────────────────────────────────────────────


@broken
@pytest.mark.parametrize(("table", "built"), [(container, APP), (container_mount, BASE)], ids=str)
def test_container_that_waits_for_a_stored_image_is_told(
    fleet: Fleet,
    table: Any,  # noqa: ANN401 - typed tables
    built: BuiltImage,
) -> None:
    """No container, and no mount, is left unlinked while its image is stored."""
    fleet.change(update(table).values(image_id=None))

    assert fleet.problems() == [
        f"{line_of(fleet.container)} is not linked to its stored image {built.digest}",
    ]


@broken
@pytest.mark.parametrize("digest", [UNKNOWN, None], ids=["other", "none"])
def test_container_linked_to_another_image_is_told(fleet: Fleet, digest: Digest | None) -> None:
    """A linked container has its image's digest, or that of a manifest or config of it."""
    fleet.change(update(container).values(image_digest=digest))

    assert fleet.problems() == [
        f"{line_of(fleet.container)} has digest {digest}, and is linked to {APP.digest}",
    ]


@pytest.mark.parametrize("digest", [ARM.digest, ABC.config.digest], ids=["m", "c"])
def test_container_linked_by_what_engines_tell_is_in_order(fleet: Fleet, digest: str) -> None:
    """The digest may be a manifest's, held or not, or a config's."""
    fleet.change(update(container).values(image_digest=Digest(digest), image_id=fleet.image(BOTH)))

    assert fleet.problems() == []


@broken
def test_container_of_another_namespace_than_its_host_is_told(fleet: Fleet) -> None:
    """A host's containers are of the host's namespace."""
    fleet.change(update(schema.host).values(namespace_id=fleet.elsewhere))

    assert fleet.problems() == [
        f"container {fleet.container} and its host web-1 are of two namespaces"
    ]


@broken
def test_mount_of_another_namespace_is_told(fleet: Fleet) -> None:
    """What a container mounts is of its own namespace."""
    fleet.change(update(container_mount).values(namespace_id=fleet.elsewhere, image_id=None))

    assert fleet.problems() == [
        f"container {fleet.container} and what it mounts at /mnt/base:1 are of two namespaces"
    ]


@broken
def test_exit_code_of_a_running_container_is_told(fleet: Fleet) -> None:
    """What runs has not ended."""
    fleet.change(update(container_detail).values(exit_code=1))

    said = f"container {fleet.container} is running, and has ended with code 1"
    assert fleet.problems() == [said]


# ── holds and hosts ───────────────────────────────────────────────────────────────────────────


@broken
def test_hold_of_another_namespace_than_its_image_is_told(fleet: Fleet) -> None:
    """A hold is where its image is."""
    number = fleet.hold("app:1")
    assert fleet.problems() == []

    fleet.change(update(schema.hold).values(namespace_id=fleet.elsewhere))

    assert fleet.problems() == [
        f"hold {number} of namespace other is on image {APP.digest}, which is of another one"
    ]


@broken
@pytest.mark.parametrize(
    "change",
    [{"stale_at": None}, {"lease_seconds": None}, {"lease_seconds": 0}, {"seen_at": LATE}],
    ids=["no end", "no lease", "none", "seen later"],
)
def test_heartbeat_that_disagrees_with_its_lease_is_told(
    fleet: Fleet, change: dict[str, Any]
) -> None:
    """Who gave a lease is stale some time after it was seen, who gave none never."""
    fleet.beat("web-1", lease=60)
    fleet.beat("web-2")
    assert fleet.problems() == []

    leased = schema.heartbeat.c.lease_seconds.is_not(None)
    fleet.change(update(schema.heartbeat).where(leased).values(**change))

    assert fleet.problems() == ["the heartbeat of host web-1 does not agree with its lease"]
