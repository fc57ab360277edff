"""What a generated fleet is made of.

The records are filled while an image is made and not changed after it was yielded, except that a
node learns of the one child that can be met again.
"""

import hashlib
from dataclasses import dataclass, field

Spelling = tuple[str, str, str]  # os, architecture, variant, as a config writes them


@dataclass(slots=True, eq=False)
class Layer:
    """A layer; sizes in bytes, of the tar and of the stored blob."""

    number: int
    diff_id: bytes
    blob_digest: bytes
    size: int
    blob_size: int


class Node:
    """A list of layers, bottom layer first, as its last layer and the list below it."""

    __slots__ = ("chain_id", "depth", "empty_child", "layer", "number", "parent")

    def __init__(self, number: int, parent: "Node | None", layer: Layer) -> None:
        self.number = number
        self.parent = parent
        self.layer = layer
        self.depth: int = parent.depth + 1 if parent else 1
        self.chain_id = _chain_id(parent, layer)
        self.empty_child: Node | None = None  # the list that puts the empty layer on this one

    def layers(self) -> list[Layer]:
        """List the layers, bottom layer first."""
        found = []
        node: Node | None = self
        while node is not None:
            found.append(node.layer)
            node = node.parent
        return found[::-1]

    def at_depth(self, depth: int) -> "Node":
        """Cut the list to its lowest `depth` layers, at least one."""
        node = self
        while node.depth > depth and node.parent is not None:
            node = node.parent
        return node

    def path(self) -> bytes:
        """Write the layers' numbers as 8 bytes each, so that list prefixes are byte prefixes."""
        return b"".join(layer.number.to_bytes(8, "big") for layer in self.layers())


def _chain_id(parent: Node | None, layer: Layer) -> bytes:
    """Source: OCI image-spec, config.md, "Layer ChainID"."""
    if parent is None:
        return layer.diff_id
    text = f"sha256:{parent.chain_id.hex()} sha256:{layer.diff_id.hex()}"
    return hashlib.sha256(text.encode()).digest()


@dataclass(slots=True, eq=False)
class Manifest:
    """One platform of an image.

    `platform` counts in `fleet.PLATFORMS`; `spelling` is what its config writes.
    """

    number: int
    platform: int
    spelling: Spelling
    node: Node
    digest: bytes
    size: int
    config_digest: bytes
    config_size: int
    document: bytes | None = None
    config: bytes | None = None


@dataclass(slots=True, eq=False)
class Container:
    """A container of the image that lists it; `host` counts from zero."""

    number: int
    host: int
    container_id: str
    running: bool


@dataclass(slots=True, eq=False)
class Image:
    """An image and what it brings that no earlier image of the fleet has.

    `created` in seconds since 1970; `namespace` counts in `fleet.NAMESPACES`; without names it
    dangles; `base` is its rank among the bases if it is one, `derived_from` an image's number.
    """

    number: int
    namespace: int
    created: int
    target: bytes = b""
    size: int = 0
    manifests: list[Manifest] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    base: int | None = None
    derived_from: int | None = None
    new_layers: list[Layer] = field(default_factory=list)
    new_nodes: list[Node] = field(default_factory=list)
    document: bytes | None = None  # of the index

    @property
    def is_index(self) -> bool:
        """Tell an index from a single manifest, whose digest is the image's target."""
        return len(self.manifests) > 1
