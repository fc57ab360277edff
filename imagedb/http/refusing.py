"""From errors that handlers raise to answers: the same for Docker's API and for our own."""

from collections.abc import Iterator
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from imagedb.errors import ImageDBError, InvalidInputError
from imagedb.http.errors import OutsideError, RefusedError
from imagedb.http.problems import tell

_NOT_FOUND: Final = 404
_WRONG_METHOD: Final = 405
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE")


def add_handlers(app: FastAPI) -> None:
    """Let no error of an application leave it in another form than its clients expect."""
    for error in (ImageDBError, OutsideError, RefusedError, Exception):
        app.add_exception_handler(error, _tell)
    app.add_exception_handler(RequestValidationError, _tell_invalid)
    app.add_exception_handler(HTTPException, _tell_http)


async def _tell(request: Request, error: Exception) -> Response:
    return tell(error, request.scope)


async def _tell_invalid(request: Request, error: Exception) -> Response:
    problem = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    place = ".".join(str(part) for part in problem.get("loc", ()))
    told = InvalidInputError(f"invalid request: {place}: {problem.get('msg')}")
    return tell(told, request.scope)


async def _tell_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    message = "page not found" if error.status_code == _NOT_FOUND else error.detail
    answer = tell(RefusedError(error.status_code, message), request.scope)
    answer.headers.update(error.headers or {})
    if error.status_code == _WRONG_METHOD:
        answer.headers["Allow"] = ", ".join(_allowed(request))
    return answer


def _allowed(request: Request) -> Iterator[str]:
    """Give every method of a path: a router tells only those of the first route that fits."""
    for method in _METHODS:
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            yield method
