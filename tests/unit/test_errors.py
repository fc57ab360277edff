"""The tree of errors: as it is drawn, so it is."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest

import imagedb
from imagedb import errors
from imagedb.errors import (
    AmbiguousContainerError,
    AmbiguousReferenceError,
    ImageDBError,
    ImageInUseError,
    ImageNotFoundError,
    InconsistentDatabaseError,
    InvalidReferenceError,
    LimitExceededError,
    NamespaceNotFoundError,
    OutcomeUnknownError,
)
from imagedb.records import Conflict, ConflictKind

INDENT = 4


def drawn() -> Iterator[tuple[str, str | None]]:
    """Every class of the drawing, with the class it hangs on."""
    way: list[str] = []
    lines = (errors.__doc__ or "").split("::\n\n")[1].split("\n\n")[0].splitlines()
    for line in lines:
        branch = line[INDENT:].rstrip()
        name = branch.lstrip("│├└─ ").split()[0]
        depth = (len(branch) - len(branch.lstrip("│├└─ "))) // INDENT
        del way[depth:]
        yield name, way[-1] if way else None
        way.append(name)


def test_errors_are_drawn_as_they_are() -> None:
    """The module's drawing shows every class, below the class it is derived from."""
    classes = inspect.getmembers(errors, inspect.isclass)
    defined = {
        name: kind.__bases__[0].__name__ if kind is not ImageDBError else None
        for name, kind in classes
        if issubclass(kind, Exception)
    }

    assert defined == dict(drawn())


def test_errors_are_all_in_one_module() -> None:
    """No other module of the package defines an error of its own."""
    for module in pkgutil.walk_packages(imagedb.__path__, "imagedb."):
        if module.name.rpartition(".")[2] != "__main__":
            importlib.import_module(module.name)

    assert {"imagedb.errors"} == {
        kind.__module__ for kind in _below(ImageDBError) if kind.__module__.startswith("imagedb")
    }


def _below(kind: type[ImageDBError]) -> Iterator[type[ImageDBError]]:
    yield kind
    for other in kind.__subclasses__():
        yield from _below(other)


def test_every_error_says_what_it_is() -> None:
    """Each class has a docstring of its own, one sentence."""
    for kind in _below(ImageDBError):
        assert kind.__dict__["__doc__"].strip().endswith("."), kind


def test_the_first_conflict_is_the_message() -> None:
    """All conflicts are kept; the first one speaks."""
    first = Conflict(ConflictKind.RUNNING_CONTAINER, True, "0123456789ab", "it runs")  # noqa: FBT003 - the record's order
    other = Conflict(ConflictKind.SEVERAL_REFERENCES, False, "app:1", "too many")  # noqa: FBT003

    error = ImageInUseError([first, other])

    assert (first, other) == error.conflicts
    assert str(error) == "conflict: unable to delete 0123456789ab (cannot be forced) - it runs"
    assert str(other) == "conflict: unable to delete app:1 (must be forced) - too many"


@pytest.mark.parametrize(
    ("error", "message", "attributes"),
    [
        (ImageNotFoundError("a:1"), "No such image: a:1", {"reference": "a:1"}),
        (
            AmbiguousReferenceError("abcd", ["x", "y"]),
            "ambiguous reference",
            {"reference": "abcd", "candidates": ("x", "y")},
        ),
        (InvalidReferenceError("A", "bad"), "bad", {"reference": "A"}),
        (
            LimitExceededError("a.tar", "too large", limit=20_000),
            "a.tar: too large (limit: 20,000)",
            {"source": "a.tar", "problem": "too large (limit: 20,000)", "limit": 20_000},
        ),
        (
            AmbiguousContainerError("c", ["x", "y"]),
            "c matches several containers: x, y; give more digits, or --host-name",
            {"container": "c", "candidates": ("x", "y")},
        ),
        (
            NamespaceNotFoundError("prd", ["prod"]),
            "No such namespace: prd (did you mean prod?)",
            {"namespace": "prd", "near": ("prod",)},
        ),
        (
            NamespaceNotFoundError("prd"),
            "No such namespace: prd (see `imagedb namespace ls`)",
            {"namespace": "prd", "near": ()},
        ),
        (
            InconsistentDatabaseError(["one"]),
            "the database is inconsistent (1 problem found)",
            {"problems": ("one",)},
        ),
        (
            InconsistentDatabaseError(["one", "two"]),
            "the database is inconsistent (2 problems found)",
            {"problems": ("one", "two")},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_errors_carry_what_they_tell(
    error: ImageDBError, message: str, attributes: dict[str, object]
) -> None:
    """Attributes for programs, one line for people."""
    assert message == str(error)
    assert attributes == {name: getattr(error, name) for name in attributes}


def test_unknown_outcome_says_how_to_go_on() -> None:
    """The request ID that makes it safe to repeat the command is in the message."""
    error = OutcomeUnknownError("r1")

    assert error.request_id == "r1"
    assert "IMAGEDB_REQUEST_ID=r1" in str(error)


def test_unknown_outcome_of_what_has_no_id_names_none() -> None:
    """There is no answer to ask for; what such an operation does may be done twice."""
    error = OutcomeUnknownError()
    assert "REQUEST_ID" not in str(error)
    assert str(error).endswith("look, and do it again if it was not done")
