"""Generate fleets of container images: seeded, streaming, of any size.

`Fleet` yields one `Image` after another in bounded memory: the bases, a reservoir of recent images
and the current record.  The same options give the same stream, and a longer fleet begins with
exactly the images of a shorter one; so images that are new to a loaded fleet of N, and share layers
with it, are those after the first N of a longer one.

What the population looks like (all are `Options`):

* base images of a heavy-tailed popularity; a third of them extends another base;
* each further image derives from a base, from a recent image, or shares a part of one's layers (the
  build cache, then divergence); some repeat another image's layers and differ in the config alone,
  and are neither parents nor children of it;
* a few are mutual parents with another image: longer on one platform, shorter on the second;
* depth 1 to 40, mean about 12; 1 to 3 platforms, in mixed spellings (arm64 and arm64/v8); a layer
  may occur in several lists, and the empty layer twice in one;
* one name, several, or none (dangling); containers on many hosts, heavy-tailed, some running.

Every layer, node, manifest, image and container carries a number in order of first appearance (1,
2, ...), so that a loader may use integer keys and need not remember what it has seen.
"""

import argparse
import hashlib
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, count
from random import Random

from benchmarks.fleet_documents import add_documents
from benchmarks.fleet_records import Container, Image, Layer, Manifest, Node

PLATFORMS = ("linux/amd64", "linux/arm64", "linux/arm/v7")
NAMESPACES = ("moby", "k8s.io", "default", "ci")
EPOCH = 1_700_000_000  # seconds; a fleet's clock is fixed, seven seconds from image to image

# By platform: the usual spelling first, then what other tools write for the same.
_SPELLINGS = (
    (("linux", "amd64", ""), ("linux", "x86_64", ""), ("linux", "amd64", "v1")),
    (("linux", "arm64", ""), ("linux", "arm64", "v8"), ("linux", "aarch64", "")),
    (("linux", "arm", "v7"), ("linux", "arm", ""), ("linux", "armhf", "")),
)
_BASE_DEPTHS = (1, 1, 2, 3, 4, 5, 6, 8)
_USED = 0.25  # of the images; the others have no container
_Rootfs = list[tuple[int, Node]]  # by platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Shape a fleet; shares are of all images, counts are means."""

    seed: int = 20230201
    bases: int = 500
    zipf: float = 1.1
    max_depth: int = 40
    reservoir: int = 4096
    from_base: float = 0.62
    from_recent: float = 0.18
    from_cache: float = 0.16
    mutual: float = 0.01  # what is left repeats the layers of a recent image
    layers_on_base: float = 7.6
    several_names: float = 0.20
    dangling: float = 0.10
    containers: float = 3.0
    running: float = 0.45
    hosts: int = 200
    empty_layer: float = 0.03
    other_spelling: float = 0.15
    namespace_weights: tuple[float, ...] = (0.90, 0.06, 0.02, 0.02)
    real_documents: bool = False  # several times slower; digests are then those of the documents


DEFAULT = Options()


class Fleet:
    """Iterate over it once: `for image in Fleet(100_000)`."""

    def __init__(self, size: int, options: Options = DEFAULT) -> None:
        self.size = size
        self.options = options
        self._random = Random(options.seed)
        self._layers, self._nodes, self._manifests, self._containers = (count(1) for _ in range(4))
        self._empty = Layer(0, _sha256("empty layer"), _sha256("empty blob"), 1024, 32)
        self._empty_root: Node | None = None
        self._bases: list[_Rootfs] = []
        self._recent: list[tuple[int, _Rootfs]] = []
        self._popularity = list(
            accumulate(1 / rank**options.zipf for rank in range(1, options.bases + 1))
        )

    def __iter__(self) -> Iterator[Image]:
        """Yield the images, oldest first."""
        for number in range(1, self.size + 1):
            yield self._image(number)

    def _image(self, number: int) -> Image:
        weights = self.options.namespace_weights
        namespace = self._random.choices(range(len(weights)), weights)[0]
        image = Image(number, namespace, EPOCH + number * 7 + self._random.randrange(7))
        rootfs = self._rootfs(image)
        image.manifests = [self._manifest(platform, node) for platform, node in rootfs]
        if self.options.real_documents:
            add_documents(image)
        self._identify(image)
        self._remember(number, rootfs)
        image.names = self._names(image)
        image.containers = self._used_by()
        return image

    # Layers: where an image comes from.

    def _rootfs(self, image: Image) -> _Rootfs:
        options = self.options
        if len(self._bases) < options.bases:
            return self._new_base(image)
        kinds = (self._on_base, self._on_recent, self._from_cache, self._mutual, self._repeated)
        shares = accumulate(
            (options.from_base, options.from_recent, options.from_cache, options.mutual)
        )
        return kinds[bisect_left(list(shares), self._random.random())](image)

    def _new_base(self, image: Image) -> _Rootfs:
        image.base = len(self._bases)
        family = None
        if self._bases and self._random.random() < 1 / 3:
            family = self._bases[self._random.randrange(len(self._bases))]
        layers = self._random.choice(_BASE_DEPTHS) if family is None else self._random.randint(1, 4)
        rootfs = [
            (platform, self._extended(image, family[platform][1] if family else None, layers))
            for platform in range(len(PLATFORMS))
        ]
        self._bases.append(rootfs)
        return rootfs

    def _on_base(self, image: Image) -> _Rootfs:
        rank = bisect_left(self._popularity, self._random.random() * self._popularity[-1])
        platforms = self._platforms()
        layers = self._geometric(self.options.layers_on_base)
        base = self._bases[rank]
        return [
            (platform, self._extended(image, base[platform][1], layers)) for platform in platforms
        ]

    def _on_recent(self, image: Image) -> _Rootfs:
        image.derived_from, rootfs = self._some_recent()
        layers = self._geometric(4.0)
        return [(platform, self._extended(image, node, layers)) for platform, node in rootfs]

    def _from_cache(self, image: Image) -> _Rootfs:
        _, rootfs = self._some_recent()
        share, layers = self._random.random(), self._geometric(5.0)
        return [
            (platform, self._extended(image, node.at_depth(int(node.depth * share)), layers))
            for platform, node in rootfs
        ]

    def _mutual(self, image: Image) -> _Rootfs:
        """Extend a recent image on its first platform and shorten it on its second."""
        number, rootfs = self._some_recent()
        if len(rootfs) == 1 or rootfs[1][1].depth == 1:
            return self._on_base(image)
        image.derived_from = number
        (first, longer), (second, shorter) = rootfs[:2]
        return [
            (first, self._extended(image, longer, 1)),
            (second, shorter.at_depth(shorter.depth - 1)),
        ]

    def _repeated(self, _image: Image) -> _Rootfs:
        return list(self._some_recent()[1])

    def _some_recent(self) -> tuple[int, _Rootfs]:
        return self._recent[self._random.randrange(len(self._recent))]

    def _remember(self, number: int, rootfs: _Rootfs) -> None:
        if len(self._recent) < self.options.reservoir:
            self._recent.append((number, rootfs))
        else:
            self._recent[self._random.randrange(self.options.reservoir)] = (number, rootfs)

    def _platforms(self) -> list[int]:
        draw = self._random.random()
        if draw < 0.60:
            return [0] if self._random.random() < 0.85 else [1]
        return [0, 1] if draw < 0.85 else [0, 1, 2]

    def _extended(self, image: Image, node: Node | None, layers: int) -> Node:
        """Put layers on a list; what is new of it is noted with the image."""
        for _ in range(layers):
            if node is not None and node.depth >= self.options.max_depth:
                return node
            node = self._with_layer(image, node, self._layer(image))
        if node is None:
            raise ValueError("a list of layers has at least one")
        return node

    def _with_layer(self, image: Image, parent: Node | None, layer: Layer) -> Node:
        """Make a node; only that of the empty layer can be known already."""
        is_empty = layer is self._empty
        known = parent.empty_child if parent else self._empty_root
        if is_empty and known is not None:
            return known
        node = Node(next(self._nodes), parent, layer)
        image.new_nodes.append(node)
        if is_empty and parent is not None:
            parent.empty_child = node
        elif is_empty:
            self._empty_root = node
        return node

    def _layer(self, image: Image) -> Layer:
        if self._random.random() < self.options.empty_layer:
            layer, is_new = self._empty, self._empty.number == 0
            layer.number = layer.number or next(self._layers)
        else:
            layer, is_new = self._unlike_any(), True
        if is_new:
            image.new_layers.append(layer)
        return layer

    def _unlike_any(self) -> Layer:
        number = next(self._layers)
        size = 512 + int(self._random.lognormvariate(14.5, 2.2))
        blob_size = 64 + int(size * self._random.uniform(0.2, 0.6))
        return Layer(
            number, self._digest("diff", number), self._digest("blob", number), size, blob_size
        )

    # Identity and use.

    def _manifest(self, platform: int, node: Node) -> Manifest:
        number = next(self._manifests)
        usual, *others = _SPELLINGS[platform]
        spelled_otherwise = self._random.random() < self.options.other_spelling
        return Manifest(
            number,
            platform,
            self._random.choice(others) if spelled_otherwise else usual,
            node,
            self._digest("manifest", number),
            400 + 190 * node.depth,
            self._digest("config", number),
            700 + 250 * node.depth,
        )

    def _identify(self, image: Image) -> None:
        first = image.manifests[0]
        image.target, image.size = first.digest, first.size
        if image.document is not None:
            image.target, image.size = hashlib.sha256(image.document).digest(), len(image.document)
        elif image.is_index:
            image.target = self._digest("index", image.number)
            image.size = 120 + 250 * len(image.manifests)

    def _names(self, image: Image) -> list[str]:
        draw = self._random.random()
        if draw < self.options.dangling:
            return []
        if image.base is not None:
            tags = ("latest", "1", "1.0")[: self._random.randint(1, 3)]
            return [f"docker.io/library/base{image.base}:{tag}" for tag in tags]
        name = f"registry.example/team{image.number % 97}/app{image.number % 9973}:{image.number}"
        if draw >= self.options.dangling + self.options.several_names:
            return [name]
        return [name, *(f"{name}-alias{alias}" for alias in range(1, self._geometric(1.6) + 1))]

    def _used_by(self) -> list[Container]:
        if self._random.random() >= _USED:
            return []
        return [self._container() for _ in range(self._geometric(self.options.containers / _USED))]

    def _container(self) -> Container:
        number = next(self._containers)
        host = self._random.randrange(self.options.hosts)
        running = self._random.random() < self.options.running
        return Container(number, host, self._digest("container", number).hex(), running)

    # Draws.

    def _digest(self, kind: str, number: int) -> bytes:
        return _sha256(f"{self.options.seed}/{kind}/{number}")

    def _geometric(self, mean: float) -> int:
        """Draw a whole number from 1 on."""
        result, stop = 1, 1 / mean
        while self._random.random() > stop:
            result += 1
        return result


def mirrors(
    *, namespaces: int = 1000, images: int = 300, distinct: int = 2000, seed: int = DEFAULT.seed
) -> Iterator[list[int]]:
    """Yield for each namespace the numbers of the images it mirrors out of one small fleet."""
    random = Random(seed)
    for _ in range(namespaces):
        yield sorted(random.sample(range(1, distinct + 1), images))


def statistics(fleet: Iterable[Image]) -> dict[str, float]:
    """Describe a fleet, to be compared with what its options promise."""
    total: Counter[str] = Counter()
    depths: list[int] = []
    for image in fleet:
        total.update(_counted(image))
        depths += [manifest.node.depth for manifest in image.manifests]
    depths.sort()
    mean = round(sum(depths) / len(depths), 2)
    return {
        **total,
        "depth_mean": mean,
        "depth_p50": depths[len(depths) // 2],
        "depth_max": depths[-1],
    }


def _counted(image: Image) -> dict[str, int]:
    usual = {spellings[0] for spellings in _SPELLINGS}
    return {
        "images": 1,
        "manifests": len(image.manifests),
        "otherwise_spelled": sum(m.spelling not in usual for m in image.manifests),
        "names": len(image.names),
        "dangling": not image.names,
        "several_names": len(image.names) > 1,
        "containers": len(image.containers),
        "layers": len(image.new_layers),
        "nodes": len(image.new_nodes),
    }


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def main() -> None:
    """Print the statistics of a fleet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", type=int)
    parser.add_argument("--seed", type=int, default=DEFAULT.seed)
    parser.add_argument("--real-documents", action="store_true")
    given = parser.parse_args()
    options = Options(seed=given.seed, real_documents=given.real_documents)
    print(json.dumps(statistics(Fleet(given.size, options)), indent=2))


if __name__ == "__main__":
    main()
