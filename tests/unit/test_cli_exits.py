"""Exit codes, and what is said of an error."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import typer

from imagedb import errors
from imagedb.cli.exits import EXIT_CODES, exit_code_of, report, run_each
from imagedb.records import Conflict, ConflictKind, ContainerUse, Hold

THEN = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOLDS = [
    Hold(3, "ops", "audit", THEN, None, is_overdue=False),
    Hold(4, "dev\n", "demo", THEN, THEN, is_overdue=True),
]
CODES = {
    "InvalidInputError": 1,
    "InvalidDigestError": 1,
    "InvalidReferenceError": 1,
    "InvalidPlatformError": 1,
    "InvalidTemplateError": 1,
    "InvalidReportError": 1,
    "InvalidSourceError": 1,
    "LimitExceededError": 1,
    "InvalidPlanError": 1,
    "InvalidDatabaseURLError": 1,
    "NotFoundError": 1,
    "ImageNotFoundError": 1,
    "AmbiguousReferenceError": 1,
    "PlatformNotFoundError": 1,
    "ContainerNotFoundError": 1,
    "AmbiguousContainerError": 1,
    "HostNotFoundError": 1,
    "ClaimNotFoundError": 1,
    "EventsGoneError": 1,
    "HoldNotFoundError": 1,
    "NamespaceNotFoundError": 1,
    "ConflictError": 1,
    "ImageInUseError": 1,
    "PlanChangedError": 1,
    "ContainerStateError": 1,
    "AmbiguousHoldError": 1,
    "AlreadyExistsError": 1,
    "NamespaceNotEmptyError": 1,
    "SchemaMismatchError": 3,
    "InconsistentDatabaseError": 4,
    "DatabaseError": 5,
    "OutcomeUnknownError": 6,
    "BusyError": 75,
}


def _subclasses(of: type[errors.ImageDBError]) -> Iterator[type[errors.ImageDBError]]:
    for cls in of.__subclasses__():
        yield cls
        yield from _subclasses(cls)


def a_conflict(**fields: object) -> Conflict:
    """Make a reason; by ID and hard, unless a test says otherwise."""
    defaults = {
        "kind": ConflictKind.RUNNING_CONTAINER,
        "is_hard": True,
        "subject": "0123456789ab",
        "message": "image is being used by running container 5735b64d4695 on host web-2",
        "container": a_use(),
    }
    return Conflict(**(defaults | fields))  # type: ignore[arg-type] # what a test gives


def a_use(**fields: object) -> ContainerUse:
    """Make a running container that was created from the image."""
    defaults = {
        "key": 1,
        "id": "5735b64d4695" + "0" * 52,
        "name": "web",
        "state": "running",
        "host": "web-2",
        "created": datetime(2026, 1, 1, tzinfo=UTC),
        "platform": None,
        "is_mount": False,
    }
    return ContainerUse(**(defaults | fields))  # type: ignore[arg-type] # what a test gives


def test_every_error_has_one_exit_code() -> None:
    """No class of the tree is without a code of its own or of one class above it."""
    classes = list(_subclasses(errors.ImageDBError))

    for cls in classes:
        entries = [above for above in cls.__mro__ if above in EXIT_CODES]
        assert len(entries) == 1, cls
    assert {
        cls.__name__: EXIT_CODES[next(c for c in cls.__mro__ if c in EXIT_CODES)] for cls in classes
    } == CODES


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 141),
        (FileNotFoundError(2, "No such file or directory", "x"), 1),
        (ZeroDivisionError("x"), 70),
        (errors.ImageDBError("of no kind"), 70),
    ],
)
def test_exit_code_of_other_exceptions(error: BaseException, code: int) -> None:
    """Interrupts and pipes have the shell's codes, what nobody foresaw is a defect."""
    assert code == exit_code_of(error)


def test_report_of_a_conflict_tells_every_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Docker's line, then a line for each reason with what would lift it."""
    stopped = a_use(name="db", state="exited", host="web-3", id="f" * 64)
    conflicts = [
        a_conflict(),
        a_conflict(kind=ConflictKind.STOPPED_CONTAINER, is_hard=False, container=stopped),
        a_conflict(
            kind=ConflictKind.SEVERAL_REFERENCES, is_hard=False, container=None, reference="app:1"
        ),
    ]

    assert report(errors.ImageInUseError(conflicts)) == 1
    assert capsys.readouterr().err == (
        "Error: conflict: unable to delete 0123456789ab (cannot be forced) - "
        "image is being used by running container 5735b64d4695 on host web-2\n"
        "  container 5735b64d4695 (web, running) on host web-2: "
        "stop and remove the container; --force does not lift this\n"
        "  container ffffffffffff (db, exited) on host web-3: "
        "remove the container, or use --force, which leaves it without an image\n"
        "  name app:1: remove it by this name, or use --force, which removes every name\n"
    )


def test_report_of_a_conflict_by_name_says_what_force_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By name force removes the name alone, whoever runs; a mount is called one."""
    report(
        errors.ImageInUseError(
            [a_conflict(is_hard=False, subject="app:1", container=a_use(is_mount=True))]
        )
    )

    assert capsys.readouterr().err.endswith(
        "\n  container 5735b64d4695 (web, running) on host web-2, which mounts it: "
        "stop and remove the container, or use --force, which only removes the name\n",
    )


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        pytest.param(
            errors.ImageNotFoundError("x\x1b"), [r"Error: No such image: x\x1b"], id="escaped"
        ),
        pytest.param(
            errors.AmbiguousReferenceError("abcd:latest", ["sha256:abcd1", "sha256:abcd2"]),
            ["Error: ambiguous reference: abcd:latest", "  sha256:abcd1", "  sha256:abcd2"],
            id="candidates",
        ),
        pytest.param(
            errors.AmbiguousHoldError("app:1", HOLDS),
            [
                "Error: image app:1 has 2 holds: say which to lift with --id, or --all",
                "  hold 3 by ops (audit)",
                r"  hold 4 by dev\n, overdue (demo)",
            ],
            id="holds",
        ),
        pytest.param(
            errors.InconsistentDatabaseError(["one\n", "two"]),
            ["Error: the database is inconsistent (2 problems found)", r"  one\n", "  two"],
            id="problems",
        ),
        pytest.param(
            KeyboardInterrupt(),
            ["Interrupted: what was not finished was not done."],
            id="interrupt",
        ),
        pytest.param(
            FileNotFoundError(2, "No such file or directory", "a\nb"),
            [r"Error: No such file or directory: a\nb"],
            id="file",
        ),
        pytest.param(
            UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"),
            ["Error: an argument or environment variable is not valid UTF-8"],
            id="no text",
        ),
        pytest.param(
            KeyError("a\x1b"),
            ["internal error: KeyError: 'a\\x1b'; set IMAGEDB_DEBUG=1 for the traceback"],
            id="defect",
        ),
    ],
)
def test_report_says_it_in_lines_without_a_traceback(
    error: BaseException, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each error is one line, or a line and an indented list."""
    report(error)

    assert lines == capsys.readouterr().err.splitlines()


def test_report_shows_the_traceback_for_debugging(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """IMAGEDB_DEBUG shows where it happened."""
    monkeypatch.setenv("IMAGEDB_DEBUG", "1")

    report(KeyError("a"))

    assert "KeyError: 'a'\ninternal error" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failures", "code"),
    [
        ({"b": errors.BusyError("busy")}, 75),
        ({"a": errors.BusyError("busy"), "b": errors.ImageNotFoundError("b")}, 1),
    ],
)
def test_run_each_goes_on_after_a_failure(
    failures: dict[str, errors.ImageDBError], code: int
) -> None:
    """All arguments are tried; failures that disagree end with 1."""
    seen = []

    def action(argument: str, number: int) -> None:
        seen.append((argument, number))
        if argument in failures:
            raise failures[argument]

    with pytest.raises(typer.Exit) as caught:
        run_each(["a", "b", "c"], action)

    assert seen == [("a", 1), ("b", 2), ("c", 3)]
    assert caught.value.exit_code == code


def test_run_each_stops_when_interrupted() -> None:
    """An interrupt is no failure of one argument."""
    seen = []

    def action(argument: str, _number: int) -> None:
        seen.append(argument)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_each(["a", "b"], action)

    assert seen == ["a"]


def test_version_imports_nothing_heavy() -> None:
    """The version is shown without the database, the validation and the drawing libraries."""
    script = (
        "import sys\n"
        "from imagedb.cli import main\n"
        "sys.argv = ['imagedb', '--version']\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "heavy = {'alembic', 'psycopg', 'pydantic', 'rich', 'sqlalchemy'}\n"
        "print(code, sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
    )

    version, heavy = done.stdout.splitlines()
    assert version.startswith("imagedb 0.")
    assert heavy == "0 []"
