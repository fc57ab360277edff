"""`hold` and `host heartbeat`: what is held, and which hosts are silent."""

from tests.acceptance.conftest import Command
from tests.builders.images import an_image


def test_hold_refuses_rm_until_it_is_lifted(imagedb_anywhere: Command) -> None:
    """The refusal names who, why and the number; nothing changes."""
    imagedb = imagedb_anywhere
    image = imagedb.world.add(an_image("ab"), "app:1")

    held = imagedb(
        "hold", "add", "--reason", "audit\x1b", "--until", "2999-01-31T12:00:00Z", "app:1"
    )
    before = imagedb.state()
    refused = imagedb("image", "rm", "--force", "app:1")

    assert (held.code, held.out) == (0, "1\n")
    short = image.removeprefix("sha256:")[:12]
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        f"Error: conflict: unable to delete {short} (cannot be forced) - "
        r"image is held by tester@test: audit\x1b" + "\n"
        r"  hold 1 by tester@test (audit\x1b): lift it with `imagedb hold rm`" + "\n"
    )
    assert imagedb.state() == before

    assert imagedb("hold", "rm", "app:1").out == "1\n"
    assert imagedb("image", "rm", "app:1").code == 0


def test_holds_are_listed(imagedb: Command) -> None:
    """As a table, as JSON, by number alone; of one image if it is named."""
    image = imagedb.world.add(an_image("ab"), "app:1", "app:2")
    imagedb.world.add(an_image("cd"), "db:1")
    imagedb("hold", "add", "--reason", "audit", "--until", "2999-01-31T12:00:00Z", "app:2")
    imagedb("hold", "add", "--reason", "restore", "--until", "72h", "db:1")

    header, first, second = imagedb("hold", "ls").lines
    (row,) = imagedb("hold", "ls", "--no-trunc", "--format", "json", "app:1").json_lines

    assert header.split() == ["HOLD", "IMAGE", "IMAGE", "ID", "WHO", "HELD", "UNTIL", "REASON"]
    assert first.split()[:2] == ["1", "app:1"]
    assert first.split()[-2:] == ["2999-01-31T12:00:00Z", "audit"]
    assert second.split()[-1] == "restore"
    assert (row["ID"], row["Image"], row["Names"]) == ("1", "app:1", "app:1,app:2")
    assert (row["ImageID"], row["Who"], row["Overdue"]) == (image, "tester@test", "false")
    assert imagedb("hold", "ls", "-q").lines == ["1", "2"]
    assert imagedb("hold", "ls", "-q", "db:1").lines == ["2"]
    assert imagedb("image", "inspect", "--format", "{{len .Holds}}", "db:1").out == "1\n"


def test_hold_rm_wants_to_know_which(imagedb: Command) -> None:
    """Of several; and goes on with the next image."""
    imagedb.world.add(an_image("ab"), "app:1")
    imagedb.world.add(an_image("cd"), "db:1")
    for image in ("app:1", "app:1", "db:1"):
        imagedb("hold", "add", "--reason", "audit", image)

    unclear = imagedb("hold", "rm", "app:1", "nope", "db:1")

    assert (unclear.code, unclear.out) == (1, "3\n")
    assert unclear.err == (
        "Error: image app:1 has 2 holds: say which to lift with --id, or --all\n"
        "  hold 1 by tester@test (audit)\n"
        "  hold 2 by tester@test (audit)\n"
        "Error: No such image: nope:latest\n"
    )
    assert imagedb("hold", "rm", "--id", "3", "app:1").err == (
        "Error: No such hold 3 on image app:1 (see `imagedb hold ls`)\n"
    )
    assert imagedb("hold", "rm", "--all", "app:1").lines == ["1", "2"]
    assert imagedb("hold", "ls").lines == [
        "HOLD      IMAGE     IMAGE ID   WHO       HELD      UNTIL     REASON"
    ]


def test_hold_options_that_say_nothing_are_refused(imagedb: Command) -> None:
    """An end that is empty or past, and both a number and all; nothing is held or lifted."""
    imagedb.world.add(an_image("ab"), "app:1")
    imagedb("hold", "add", "--reason", "audit", "app:1")

    for arguments, code, told in (
        (("add", "--reason", "demo", "--until", ""), 1, "failed to parse value as time"),
        (("add", "--reason", "demo", "--until", "-5h"), 1, "'-5h' is no end"),
        (("rm", "--id", "1", "--all"), 2, "it is of one hold, --all of all: give one"),
    ):
        done = imagedb("hold", *arguments, "app:1")
        assert (done.code, done.out) == (code, "")
        assert told in done.err
    assert imagedb("hold", "ls", "-q").lines == ["1"]


def test_heartbeat_tells_that_a_host_is_alive(imagedb_anywhere: Command) -> None:
    """Of the host that asks, or of another one; the lease holds on; nothing is told of it."""
    imagedb = imagedb_anywhere

    assert imagedb("host", "heartbeat").out == "web-1\n"
    assert imagedb("host", "heartbeat", "web-2", "--lease", "1h30m").out == "web-2\n"
    assert imagedb("--host-name", "web-2", "host", "heartbeat").out == "web-2\n"
    imagedb("host", "heartbeat", "web-3", "--lease", "90s")
    imagedb.world.let_lapse("web-3")

    shown = imagedb("host", "ls", "--format", "{{.Name}} {{.State}} {{.Lease}} {{.LastSeenAt}}")
    assert [line.rpartition(" ")[0] for line in shown.lines] == [
        "web-1 unknown ",
        "web-2 alive 5400s",
        "web-3 stale 60s",
    ]
    assert shown.lines[2].endswith(" 2019-12-31T23:59:00Z")
    assert imagedb("events").out == ""

    for lease in ("soon", ""):
        refused = imagedb("host", "heartbeat", "--lease", lease)
        assert (refused.code, refused.out) == (1, "")
        assert "expected 90s, 10m, 1h30m or 7d" in refused.err


def test_stale_host_keeps_its_images_until_one_goes_past(imagedb_anywhere: Command) -> None:
    """The refusal says how long it was silent, and what goes past it."""
    imagedb = imagedb_anywhere
    image = imagedb.world.add(an_image("ab"), "app:1")
    imagedb.world.run("app:1", name="web", host="web-2")
    imagedb.world.beat("web-2", lease=60)
    imagedb.world.let_lapse("web-2")

    refused = imagedb("image", "rm", "--force", image)
    gone = imagedb("image", "rm", "--ignore-stale", image)

    assert refused.code == 1
    assert "on host web-2 (stale host, last seen 2019-12-31T23:59:00Z)\n" in refused.err
    assert "or use --ignore-stale if its host is gone for good" in refused.err
    assert gone.lines == ["Untagged: app:1", f"Deleted: {image}"]
    (row,) = imagedb("ps", "--format", "json").json_lines
    assert row["Status"].endswith("(image missing)")


def test_host_rm_forgets_a_host_that_is_gone(imagedb_anywhere: Command) -> None:
    """Not without force, and not while its lease runs; the next one is gone on to."""
    imagedb = imagedb_anywhere
    imagedb.world.add(an_image("ab"), "app:1")
    imagedb.world.run("app:1", name="web", host="web-2")
    imagedb("host", "heartbeat", "web-2", "--lease", "90s")
    imagedb("host", "add", "web-3")

    kept = imagedb("host", "rm", "web-2", "nope", "web-3")
    alive = imagedb("host", "rm", "--force", "web-2")
    imagedb.world.let_lapse("web-2")
    gone = imagedb("host", "rm", "--force", "web-2")

    assert (kept.code, kept.out) == (1, "web-3\n")
    assert kept.err == (
        "Error: host web-2 has 1 container (1 running): remove them first, "
        "or use --force if the host is gone for good\n"
        "Error: No such host: nope\n"
    )
    assert alive.code == 1
    assert "host web-2 is alive and would report its 1 container (1 running) again" in alive.err
    assert (gone.code, gone.out) == (0, "web-2\n")
    assert imagedb("ps", "--all", "--quiet").out == imagedb("host", "ls", "--quiet").out == ""
    assert imagedb("image", "rm", "app:1").code == 0
