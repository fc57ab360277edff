"""The documents: their examples run, their commands exist, and nothing is left out."""

import contextlib
import doctest
import inspect
import json
import os
import re
import shlex
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer.main
from sqlalchemy import make_url

import imagedb
from demo.hosts import inspect_host
from demo.layouts import FLEET, blobs_of, find_ids, write_fleet
from imagedb import errors
from imagedb.cli.app import app
from imagedb.cli.exits import DEFECT, EXIT_CODES
from tests.acceptance.examples import Shell, list_examples
from tests.servers import PostgresServer

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WRITTEN = (DOCS / "guide.md", DOCS / "operations.md", DOCS / "service.md")
"""By hand; docs/cli.md is made from the code."""
ALL = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
SHARED_URL = "postgresql://images@db.example.com/images"

DOCKER = """\
#!/bin/sh
case $1 in
  save) cat images/redis.tar ;;
  ps) echo b95296ca625f ;;
  inspect) cat "${0%/*}/inspect.json" ;;
esac
"""
"""Stands for a container engine, on PATH."""


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's archives."""
    folder = tmp_path_factory.mktemp("fleet") / "images"
    write_fleet(folder)
    return folder


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """The shell of a reader in a checkout, with an engine beside."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "docker").write_text(DOCKER)
    (bin_folder / "docker").chmod(0o755)
    (bin_folder / "inspect.json").write_text(json.dumps(inspect_host("web-2", find_ids())))
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "demo").symlink_to(ROOT / "demo")
    path = os.pathsep.join([str(bin_folder), str(Path(sys.executable).parent), os.defpath])
    environment = {
        "HOME": str(tmp_path),
        "PATH": path,
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "IMAGEDB_ACTOR": "ops@example.com",
        "IMAGEDB_HOST_NAME": "web-2",
    }
    blobs = [blob for fleet in FLEET.values() for image in fleet for blob in blobs_of(image)]
    fixed = {blob.digest.removeprefix("sha256:") for blob in blobs}
    return Shell(checkout, environment, frozenset(fixed | {digits[:12] for digits in fixed}))


# ── examples ──────────────────────────────────────────────────────────────────────────────────


def test_guide_does_what_it_says(shell: Shell, postgresql: PostgresServer) -> None:
    """Every example prints what the page shows, one after the other, on both engines."""
    postgresql.create_database("guide")
    url = make_url(postgresql.url("guide")).set(drivername="postgresql")
    shell.stand_ins = {SHARED_URL: url.render_as_string(hide_password=False)}

    for example in list_examples(DOCS / "guide.md"):
        shell.run(example)

    postgresql.drop_database("guide")


def test_operations_do_what_they_say(shell: Shell) -> None:
    """As in the guide."""
    for example in list_examples(DOCS / "operations.md"):
        shell.run(example)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_service_does_what_it_says(shell: Shell) -> None:
    """As in the guide; a service that an example left behind is ended."""
    try:
        for example in list_examples(DOCS / "service.md"):
            shell.run(example)
    finally:
        left = shell.folder / "service.pid"
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(int(left.read_text()), signal.SIGTERM)


def test_service_tells_every_metric_that_the_page_names() -> None:
    """And no other."""
    text = (DOCS / "service.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(imagedb_\w+)` \|", text, re.MULTILINE))
    code = (ROOT / "imagedb" / "http" / "metrics.py").read_text(encoding="utf-8")
    given = set(re.findall(r'"(imagedb_\w+)"', code))

    assert given <= named
    assert len(named - given) == 4  # whose names are put together


def test_library_does_what_the_page_says(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The examples on the page are doctests."""
    text = (DOCS / "python.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    Path("images").symlink_to(images)

    failed, run = run_doctest(re.sub(r"^```.*$", "", text, flags=re.MULTILINE), "python.md")

    assert failed == 0
    assert run > 0


def test_library_does_what_its_docstring_says(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So are those of the package."""
    monkeypatch.chdir(tmp_path)
    Path("app.oci").symlink_to(images / "shop-web.oci")

    failed, run = run_doctest(inspect.getdoc(imagedb) or "", "imagedb/__init__.py")

    assert failed == 0
    assert run > 0


def run_doctest(text: str, name: str) -> tuple[int, int]:
    """Run the examples of a text; give how many failed, and how many there are."""
    test = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF)
    runner.run(test)
    return runner.failures, runner.tries


# ── nothing is left out ───────────────────────────────────────────────────────────────────────


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 - Typer does not publish the class
    """Give all commands with the words that lead to them; docker's short names too."""
    inner = getattr(command, "commands", None)
    if inner is None or command.invoke_without_command:
        yield path, command
    for name, one in (inner or {}).items():
        yield from leaves(one, (*path, name))


ROOT_COMMAND = typer.main.get_command(app)
COMMANDS = dict(leaves(ROOT_COMMAND))


def test_documents_show_every_command() -> None:
    """A reader meets each command in a page written by hand, not only in the reference."""
    shown = {words for words, _ in command_lines(WRITTEN)}
    expected = {path for path, command in COMMANDS.items() if not command.hidden}

    assert expected - shown == set()


def test_documents_name_every_environment_variable() -> None:
    """Whatever the package reads from the environment stands in the table."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "imagedb").rglob("*.py"))
    read = set(re.findall(r'"(IMAGEDB_[A-Z_]+|XDG_[A-Z_]+)"', code))
    text = (DOCS / "operations.md").read_text(encoding="utf-8")

    assert read
    assert {name for name in read if f"| `{name}` |" not in text} == set()


def test_documents_name_every_exit_code() -> None:
    """Each code has a row that says what to do."""
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    codes = {0, 2, DEFECT, *EXIT_CODES.values()}

    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == codes


def test_documents_name_every_error_and_public_name() -> None:
    """The page on the library is complete."""
    text = (DOCS / "python.md").read_text(encoding="utf-8")
    classes = {name for name, one in vars(errors).items() if isinstance(one, type)}
    names = classes | set(imagedb.__all__) - {"__version__"}

    assert {name for name in names if not re.search(rf"\b{name}\b", text)} == set()


# ── and nothing is made up ────────────────────────────────────────────────────────────────────


def command_lines(documents: Sequence[Path]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Find the command lines in code, each as the words of its command and all others."""
    for document in documents:
        text = document.read_text(encoding="utf-8")
        for block in re.findall(r"^```(?:sh|console)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            for line in block.splitlines():
                yield from parsed(line)


def parsed(line: str) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Find the `imagedb` commands of one line."""
    for piece in re.split(r"[|;]", line.removeprefix("$ ")) if "imagedb " in line else ():
        words = shlex.split(piece, comments=True)
        if words[:1] == ["imagedb"]:
            yield split_words(words[1:])


def split_words(words: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Tell the command's own words from options and arguments."""
    while words and words[0].startswith("--"):
        words = words[2:]  # of the options before the command, each has a value
    for count in (2, 1):
        if tuple(words[:count]) in COMMANDS:
            return tuple(words[:count]), words[count:]
    return tuple(words[:2]), []


@pytest.mark.parametrize("document", ALL, ids=lambda path: str(path.relative_to(ROOT)))
def test_document_shows_commands_that_exist(document: Path) -> None:
    """A command line names a command, and options that it has."""
    for words, rest in command_lines([document]):
        assert words in COMMANDS, f"imagedb {' '.join(words)}"
        known = {option for one in COMMANDS[words].params for option in one.opts}
        used = {word.partition("=")[0] for word in rest if re.match(r"-{1,2}[a-z]", word)}

        assert used - known - {"--help"} == set(), f"imagedb {' '.join(words)}"


@pytest.mark.parametrize("document", ALL, ids=lambda path: str(path.relative_to(ROOT)))
def test_document_links_to_files_that_exist(document: Path) -> None:
    """Relative links lead somewhere; an anchor is a heading there."""
    for target in re.findall(r"\]\(([^)]+)\)", document.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (document.parent / path).resolve() if path else document

        assert found.exists(), target
        assert not anchor or anchor in headings(found), target


def headings(document: Path) -> set[str]:
    """Give the anchors that a page's headings make."""
    found = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_code_cites_documents_that_exist() -> None:
    """A docstring's `docs/...` is there; decisions are cited by their numbers."""
    for path in sorted(ROOT.glob("imagedb/**/*.py")):
        for cited in re.findall(r"\bdocs/[\w/]+(?:\.md)?", path.read_text(encoding="utf-8")):
            assert list(ROOT.glob(f"{cited}*")), f"{path.name} cites {cited}"
