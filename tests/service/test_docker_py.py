from collections.abc import Iterator

import docker
import pytest
from docker.errors import APIError, ImageNotFound, NotFound

from tests.builders.service import Service
from tests.builders.world import World
from tests.service.conftest import APP, BASE, OLD, an_archive


@pytest.fixture
def client(fleet: World, service: Service) -> Iterator[docker.DockerClient]:
    """Docker's own client for Python, as programs make it."""
    client = docker.DockerClient(base_url=service.url)
    yield client
    client.close()


def test_images_are_listed_looked_at_named_and_removed(client: docker.DockerClient) -> None:
    """What cleanup programs do with `client.images`."""
    listed = {image.id: image.tags for image in client.images.list()}
    assert listed[BASE.digest] == ["base:1", "base:stable"]
    assert listed[OLD.digest] == []
    assert [image.id for image in client.images.list(filters={"dangling": True})] == [OLD.digest]
    assert [i.tags for i in client.images.list(filters={"label": "role=app"})] == [["app:1"]]
    assert [image.tags for image in client.images.list("app")] == [["app:1"]]

    app = client.images.get("app:1")
    assert app.labels == {"role": "app"}
    assert app.attrs["RootFS"]["Layers"] == APP.diff_ids
    assert [step["CreatedBy"] for step in app.history()] == ["layer 1", "layer 0"]
    assert app.tag("app", "2")
    assert client.images.get("app:2").id == app.id

    client.images.remove("app:2")
    with pytest.raises(ImageNotFound, match="No such image: app:2"):
        client.images.get("app:2")
    with pytest.raises(APIError, match="image is being used by running container") as refused:
        client.images.remove(BASE.digest, force=True)
    assert refused.value.status_code == 409


def test_images_are_pruned_and_loaded(client: docker.DockerClient) -> None:
    """Only dangling ones go, unless others may."""
    assert client.images.prune()["ImagesDeleted"] == [{"Deleted": OLD.digest}]
    done = client.images.prune(filters={"dangling": False})
    assert {"Untagged": "app:1"} in done["ImagesDeleted"]
    assert done["SpaceReclaimed"] > 0

    assert [image.tags for image in client.images.load(an_archive())] == [["new:1"]]
    assert sorted(tag for image in client.images.list() for tag in image.tags) == [
        "base:1",
        "base:stable",
        "new:1",
    ]


def test_containers_are_records(client: docker.DockerClient) -> None:
    """They are listed, made, started, stopped, renamed and removed, and never run."""
    assert [one.name for one in client.containers.list()] == ["web"]
    assert {one.name for one in client.containers.list(all=True)} == {"web", "job"}
    assert [one.name for one in client.containers.list(filters={"ancestor": "base:1"})] == ["web"]

    made = client.containers.create("app:1", name="new")
    made.start()
    made.reload()
    assert made.status == "running"
    assert made.image.id == APP.digest
    made.pause()
    made.unpause()
    made.restart()
    made.stop()
    made.rename("newer")
    made.reload()
    assert (made.name, made.status) == ("newer", "exited")
    made.remove()
    with pytest.raises(NotFound):
        client.containers.get("newer")
    with pytest.raises(APIError, match="does not run containers"):
        client.containers.get("web").logs()


def test_usage_and_events_are_told(client: docker.DockerClient) -> None:
    """What `client.df` and `client.events` give."""
    usage = client.df()
    assert usage["LayersSize"] > 0
    assert {image["Id"]: image["Containers"] for image in usage["Images"]}[BASE.digest] == 2
    assert len(usage["Containers"]) == 2

    client.images.get("app:1").tag("app", "2")
    client.images.remove("app:2")
    told = client.events(since="1h", until="0s", decode=True, filters={"type": "image"})
    actions = [(event["Action"], event["Actor"]["Attributes"]["name"]) for event in told]
    assert actions[-2:] == [("tag", "app:2"), ("untag", "app:2")]


def test_events_are_followed(client: docker.DockerClient) -> None:
    """A subscriber hears what happens after it came."""
    stream = client.events(decode=True)
    client.images.get("app:1").tag("app", "2")

    event = next(iter(stream))
    stream.close()

    assert (event["Action"], event["Actor"]["Attributes"]["name"]) == ("tag", "app:2")
