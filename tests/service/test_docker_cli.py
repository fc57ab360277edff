"""The docker CLI against the service; its output is what it prints against an engine."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders.service import Service
from tests.builders.world import World
from tests.service.conftest import APP, BASE, MULTI, OLD, an_archive

Docker = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker CLI")


@pytest.fixture
def docker(fleet: World, service: Service, tmp_path: Path) -> Docker:
    """Run the docker CLI, as a user's shell does."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DOCKER_HOST": service.url,
        "TZ": "UTC",
    }

    def run(*words: str, content: bytes | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["docker", *words],
            check=False,
            env=environment,
            input=content,
            capture_output=True,
            timeout=60,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        return subprocess.CompletedProcess(words, done.returncode, out, err)

    return run


def rows(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """The cells of a table."""
    assert done.returncode == 0, done.stderr
    return [re.split(r"\s{2,}", line.strip()) for line in done.stdout.splitlines()]


def short(digest: str) -> str:
    """The first digits."""
    return digest.removeprefix("sha256:")[:12]


def test_images_shows_a_row_for_each_name(docker: Docker) -> None:
    """As on an engine, with digests if they are wanted."""
    table = rows(docker("images", "-a", "--digests"))

    assert table[0] == ["REPOSITORY", "TAG", "DIGEST", "IMAGE ID", "CREATED", "SIZE"]
    assert [row[:4] for row in table[1:]] == [
        ["multi", "1", MULTI.digest, short(MULTI.digest)],
        ["<none>", "<none>", "<none>", short(OLD.digest)],
        ["app", "1", APP.digest, short(APP.digest)],
        ["base", "1", BASE.digest, short(BASE.digest)],
        ["base", "stable", BASE.digest, short(BASE.digest)],
    ]
    only = docker("images", "-q", "--no-trunc", "--filter", "reference=a*")
    assert only.stdout.split() == [APP.digest]


def test_image_is_looked_at_and_named(docker: Docker) -> None:
    """`history`, `inspect` and `tag`."""
    steps = rows(docker("history", "app:1"))
    assert steps[0] == ["IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"]
    assert [row[0] for row in steps[1:]] == [short(APP.digest), "<missing>"]

    form = "{{.Id}} {{.Config.Labels.role}} {{.Os}}/{{.Architecture}}"
    shown = docker("inspect", "--format", form, "app:1")
    assert shown.stdout == f"{APP.digest} app linux/amd64\n"
    assert docker("tag", "app:1", "app:2").returncode == 0
    assert docker("inspect", "--format", "{{.RepoTags}}", "app:2").stdout == "[app:1 app:2]\n"
    nothing = docker("inspect", "nothing")
    assert (nothing.returncode, nothing.stderr.strip()) == (1, "Error: No such object: nothing")


def test_images_are_removed(docker: Docker) -> None:
    """`rmi` says what went, or why not."""
    refused = docker("rmi", BASE.digest)
    assert refused.returncode == 1
    assert "Error response from daemon: conflict: unable to delete" in refused.stderr
    assert "(cannot be forced) - image is being used by running container" in refused.stderr

    assert docker("rmi", "base:stable").stdout == "Untagged: base:stable\n"
    assert docker("rmi", "-f", "app:1").stdout == f"Untagged: app:1\nDeleted: {APP.digest}\n"


def test_images_are_pruned(docker: Docker) -> None:
    """Those that dangle, then all that nothing uses."""
    first = docker("image", "prune", "-f").stdout
    assert first.startswith(f"Deleted Images:\ndeleted: {OLD.digest}\n\nTotal reclaimed space: ")
    second = docker("image", "prune", "-af").stdout
    assert "untagged: app:1\n" in second
    assert f"deleted: {MULTI.digest}\n" in second
    assert docker("images", "-q", "--no-trunc").stdout.split() == [BASE.digest, BASE.digest]


def test_containers_are_shown_and_changed(docker: Docker) -> None:
    """`ps`, `create`, `start`, `stop`, `rm`; creating one says that it will not run."""
    table = rows(docker("ps", "-a"))
    assert table[0] == ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"]
    assert {row[-1]: row[1] for row in table[1:]} == {"web": "base:1", "job": "base:1"}

    made = docker("create", "--name", "new", "app:1")
    assert made.returncode == 0
    assert "WARNING: imagedb records this container and does not run it" in made.stderr
    for words in (["start"], ["pause"], ["unpause"], ["restart"], ["kill"], ["rm"]):
        assert docker(*words, "new").stdout == "new\n"
    missing = docker("stop", "new")
    assert "No such container: new" in missing.stderr


def test_labels_command_and_exit_code_are_shown(docker: Docker) -> None:
    """The image's labels beside its own; how it ended, where that is known."""
    words = ["--label", "role=job", "--label", "team=ops", "--entrypoint", "sh"]
    docker("create", "--name", "new", *words, "app:1", "-c", "sleep 1")
    docker("start", "new")

    running = docker("ps", "--no-trunc", "--filter", "label=team=ops", "--format", "json")
    [row] = [json.loads(line) for line in running.stdout.splitlines()]
    assert (row["Names"], row["Command"]) == ("new", "\"sh -c 'sleep 1'\"")
    assert set(row["Labels"].split(",")) == {"role=job", "team=ops", "imagedb.host=web-1"}
    form = "{{.Path}} {{json .Args}} {{.Config.Labels.team}} {{.State.ExitCode}}"
    assert docker("inspect", "--format", form, "new").stdout == 'sh ["-c","sleep 1"] ops 0\n'
    docker("kill", "new")
    ended = docker("ps", "-a", "--filter", "exited=137", "--format", "{{.Names}} {{.Status}}")
    assert {line.split()[0] for line in ended.stdout.splitlines()} == {"new", "job"}
    assert all(" Exited (137) " in line for line in ended.stdout.splitlines())
    told = docker("events", "--since", "1h", "--until", "-2s", "--filter", "label=team=ops").stdout
    assert [line.split()[2] for line in told.splitlines()] == ["create", "start", "kill", "die"]
    assert "(exitCode=137, image=app:1, name=new, role=job, team=ops)" in told


def test_usage_is_shown(docker: Docker) -> None:
    """`system df`, short and whole."""
    short_table = rows(docker("system", "df"))
    assert short_table[1][:3] == ["Images", "4", "1"]
    assert short_table[2][:3] == ["Containers", "2", "1"]

    whole = docker("system", "df", "-v").stdout
    [row] = [line.split() for line in whole.splitlines() if line.startswith("base ")][:1]
    assert row[-1] == "2"


def test_events_are_shown(docker: Docker) -> None:
    """In docker's lines."""
    docker("tag", "app:1", "app:2")
    told = docker("events", "--since", "1h", "--until", "-2s", "--filter", "event=tag").stdout

    assert f" image tag {APP.digest} (name=app:2, role=app)" in told


def test_archive_is_loaded(docker: Docker) -> None:
    """From a pipe, as `docker save` writes it."""
    done = docker("load", content=an_archive())

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("Loaded image: new:1")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["pull", "busybox"], "pull images"),
        (["push", "app:1"], "push images"),
        (["commit", "web"], "commit containers"),
        (["container", "prune", "-f"], "prune containers"),
        (["system", "prune", "-f"], "prune containers"),
        (["exec", "web", "true"], "run commands"),
        (["logs", "web"], "run containers"),
    ],
)
def test_what_is_outside_is_told_in_one_sentence(
    docker: Docker, words: list[str], what: str
) -> None:
    """Who asks for more learns what imagedb is."""
    done = docker(*words)

    assert done.returncode == 1
    assert f"imagedb does not {what}: it keeps the metadata of images" in done.stderr
