"""Lineage: what an image is built on, and what is built on it."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.responses import Response

from imagedb.errors import InvalidInputError
from imagedb.http.api.answers import answer
from imagedb.http.api.asking import Asked
from imagedb.http.api.entries import BaseAnswer, Page, RelativeEntry, TreeAnswer, TreeEntry
from imagedb.http.api.pages import LINK_DOCUMENT, Paged, Paging
from imagedb.http.asking import Asking
from imagedb.images import get_image, names_of
from imagedb.lineage import find_base, list_children, list_parents
from imagedb.records import Image, Relative, TreeNode
from imagedb.trees import get_tree

router: Final = APIRouter(tags=["lineage"])
LISTED: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": LINK_DOCUMENT}}
_KEY: Final = re.compile(r"(\d{1,9})\.([01])\.([a-z0-9:]+)", re.ASCII)
Finder = Callable[[Connection, Image], Sequence[Relative]]


@router.get("/images/{name:path}/parents", response_model=Page[RelativeEntry], responses=LISTED)
def parents(asking: Asked, paging: Paged, name: str) -> Response:
    """List every image that this one is built on, nearest first."""
    return _relatives(asking, paging, name, list_parents)


@router.get("/images/{name:path}/children", response_model=Page[RelativeEntry], responses=LISTED)
def children(asking: Asked, paging: Paged, name: str) -> Response:
    """List every image that is built on this one; those that share most first."""
    return _relatives(asking, paging, name, list_children)


def _relatives(asking: Asking, paging: Paging, name: str, find: Finder) -> Response:
    after = _parse_key(paging.after) if paging.after else None
    with asking.reading() as (connection, namespace):
        relatives = find(connection, get_image(connection, namespace, name))
        found = paging.cut(relatives, _affinity, after)
        names = names_of(connection, [relative.key for relative in found])
    return paging.answer(found, lambda one: _entry(one, names[one.key]), _format_key)


def _entry(relative: Relative, names: tuple[str, ...]) -> RelativeEntry:
    return RelativeEntry(
        id=relative.id,
        names=names,
        shared_layers=relative.shared_layers,
        platforms=relative.platforms,  # type: ignore[arg-type] # written as texts
        is_dangling=relative.is_dangling,
    )


# ── the order of relatives ────────────────────────────────────────────────────────────────────


def _affinity(relative: Relative) -> tuple[int, bool, str]:
    return -relative.shared_layers, not relative.is_dangling, relative.id


def _format_key(relative: Relative) -> str:
    layers, is_named, id_ = _affinity(relative)
    return f"{-layers}.{int(is_named)}.{id_}"


def _parse_key(text: str) -> tuple[int, bool, str]:
    found = _KEY.fullmatch(text)
    if found is None:
        raise InvalidInputError(f"invalid after {text[:80]!r}: expected the `next` of a page")
    return -int(found[1]), found[2] == "1", found[3]


# ── base, tree ────────────────────────────────────────────────────────────────────────────────


@router.get("/images/{name:path}/base", response_model=BaseAnswer)
def base(asking: Asked, name: str) -> Response:
    """Tell the nearest image with a name that this one is built on, if there is one."""
    with asking.reading() as (connection, namespace):
        found = find_base(connection, get_image(connection, namespace, name))
        names = names_of(connection, [found.key] if found else [])
    entry = _entry(found, names[found.key]) if found else None
    return answer(BaseAnswer(base=entry))


@router.get("/tree", response_model=TreeAnswer)
def tree(
    asking: Asked,
    image: Annotated[
        str | None,
        Query(description="Only what it is built on, and what is built on it.", examples=["app:1"]),
    ] = None,
) -> Response:
    """Draw the images of the namespace below what they are built on."""
    with asking.reading() as (connection, namespace):
        root = get_image(connection, namespace, image) if image else None
        nodes = get_tree(connection, namespace, root)
    return answer(TreeAnswer(nodes=tuple(_drawn(nodes))))


def _drawn(nodes: Sequence[TreeNode]) -> Iterator[TreeEntry]:
    """Without recursion: a chain may be longer than Python's stack is deep."""
    waiting = [(node, 0) for node in reversed(nodes)]
    while waiting:
        node, level = waiting.pop()
        image = node.image
        yield TreeEntry(
            level=level,
            id=image.id,
            names=image.names,
            platforms=node.platforms,  # type: ignore[arg-type] # written as texts
            created=image.created,
            content_size=image.content_size,
            containers=image.containers,
            is_repeated=node.is_repeated,
        )
        waiting += [(child, level + 1) for child in reversed(node.children)]
