"""Links and paths may not lead out of a source."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders.archives import Files, Link, write_files, write_tar
from tests.unit.refusals import CONFIG, docker_archive, layout, problem_of


@pytest.mark.parametrize("write", [write_files, write_tar], ids=["folder", "tar"])
@pytest.mark.parametrize("target", ["../../../../secret", "/etc/passwd"])
def test_link_out_of_the_archive_is_refused(
    tmp_path: Path, write: Callable[[Path, Files], Path], target: str
) -> None:
    """A link that leads out is refused, whether or not there is something."""
    (tmp_path / "secret").write_text("{}")
    path = write(tmp_path / "x", layout(**{CONFIG: Link(target)}))

    assert problem_of(path) == (
        f"{CONFIG!r} leads out of the archive; links are followed inside it only"
    )


@pytest.mark.parametrize("write", [write_files, write_tar], ids=["folder", "tar"])
def test_path_out_of_the_archive_is_refused(
    tmp_path: Path, write: Callable[[Path, Files], Path]
) -> None:
    """A path in `manifest.json` may not lead out either."""
    (tmp_path / "secret").write_text("{}")
    _, files = docker_archive(Config="../secret")

    assert problem_of(write(tmp_path / "x", files)) == (
        "'../secret' leads out of the archive; links are followed inside it only"
    )


def test_link_to_itself_is_refused(tmp_path: Path) -> None:
    """Links are followed so far and no further."""
    path = write_tar(tmp_path / "x", layout(**{CONFIG: Link(CONFIG, hard=True)}))

    assert problem_of(path) == f"{CONFIG!r} leads through too many links (limit: 40)"


@pytest.mark.parametrize("write", [write_files, write_tar], ids=["folder", "tar"])
def test_link_to_nothing_is_refused(tmp_path: Path, write: Callable[[Path, Files], Path]) -> None:
    """A link whose target is not there is a missing file."""
    path = write(tmp_path / "x", layout(**{CONFIG: Link("nothing")}))

    assert problem_of(path) == f"{CONFIG!r} is missing"


@pytest.mark.parametrize("write", [write_files, write_tar], ids=["folder", "tar"])
def test_folder_in_place_of_a_file_is_refused(
    tmp_path: Path, write: Callable[[Path, Files], Path]
) -> None:
    """Only files are read."""
    path = write(tmp_path / "x", layout(**{CONFIG: Link("../../blobs")}))
    problem = problem_of(path)

    assert problem == f"{CONFIG!r} is " + ("not a file" if path.is_dir() else "missing")


def test_names_from_inside_are_escaped(tmp_path: Path) -> None:
    """What an archive calls its files is never sent to a terminal as it is."""
    name = "\x1b[2J\n" + "x" * 500
    _, files = docker_archive(Config=name)

    assert problem_of(write_tar(tmp_path / "x", files)) == (
        "'\\x1b[2J\\n" + "x" * 195 + "…' is missing"
    )


@pytest.mark.parametrize("write", [write_files, write_tar], ids=["folder", "tar"])
def test_path_that_is_none_is_refused(tmp_path: Path, write: Callable[[Path, Files], Path]) -> None:
    """A path with a zero byte leads nowhere."""
    _, files = docker_archive(Config="a\0b")

    assert problem_of(write(tmp_path / "x", files)).startswith("'a\\x00b' is ")
