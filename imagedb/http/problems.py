"""Problems: how our own API tells what went wrong (RFC 9457).

`type` leads to a line on that kind of problem, `detail` says what was wrong here and what to do;
what an error carries as data stands beside them: conflicts, candidates, differences.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.types import Scope

from imagedb import errors
from imagedb.http.answers import JSON
from imagedb.http.errors import STATUSES, docker_error, status_of, told, with_advice
from imagedb.plan_writing import conflict_entry

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "/imagedb/v1"
_WORDS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z]|$)|[A-Z][a-z]+")
_DATA: Final[Mapping[str, str]] = {
    "candidates": "candidates",
    "differences": "differences",
    "near": "near",
    "problems": "problems",
    "limit": "limit",
    "cut": "cut",
}
"""Attributes of errors that clients are told as they are."""


def problem(error: Exception, request_id: str) -> JSON:
    """Tell an error as a problem."""
    status = status_of(error)
    body = {
        "type": type_of(error),
        "title": title_of(error),
        "status": status,
        "detail": told(error),
        "request_id": request_id,
    }
    data = _data_of(error)
    return with_advice(JSON(body | data, status_code=status, media_type=MEDIA_TYPE), error)


def tell(error: Exception, scope: Scope) -> JSON:
    """Tell an error in the words of the API that was asked: ours, or Docker's."""
    if scope["path"].startswith(f"{PREFIX}/"):
        return problem(error, scope["imagedb"].request_id)
    return docker_error(error)


def type_of(error: Exception) -> str:
    """Where a line on this kind of problem is to be found."""
    if isinstance(error, errors.ImageDBError):
        return f"{PREFIX}/problems/{slug_of(type(error))}"
    return "about:blank"


def title_of(error: Exception) -> str:
    """What kind of problem it is, the same for all of the kind."""
    if isinstance(error, errors.ImageDBError):
        return describe(type(error))
    return HTTPStatus(status_of(error)).phrase


def slug_of(cls: type[errors.ImageDBError]) -> str:
    """Write a class's name as addresses are written."""
    name = cls.__name__.removesuffix("Error")
    return "-".join(_WORDS.findall(name)).lower()


def describe(cls: type[errors.ImageDBError]) -> str:
    """Say what a class stands for, in a few words."""
    first = (cls.__doc__ or cls.__name__).splitlines()[0]
    return first.partition(";")[0].rstrip(".")


def all_kinds() -> dict[str, type[errors.ImageDBError]]:
    """Every kind of problem, by the last part of its address."""
    waiting, found = list(STATUSES), {}
    while waiting:
        cls = waiting.pop()
        found[slug_of(cls)] = cls
        waiting += cls.__subclasses__()
    return dict(sorted(found.items()))


def _data_of(error: Exception) -> dict[str, Any]:
    if isinstance(error, errors.ImageInUseError):
        entries = [conflict_entry(one).model_dump(mode="json") for one in error.conflicts]
        return {"conflicts": entries}
    if not isinstance(error, errors.ImageDBError):
        return {}
    if isinstance(error, errors.AmbiguousHoldError):
        return {"holds": [hold.key for hold in error.holds]}
    return {word: getattr(error, name) for name, word in _DATA.items() if hasattr(error, name)}
