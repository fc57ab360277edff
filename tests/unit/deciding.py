"""Facts of an image and requests to delete it: in few words, and drawn at random."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from imagedb.digests import Digest, ImageID
from imagedb.plans import DeleteRequest, Facts, ManifestFacts, ParentFacts
from imagedb.platforms import Platform, parse_platform
from imagedb.records import CONTAINER_STATES, ContainerUse, Hold, Way
from imagedb.references import Reference, parse_reference

ID: Final = ImageID.of(b"the image")
AMD64, ARM64, S390X = map(parse_platform, ("linux/amd64", "linux/arm64", "linux/s390x"))
BIRTH: Final = datetime(2024, 1, 1, tzinfo=UTC)


def a_reference(text: str) -> Reference:
    """Read `a:1`, `a@` (with the image's digest), `a:1@`."""
    return parse_reference(text.replace("@", f"@{ID}"))


def references(text: str) -> tuple[Reference, ...]:
    """Several, in the order given."""
    return tuple(map(a_reference, text.split()))


def a_use(
    state: str = "running",
    *,
    number: int = 1,
    host: str = "here",
    platform: Platform | None = AMD64,
    is_mount: bool = False,
) -> ContainerUse:
    """A container that uses the image."""
    born = BIRTH + timedelta(seconds=number)
    return ContainerUse(
        number, f"{number:064x}", f"c{number}", state, host, born, platform, is_mount
    )


def a_parent(number: int, *, is_dangling: bool = True, is_used: bool = False) -> ParentFacts:
    """A parent of the image."""
    return ParentFacts(number, ImageID.of(b"parent %d" % number), is_dangling, is_used)


def some_facts(
    names: str = "",
    *uses: ContainerUse,
    parents: tuple[ParentFacts, ...] = (),
    platforms: tuple[Platform, ...] = (AMD64,),
) -> Facts:
    """The facts of an image; with one platform the manifest is the image."""
    manifests = [
        ManifestFacts(number, ID if len(platforms) == 1 else Digest.of(b"%d" % number), platform)
        for number, platform in enumerate(platforms)
    ]
    return Facts(ID, references(names), uses, tuple(manifests), parents)


def a_request(
    given_by: str = "",
    *,
    way: Way = Way.ID,
    force: bool = False,
    platforms: tuple[Platform, ...] = (),
) -> DeleteRequest:
    """By ID, or by a name."""
    reference = a_reference(given_by) if given_by else None
    return DeleteRequest(way, reference, force, platforms, "here")


HOLD: Final = Hold(1, "ops@example.com", "audit", BIRTH, None, is_overdue=False)

# ── drawn at random ───────────────────────────────────────────────────────────────────────────

NAMES = st.sets(st.sampled_from("a:1 a:2 a@ a:1@ a:2@ b:1 b@ quay.io/a:1".split()), max_size=6).map(
    lambda names: " ".join(sorted(names, key=lambda name: str(a_reference(name))))
)
USES = st.lists(
    st.builds(
        a_use,
        st.sampled_from(sorted(CONTAINER_STATES)),
        number=st.integers(1, 9),
        host=st.sampled_from(["here", "there"]),
        platform=st.sampled_from([AMD64, ARM64, None]),
        is_mount=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda use: use.key,
).map(lambda uses: sorted(uses, key=lambda use: use.key))
PARENTS = st.lists(
    st.builds(a_parent, st.integers(1, 99), is_dangling=st.booleans(), is_used=st.booleans()),
    max_size=4,
    unique_by=lambda parent: parent.key,
)
FACTS = st.builds(
    lambda names, uses, parents, platforms: some_facts(
        names, *uses, parents=tuple(parents), platforms=platforms
    ),
    NAMES,
    USES,
    PARENTS,
    st.sampled_from([(AMD64,), (AMD64, ARM64)]),
)


@st.composite
def requests(draw: st.DrawFn, facts: Facts) -> DeleteRequest:
    """A request that the resolver could make of an image with these facts."""
    typed = [
        replace(name, digest=ID)
        for name in facts.references
        if replace(name, digest=ID) not in facts.references
    ]
    asked = draw(
        st.sampled_from(
            [
                (Way.ID, None),
                *((Way.NAME, name) for name in facts.references),
                *((Way.REPOSITORY, name) for name in typed),
            ]
        )
    )
    held = [manifest.platform for manifest in facts.manifests if manifest.platform]
    platforms = draw(st.just([]) | st.lists(st.sampled_from(held), unique=True))
    force = bool(platforms) or draw(st.booleans())
    return DeleteRequest(*asked, force, tuple(platforms), "here")


ASKED = FACTS.flatmap(lambda facts: st.tuples(requests(facts), st.just(facts)))
"""A request and the facts that it meets; without holds and stale hosts."""


@st.composite
def hindered(draw: st.DrawFn) -> tuple[DeleteRequest, Facts]:
    """The same with holds, also of parents, and with stale hosts, which may be ignored.

    Parents as they are read: up to the first that something keeps.
    """
    request, facts = draw(ASKED)
    parents = [replace(one, is_held=draw(st.booleans())) for one in facts.parents]
    kept = next((n for n, one in enumerate(parents, start=1) if not one.is_prunable), None)
    facts = replace(
        facts,
        uses=tuple(replace(use, is_host_stale=draw(st.booleans())) for use in facts.uses),
        parents=tuple(parents[:kept]),
        holds=draw(st.sampled_from([(), (HOLD,)])),
    )
    return replace(request, ignore_stale=draw(st.booleans())), facts
