"""From errors to statuses: one table, and the two forms in which a client is told.

======  =======================================================================
400     the request cannot be right
404     what was asked for is not there
409     what is there forbids it
410     what was asked for was removed: events that a follower has not seen
500     a defect, or the database refused
501     docker can do this, and imagedb cannot
503     busy or of another revision: nothing was changed, try again
======  =======================================================================

The Docker API tells `{"message": ...}`, our own RFC 9457 problems.
"""

from collections.abc import Mapping
from typing import Final

from imagedb import errors
from imagedb.http.answers import JSON

DEFECT: Final = 500
STATUSES: Final[Mapping[type[errors.ImageDBError], int]] = {
    errors.InvalidInputError: 400,
    errors.NotFoundError: 404,
    errors.EventsGoneError: 410,
    errors.ConflictError: 409,
    errors.DatabaseError: 500,
    errors.InconsistentDatabaseError: 500,
    errors.OutcomeUnknownError: 500,
    errors.BusyError: 503,
    errors.SchemaMismatchError: 503,
}


_AGAIN: Final = (
    "the connection to the database was lost while committing, and the outcome is unknown; send it "
    "again with the header Idempotency-Key: {}; it happens at most once"
)


class OutsideError(Exception):
    """Docker can do this, and imagedb cannot: it keeps metadata alone."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"imagedb does not {what}: it keeps the metadata of images and containers, "
            "runs no containers and stores no layers",
        )


class RefusedError(Exception):
    """The request is refused before anything looks at it; `wait` is when to come again."""

    def __init__(self, status: int, message: str, *, wait: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.wait = wait


def status_of(error: Exception) -> int:
    """Find the status of the nearest class that the table has; a defect's where it has none."""
    if isinstance(error, OutsideError):
        return 501
    if isinstance(error, RefusedError):
        return error.status
    return status_of_class(type(error))


def status_of_class(cls: type[Exception]) -> int:
    """Find the status of all errors of a class."""
    return next((STATUSES[one] for one in cls.__mro__ if one in STATUSES), DEFECT)


def told(error: Exception) -> str:
    """Say what went wrong, and what to do here; of a defect only where to look."""
    if isinstance(error, errors.OutcomeUnknownError) and error.request_id:
        return _AGAIN.format(error.request_id)
    if isinstance(error, errors.ImageDBError | OutsideError | RefusedError):
        return str(error)
    return "internal error: the log of imagedb has it, under this request's ID"


def docker_error(error: Exception) -> JSON:
    """Tell an error as an engine does."""
    answer = JSON({"message": told(error)}, status_code=status_of(error))
    return with_advice(answer, error)


def with_advice(answer: JSON, error: Exception) -> JSON:
    """Say in how many seconds it is worth another attempt, where it is."""
    wait = error.wait if isinstance(error, RefusedError) else None
    if wait is None and isinstance(error, errors.BusyError):
        wait = 1
    if wait is not None:
        answer.headers["Retry-After"] = str(wait)
    return answer
