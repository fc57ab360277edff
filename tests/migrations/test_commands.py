"""The commands that migrate, as they are installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from imagedb.schema import REVISION
from tests.migrations.bare import Bare
from tests.migrations.conftest import Make

ROOT = Path(__file__).parents[2]


def test_alembic_and_db_upgrade_do_the_same(make: Make) -> None:
    """`alembic upgrade head` with `IMAGEDB_URL`, and `imagedb db upgrade`, of the same database."""
    one, other = make("0004"), make("0004")

    by_alembic = _run("alembic", "upgrade", "head", url=one.url)
    by_imagedb = _run("imagedb", "db", "upgrade", url=other.url)

    assert by_alembic.returncode == 0, by_alembic.stderr
    assert by_imagedb.stdout == f"Upgraded from 0004 to revision {REVISION}.\n"
    assert one.everything() == other.everything()
    if not one.conninfo:
        copies = [Bare(f"{bare.url}.before-{REVISION}").everything() for bare in (one, other)]
        assert copies[0] == copies[1]


def test_alembic_check_and_current_change_nothing(make: Make) -> None:
    """The commands that only look make no copy."""
    bare = make(REVISION)
    before = bare.everything()

    check, current = (
        _run("alembic", "check", url=bare.url),
        _run("alembic", "current", url=bare.url),
    )

    assert (check.returncode, check.stdout) == (0, "No new upgrade operations detected.\n")
    assert current.stdout == f"{REVISION} (head)\n"
    assert bare.everything() == before
    if not bare.conninfo:
        assert list(bare.path.parent.glob("*before*")) == []


@pytest.mark.parametrize("make", ["postgresql"], indirect=True)
def test_command_on_an_older_postgresql_is_refused(make: Make) -> None:
    """One line and exit code 3, and the line's command mends it."""
    bare = make("0004")

    refused = _run("imagedb", "image", "ls", url=bare.url)
    remedy = refused.stderr.partition("`imagedb ")[2].partition("`")[0]
    upgraded = _run("imagedb", *remedy.split(), url="")
    listed = _run("imagedb", "image", "ls", "-q", url=bare.url)

    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (3, "", 1)
    assert upgraded.returncode == listed.returncode == 0
    assert len(set(listed.stdout.splitlines())) == 2


def _run(name: str, *arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name(name)
    environment = os.environ | {"IMAGEDB_URL": url, "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        [command, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=60,
    )
