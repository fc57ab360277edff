"""`image import` and `image load`."""

import os
import signal
from pathlib import Path

import pytest

from tests.acceptance.conftest import Command
from tests.builders.archives import (
    blob_path,
    docker_files,
    layout_files,
    pack,
    write_docker_archive,
    write_layout,
    write_layout_tar,
    write_tar,
)
from tests.builders.images import an_image, an_index

BASE, APP = an_image("ab"), an_image("abc", compressed=True)
PIPE = 1 << 20
"""More bytes than a pipe holds: who has sent them knows that somebody reads."""

REAL_NAMES = {
    "alpine-3.10.docker-archive.tar.gz": {"alpine:3.10"},
    "hello-world.docker-v25.tar": {"<none>:<none>"},
    "multiplatform.oci": {"multi-platform:latest"},
    "test-image-1.docker-archive.tar": {"bazel/v1/tarball:test_image_1"},
}


def names(imagedb: Command) -> list[str]:
    """List the names of all images."""
    return sorted(imagedb("images", "--format", "{{.Repository}}:{{.Tag}}").lines)


def test_import_makes_the_database_by_first_use(bare: Command) -> None:
    """Layouts and archives of several forms go in by one command, without anything prepared."""
    both = an_index(an_image("a"), an_image("xy", platform="linux/arm64"))
    write_layout(bare.folder / "base.oci", [(BASE, ["base:1", "base:latest"])])
    write_layout_tar(bare.folder / "app.tar.gz", [(APP, ["app:1"])], compressed=True)
    write_docker_archive(bare.folder / "both.tar", [(both, [])])

    done = bare("image", "import", "base.oci", "app.tar.gz", "both.tar")

    assert (done.code, done.err) == (0, "")
    *loaded, last = done.lines
    assert loaded == ["Loaded image: base:1", "Loaded image: base:latest", "Loaded image: app:1"]
    assert last.startswith("Loaded image ID: sha256:")
    assert names(bare) == ["<none>:<none>", "app:1", "base:1", "base:latest"]
    assert bare("db", "check").out == "The database is consistent.\n"


def test_import_again_changes_nothing(imagedb_anywhere: Command) -> None:
    """The same archive twice is the same answer, and the same images."""
    imagedb = imagedb_anywhere
    write_layout(imagedb.folder / "x", [(BASE, ["base:1"]), (APP, ["app:1"])])

    first = imagedb("image", "import", "x")
    before = imagedb.state().images
    second = imagedb("image", "import", "x")

    assert first == second
    assert imagedb.state().images == before


def test_import_over_a_name_says_what_became_of_the_old_image(imagedb: Command) -> None:
    """An image that loses its last name stays, dangling; docker's words say so."""
    old, new, newest = (an_image("a", Cmd=[command]) for command in "abc")
    imagedb.world.add(old, "app:1", "app:2")
    write_layout(imagedb.folder / "new", [(new, ["app:1"])])
    write_layout(imagedb.folder / "newest", [(newest, ["app:2"])])

    first = imagedb("image", "import", "new")
    second = imagedb("image", "import", "newest")

    assert first.lines == [
        f"The image app:1 already existed, the old one with ID {old.digest} keeps its other names",
        "Loaded image: app:1",
    ]
    assert second.out == (
        "The image app:2 already existed, renaming the old one with ID "
        f"{old.digest} to empty string\n"
        "Loaded image: app:2\n"
    )
    assert names(imagedb) == ["<none>:<none>", "app:1", "app:2"]


def test_import_with_a_name_of_one_s_own(imagedb: Command) -> None:
    """--name replaces the archive's names."""
    write_layout(imagedb.folder / "x", [(BASE, ["base:1"])])

    done = imagedb("image", "import", "--name", "registry.example.com/team/mine", "x")

    assert done.lines == ["Loaded image: registry.example.com/team/mine:latest"]
    assert names(imagedb) == ["registry.example.com/team/mine:latest"]


def test_import_with_one_name_for_two_archives_is_a_usage_error(imagedb: Command) -> None:
    """A name can be given to one image only."""
    done = imagedb("image", "import", "--name", "x", "a", "b")

    assert done.code == 2
    assert "--name" in done.err


@pytest.mark.parametrize(
    ("options", "expected"), [((), ["<none>:<none>"]), (("--repository", "app"), ["app:1.2"])]
)
def test_import_of_a_bare_tag(
    imagedb: Command, options: tuple[str, ...], expected: list[str]
) -> None:
    """A tag becomes a name with --repository; without it the output says how to give one."""
    files = layout_files([(BASE, [])])
    index = files["index.json"]
    assert isinstance(index, bytes)
    note = b'"annotations":{"org.opencontainers.image.ref.name":"1.2"},"digest"'
    files["index.json"] = index.replace(b'"digest"', note)
    write_tar(imagedb.folder / "x.tar", files)

    done = imagedb("image", "import", *options, "x.tar")

    assert done.code == 0
    assert names(imagedb) == expected
    hint = f"imagedb image tag {BASE.digest[7:19]} REPOSITORY:1.2\n"
    assert done.err.endswith(hint) if not options else done.err == ""


def test_import_tells_what_it_left_out(imagedb: Command) -> None:
    """The image is whole and stored; what could not be taken is a warning, not an answer."""
    odd = an_image("a", labels={"k" * 1025: "too long", "kept": "yes"})
    write_layout(imagedb.folder / "x", [(odd, ["app:1"])])

    done = imagedb("image", "import", "x")

    assert (done.code, done.out) == (0, "Loaded image: app:1\n")
    assert done.err.startswith("Warning: x: ")
    assert done.err.endswith("its key has 1,025 bytes (limit: 1,024)\n")
    shown = imagedb("image", "inspect", "--format", "{{json .Config.Labels}}", "app:1")
    assert "too long" in shown.out  # the document is kept byte for byte


def test_load_reads_what_docker_save_writes(imagedb_anywhere: Command) -> None:
    """Through a pipe, as docker load; or from a file."""
    imagedb = imagedb_anywhere
    archive = pack(docker_files([(APP, ["app:1"])]), compressed=True)
    (imagedb.folder / "app.tar.gz").write_bytes(archive)

    piped = imagedb("image", "load", stdin=archive)
    read = imagedb("load", "--quiet", "-i", "app.tar.gz")

    assert piped.out == "Loaded image: app:1\n"
    assert (piped.code, piped.err) == (0, "")
    assert read == piped


def bad_archives() -> dict[str, bytes]:
    """Make archives that cannot be imported."""
    whole = pack(layout_files([(APP, ["app:1"])]))
    without = layout_files([(APP, ["app:1"])])
    del without[blob_path(APP.config.digest)]
    damaged = layout_files([(APP, ["app:1"])])
    damaged[blob_path(APP.layers[0].digest)] = APP.layers[1].content
    return {
        "empty": b"",
        "truncated": whole[: len(whole) // 2],
        "no archive": b"\x1b[31mnot an archive" * 1000,
        "missing config": pack(without),
        "damaged layer": pack(damaged),
        "repositories alone": pack({"repositories": b"{}"}),
    }


@pytest.mark.parametrize("kind", bad_archives())
def test_import_of_a_bad_archive_is_one_line(imagedb: Command, kind: str) -> None:
    """Exit code 1, one line that names the file, the database as it was; the next one goes in."""
    imagedb.world.add(BASE, "base:1")
    (imagedb.folder / "bad\x1b.tar").write_bytes(bad_archives()[kind])
    before = imagedb.state()

    done = imagedb("image", "import", "bad\x1b.tar")

    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith("Error: bad\\x1b.tar: ")
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err
    assert imagedb.state() == before


def test_import_goes_on_after_a_bad_archive(imagedb: Command) -> None:
    """Each archive is a transaction of its own."""
    (imagedb.folder / "bad.tar").write_bytes(b"")
    write_layout(imagedb.folder / "good", [(BASE, ["base:1"])])

    done = imagedb("image", "import", "missing.tar", "bad.tar", "good")

    assert done.code == 1
    assert done.out == "Loaded image: base:1\n"
    assert [line.split(":")[1] for line in done.err.splitlines()] == [" missing.tar", " bad.tar"]


def test_import_interrupted_is_one_line_and_changes_nothing(imagedb: Command) -> None:
    """Ctrl-C while an archive is read: no traceback, exit code 130."""
    before = imagedb.state()
    process = imagedb.start("image", "load")
    assert process.stdin is not None

    process.stdin.write(pack({"a": b"x" * PIPE}))
    process.stdin.flush()  # it has read all but what the pipe holds, and wants the rest
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert (out, err) == (b"", b"Interrupted: what was not finished was not done.\n")
    assert imagedb.state() == before


def real_archives() -> list[Path | None]:
    """List the real archives, if the environment says where they are."""
    folder = os.environ.get("IMAGEDB_REAL_IMAGES")
    return [*sorted(Path(folder).iterdir())] if folder else [None]


@pytest.mark.parametrize("path", real_archives(), ids=lambda path: path.name if path else "none")
def test_import_of_a_real_archive(imagedb_anywhere: Command, path: Path | None) -> None:
    """What real tools wrote is listed under docker's names, or refused in one line."""
    if path is None:
        pytest.skip("IMAGEDB_REAL_IMAGES is not set")
    imagedb = imagedb_anywhere
    before = imagedb.state()

    done = imagedb("image", "import", str(path))

    if path.name.startswith("bad-"):
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert imagedb.state() == before
        return
    assert (done.code, done.err) == (0, "")
    assert set(names(imagedb)) == REAL_NAMES.get(path.name, set(names(imagedb)))
