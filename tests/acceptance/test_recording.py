"""Containers, hosts, namespaces, events and the database itself."""

import json
from typing import Any

import pytest

from tests.acceptance.conftest import Command
from tests.builders.images import an_image
from tests.servers import PostgresServer

APP = an_image("ab")
HEX = "5735b64d4695" + "0" * 52


def an_item(number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Write a container as docker inspect does."""
    item = {
        "Id": f"{number:012x}" + HEX[12:],
        "Name": f"/c{number}",
        "Created": "2026-01-31T10:00:00.123456789Z",
        "Image": APP.digest,
        "State": {"Status": "running", "StartedAt": "2026-01-31T10:00:01Z"},
        "Config": {"Image": "app:1"},
        "Mounts": [],
    }
    return item | changes


def report(*items: dict[str, Any]) -> bytes:
    """Write a report."""
    return json.dumps(items).encode()


STATES = ("ps", "-a", "--format", "{{.Names}} {{.State}} {{.Host}}")


def test_container_lives_as_its_records_say(imagedb_anywhere: Command) -> None:
    """Create prints the ID, the others what they were given; nothing is run."""
    imagedb = imagedb_anywhere
    imagedb.world.add(APP, "app:1")
    imagedb.world.add(an_image("d"), "data:1")
    mount = "type=image,source=data:1,target=/data"

    created = imagedb("container", "create", "--name", "web", "--mount", mount, "app:1")
    started = imagedb("container", "start", "web")
    refused = imagedb("container", "rm", "web")
    in_use = imagedb("image", "rm", "data:1")
    removed = imagedb("container", "rm", "--force", created.out.strip()[:12])

    assert len(created.out.strip()) == 64
    assert started.out == "web\n"
    assert refused.code == 1
    assert refused.err.startswith("Error: ")
    assert "(web, running) on host web-1, which mounts it" in in_use.err
    assert (removed.code, removed.out) == (0, created.out[:12] + "\n")
    assert imagedb(*STATES).lines == []


def test_container_verbs_lead_through_the_states(imagedb: Command) -> None:
    """Several containers at once; one that is not there does not stop the rest."""
    imagedb.world.add(APP, "app:1")
    for name in ("a", "b"):
        imagedb.world.run("app:1", name=name, state="created")

    states = []
    for verb in ("start", "pause", "unpause", "stop", "start", "kill"):
        assert imagedb("container", verb, "a", "b").lines == ["a", "b"]
        states.append({line.split()[1] for line in imagedb(*STATES).lines})
    done = imagedb("container", "start", "a", "nope", "b")

    assert states == [{"running"}, {"paused"}, {"running"}, {"exited"}, {"running"}, {"exited"}]
    assert (done.code, done.lines) == (1, ["a", "b"])
    assert done.err == "Error: No such container: nope\n"


def test_container_name_on_two_hosts_wants_the_host(imagedb: Command) -> None:
    """A name is unique on a host; --host-name says which is meant."""
    imagedb.world.add(APP, "app:1")
    for host in ("web-1", "web-2"):
        assert imagedb("--host-name", host, "container", "create", "--name", "x", "app:1").code == 0

    ambiguous = imagedb("container", "start", "x")
    started = imagedb("--host-name", "web-2", "container", "start", "x")

    assert ambiguous.code == 1
    assert "(x on web-1)" in ambiguous.err
    assert "(x on web-2)" in ambiguous.err
    assert started.code == 0
    assert sorted(imagedb(*STATES).lines) == ["x created web-1", "x running web-2"]
    assert imagedb("--host-name", "web-1", *STATES).lines == ["x created web-1"]


def test_report_records_what_a_host_says(imagedb_anywhere: Command) -> None:
    """Twice is once; a complete report forgets the rest; an unknown image is kept as a digest."""
    imagedb = imagedb_anywhere
    imagedb.world.add(APP, "app:1")
    unknown = an_item(2, Image="sha256:" + "ab" * 32, State={"Status": "exited"})
    both = report(an_item(1), unknown)
    (imagedb.folder / "report.json").write_bytes(both)

    first = imagedb("container", "report", "-", stdin=both)
    again = imagedb("container", "report", "report.json")
    listed = imagedb("ps", "-a", "--format", "{{.Names}}: {{.Status}}").lines
    complete = imagedb("container", "report", "--complete", "-", stdin=report(an_item(1)))

    assert first.out == "web-1: 2 created, 0 updated, 0 removed, 1 unlinked\n"
    assert (again.code, again.out) == (0, "web-1: 0 created, 0 updated, 0 removed, 1 unlinked\n")
    assert "c2: Exited (image missing)" in listed
    assert complete.out == "web-1: 0 created, 0 updated, 1 removed, 0 unlinked\n"
    assert imagedb(*STATES).lines == ["c1 running web-1"]
    assert imagedb("image", "rm", APP.digest).code == 1


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (b"docker: command not found", "invalid report: not JSON: "),
        (b"", "invalid report: it is empty; a host without containers says []"),
        (report(an_item(1), an_item(2, Image="app")), "invalid report: container 2 ('/c2'): Image"),
    ],
)
def test_report_that_cannot_be_read_changes_nothing(
    imagedb: Command, stdin: bytes, message: str
) -> None:
    """One line that says where; the containers that could be read are not recorded either."""
    before = imagedb.state()

    done = imagedb("container", "report", "--complete", "-", stdin=stdin)

    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
    assert done.err.startswith(f"Error: {message}")
    assert imagedb.state() == before


def test_hosts_and_namespaces_are_made_and_listed(imagedb: Command) -> None:
    """A host belongs to its namespace; a namespace that holds one cannot go."""
    assert imagedb("namespace", "add", "staging").out == "staging\n"
    assert imagedb("--namespace", "staging", "host", "add", "s-1", "--platform", "arm64").code == 0

    refused = imagedb("namespace", "rm", "staging")
    again = imagedb("namespace", "add", "staging")

    assert imagedb("namespace", "ls", "-q").lines == ["default", "staging"]
    assert imagedb("host", "ls", "-q").lines == []
    (row,) = imagedb("host", "ls", "--format", "json", IMAGEDB_NAMESPACE="staging").json_lines
    assert {
        key: value for key, value in row.items() if not key.endswith(("Since", "Seen", "At"))
    } == {
        "Name": "s-1",
        "Platform": "linux/arm64",
        "Containers": "0",
        "Running": "0",
        "State": "unknown",
        "Lease": "",
    }
    assert (refused.code, again.code) == (1, 1)
    assert "it holds hosts" in refused.err
    assert again.err == "Error: namespace staging already exists\n"


def test_namespace_that_is_empty_goes(imagedb: Command) -> None:
    """Several at once; what is not there is told."""
    imagedb("namespace", "add", "a")

    done = imagedb("namespace", "rm", "nope", "a")

    assert (done.code, done.out) == (1, "a\n")
    assert imagedb("namespace", "ls", "-q").lines == ["default"]


@pytest.mark.parametrize(
    "arguments",
    [("image", "ls"), ("image", "rm", "x"), ("events",), ("host", "ls"), ("image", "tree")],
)
def test_unknown_namespace_names_the_near_ones(
    imagedb: Command, arguments: tuple[str, ...]
) -> None:
    """No command makes a namespace by a slip."""
    before = imagedb.state()
    done = imagedb("--namespace", "defualt", *arguments)

    assert (done.code, done.out) == (1, "")
    assert done.err == "Error: No such namespace: defualt (did you mean default?)\n"
    assert imagedb.state() == before


def test_events_are_told_in_docker_s_lines(imagedb_anywhere: Command) -> None:
    """Everything that was done, in order; between two moments if asked."""
    imagedb = imagedb_anywhere
    imagedb.world.add(APP, "app:1")
    imagedb.world.run("app:1", name="web")

    lines = imagedb("events").lines
    objects = imagedb("events", "--format", "json").json_lines
    until = imagedb("events", "--until", "1h")

    assert lines[0].endswith(f"Z image load {APP.digest} (name={APP.digest}, reference=app:1)")
    assert [(one["Type"], one["Action"], one["Who"]) for one in objects] == [
        ("image", "load", "tester@test"),
        ("container", "create", "tester@test"),
        ("container", "start", "tester@test"),
    ]
    assert [one["Position"] for one in objects] == sorted(one["Position"] for one in objects)
    assert (until.code, until.out) == (0, "")
    assert imagedb("events", "--since", "1h", "--format", "{{.Action}}").lines == [
        "load",
        "create",
        "start",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--since", "x\x1b"],
            r"invalid value for 'since': failed to parse value as time or duration: \"x\x1b\"",
        ),
        (["--since", "1", "--until", "0"], "`since` time (1) cannot be after `until` time (0)"),
        (
            ["--format", "{{.Nope}}"],
            "unknown field .Nope in --format; the fields are: status, id, ",
        ),
    ],
)
def test_events_refuses_what_it_cannot_read(
    imagedb: Command, options: list[str], message: str
) -> None:
    """With moby's words."""
    done = imagedb("events", *options)

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("Error: " + message.replace(r"\"", '"'))


def test_database_is_looked_at_without_being_made(bare: Command) -> None:
    """`db current` makes nothing; `db upgrade` does, once."""
    looked = bare("db", "current")
    made = bare("db", "upgrade")
    again = bare("db", "upgrade")
    now = bare("db", "current")

    assert looked.lines[0] == "database: none"
    revision = looked.lines[1].removeprefix("imagedb:").strip()
    assert made.out == f"Upgraded from nothing to revision {revision}.\n"
    assert again.out == f"The database is at revision {revision} already.\n"
    assert now.lines[0] == f"database: {revision}"
    assert bare("db", "check").code == 0


def test_database_on_a_server_is_upgraded_only_when_asked(
    bare: Command, postgresql: PostgresServer
) -> None:
    """Until then every command refuses, with a code of its own, and says what to do."""
    postgresql.create_database("fresh")
    url = postgresql.url("fresh")

    refused = bare("--url", url, "image", "ls")
    upgraded = bare("db", "upgrade", IMAGEDB_URL=url)
    listed = bare("image", "ls", "-q", IMAGEDB_URL=url)
    postgresql.drop_database("fresh")

    assert (refused.code, refused.out, refused.err.count("\n")) == (3, "", 1)
    assert refused.err.endswith(" db upgrade`\n")
    assert upgraded.out.startswith("Upgraded from nothing to revision ")
    assert (listed.code, listed.out, listed.err) == (0, "", "")


def test_database_of_someone_else_is_refused(bare: Command) -> None:
    """What is not imagedb's is left alone, with an exit code of its own."""
    (bare.folder / "x.db").write_bytes(b"no database\n" * 1000)
    before = (bare.folder / "x.db").read_bytes()

    done = bare("--url", "sqlite:///x.db", "image", "ls")

    assert (done.code, done.out, done.err.count("\n")) == (5, "", 1)
    assert (bare.folder / "x.db").read_bytes() == before


@pytest.mark.parametrize(
    ("url", "code"),
    [("mysql://x/y", 1), ("nonsense", 1), ("postgresql:///x?host=nowhere-at-all", 5)],
)
def test_database_that_cannot_be_opened_is_one_line(bare: Command, url: str, code: int) -> None:
    """A wrong URL is the user's, a server that is not there the database's."""
    done = bare("--url", url, "image", "ls")

    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
