"""What is shown: lists, formats, inspect, history, lineage."""

import json
from typing import Any

import pytest

from tests.acceptance.conftest import Command, Done
from tests.builders.images import BuiltImage, an_image, an_index

BASE = an_image("ab", created="2026-01-01T00:00:00Z")
APP = an_image("abc", created="2026-01-02T00:00:00Z", labels={"team": "web\x1b]0;x\x07"})
OLD = an_image("abx", created=None)


def short(image: BuiltImage) -> str:
    """The ID as tables have it."""
    return image.digest[7:19]


@pytest.fixture
def fleet(imagedb: Command) -> Command:
    """A base with a tag and a digest reference, an application, a dangling image, a container."""
    world = imagedb.world
    world.add(BASE, "base:1", f"base@{BASE.digest}", f"mirror.example.com/base@{BASE.digest}")
    world.add(APP, "app:1", "app:latest")
    world.add(OLD)
    world.run("app:1", name="web", host="web-2")
    return imagedb


def test_ls_is_docker_s_table(fleet: Command) -> None:
    """One row for each name, newest image first; what has no name or date says so."""
    done = fleet("image", "ls")
    cells = [line.split("   ") for line in done.lines]
    table = [[cell.strip() for cell in row if cell.strip()] for row in cells]

    assert table[0] == ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"]
    assert [row[:3] for row in table[1:]] == [
        ["app", "1", short(APP)],
        ["app", "latest", short(APP)],
        ["base", "1", short(BASE)],
        ["mirror.example.com/base", "<none>", short(BASE)],
        ["<none>", "<none>", short(OLD)],
    ]
    assert [row[3] for row in table[1:]] == [*[table[1][3]] * 4, "N/A"]
    assert fleet("images").out == fleet("image", "ls", "--format", "table").out == done.out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-q"], [short(APP), short(APP), short(BASE), short(BASE), short(OLD)]),
        (["-q", "--no-trunc", "base"], [BASE.digest]),
        (["app"], ["app 1", "app latest"]),
        (["app:1"], ["app 1"]),
        (["docker.io/library/app:1"], ["app 1"]),
        (["nothing"], []),
        (["--format", r"{{.ID}}\t{{.Containers}}", "app:1"], [f"{short(APP)}\t1"]),
        (["--format", "{{.Digest}}", "base:1"], [BASE.digest]),
        (
            ["--format", r"table {{.Tag}}\t{{.Platforms}}", "app:1"],
            ["TAG       PLATFORMS", "1         linux/amd64"],
        ),
    ],
    ids=" ".join,
)
def test_ls_options(fleet: Command, options: list[str], expected: list[str]) -> None:
    """As docker's: quiet, whole, filtered by name, templates, tables of one's own."""
    if not {"-q", "--format"} & set(options):
        options = ["--format", "{{.Repository}} {{.Tag}}", *options]

    assert expected == fleet("image", "ls", *options).lines


def test_ls_as_json_and_with_digests(fleet: Command) -> None:
    """A line of JSON for each row; --digests adds its column."""
    (row,) = fleet("image", "ls", "--format", "json", "app:1").json_lines
    header, *rows = fleet("image", "ls", "--digests").lines

    assert (row["Repository"], row["Tag"], row["ID"]) == ("app", "1", short(APP))
    assert header.split()[:4] == ["REPOSITORY", "TAG", "DIGEST", "IMAGE"]
    assert [line.split()[2] for line in rows] == [
        *[APP.digest] * 2,
        *[BASE.digest] * 2,
        "<none>",
    ]


def test_ls_refuses_an_unknown_field(imagedb: Command) -> None:
    """Also where there is no image; the fields are named."""
    done = imagedb("image", "ls", "--format", "{{.Nope}}")

    assert done.code == 1
    assert done.err.startswith(
        "Error: unknown field .Nope in --format; the fields are: Repository, "
    )


def test_inspect_shows_what_was_stored(fleet: Command) -> None:
    """A JSON array; what is missing is told beside it, with exit code 1."""
    done = fleet("image", "inspect", "app", "nope", "base:1")
    app, base = json.loads(done.out)

    assert (done.code, done.err) == (1, "Error: No such image: nope:latest\n")
    assert app["Id"] == APP.digest
    assert app["RepoTags"] == ["app:1", "app:latest"]
    assert app["Config"]["Labels"] == {"team": "web\x1b]0;x\x07"}
    assert app["RootFS"]["Layers"] == APP.diff_ids
    assert base["RepoTags"] == [
        "base:1",
        f"base@{BASE.digest}",
        f"mirror.example.com/base@{BASE.digest}",
    ]
    assert base["RepoDigests"] == [f"base@{BASE.digest}", f"mirror.example.com/base@{BASE.digest}"]
    assert "\x1b" not in done.out


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{.Id}}", APP.digest),
        ("{{json .RepoTags}}", '["app:1","app:latest"]'),
        ("{{.Config.Labels.team}}", r"web\x1b]0;x\x07"),
        (
            '{{index .Config.Labels "team"}} {{.Os}}/{{.Architecture}}',
            r"web\x1b]0;x\x07 linux/amd64",
        ),
        ("{{len .RootFS.Layers}}", "3"),
    ],
)
def test_inspect_by_template(fleet: Command, template: str, expected: str) -> None:
    """Fields, functions, and values fit for a terminal."""
    assert fleet("image", "inspect", "--format", template, "app").out == f"{expected}\n"


def test_inspect_chooses_the_platform(imagedb: Command) -> None:
    """By --platform, else the caller's host's, else linux/amd64; an absent one is not found."""
    amd64, arm64 = an_image("a"), an_image("ab", platform="linux/arm64")
    imagedb.world.add(an_index(amd64, arm64), "both:1")
    imagedb("host", "add", "arm-1", "--platform", "linux/arm64")

    def architecture(*options: str) -> Done:
        return imagedb(*options, "image", "inspect", "-f", "{{.Architecture}}", "both:1")

    assert architecture().out == "amd64\n"
    assert architecture("--host-name", "arm-1").out == "arm64\n"
    chosen = imagedb("image", "inspect", "--platform", "arm64", "-f", "{{.Id}}", "both:1")
    absent = imagedb("image", "inspect", "--platform", "linux/s390x", "both:1")
    assert chosen.out == f"{arm64.digest}\n"
    assert (absent.code, absent.out) == (1, "[]\n")
    assert "does not provide the specified platform (linux/s390x)" in absent.err


def test_history_is_docker_s(fleet: Command) -> None:
    """The newest step has the ID; the others are missing."""
    header, first, *others = fleet("image", "history", "app").lines
    comments: list[dict[str, Any]] = fleet("history", "--format", "json", "app").json_lines

    assert header.split() == ["IMAGE", "CREATED", "CREATED", "BY", "SIZE", "COMMENT"]
    assert first.startswith(f"{short(APP)}   N/A       layer 2")
    assert [line.split()[0] for line in others] == ["<missing>", "<missing>"]
    assert [step["CreatedBy"] for step in comments] == ["layer 2", "layer 1", "layer 0"]
    assert fleet("history", "-q", "app").lines == [short(APP), "<missing>", "<missing>"]


def test_lineage_is_told_and_drawn(fleet: Command) -> None:
    """Parents, children, the nearest base with a name, and the tree of them all."""
    names = ("--format", "{{.ID}} {{.Names}}")

    assert fleet("image", "parents", *names, "app").lines == [
        f"{short(BASE)} base:1, base@{BASE.digest}, mirror.example.com/base@{BASE.digest}"
    ]
    assert set(fleet("image", "children", *names, "base:1").lines) == {
        f"{short(APP)} app:1, app:latest",
        f"{short(OLD)} <none>",
    }
    assert fleet("image", "base", "-q", short(OLD)).lines == [short(BASE)]
    root, *below = fleet("image", "tree").lines
    assert root.startswith(f"base:1, base@{BASE.digest}")
    assert [line.split("  ")[0] for line in below] == ["├── app:1, app:latest", "└── <none>"]


def test_base_of_an_image_without_one_says_so(fleet: Command) -> None:
    """Nothing is printed for programs; people are told."""
    done = fleet("image", "base", "base:1")

    assert (done.code, done.out) == (0, "")
    assert done.err == "base:1 is built on no image with a name.\n"


def test_tree_without_unicode(fleet: Command) -> None:
    """Where the output's encoding has no lines, other strokes are drawn."""
    done = fleet("image", "tree", PYTHONIOENCODING="ascii")

    assert done.code == 0
    assert [line[:4] for line in done.lines[1:]] == ["|-- ", "`-- "]


def test_tag_moves_a_name(imagedb_anywhere: Command) -> None:
    """The image that had it stays; the event says where it was."""
    imagedb = imagedb_anywhere
    imagedb.world.add(BASE, "base:1")
    imagedb.world.add(APP, "app:1")

    moved = imagedb("tag", "app:1", "base:1")
    refused = imagedb("image", "tag", "app:1", "x@" + APP.digest)

    assert (moved.code, moved.out, moved.err) == (0, "", "")
    assert imagedb("images", "-q", "--no-trunc", "base:1").lines == [APP.digest]
    (event,) = [
        one for one in imagedb("events", "--format", "json").json_lines if one["Action"] == "tag"
    ]
    assert event["Actor"]["Attributes"]["previous"] == BASE.digest
    assert refused.err == "Error: refusing to create a tag with a digest reference\n"


def two_images_with_one_beginning() -> tuple[BuiltImage, BuiltImage]:
    """Make images until two of them share the first four digits of their IDs."""
    seen: dict[str, BuiltImage] = {}
    for number in range(5_000):
        image = an_image("a", Cmd=[str(number)])
        beginning = image.digest[7:11]
        if beginning in seen:
            return image, seen[beginning]
        seen[beginning] = image
    pytest.fail("no two images share four digits")


def test_ambiguous_prefix_lists_the_candidates(imagedb: Command) -> None:
    """Who types too few digits is told which images they may mean."""
    image, other = two_images_with_one_beginning()
    imagedb.world.add(image)
    imagedb.world.add(other)

    done = imagedb("image", "inspect", image.digest[7:11])

    assert done.code == 1
    first, *candidates = done.err.splitlines()
    assert first == f"Error: ambiguous reference: {image.digest[7:11]}:latest"
    assert sorted(candidates) == sorted([f"  {image.digest}", f"  {other.digest}"])
