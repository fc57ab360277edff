"""What changes images, names and containers."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks.stress.dice import REPORTED, Dice
from benchmarks.stress.history import Arguments
from benchmarks.stress.operations import Kind, Operation, Session
from imagedb.container_requests import (
    create_container,
    kill_container,
    pause_container,
    remove_container,
    start_container,
    stop_container,
    unpause_container,
)
from imagedb.containers import list_containers
from imagedb.deletion import delete_image
from imagedb.digests import Digest
from imagedb.importing import import_images
from imagedb.platforms import parse_platform
from imagedb.records import Mount, ReportedContainer, SourceImage
from imagedb.references import parse_reference
from imagedb.reports import report_containers
from imagedb.tags import tag_image
from tests.builders.images import BuiltImage
from tests.builders.world import as_source

_PLATFORMS: Final = ("linux/amd64", "linux/arm64")
_SOME_TIME: Final = datetime(2024, 5, 1, tzinfo=UTC)

# ── images and names ──────────────────────────────────────────────────────────────────────────


def _draw_import(dice: Dice) -> Arguments:
    return dice.place() | {"images": dice.sources()}


def _import(session: Session, a: Arguments) -> Any:  # noqa: ANN401 - every answer is encoded
    return session.perform(import_images, a, [_source(session, image) for image in a["images"]])


def _source(session: Session, image: dict[str, Any]) -> SourceImage:
    names = tuple(parse_reference(name).with_default_tag() for name in image["names"])
    return replace(as_source(session.population.sources[image["source"]]), names=names)


def _draw_tag(dice: Dice) -> Arguments:
    return dice.place() | {"image": dice.image(), "name": dice.name()}


def _tag(session: Session, a: Arguments) -> Any:  # noqa: ANN401
    return session.perform(tag_image, a, a["image"], a["name"])


def draw_delete(dice: Dice) -> Arguments:
    """Draw a delete: of everything, of a platform, with force and without."""
    of_platforms = dice.happens(0.15)
    count = 1 if dice.happens(0.7) else 2
    return dice.place() | {
        "image": dice.image(),
        "force": of_platforms or dice.happens(0.5),
        "prune": dice.happens(0.6),
        "platforms": dice.random.sample(_PLATFORMS, count) if of_platforms else [],
        "ignore_stale": dice.happens(0.2),
    }


def _delete(session: Session, a: Arguments) -> Any:  # noqa: ANN401
    return session.perform(
        delete_image,
        a,
        a["image"],
        force=a["force"],
        prune=a["prune"],
        platforms=[parse_platform(platform) for platform in a["platforms"]],
        ignore_stale=a["ignore_stale"],
    )


def _draw_delete_used(dice: Dice) -> Arguments:
    asked = {"force": True, "prune": False, "platforms": [], "ignore_stale": False}
    return dice.place() | asked | {"pick": dice.random.random()}


def _pick_used(session: Session, a: Arguments) -> Arguments | None:
    """Take the image of one of the containers: it may be deleted if none of them runs."""
    found = session.read(list_containers, a, all=True)
    digests = [container.image_digest for container in found if not container.is_image_missing]
    return a | {"image": digests[int(len(digests) * a["pick"])]} if digests else None


# ── containers ────────────────────────────────────────────────────────────────────────────────


def _draw_create(dice: Dice) -> Arguments:
    return dice.container() | {
        "image": dice.image(),
        "platform": dice.one(_PLATFORMS) if dice.happens(0.2) else None,
        "mounts": [dice.image()] if dice.happens(0.2) else [],
    }


def _create(session: Session, a: Arguments) -> Any:  # noqa: ANN401
    return session.perform(
        create_container,
        a,
        a["image"],
        name=a["container"],
        platform=parse_platform(a["platform"]) if a["platform"] else None,
        mounts=[Mount(source, "/mnt") for source in a["mounts"]],
    )


def _draw_container(dice: Dice) -> Arguments:
    return dice.container()


def _pick_container(session: Session, a: Arguments) -> Arguments:
    """Take one of the namespace's containers, of whatever host, if one is to be picked."""
    found = session.read(list_containers, a, all=True) if a["pick"] is not None else ()
    if not found:
        return a
    container = found[int(len(found) * a["pick"])]
    return a | {"container": container.id, "host": container.host}


def _change(operation: Callable[..., str]) -> Callable[[Session, Arguments], Any]:
    return lambda session, a: session.perform(operation, a, a["container"], host=a["host"])


def _draw_remove(dice: Dice) -> Arguments:
    return dice.container() | {"force": dice.happens(0.5)}


def _remove(session: Session, a: Arguments) -> Any:  # noqa: ANN401
    return session.perform(remove_container, a, a["container"], force=a["force"], host=a["host"])


def _draw_report(dice: Dice) -> Arguments:
    place = dice.place()
    numbers = dice.random.sample(range(REPORTED), dice.random.randrange(REPORTED))
    told = [_told(dice, place["host"], number) for number in numbers]
    return place | {"reported": told, "complete": dice.happens(0.3)}


def _told(dice: Dice, host: str, number: int) -> dict[str, str]:
    """A container of a host's own; which image it has follows from who it is."""
    key = hashlib.sha256(f"{host}/{number}".encode()).hexdigest()
    source = dice.population.sources[int(key[:8], 16) % len(dice.population.sources)]
    digest = source.digest
    if isinstance(source, BuiltImage) and int(key[8], 16) < 4:
        digest = source.config.digest  # as classic engines tell it
    return {
        "id": key,
        "name": f"r{number}",
        "digest": digest,
        "state": dice.one(("created", "running", "running", "paused", "exited")),
        "reference": dice.population.names[int(key[9:12], 16) % len(dice.population.names)],
    }


def _report(session: Session, a: Arguments) -> Any:  # noqa: ANN401
    reported = [
        ReportedContainer(
            id=told["id"],
            name=told["name"],
            state=told["state"],
            reference=told["reference"],
            image_digest=Digest(told["digest"]),
            platform=None,
            created=_SOME_TIME,
            started=None,
            finished=None,
        )
        for told in a["reported"]
    ]
    return session.perform(report_containers, a, reported, complete=a["complete"])


WRITES: Final = (
    Operation("import", 24, Kind.WRITE, _draw_import, _import),
    Operation("tag", 9, Kind.WRITE, _draw_tag, _tag),
    Operation("delete", 16, Kind.WRITE, draw_delete, _delete),
    Operation("delete used", 4, Kind.WRITE, _draw_delete_used, _delete, _pick_used),
    Operation("create", 9, Kind.WRITE, _draw_create, _create),
    Operation("start", 8, Kind.WRITE, _draw_container, _change(start_container), _pick_container),
    Operation("stop", 7, Kind.WRITE, _draw_container, _change(stop_container), _pick_container),
    Operation("kill", 2, Kind.WRITE, _draw_container, _change(kill_container), _pick_container),
    Operation("pause", 2, Kind.WRITE, _draw_container, _change(pause_container), _pick_container),
    Operation(
        "unpause", 2, Kind.WRITE, _draw_container, _change(unpause_container), _pick_container
    ),
    Operation("remove", 8, Kind.WRITE, _draw_remove, _remove, _pick_container),
    Operation("report", 4, Kind.WRITE, _draw_report, _report),
)
