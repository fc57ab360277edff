"""The lineage tree: who is built on whom, ready to be drawn.

Rows come in the order (platform, path), in which a path's extensions follow it: one walk with a
stack finds the nearest parents of every image. The relation is per platform, so it can be mutual;
an image stands at most once on a way down, and a repetition is marked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, groupby

from sqlalchemy import Connection

from imagedb.images import images_by_key, pages_of_images, summarize
from imagedb.lineage import list_children, list_parents
from imagedb.platforms import Platform, parse_platform
from imagedb.records import Image, ImageSummary, Namespace, TreeNode
from imagedb.sql import lineage as sql

_Edges = defaultdict[int, dict[int, list[Platform]]]
"""Of each image, its children, and on which platforms they are."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an image stands in a tree; `parent` is the number of the place above."""

    key: int
    parent: int
    platforms: tuple[Platform, ...]
    is_repeated: bool


def get_tree(
    connection: Connection,
    namespace: Namespace,
    image: Image | None = None,
) -> tuple[TreeNode, ...]:
    """Each image under its nearest parents; the roots and the children by name, then by ID.

    Of the whole namespace, or of one image: what it is built on, and what is built on it. Among
    parents with equal layers a named one is drawn, for it is what a reader knows.
    """
    if image is None:
        rows = connection.execute(sql.paths_of_namespace, {"namespace": namespace.key})
        pages = pages_of_images(connection, namespace)
    else:
        relatives = (*list_parents(connection, image), *list_children(connection, image))
        keys = [image.key, *(relative.key for relative in relatives)]
        rows = connection.execute(sql.paths_of_images, {"images": keys})
        pages = iter([list(images_by_key(connection, keys).values())])
    summaries = {
        stored.key: summary
        for page in pages
        for stored, summary in zip(page, summarize(connection, page), strict=True)
    }
    known = [row for row in rows if row[0] in summaries]
    return tuple(_Drawing(summaries, _find_edges(known, summaries)).draw())


def _find_edges(
    rows: Iterable[tuple[int, str, bytes]],
    summaries: dict[int, ImageSummary],
) -> _Edges:
    edges: _Edges = defaultdict(dict)
    above: list[tuple[str, bytes, int]] = []  # the way down to the path at hand
    for (platform, path), group in groupby(rows, key=lambda row: (row[1], row[2])):
        same = sorted((key for key, _, _ in group), key=lambda key: _rank(summaries[key]))
        while above and not (above[-1][0] == platform and path.startswith(above[-1][1])):
            above.pop()
        for key in same if above else ():
            if key != above[-1][2]:
                edges[above[-1][2]].setdefault(key, []).append(parse_platform(platform))
        above.append((platform, path, same[0]))
    return edges


def _rank(summary: ImageSummary) -> tuple[bool, tuple[str, ...], str]:
    """Named ones first, by name, then by ID."""
    return not summary.names, summary.names, summary.id


class _Drawing:
    """One walk over the edges, each image's children drawn once."""

    def __init__(self, summaries: dict[int, ImageSummary], edges: _Edges) -> None:
        self.summaries = summaries
        self.edges = edges
        self.drawn: set[int] = set()

    def draw(self) -> Iterator[TreeNode]:
        """The roots: who has no parent, then whoever only a circle leads to."""
        below = {child for children in self.edges.values() for child in children}
        in_order = self._sorted(self.summaries)
        for key in [key for key in in_order if key not in below] + in_order:
            if key not in self.drawn:
                yield self._tree(key)

    def _tree(self, root: int) -> TreeNode:
        """Without recursion: chains of several platforms may continue one another."""
        places = list(self._places(root))
        below: list[list[TreeNode]] = [[] for _ in places]
        for number in reversed(range(1, len(places))):
            below[places[number].parent].append(self._node(places[number], below[number]))
        return self._node(places[0], below[0])

    def _node(self, place: _Place, below: list[TreeNode]) -> TreeNode:
        return TreeNode(
            image=self.summaries[place.key],
            platforms=place.platforms,
            children=tuple(reversed(below)),
            is_repeated=place.is_repeated,
        )

    def _places(self, root: int) -> Iterator[_Place]:
        """Where images stand, each before what is below it."""
        waiting: list[tuple[int, int, tuple[Platform, ...]]] = [(root, 0, ())]
        for number in count():
            if not waiting:
                return
            key, parent, platforms = waiting.pop()
            is_repeated = key in self.drawn
            self.drawn.add(key)
            yield _Place(key, parent, platforms, is_repeated=is_repeated)
            children = {} if is_repeated else self.edges.get(key, {})
            in_order = self._sorted(children)
            waiting += [(child, number, tuple(children[child])) for child in reversed(in_order)]

    def _sorted(self, keys: Iterable[int]) -> list[int]:
        return sorted(keys, key=lambda key: _rank(self.summaries[key]))
