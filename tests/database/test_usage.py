"""How much there is, and how much of it is shared."""

from imagedb.database import Database
from imagedb.images import get_image
from imagedb.usage import Counts, count_objects, get_content_size, shared_sizes_of
from tests.builders.images import Built, BuiltImage, an_image, an_index
from tests.builders.world import World


def sizes(*images: BuiltImage) -> dict[str, int]:
    """Bytes of everything that images hold, by digest."""
    return {digest: len(content) for image in images for digest, content in image.blobs.items()}


def test_objects_are_counted(database: Database) -> None:
    """Containers by what they do; a restarting one runs."""
    world = World(database)
    assert world.ask(count_objects) == Counts(0, 0, 0, 0)

    world.add(an_image("a"), "base:1")
    world.add(an_image("b"))
    for state in ("running", "paused", "exited", "created"):
        world.run("base:1", state=state)

    counts = world.ask(count_objects)
    assert counts == Counts(images=2, containers=4, running=1, paused=1)
    assert counts.stopped == 2


def test_content_is_added_up_once(database: Database) -> None:
    """Layers, configs and manifests that several images hold; an absent platform is not held."""
    world = World(database)
    assert world.ask(get_content_size) == 0

    base, app, other = an_image("ab"), an_image("abc"), an_image("x")
    absent = an_image("z", platform="linux/arm64")
    world.add(base, "base:1")
    world.add(app, "app:1")
    world.add(an_index(other, absent, missing=[absent]), "other:1")
    World(database).add(app, "again:1")

    assert world.ask(get_content_size) == sum(sizes(base, app, other).values())


def test_shared_content_is_told_for_each_image(database: Database) -> None:
    """What another image holds too; what one image holds twice is its own."""
    world = World(database)
    base, app, alone = an_image("ab"), an_image("abc"), an_image("x")
    twice = an_index(an_image("pp"), an_image("p", platform="linux/arm64"))
    images: dict[str, Built] = {"base": base, "app": app, "alone": alone, "twice": twice}
    for name, built in images.items():
        world.add(built, f"{name}:1")

    shared = world.ask(shared_sizes_of)

    layers = sum(len(layer.content) for layer in base.layers)
    keys = {name: world.ask(get_image, f"{name}:1").key for name in ("base", "app")}
    assert shared == {keys["base"]: layers, keys["app"]: layers}
