"""From errors to statuses: one table, and the two forms in which a client is told.

======  =======================================================================
400     the request cannot be right
404     what was asked for is not there
409     what is there forbids it
500     a defect, or the database refused
501     docker can do this, and imagedb cannot
503     busy or of another revision: nothing was changed, try again
======  =======================================================================

The Docker API tells `{"message": ...}`, our own RFC 9457 problems.
"""

from collections.abc import Mapping
from typing import Any, Final

from imagedb import errors
from imagedb.http.answers import JSON

DEFECT: Final = 500
STATUSES: Final[Mapping[type[errors.ImageDBError], int]] = {
    errors.InvalidInputError: 400,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.DatabaseError: 500,
    errors.InconsistentDatabaseError: 500,
    errors.OutcomeUnknownError: 500,
    errors.BusyError: 503,
    errors.SchemaMismatchError: 503,
}


class OutsideError(Exception):
    """Docker can do this, and imagedb cannot: it keeps metadata alone."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"imagedb does not {what}: it keeps the metadata of images and containers, "
            "runs no containers and stores no layers",
        )


class RefusedError(Exception):
    """The request is refused before anything looks at it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def status_of(error: Exception) -> int:
    """Find the status of the nearest class that the table has; a defect's where it has none."""
    if isinstance(error, OutsideError):
        return 501
    if isinstance(error, RefusedError):
        return error.status
    known = (STATUSES[cls] for cls in type(error).__mro__ if cls in STATUSES)
    return next(known, DEFECT)


def told(error: Exception) -> str:
    """Say what went wrong; of a defect only where to look."""
    if isinstance(error, errors.ImageDBError | OutsideError | RefusedError):
        return str(error)
    return "internal error: the log of imagedb has it, under this request's ID"


def docker_error(error: Exception) -> JSON:
    """Tell an error as an engine does."""
    return _answer({"message": told(error)}, status_of(error), "application/json")


def _answer(body: dict[str, Any], status: int, media_type: str) -> JSON:
    answer = JSON(body, status_code=status, media_type=media_type)
    if status == STATUSES[errors.BusyError]:
        answer.headers["Retry-After"] = "1"
    return answer
