"""What the demo does: chapters of commands, with a sentence on each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

SETTINGS: Final[Mapping[str, str]] = {
    "IMAGEDB_URL": "sqlite:///fleet.db",
    "IMAGEDB_HOST_NAME": "web-1",
    "IMAGEDB_ACTOR": "ops@example.com",
}
"""The environment of every command; the database lies in the demo's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command line, why it is run, and the exit code it must end with."""

    why: str
    command: str
    code: int = 0
    pictured: bool = False
    """It is part of docs/demo.svg; its output must be the same every time."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Steps under a heading."""

    title: str
    steps: tuple[Step, ...]


def tell(ids: Mapping[str, str]) -> Iterator[Chapter]:
    """Tell the story; `ids` are those of the images by name."""
    web = ids["shop/web:2.1"].removeprefix("sha256:")[:12]
    yield Chapter("Images come in", (IMPORT, *LOOK))
    yield Chapter("Hosts tell what they run", RECORD)
    yield Chapter("Deleting, as far as it is safe", tuple(_delete(web)))
    yield Chapter("What is left", LOOK_BACK)


IMPORT: Final = Step(
    why="Folders, tars and gzipped tars alike are read once and verified, byte by byte.",
    command="imagedb image import debian.oci alpine.oci python.oci redis.tar shop-web.oci"
    " shop-job.tar.gz",
)
LOOK: Final = (
    Step(
        why="docker's table. An image without a name is dangling.",
        command="imagedb image ls",
    ),
    Step(
        why="Who is built on whom: a question to an index, not to every image's documents.",
        command="imagedb image tree",
        pictured=True,
    ),
    Step(
        why="The nearest image with a name that this one is built on.",
        command="imagedb image base shop/job:1",
        pictured=True,
    ),
)
RECORD: Final = (
    Step(
        why="A host reports its containers: what `docker inspect` prints of them.",
        command="imagedb container report --complete web-1.json",
    ),
    Step(
        why="So does another.",
        command="imagedb --host-name web-2 container report --complete web-2.json",
    ),
    Step(
        why="Or a container is recorded one at a time; nothing is run.",
        command="imagedb container create --name cache redis:7",
    ),
    Step(
        why="From now on it counts as running.",
        command="imagedb container start cache",
    ),
    Step(
        why="All containers, on every host.",
        command="imagedb container ls --all",
    ),
)


def _delete(web: str) -> Iterator[Step]:
    yield from _refuse(web)
    yield from _force(web)
    yield Step(
        why="Parents without a name go with it, the nearest first, unless something uses them.",
        command="imagedb image rm shop/job:1",
        pictured=True,
    )
    yield Step(
        why="An image that comes back finds its containers again.",
        command="imagedb image import shop-web.oci",
    )


def _refuse(web: str) -> Iterator[Step]:
    yield Step(
        why="By ID an image goes with all its names, or not at all. Every reason is told.",
        command=f"imagedb image rm {web}",
        code=1,
        pictured=True,
    )
    yield Step(
        why="One of two names: only the name goes.",
        command="imagedb image rm shop/web:stable",
        pictured=True,
    )
    yield Step(
        why="By force the last name goes too, but not the image: a container runs on it.",
        command="imagedb image rm --force shop/web:2.1",
        pictured=True,
    )


def _force(web: str) -> Iterator[Step]:
    yield Step(
        why="By ID no force takes an image from under a running container.",
        command=f"imagedb image rm --force {web}",
        code=1,
    )
    yield Step(
        why="It stops.",
        command="imagedb --host-name web-2 container stop frontend",
    )
    yield Step(
        why="Stopped containers give way to force, and to nothing else.",
        command=f"imagedb image rm --force {web}",
    )
    yield Step(
        why="They know that their image is gone.",
        command="imagedb container ls --all",
    )


LOOK_BACK: Final = (
    Step(
        why="Columns are chosen with docker's templates.",
        command="imagedb image ls --format"
        " 'table {{.Repository}}\\t{{.Tag}}\\t{{.Size}}\\t{{.Platforms}}\\t{{.Containers}}'",
    ),
    Step(
        why="Every change, in an order that is safe to poll, with who made it.",
        command="imagedb events --format"
        " '{{.Position}} {{.Type}} {{.Action}} {{truncate .Actor.Attributes.name 19}} {{.Who}}'",
    ),
    Step(
        why="Every promise about what is stored, proven in SQL.",
        command="imagedb db check",
    ),
)
