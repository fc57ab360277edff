"""Statuses, and what a client is told of an error."""

import json
from collections.abc import Iterator

import pytest

from imagedb import errors
from imagedb.http.errors import (
    STATUSES,
    OutsideError,
    RefusedError,
    docker_error,
    status_of,
)

PURPOSE = "it keeps the metadata of images and containers, runs no containers and stores no layers"
EXPECTED = {
    "InvalidInputError": 400,
    "NotFoundError": 404,
    "EventsGoneError": 410,
    "ConflictError": 409,
    "DatabaseError": 500,
    "InconsistentDatabaseError": 500,
    "OutcomeUnknownError": 500,
    "BusyError": 503,
    "SchemaMismatchError": 503,
}


def _subclasses(of: type[errors.ImageDBError]) -> Iterator[type[errors.ImageDBError]]:
    for cls in of.__subclasses__():
        yield cls
        yield from _subclasses(cls)


def test_every_error_has_one_status() -> None:
    """No class of the tree is without a status of its own or of a class above it."""
    for cls in _subclasses(errors.ImageDBError):
        assert any(above in STATUSES for above in cls.__mro__), cls
    assert {cls.__name__: status for cls, status in STATUSES.items()} == EXPECTED


AGAIN = (
    "the connection to the database was lost while committing, and the outcome is unknown; send it "
    "again with the header Idempotency-Key: r1; it happens at most once"
)


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (errors.ImageNotFoundError("app:1"), 404, "No such image: app:1"),
        (errors.AmbiguousReferenceError("12ab", ["a", "b"]), 404, "ambiguous reference"),
        (errors.BusyError("try again"), 503, "try again"),
        (RefusedError(413, "too large"), 413, "too large"),
        (
            errors.OutcomeUnknownError("r1"),
            500,
            AGAIN,
        ),
        (
            OutsideError("build images"),
            501,
            f"imagedb does not build images: {PURPOSE}",
        ),
        (
            ZeroDivisionError("a secret"),
            500,
            "internal error: the log of imagedb has it, under this request's ID",
        ),
    ],
)
def test_client_is_told_as_an_engine_tells(error: Exception, status: int, message: str) -> None:
    """A status, and a message in JSON; a defect tells nothing of itself."""
    answer = docker_error(error)

    assert (answer.status_code, status_of(error)) == (status, status)
    assert json.loads(bytes(answer.body)) == {"message": message}


def test_who_comes_too_late_for_events_is_told_that_they_are_gone() -> None:
    """Not that there never were any."""
    assert docker_error(errors.EventsGoneError(1, 7)).status_code == 410


def test_who_meets_a_busy_database_is_told_to_come_again() -> None:
    """Clients that know how wait a second."""
    assert docker_error(errors.BusyError("x")).headers["Retry-After"] == "1"
    assert "Retry-After" not in docker_error(errors.ConflictError("x")).headers
