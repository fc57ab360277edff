"""Pages of lists: what stands behind a key, so that nothing is told twice or passed over.

The key is that of the last item told. What comes or goes meanwhile moves no other item from one
page to another, as it would if pages were counted.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Query, Request
from starlette.datastructures import URL
from starlette.responses import Response

from imagedb.errors import InvalidInputError
from imagedb.http.api.answers import answer
from imagedb.http.api.entries import Entry, Page

T = TypeVar("T")
Key = Any
"""Whatever orders the items of a list."""
MAX_LIMIT: Final = 1_000
DEFAULT_LIMIT: Final = 100
LARGEST_NUMBER: Final = 2**63 - 1
LINK_DOCUMENT: Final = {
    "Link": {
        "description": '`<...>; rel="next"`, unless this is the last page.',
        "schema": {"type": "string"},
    }
}


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is asked for."""

    after: str | None
    limit: int
    url: URL

    @property
    def number(self) -> int:
        """The key, of a list in the order of numbers.

        Raises:
            InvalidInputError: it is none.
        """
        text = self.after or "0"
        if not (text.isascii() and text.isdecimal()) or int(text[:30]) > LARGEST_NUMBER:
            raise InvalidInputError(f"invalid after {text[:80]!r}: expected the `next` of a page")
        return int(text)

    def cut(self, items: Iterable[T], key: Callable[[T], Key], after: Key | None) -> list[T]:
        """Take what stands behind a key, and one more, of items in the order of their keys."""
        behind = (item for item in items if after is None or key(item) > after)
        return [item for item, _ in zip(behind, range(self.limit + 1), strict=False)]

    def answer(
        self, found: Sequence[T], entry: Callable[[T], Entry], key: Callable[[T], str]
    ) -> Response:
        """Answer with what was found; one item more than asked for says that there is more."""
        told = found[: self.limit]
        following = key(told[-1]) if len(found) > self.limit else None
        page: Page[Any] = Page(items=tuple(map(entry, told)), next=following)
        return answer(page, headers=self._link(following))

    def _link(self, following: str | None) -> dict[str, str]:
        if following is None:
            return {}
        url = self.url.include_query_params(after=following)
        return {"Link": f'<{url.path}?{url.query}>; rel="next"'}


async def _paging(
    request: Request,
    after: Annotated[
        str | None, Query(description="The `next` of the page before.", max_length=600)
    ] = None,
    limit: Annotated[
        int, Query(description="Items of a page.", ge=1, le=MAX_LIMIT, examples=[100])
    ] = DEFAULT_LIMIT,
) -> Paging:
    return Paging(after, limit, request.url)


Paged = Annotated[Paging, Depends(_paging)]
"""The parameter of every handler that lists."""
