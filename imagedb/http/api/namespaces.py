"""Namespaces: stores of images that see one another."""

from typing import Any, Final

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from imagedb.content import sweep
from imagedb.http.api.answers import answer, nothing
from imagedb.http.api.entries import Body, NamespaceEntry, Page
from imagedb.http.api.pages import LINK_DOCUMENT, Paged
from imagedb.http.asking import Asked
from imagedb.namespaces import add_namespace, delete_namespace, list_namespaces

router: Final = APIRouter(tags=["namespaces"])
LISTED: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": LINK_DOCUMENT}}


class NamespaceBody(Body):
    """A namespace that is to be made."""

    name: str = Field(examples=["staging"])


@router.get("/namespaces", response_model=Page[NamespaceEntry], responses=LISTED)
def list_(asking: Asked, paging: Paged) -> Response:
    """List the namespaces of the database, by name."""
    with asking.database.look() as connection:
        namespaces = list_namespaces(connection)
    found = paging.cut(namespaces, lambda one: one.name, paging.after)
    return paging.answer(found, NamespaceEntry.model_validate, lambda one: one.name)


@router.post("/namespaces", response_model=NamespaceEntry, status_code=201)
def add(asking: Asked, body: NamespaceBody) -> Response:
    """Make a namespace; nothing else ever makes one."""
    made = asking.database.write(lambda connection: add_namespace(connection, body.name))
    return answer(NamespaceEntry.model_validate(made), status=201)


@router.delete("/namespaces/{name}", status_code=204)
def delete(asking: Asked, name: str) -> Response:
    """Remove a namespace that holds nothing."""
    asking.service.settler.wait()
    sweep(asking.database)  # what a process that died has left to the next writer
    asking.database.write(lambda connection: delete_namespace(connection, name))
    return nothing()
