"""What the state machine draws from: images that are related in every way, and texts for them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from hypothesis import strategies as st

from imagedb.digests import Digest, ImageID
from imagedb.platforms import Platform
from imagedb.records import (
    CONTAINER_STATES,
    RUNNING_STATES,
    ContainerConfig,
    Mount,
    ReportedContainer,
    SourceImage,
)
from imagedb.references import parse_reference
from tests.builders.images import Built, BuiltIndex, an_attestation, an_image, an_index
from tests.builders.world import as_source, platforms
from tests.model.stores import ModelContainer, Store

HOSTS: Final = {"default": ("web-1", "web-2", "arm-1"), "other": ("db-1",)}
ARM: Final = "linux/arm64"


def _built() -> tuple[Built, ...]:
    base, app = an_image("a"), an_image("ab", labels={"team": "web", "odd": "a,b=c\n"})
    arm = an_image("ab", platform="linux/arm64/v8", labels={"team": "arm", "previous": "us"})
    deep = an_image("abcd", created="2025-03-01T00:00:00Z")
    nested = an_index(arm, an_image("x"))
    return (
        base,
        app,
        an_image("ab", compressed=True, labels={"team": "web", "odd": "a,b=c\n"}),  # app's config
        an_image("abc", created="2024-06-01T12:00:00Z"),
        an_image("abc", created=None, labels={"v": "2"}, Entrypoint=["/app"], Cmd=["a b", "-c"]),
        deep,
        an_image("x"),
        an_image(""),
        an_image("ab", labels={"nonce": "146"}),  # its ID begins as that of the next
        an_image("ab", labels={"nonce": "220"}),
        an_index(app, arm),
        an_index(deep, an_image("ax", platform=ARM), an_image("a", platform="linux/arm")),
        an_index(base, an_image("xy", platform=ARM)),  # mutual with the next
        an_index(an_image("abx"), an_image("x", platform=ARM)),
        an_index(deep, an_attestation(deep)),
        an_index(base, nested, an_index(deep)),
    )


POOL: Final = _built()
OFTEN: Final = (*range(len(POOL)), *range(10, len(POOL)))
"""The numbers of images; the indexes among them twice, since each has many forms."""
ALIKE: Final = POOL[8].digest[7:11]
_ABSENT: Final = "sha256:" + "0" * 64
_REPOSITORIES: Final = ("app", "other", "ghcr.io/x/app", "nosuch")
NEW_NAMES: Final = (
    *("app:1", "app:2", "app", "other:1", "ghcr.io/x/app:1", "library/app:1"),
    POOL[3].digest[7:15],  # a name that is also the beginning of an ID
)
BAD_NAMES: Final = (
    *("App:1", "sha256:abcd", "moby-dangling:1", f"app@{_ABSENT}", "app:1\n", "", "a b"),
    "f" * 64,
)
MOMENTS: Final = tuple(datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3))
LABELS: Final[tuple[dict[str, str], ...]] = ({}, {}, {"team": "ops", "image": "us", "ö": "\n"})
COMMANDS: Final[tuple[tuple[str, ...], ...]] = ((), (), ("sleep", "1"), ("sh", "-c", "it's\\n", ""))
CONTAINER_NAMES: Final = ("web", "job", "db")
CONTAINER_IDS: Final = tuple(start.ljust(64, "0") for start in ("c1f00d", "c1f00e", "d0"))
PLATFORMS: Final = platforms("linux/amd64", ARM, "linux/arm/v7", "linux/s390x")


@st.composite
def names_for(draw: st.DrawFn, built: Built) -> list[str]:
    """Up to two names that an archive may give to an image; often none."""
    own = [f"app@{built.digest}", f"other@{built.digest}", f"app:1@{built.digest}"]
    count = draw(st.sampled_from([0, 0, 0, 1, 1, 2]))
    names = st.sampled_from([*NEW_NAMES, *own])
    return draw(st.lists(names, min_size=count, max_size=count, unique=True))


@dataclass(frozen=True)
class Brought:
    """An image as an archive brings it: which of `POOL`, what of it is absent, its names."""

    image: int
    missing: tuple[int, ...]
    """Numbers of members, nested ones counted too, depth first."""
    names: tuple[str, ...]

    @property
    def source(self) -> SourceImage:
        """What is read of the archive."""
        built = POOL[self.image]
        members = _members(built)
        return as_source(_without(built, [members[each] for each in self.missing]), *self.names)


def _members(built: Built) -> list[Built]:
    if not isinstance(built, BuiltIndex):
        return []
    return [each for member in built.members for each in (member, *_members(member))]


def _without(built: Built, gone: Sequence[Built]) -> Built:
    if not isinstance(built, BuiltIndex):
        return built
    return replace(
        built,
        members=tuple(
            member if member in gone else _without(member, gone) for member in built.members
        ),
        missing=tuple(member for member in built.members if member in gone),
    )


@st.composite
def brought(draw: st.DrawFn) -> Brought:
    """An image with names, some of an index perhaps absent."""
    number = draw(st.sampled_from(OFTEN))
    members = range(len(_members(POOL[number])))
    missing = draw(st.lists(st.sampled_from(members), unique=True)) if members else []
    names = {str(parse_reference(n).with_default_tag()) for n in draw(names_for(POOL[number]))}
    return Brought(number, tuple(sorted(missing)), tuple(sorted(names)))


def archives() -> st.SearchStrategy[list[Brought]]:
    """One or two images, each with names of its own."""
    images = st.lists(brought(), min_size=1, max_size=2, unique_by=(lambda each: each.image))
    return images.filter(_have_names_of_their_own)


def _have_names_of_their_own(images: Sequence[Brought]) -> bool:
    names = [name for image in images for name in image.names]
    return len(set(names)) == len(names)


TEXTS: Final = (
    *("name", "name", "name", "name", "ID", "ID", "ID", "short ID", "digits"),
    *("digest reference", "dangling name", "something else"),
)
"""How an image is named, as often as it stands here."""


@st.composite
def texts(draw: st.DrawFn, store: Store) -> str:
    """A text that names an image of a store, or nearly."""
    image = draw(st.sampled_from([*sorted(store.images)] or [ImageID(_ABSENT)]))
    digits = image.removeprefix("sha256:")
    names = store.names_of(image)
    repositories = [*[name.familiar_repository for name in names] * 3, *_REPOSITORIES]
    ways: dict[str, Sequence[str]] = {
        "name": [name.familiar for name in names] or [image],
        "ID": [image],
        "digits": [digits],
        "short ID": [digits[:12], f"sha256:{digits[:7]}"],
        "digest reference": [f"{r}{tag}@{image}" for r in repositories for tag in ("", ":1")],
        "dangling name": [f"moby-dangling@{image}"],
        "something else": [ALIKE, _ABSENT, *NEW_NAMES, *BAD_NAMES],
    }
    return draw(st.sampled_from(ways[draw(st.sampled_from(TEXTS))]))


@st.composite
def texts_to_hold(draw: st.DrawFn, store: Store) -> str:
    """A text that names an image, often one that is held already."""
    if draw(st.booleans()) and store.holds:
        return draw(st.sampled_from(sorted(store.holds)))
    return draw(texts(store))


@st.composite
def lifts(draw: st.DrawFn, store: Store) -> tuple[str, int | None, bool]:
    """A text, the number of a hold, and whether all are lifted; often it cannot be known which."""
    several = [image for image, holds in sorted(store.holds.items()) if len(holds) > 1]
    if draw(st.booleans()) and several:
        return draw(st.sampled_from(several)), None, False
    text = draw(st.sampled_from(sorted(store.holds))) if store.holds else draw(texts(store))
    numbers = [hold.key for holds in store.holds.values() for hold in holds]
    text = draw(st.sampled_from([text, text, draw(texts(store))]))
    return text, draw(st.sampled_from([None, *numbers, 0])), draw(st.booleans())


@st.composite
def container_texts(draw: st.DrawFn, store: Store) -> str:
    """A text that names a container of a store, or nearly."""
    if not store.containers:
        return draw(st.sampled_from(CONTAINER_NAMES))
    container = draw(st.sampled_from(store.containers))
    name, id_ = container.name, container.id
    known = [name, name, f"/{name}", id_, id_, id_[:12]]
    return draw(st.sampled_from([*known, "c1f00", "nosuch", ""]))


def mounts(store: Store) -> st.SearchStrategy[list[Mount]]:
    """Up to one image mounted."""
    return st.lists(st.builds(Mount, source=texts(store), target=st.just("/mnt")), max_size=1)


def configs() -> st.SearchStrategy[ContainerConfig]:
    """What a create says beside its image; mostly nothing."""
    return st.builds(
        ContainerConfig,
        labels=st.sampled_from(LABELS),
        entrypoint=st.sampled_from([None, None, ("sh", "-c")]),
        command=st.sampled_from(COMMANDS),
    )


@st.composite
def reports(draw: st.DrawFn, store: Store, host: str) -> list[ReportedContainer]:
    """What a host tells of up to three containers, some of them known."""
    known = [each for each in store.containers if each.host == host]
    ids = st.sampled_from([*CONTAINER_IDS, *(each.id for each in known)])
    picked = draw(st.lists(ids, max_size=3, unique=True))
    return [draw(_reported(store, each, known)) for each in picked]


@st.composite
def _reported(
    draw: st.DrawFn, store: Store, container: str, known: list[ModelContainer]
) -> ReportedContainer:
    old = next((each for each in known if each.id == container), None)
    if old and draw(st.booleans()):  # as it was, in another state
        return _as_it_was(old, draw(st.sampled_from(sorted(CONTAINER_STATES))))
    state = draw(st.sampled_from(sorted(CONTAINER_STATES)))
    return ReportedContainer(
        id=container,
        name=draw(st.sampled_from(CONTAINER_NAMES)),
        state=state,
        reference=draw(texts(store)),
        image_digest=draw(digests()),
        platform=draw(st.sampled_from([None, *PLATFORMS[:2]])),
        created=draw(st.sampled_from(MOMENTS)),
        started=draw(st.sampled_from([None, MOMENTS[1]])),
        finished=draw(st.sampled_from([None, MOMENTS[2]])),
        mounts=tuple(draw(st.lists(_reported_mounts(), max_size=1))),
        labels=draw(st.sampled_from(LABELS)),
        command=draw(st.sampled_from(COMMANDS)),
        exit_code=None if state in RUNNING_STATES else draw(st.sampled_from([None, 0, 137])),
    )


def _as_it_was(old: ModelContainer, state: str) -> ReportedContainer:
    return ReportedContainer(
        id=old.id,
        name=old.name,
        state=state,
        reference=old.reference,
        image_digest=old.digest,
        platform=old.platform,
        created=old.created,
        started=old.started,
        finished=old.finished,
        mounts=tuple(Mount(mount.source, mount.target, mount.digest) for mount in old.mounts),
        labels=old.labels,
        command=old.command,
        exit_code=None if state in RUNNING_STATES else old.exit_code,
    )


def _reported_mounts() -> st.SearchStrategy[Mount]:
    return st.builds(
        Mount,
        source=st.sampled_from([*NEW_NAMES, *BAD_NAMES]),
        target=st.just("/mnt"),
        image_digest=st.none() | digests(),
    )


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    """As engines tell an image: by its ID, a manifest, a config, or something unknown."""
    source = as_source(draw(st.sampled_from(POOL)))
    manifests = [member.digest for member in source.manifests]
    configs = [member.config.digest for member in source.manifests if member.config]
    told = [Digest(source.id), *manifests, *configs, Digest(_ABSENT)]
    return draw(st.sampled_from(told))


def platforms_to_create() -> st.SearchStrategy[Platform | None]:
    """Mostly none is asked for."""
    return st.sampled_from([None, None, None, *PLATFORMS])


@st.composite
def platforms_to_delete(draw: st.DrawFn, store: Store) -> list[Platform]:
    """One or two, that some image holds."""
    held = {platform for image in store.images.values() for platform in image.platforms}
    return draw(st.lists(st.sampled_from(sorted(held) or PLATFORMS), min_size=1, max_size=2))
