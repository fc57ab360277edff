"""Lists of images as docker's filters narrow them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from imagedb.database import Database
from imagedb.errors import ImageNotFoundError, InvalidInputError
from imagedb.listing import list_filtered, parse_image_filter
from imagedb.moments import parse_moment
from imagedb.platforms import parse_platform
from imagedb.records import ListedImage
from tests.builders.images import an_image, an_index
from tests.builders.world import World

OLD = an_image("a", labels={"role": "base"}, created="2024-01-01T00:00:00Z")
NEW = an_image("ab", labels={"role": "app", "team": "web"}, created="2024-03-01T00:00:00Z")
BARE = an_image("x", created="2024-02-01T00:00:00Z")
UNDATED = an_image("y", created=None)
BOTH = an_index(
    an_image("p", labels={"on": "amd"}, created="2024-04-01T00:00:00Z"),
    an_image("q", labels={"on": "arm"}, platform="linux/arm64", created="2024-05-01T00:00:00Z"),
)
NAMES = {
    OLD.digest: "old",
    NEW.digest: "new",
    BARE.digest: "bare",
    UNDATED.digest: "undated",
    BOTH.digest: "both",
}


@pytest.fixture
def world(database: Database) -> World:
    """Five images, one without a name, one without a date, one of two platforms."""
    world = World(database)
    world.add(OLD, "base:1", "registry.example.com/team/base:1")
    world.add(NEW, "app:1", "app:2")
    world.add(BARE)
    world.add(UNDATED, "undated:1")
    world.add(BOTH, "both:1")
    return world


def listed(world: World, **filters: Sequence[str]) -> list[ListedImage]:
    """What passes; `without` stands for `label!`."""
    asked: Mapping[str, Sequence[str]] = {
        key.replace("without", "label!"): values for key, values in filters.items()
    }
    now = datetime.now(UTC)
    wanted = parse_image_filter(asked, lambda text: parse_moment(text, now=now))
    with world.database.read() as connection:
        namespace = world.ask(lambda _, found: found)
        return list(list_filtered(connection, namespace, wanted))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param({}, "both new bare old undated", id="all, the newest first"),
        pytest.param({"dangling": ["true"]}, "bare", id="dangling"),
        pytest.param({"dangling": ["0"]}, "both new old undated", id="named"),
        pytest.param({"label": ["role"]}, "new old", id="label is there"),
        pytest.param({"label": ["role", "team=web"]}, "new", id="all labels"),
        pytest.param({"label": ["role!=app"]}, "both bare old undated", id="label has not"),
        pytest.param({"without": ["role"]}, "both bare undated", id="label is not there"),
        pytest.param({"label": ["on=arm"]}, "both", id="label of another platform"),
        pytest.param({"label": ["on=amd"], "without": ["on=arm"]}, "both", id="of one platform"),
        pytest.param({"before": ["app:1"]}, "bare old", id="before"),
        pytest.param({"since": ["base:1"]}, "both new bare", id="since"),
        pytest.param({"since": ["base:1"], "before": ["both:1"]}, "new bare", id="between"),
        pytest.param(
            {"since": ["undated:1"]}, "both new bare old undated", id="no date to compare"
        ),
        pytest.param({"until": ["1h"]}, "", id="entered an hour ago"),
        pytest.param({"until": ["2100-01-01"]}, "both new bare old undated", id="entered by then"),
        pytest.param({"reference": ["app"]}, "new", id="a repository"),
        pytest.param({"reference": ["*"]}, "both new old undated", id="no slash"),
        pytest.param({"reference": ["nothing", "b*:1"]}, "both old", id="any pattern"),
    ],
)
def test_filters_narrow_the_list(
    world: World, filters: dict[str, list[str]], expected: str
) -> None:
    """Each as docker's does; an image without a date is neither before nor since."""
    assert [NAMES[one.image.id] for one in listed(world, **filters)] == expected.split()


def test_only_matching_names_are_shown(world: World) -> None:
    """A pattern chooses names, and images by them."""
    [one] = listed(world, reference=["*:2"])

    assert [name.familiar for name in one.names] == ["app:2"]


def test_rows_tell_labels_date_and_containers(world: World) -> None:
    """Of the platform that stands for the image; of containers those that mount it too."""
    world.run("app:1", mounts=["base:1"])
    rows = {NAMES[one.image.id]: one for one in listed(world)}

    assert rows["new"].labels == {"role": "app", "team": "web"}
    assert (rows["new"].containers, rows["old"].containers, rows["bare"].containers) == (1, 1, 0)
    assert rows["undated"].created is None
    assert rows["both"].labels == {"on": "amd"}
    with world.database.read() as connection:
        namespace = world.ask(lambda _, found: found)
        arm = parse_platform("linux/arm64")
        wanted = parse_image_filter({"label": ["on"]}, lambda _: datetime.now(UTC))
        [both] = list_filtered(connection, namespace, wanted, platform=arm)
    assert both.labels == {"on": "arm"}


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"dangling": ["maybe"]}, r"invalid filter 'dangling=\[maybe\]'"),
        ({"dangling": ["true", "false"]}, r"invalid filter 'dangling=\[true false\]'"),
        ({"colour": ["red"]}, "invalid filter 'colour'"),
        ({"until": ["soon"]}, "invalid value for 'until' filter: "),
    ],
)
def test_filter_without_meaning_is_refused(
    world: World, filters: dict[str, list[str]], words: str
) -> None:
    """In docker's words."""
    with pytest.raises(InvalidInputError, match=words):
        listed(world, **filters)


def test_filter_that_names_no_image_is_refused(world: World) -> None:
    """There is nothing to be before."""
    with pytest.raises(ImageNotFoundError):
        listed(world, before=["nothing"])
