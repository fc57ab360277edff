"""`content`, `events prune`, `db prune`: what a worker and an operator see."""

from sqlalchemy import update

from imagedb.columns import EPOCH
from imagedb.schema import event, release_claim
from tests.acceptance.conftest import Command
from tests.builders.images import an_image

BUILT = an_image("ab")


def let_go(imagedb: Command) -> None:
    """Store an image and delete it."""
    imagedb.world.add(BUILT, "app:1")
    imagedb.world.delete("app:1")


def test_worker_claims_and_is_done(imagedb_anywhere: Command) -> None:
    """The ID, then kind and digest of each; `done` echoes them, and nothing is left."""
    imagedb = imagedb_anywhere
    let_go(imagedb)

    listed = imagedb("content", "ls", "--format", "{{.Kind}} {{.Digest}}").lines
    claimed = imagedb("content", "claim").lines
    kept = imagedb("content", "ls", "--format", "{{.Claim}} {{.ClaimedBy}}").lines
    done = imagedb("content", "done", claimed[0])

    assert claimed[1:] == listed == done.lines
    assert set(kept) == {f"{claimed[0]} tester@test"}
    assert (done.code, done.err) == (0, "")
    assert imagedb("content", "ls", "-q").out == imagedb("content", "claim").out == ""


def test_worker_reads_json(imagedb: Command) -> None:
    """For machines: sizes in bytes, moments in UTC; also where there is nothing."""
    let_go(imagedb)

    (claimed,) = imagedb("content", "claim", "--kind", "manifest", "--format", "json").json_lines
    (nothing,) = imagedb("content", "claim", "--kind", "manifest", "--format", "json").json_lines

    (release,) = claimed["Releases"]
    assert (release["Digest"], release["Size"]) == (BUILT.digest, len(BUILT.content))
    assert claimed["Until"].endswith("Z")
    assert nothing == {"ID": "", "Until": "", "Releases": []}


def test_worker_is_told_what_is_left(imagedb: Command) -> None:
    """One line each with the reason, on standard error; exit code 1."""
    let_go(imagedb)
    claim = imagedb("content", "claim").lines[0]
    imagedb.world.add(an_image("a"), "base:1")
    imagedb.database.write(lambda c: c.execute(update(release_claim).values(until=EPOCH)))
    imagedb("content", "claim", "--kind", "chain", IMAGEDB_ACTOR="other@test")

    done = imagedb("content", "done", claim)

    lines = done.err.splitlines()
    blob = f"blob {BUILT.layers[0].digest}: withdrawn: keep the bytes"
    assert done.code == 1
    assert f"Error: {blob}" in lines
    assert [line for line in lines if line.startswith("Error: chain")][-1].rpartition(" ")[0] == (
        f"Error: chain {imagedb('content', 'ls', '-q').lines[0]}: claimed by other@test since"
    )
    assert f"manifest {BUILT.digest}" in done.lines
    assert imagedb("content", "done", claim, "sha256:0").err.startswith("Error: invalid checksum")


def test_worker_is_told_what_another_has_done(imagedb: Command) -> None:
    """It deletes the bytes that it has moved away: they are printed, and told of."""
    let_go(imagedb)
    claim, *claimed = imagedb("content", "claim").lines
    imagedb.database.write(lambda c: c.execute(update(release_claim).values(until=EPOCH)))
    other = imagedb("content", "claim", IMAGEDB_ACTOR="other@test").lines[0]
    assert imagedb("content", "done", other, IMAGEDB_ACTOR="other@test").code == 0

    done = imagedb("content", "done", claim)

    told = [f"Error: {line}: done by other@test: delete the bytes" for line in claimed]
    assert (done.code, done.lines, done.err.splitlines()) == (1, claimed, told)


def test_claim_is_given_back(imagedb: Command) -> None:
    """And is not known in another namespace."""
    let_go(imagedb)
    imagedb("namespace", "add", "lab")
    claim, *contents = imagedb("content", "claim").lines

    elsewhere = imagedb("--namespace", "lab", "content", "reset", claim)
    assert (elsewhere.code, elsewhere.out) == (1, "")
    assert elsewhere.err.startswith(f"Error: No such claim: {claim}")
    assert imagedb("content", "reset", claim).lines == contents
    assert set(imagedb("content", "ls", "--format", "{{.Claim}}").lines) == {""}


def test_sweep_says_what_it_found(imagedb: Command) -> None:
    """What a process that died has left is released."""
    let_go(imagedb)
    imagedb("content", "done", imagedb("content", "claim").lines[0])

    assert imagedb("content", "sweep").out == "Released: 0\nCollected: 0\n"


def test_options_out_of_bounds_are_refused(imagedb: Command) -> None:
    """In a line each, and nothing is claimed."""
    let_go(imagedb)
    for arguments, told in (
        (("--limit", "0"), "cannot claim 0 releases at once: expected 1 to 1000"),
        (("--lease", "2d"), "invalid lease of 172800 seconds: expected 1s to 24h"),
        (("--lease", "soon"), "invalid duration 'soon': expected 90s, 10m, 1h30m or 7d"),
        (("--kind", "layer"), "unknown kind of content 'layer': expected blob, chain, config"),
    ):
        refused = imagedb("content", "claim", *arguments)
        assert refused.code == 1
        assert refused.err.startswith(f"Error: {told}")
    assert set(imagedb("content", "ls", "--format", "{{.Claim}}").lines) == {""}


def test_old_events_go_and_followers_are_told(imagedb_anywhere: Command) -> None:
    """The others read on; `--since` and the rest work as without the group."""
    imagedb = imagedb_anywhere
    let_go(imagedb)
    old = update(event).where(event.c.position == 2).values(time=EPOCH)
    imagedb.database.write(lambda connection: connection.execute(old))

    assert imagedb("events", "prune").out == "Removed: 1\n"
    late = imagedb("events", "--after", "1")
    there = imagedb("events", "--since", "1h", "--format", "{{.Position}}")

    assert (late.code, late.out) == (1, "")
    assert late.err == (
        "Error: cannot go on after position 1: events up to position 2 were removed; "
        "look at what there is now, and go on after 2\n"
    )
    assert there.lines == ["1", "3"]
    assert imagedb("events", "--after", "2", "--format", "{{.Position}}").lines == ["3"]


def test_options_of_events_do_not_go_before_prune(imagedb: Command) -> None:
    """They would be lost, and something else removed."""
    let_go(imagedb)

    refused = imagedb("events", "--until", "1h", "prune", "--before", "0s")

    assert refused.code == 2
    assert "--until does not go before a command" in refused.err
    assert len(imagedb("events").lines) == 3


def test_answers_and_done_releases_are_forgotten(imagedb: Command) -> None:
    """With docker's durations, and days."""
    let_go(imagedb)
    imagedb("content", "done", imagedb("content", "claim").lines[0])

    assert imagedb("db", "prune", "--before", "1d12h").out == "Removed: 0\n"
    assert imagedb("db", "prune", "--before", "10m").err == (
        "Error: answers are kept for an hour at least: who lost a connection asks for them\n"
    )
    assert imagedb("content", "prune", "--before", "2020-01-01").out == "Removed: 0\n"
    assert imagedb("content", "prune", "--before", "yesterday").code == 1
