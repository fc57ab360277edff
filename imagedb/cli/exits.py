"""Exit codes: one table, and the one place where an error becomes lines and a code.

=====  ===========================================================================
0      done
1      the input, what is not there, or a conflict: docker's code
2      the command line cannot be read (Typer's)
3      the database is of another revision
4      `db check` found a broken promise
5      the database refused
6      the outcome of a commit is unknown
70     a defect of imagedb
75     busy: nothing was changed, try again
130    interrupted
141    the reader of a pipe went away
=====  ===========================================================================
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup

from imagedb import errors
from imagedb.cli.conflicts import format_conflict, format_hold
from imagedb.cli.output import escape, forget_unwritten, warn

DEFECT: Final = 70
EXIT_CODES: Final[Mapping[type[BaseException], int]] = {
    errors.InvalidInputError: 1,
    errors.NotFoundError: 1,
    errors.ConflictError: 1,
    errors.SchemaMismatchError: 3,
    errors.InconsistentDatabaseError: 4,
    errors.DatabaseError: 5,
    errors.OutcomeUnknownError: 6,
    errors.BusyError: 75,
    KeyboardInterrupt: 130,
    BrokenPipeError: 141,
    UnicodeEncodeError: 1,  # an argument that is no text; nothing else is encoded without care
    OSError: 1,  # a file that cannot be read, an output that cannot be written
}


def exit_code_of(error: BaseException) -> int:
    """Find the code of the nearest class that the table has; a defect's where it has none."""
    return next((EXIT_CODES[cls] for cls in type(error).__mro__ if cls in EXIT_CODES), DEFECT)


class GuardedGroup(TyperGroup):
    """The command at the root, below which no error becomes a traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer does not publish the class
        """Run what was asked; tell an error in lines, and leave with its code."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except BaseException as error:
            raise typer.Exit(report(error)) from error


def run_each(arguments: Sequence[str], action: Callable[[str, int], None]) -> None:
    """Do something for each argument; one that fails does not stop the rest.

    `action` takes the argument and its number, from 1; it fails by an error, or by `typer.Exit` if
    it has told why. If any failed, the command ends with their code, or with 1 if they disagree.
    """
    codes = set[int]()
    unwritten: OSError | None = None
    for number, argument in enumerate(arguments, start=1):
        try:
            action(argument, number)
        except errors.ImageDBError as error:
            codes.add(report(error))
        except typer.Exit as end:
            codes.add(end.exit_code)
        except OSError as error:  # the output went away, what is asked for does not
            unwritten = unwritten or error
    if unwritten:
        raise unwritten
    if codes:
        raise typer.Exit(codes.pop() if len(codes) == 1 else 1)


def report(error: BaseException) -> int:
    """Print what went wrong, with every reason there is, and give its exit code."""
    code = exit_code_of(error)
    forget_unwritten()
    if isinstance(error, BrokenPipeError):
        return code
    if os.environ.get("IMAGEDB_DEBUG"):
        _print_traceback(error)
    warn(*_lines_of(error))
    return code


def _print_traceback(error: BaseException) -> None:
    import traceback

    traceback.print_exception(error)


def _lines_of(error: BaseException) -> Iterator[str]:
    match error:
        case errors.AmbiguousReferenceError():
            yield f"Error: {escape(str(error))}: {escape(error.reference)}"
        case errors.ImageDBError():
            yield f"Error: {escape(str(error))}"
        case KeyboardInterrupt():
            yield "Interrupted: what was not finished was not done."
        case UnicodeEncodeError():
            yield "Error: an argument or environment variable is not valid UTF-8"
        case OSError(strerror=str(problem), filename=filename):
            yield f"Error: {escape(problem)}" + (f": {escape(str(filename))}" if filename else "")
        case _:
            told = escape(f"{type(error).__name__}: {error}")
            yield f"internal error: {told}; set IMAGEDB_DEBUG=1 for the traceback"
    yield from (f"  {escape(detail)}" for detail in _details_of(error))


def _details_of(error: BaseException) -> Iterable[str]:
    """What an error carries beside its message, a line each."""
    match error:
        case errors.ImageInUseError():
            return map(format_conflict, error.conflicts)
        case errors.AmbiguousHoldError():
            return map(format_hold, error.holds)
        case errors.AmbiguousReferenceError():
            return error.candidates
        case errors.PlanChangedError():
            return error.differences
        case errors.InconsistentDatabaseError():
            return error.problems
    return ()
