"""Kinds of problems, where the `type` of one leads to."""

from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from imagedb.http.api.answers import answer
from imagedb.http.errors import RefusedError, status_of_class
from imagedb.http.problems import all_kinds, describe

router: Final = APIRouter(tags=["problems"])


class ProblemKind(BaseModel):
    """A kind of problem."""

    name: str = Field(examples=["image-in-use"])
    status: int = Field(examples=[409])
    title: str = Field(examples=["The image cannot be deleted"])


class ProblemKinds(BaseModel):
    """All of them, by name."""

    kinds: tuple[ProblemKind, ...]


@router.get("/problems", response_model=ProblemKinds)
def list_() -> Response:
    """List the kinds of problems."""
    return answer(ProblemKinds(kinds=tuple(map(_kind, all_kinds()))))


@router.get("/problems/{name}", response_model=ProblemKind)
def show(name: str) -> Response:
    """Say what a kind of problem is."""
    if name not in all_kinds():
        raise RefusedError(404, f"No such kind of problem: {name}")
    return answer(_kind(name))


def _kind(name: str) -> ProblemKind:
    cls = all_kinds()[name]
    return ProblemKind(name=name, status=status_of_class(cls), title=describe(cls))
