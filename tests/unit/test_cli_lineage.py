"""The tree as it is drawn."""

from imagedb.cli.lineage import ASCII, UNICODE, draw_tree
from imagedb.digests import ImageID
from imagedb.platforms import Platform
from imagedb.records import ImageSummary, TreeNode

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")


def a_node(
    *names: str,
    children: tuple[TreeNode, ...] = (),
    on: tuple[Platform, ...] = (AMD64,),
    containers: int = 0,
    is_repeated: bool = False,
) -> TreeNode:
    """Make an image of one platform in a tree."""
    image_id = ImageID("sha256:" + "0123456789ab" + "0" * 52)
    image = ImageSummary(image_id, names, (AMD64,), None, 5_577_286, containers)
    return TreeNode(image, on, children, is_repeated)


FOREST = (
    a_node(
        "base:1",
        "base:latest",
        children=(
            a_node("app:1", children=(a_node(containers=2), a_node("web:1", on=(ARM64,)))),
            a_node("job:1", children=(a_node("x\x1b:1", is_repeated=True, containers=1),)),
        ),
    ),
    a_node("other:1"),
)


def test_draw_tree_shows_who_is_built_on_whom() -> None:
    """A line for each image, below what it is built on; what is dangling has no name."""
    assert list(draw_tree(FOREST, UNICODE)) == [
        "base:1, base:latest  0123456789ab  5.58MB",
        "├── app:1  0123456789ab  5.58MB",
        "│   ├── <none>  0123456789ab  5.58MB  (2 containers)",
        "│   └── web:1  0123456789ab  5.58MB  (on linux/arm64)",
        "└── job:1  0123456789ab  5.58MB",
        r"    └── x\x1b:1  0123456789ab  5.58MB  (1 container)  (drawn above)",
        "other:1  0123456789ab  5.58MB",
    ]


def test_draw_tree_without_unicode() -> None:
    """An output that has no such strokes gets others."""
    assert [line.partition("  0")[0] for line in draw_tree(FOREST, ASCII)] == [
        "base:1, base:latest",
        "|-- app:1",
        "|   |-- <none>",
        "|   `-- web:1",
        "`-- job:1",
        r"    `-- x\x1b:1",
        "other:1",
    ]


def test_draw_tree_of_a_chain_deeper_than_the_stack() -> None:
    """A chain may be as long as images have layers, and longer."""
    node = a_node("top:1")
    for _ in range(2_000):
        node = a_node(children=(node,))

    assert len(list(draw_tree([node], UNICODE))) == 2_001
