"""The hot set: few images, names, hosts and containers, so that everybody meets everybody.

A family shares its lowest layers; each has siblings, descendants, images of two platforms, an
attestation (which another index calls an image), a nested index, and images that some sources
bring in half.

What is said here of content is worked out from the documents, not by imagedb: it judges imagedb.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from tests.builders.images import (
    Built,
    BuiltImage,
    BuiltIndex,
    an_attestation,
    an_image,
    an_index,
    digest_of,
)

ARM: Final = "linux/arm64"
TAGS: Final = ("1", "2", "latest")
Content = tuple[str, str]
"""Kind and digest, as releases tell them."""


@dataclass(frozen=True, slots=True)
class Held:
    """What an image holds, or a source brings of it: digests of manifests and of indexes."""

    manifests: frozenset[str] = frozenset()
    indexes: frozenset[str] = frozenset()

    def __or__(self, other: "Held") -> "Held":
        return Held(self.manifests | other.manifests, self.indexes | other.indexes)

    def without(self, manifest: str) -> "Held":
        """The same after the removal of a platform."""
        return Held(self.manifests - {manifest}, self.indexes)


@dataclass(frozen=True, slots=True)
class Population:
    """What a run draws from."""

    namespaces: tuple[str, ...]
    sources: tuple[Built, ...]
    """What imports bring; of an image there may be a whole source and one that lacks a part."""
    images: tuple[str, ...]
    """The IDs, each once."""
    repositories: tuple[str, ...]
    names: tuple[str, ...]

    def hosts(self, namespace: str) -> tuple[str, ...]:
        """The hosts that report into a namespace."""
        return tuple(f"{namespace}-host-{number}" for number in range(1, 4))

    def leased_host(self, namespace: str) -> str:
        """The only one of them that can be stale."""
        return self.hosts(namespace)[-1]

    def brings(self, source: int) -> Held:
        """What a source holds of its image."""
        return _held(self.sources[source])


@functools.lru_cache(maxsize=8)
def populate(prefix: str, images: int) -> Population:
    """Make the population of so many images; equal for all processes of a run."""
    sources: list[Built] = []
    found: dict[str, None] = {}
    for source in _sources():
        if source.digest not in found and len(found) == images:
            break
        found[source.digest] = None
        sources.append(source)
    count = max(2, images // 4)
    repositories = tuple(
        f"registry.example/team/app{n}" if n % 2 else f"app{n}" for n in range(count)
    )
    return Population(
        namespaces=(f"{prefix}-a", f"{prefix}-b"),
        sources=tuple(sources),
        images=tuple(found),
        repositories=repositories,
        names=tuple(f"{repository}:{tag}" for repository in repositories for tag in TAGS),
    )


def _sources() -> Iterator[Built]:
    """Without end, family by family; whole sources stand beside those that lack a part."""
    family = 0
    while True:
        yield from _family(f"f{family}")
        family += 1


def _family(name: str) -> Iterator[Built]:
    a, b, c, d, e = (f"{name}{letter}" for letter in "abcde")
    base = an_image([a, b])
    base_arm = an_image([a, e], platform=ARM)
    app, app_arm = an_image([a, b, c]), an_image([a, e, c], platform=ARM)
    both = an_index(base, base_arm)
    statement = an_attestation(app)
    attested = an_index(app, app_arm, statement)
    yield from (base, app, both)
    yield an_image([a, b, c, d])
    yield from (attested, an_index(*attested.members, missing=[app_arm]))
    yield an_index(*attested.members, missing=[app, statement])
    yield an_index(app, replace(statement, annotations={}))  # calls it an image: more is known then
    yield an_image([a, b], labels={"family": name})
    yield an_image([a, b, c], compressed=True)
    yield from (an_index(both, app), an_index(an_index(*both.members, missing=[base]), app))
    yield an_image(["shared", a, b])
    yield an_image(["shared", a, b, d], Cmd=[name])


# ── content, worked out from the documents ────────────────────────────────────────────────────


def _held(built: Built) -> Held:
    if isinstance(built, BuiltImage):
        return Held(manifests=frozenset({built.digest}))
    there = [member for member in built.members if member not in built.missing]
    own = Held(indexes=frozenset({built.digest}))
    return functools.reduce(Held.__or__, map(_held, there), own)


class Contents:
    """What each manifest and index of a population is made of, with sizes in bytes."""

    def __init__(self, sources: Iterable[Built]) -> None:
        self._sizes: dict[Content, int] = {}
        self._parts: dict[str, frozenset[Content]] = {}
        self._chains: dict[tuple[str, str], frozenset[Content]] = {}
        """By image and manifest: an attestation has none, and each image says what is one."""
        self._statements: set[str] = set()
        """Manifests that some image calls an attestation."""
        for source in sources:
            self._add(source.digest, source)

    def contested(self) -> frozenset[Content]:
        """Chains of what one image calls an attestation and another one an image.

        They are released when the manifest goes, which may be later than the chain's last use.
        """
        both = {key for key in self._chains if key[1] in self._statements}
        return frozenset().union(*(self._chains[key] for key in both))

    def of(self, image: str, held: Held) -> frozenset[Content]:
        """All content of what an image holds, each once."""
        parts = [self._parts[digest] for digest in held.manifests | held.indexes]
        none: frozenset[Content] = frozenset()
        parts += [self._chains.get((image, digest), none) for digest in held.manifests]
        return none.union(*parts)

    def size(self, content: Content) -> int:
        """Bytes; none for a chain."""
        return self._sizes[content]

    def _add(self, image: str, built: Built) -> None:
        if isinstance(built, BuiltIndex):
            self._keep(built.digest, {("index", built.digest): len(built.content)})
            for member in built.members:
                self._add(image, member)
            return
        sizes = {("manifest", built.digest): len(built.content)}
        sizes[("config", built.config.digest)] = len(built.config.content)
        sizes |= {("blob", blob.digest): len(blob.content) for blob in built.layers}
        self._keep(built.digest, sizes)
        if built.annotations:
            self._statements.add(built.digest)
        else:
            chains = {("chain", chain): 0 for chain in _chains(built.diff_ids)}
            self._chains[image, built.digest] = frozenset(chains)
            self._sizes |= chains

    def _keep(self, digest: str, sizes: Mapping[Content, int]) -> None:
        self._parts[digest] = frozenset(sizes)
        self._sizes |= sizes


def _chains(diff_ids: Iterable[str]) -> Iterator[str]:
    chain = ""
    for diff_id in diff_ids:
        chain = digest_of(f"{chain} {diff_id}".encode()) if chain else diff_id
        yield chain
