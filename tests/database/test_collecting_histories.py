"""Random histories of imports, deletes and workers: nothing is left over, nothing is missing."""

from collections import Counter
from random import Random

import pytest
from sqlalchemy import exists, func, select

from imagedb.checking import check_database
from imagedb.collecting import collect
from imagedb.database import Database
from imagedb.namespaces import add_namespace
from imagedb.releases import KINDS
from imagedb.schema import image_manifest, manifest
from tests.builders.images import Built, an_attestation, an_image, an_index
from tests.builders.tables import counts
from tests.builders.workers import claim, finish, let_all_lapse, reset, times_done
from tests.builders.world import World

STEPS = 80
CONTENT = ("blob", "document", "layer", "manifest", "manifest_label", "manifest_layer")
NAMESPACES = ("default", "lab")


def an_image_by(random: Random) -> Built:
    """One of few, so that much is shared: single ones, and indexes that may lack a platform."""
    amd = an_image(random.sample("abcd", random.randint(0, 3)))
    if random.random() < 0.5:
        return amd
    arm = an_image(random.sample("abx", random.randint(1, 2)), platform="linux/arm64")
    missing = random.choice([[], [amd], [arm]])
    attestations = [an_attestation(amd)] if random.random() < 0.3 else []
    return an_index(amd, arm, *attestations, missing=missing)


class History:
    """A database of two namespaces, and what became unused in them."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.random = Random(seed)  # noqa: S311 - a history that can be played again
        self.worlds = [World(database, name, host=f"{name}-1") for name in NAMESPACES]
        self.released: Counter[tuple[str, str]] = Counter()
        """How often content was released, and not withdrawn."""

    def step(self) -> None:
        """Let something happen."""
        world = self.random.choice(self.worlds)
        before = self.counted(world)
        self.random.choice([self.store, self.store, self.remove])(world)
        after = self.counted(world)
        self.released.update(after - before)
        self.released.subtract(before - after)
        self.work(world)

    @staticmethod
    def counted(world: World) -> Counter[tuple[str, str]]:
        """What is released now."""
        return Counter((release.kind, str(release.digest)) for release in world.releases())

    def store(self, world: World) -> None:
        """Import an image; its name may move away from another one."""
        world.add(an_image_by(self.random), f"app:{self.random.randint(1, 4)}")

    def remove(self, world: World) -> None:
        """Delete an image with its names, and the parents that dangle."""
        images = sorted(world.images())
        if images:
            world.delete(self.random.choice(images), force=True)

    def work(self, world: World) -> None:
        """Claim some; finish some of it, give it back, or never come back."""
        claimed = claim(world, limit=self.random.randint(1, 8), kind=self._kind())
        if self.random.random() < 0.2:
            reset(world, claimed) if claimed.id else None
        elif claimed.id:
            digests = [release.digest for release in claimed.releases]
            finish(
                world,
                claimed,
                *self.random.sample(digests, self.random.randint(0, 2) % len(digests)),
            )
        if self.random.random() < 0.2:
            let_all_lapse(self.database)

    def _kind(self) -> str | None:
        return self.random.choice([None, *KINDS])

    def end(self) -> None:
        """Delete everything, and be done with everything."""
        for world in self.worlds:
            while world.images():
                before = self.counted(world)
                self.remove(world)
                self.released.update(self.counted(world) - before)
            let_all_lapse(self.database)
            while (claimed := claim(world)).id:
                finish(world, claimed)


def bare_descriptors(database: Database) -> int:
    """Manifests of which no more is known, and which no index names."""
    is_named = exists().where(image_manifest.c.manifest_id == manifest.c.id)
    bare = select(func.count()).select_from(manifest)
    with database.read() as connection:
        found = bare.where(~is_named, manifest.c.document_id.is_(None))
        return connection.execute(found).scalar_one()


@pytest.mark.parametrize("seed", range(3))
def test_rows_are_collected_exactly_when_nobody_needs_them(database: Database, seed: int) -> None:
    """After every step a look through everything finds but bare descriptors; at the end nothing is.

    What is done is what was released and not withdrawn, each time.
    """
    database.write(lambda connection: add_namespace(connection, "lab"))
    history = History(database, seed)

    for _ in range(STEPS):
        history.step()
        bare = bare_descriptors(database)
        assert collect(database) == bare
        with database.read() as connection:
            assert check_database(connection) == ()
    assert sum(history.released.values()) > STEPS // 2
    history.end()
    collect(database)

    assert {table: count for table, count in counts(database).items() if table in CONTENT} == (
        dict.fromkeys(CONTENT, 0)
    )
    assert +history.released == Counter(times_done(database))
