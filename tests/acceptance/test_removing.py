"""`image rm`: refused with every reason, by name, by force."""

import pytest

from tests.acceptance.conftest import Command
from tests.builders.images import an_image
from tests.builders.world import World


def a_used_image(world: World) -> str:
    """Store an image with two names, a running container on another host and a stopped one."""
    image = world.add(an_image("ab"), "app:1", "copy:1")
    world.run("app:1", name="db", state="exited", host="web-1")
    world.run("app:1", name="web", host="web-2")
    return image


def test_rm_by_id_of_a_used_image_tells_every_reason(imagedb_anywhere: Command) -> None:
    """Docker's line, then each container and name with what would lift it; nothing changes."""
    imagedb = imagedb_anywhere
    image = a_used_image(imagedb.world)
    ids = {row["Names"]: row["ID"] for row in imagedb("ps", "-a", "--format", "json").json_lines}
    before = imagedb.state()

    done = imagedb("image", "rm", image)

    short = image.removeprefix("sha256:")[:12]
    assert done.code == 1
    assert done.out == ""
    assert done.err == (
        f"Error: conflict: unable to delete {short} (cannot be forced) - "
        f"image is being used by running container {ids['web']} on host web-2\n"
        f"  container {ids['web']} (web, running) on host web-2: "
        "stop and remove the container; --force does not lift this\n"
        f"  container {ids['db']} (db, exited) on host web-1: "
        "remove the container, or use --force, which leaves it without an image\n"
        "  name app:1: remove it by this name, or use --force, which removes every name\n"
        "  name copy:1: remove it by this name, or use --force, which removes every name\n"
    )
    assert imagedb.state() == before


def test_rm_by_one_of_two_names_untags(imagedb_anywhere: Command) -> None:
    """A name that is not the last goes, whoever uses the image."""
    imagedb = imagedb_anywhere
    a_used_image(imagedb.world)

    done = imagedb("image", "rm", "copy:1")

    assert (done.code, done.out, done.err) == (0, "Untagged: copy:1\n", "")
    assert imagedb("images", "--format", "{{.Repository}}:{{.Tag}}").lines == ["app:1"]
    assert imagedb("events", "--format", "{{.Action}} {{.Actor.Attributes.name}}").lines[-1] == (
        "untag copy:1"
    )


def test_rm_by_last_name_of_a_used_image_is_refused(imagedb: Command) -> None:
    """Without force the last name stays; the running container is named first."""
    a_used_image(imagedb.world)
    imagedb.world.delete("copy:1")
    before = imagedb.state()

    done = imagedb("rmi", "app:1")

    assert done.code == 1
    first, *reasons = done.err.splitlines()
    assert first.startswith("Error: conflict: unable to delete app:1 (must be forced) - container ")
    assert " on host web-2 is using its referenced image " in first
    assert [reason.split("(")[1].split(")")[0] for reason in reasons] == [
        "web, running",
        "db, exited",
    ]
    assert imagedb.state() == before


def test_rm_by_last_name_with_force_leaves_the_image_dangling(imagedb: Command) -> None:
    """Force takes the name alone; nothing is taken from under a running container."""
    image = a_used_image(imagedb.world)
    imagedb.world.delete("copy:1")

    done = imagedb("image", "rm", "-f", "app:1")

    assert (done.code, done.out) == (0, "Untagged: app:1\n")
    (row,) = imagedb("image", "ls", "--no-trunc", "--format", "json").json_lines
    assert (row["ID"], row["Repository"], row["Tag"]) == (image, "<none>", "<none>")
    assert row["Containers"] == "2"


def test_rm_deletes_the_image_and_its_dangling_parents(imagedb: Command) -> None:
    """The records come in docker's order: names, image, parents; --no-prune keeps these."""
    world = imagedb.world
    parent, child = world.add(an_image("a")), world.add(an_image("ab"), "app:1", "app:2")
    other = world.add(an_image("abc"), "other:1")

    kept = imagedb("image", "rm", "--no-prune", "other:1")
    gone = imagedb("image", "rm", "--force", child)

    assert kept.lines == ["Untagged: other:1", f"Deleted: {other}"]
    assert gone.lines == [
        "Untagged: app:1",
        "Untagged: app:2",
        f"Deleted: {child}",
        f"Deleted: {parent}",
    ]
    assert imagedb("image", "ls").lines == ["REPOSITORY   TAG       IMAGE ID   CREATED   SIZE"]


def test_rm_of_several_goes_on_after_a_failure(imagedb: Command) -> None:
    """Each argument is a request of its own; one failure makes the exit code."""
    imagedb.world.add(an_image("a"), "app:1", "app:2")

    done = imagedb("image", "rm", "app:1", "nope", "app:2", IMAGEDB_REQUEST_ID="r")

    assert done.code == 1
    assert [line.split(" sha256")[0] for line in done.lines] == [
        "Untagged: app:1",
        "Untagged: app:2",
        "Deleted:",
    ]
    assert done.err == "Error: No such image: nope:latest\n"
    requests = imagedb("events", "--format", "{{.RequestID}}").lines[-3:]
    assert requests == ["r", "r.3", "r.3"]


def test_rm_repeated_under_its_request_id_tells_the_same(imagedb: Command) -> None:
    """Whoever does not know the outcome asks again, and nothing is done twice."""
    imagedb.world.add(an_image("a"), "app:1")

    first = imagedb("image", "rm", "app:1", IMAGEDB_REQUEST_ID="r")
    imagedb.world.add(an_image("a"), "app:1")
    second = imagedb("image", "rm", "app:1", IMAGEDB_REQUEST_ID="r")

    assert first == second
    assert imagedb("images", "--format", "{{.Repository}}").lines == ["app"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nope",), "No such image: nope:latest"),
        (("UPPER",), "invalid reference format: repository name (library/UPPER) must be lowercase"),
        (("x\x1b[31m",), "invalid reference format"),
        (("--platform", "linux/arm64", "app:1"), "Content will be removed from all images"),
        (("-f", "--platform", "linux/arm64", "app:1"), "failed to delete platform linux/arm64 for"),
        (("-f", "--platform", "a/b/c/d", "app:1"), "invalid platform 'a/b/c/d'"),
    ],
)
def test_rm_refuses_what_cannot_be(
    imagedb: Command, arguments: tuple[str, ...], message: str
) -> None:
    """One line, exit code 1, nothing changed."""
    imagedb.world.add(an_image("a"), "app:1")
    before = imagedb.state()

    done = imagedb("image", "rm", *arguments)

    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith(f"Error: {message}")
    assert done.err.count("\n") == 1
    assert imagedb.state() == before
