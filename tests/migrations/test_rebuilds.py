"""A revision that is still to come: SQLite changes a table by making it anew.

With foreign keys on, dropping the old table would delete the rows that point at it.
"""

import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from imagedb import migrations, schema
from imagedb.database import Database
from imagedb.errors import DatabaseError
from imagedb.schema import REVISION
from tests.migrations.bare import Bare
from tests.migrations.conftest import Make, config_of

NEXT = f"{int(REVISION) + 1:04}"
SCRIPTS = Path(__file__).parents[2] / "migrations"
REVISION_TEXT = '''
"""What is to come."""

import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{last}"


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
'''
REBUILD = """
    for table in ("image", "namespace", "manifest"):
        with op.batch_alter_table(table, recreate=recreate()) as batch:
            batch.{change}


def recreate():
    return "always" if op.get_context().dialect.name == "sqlite" else "auto"
"""
ADD = REBUILD.format(change='add_column(sa.Column("extra", sa.Integer()))')
DROP = REBUILD.format(change='drop_column("extra")')


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The revisions, in a folder of the test's own, and a package that knows one more."""
    folder = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrations, "REVISION", NEXT)
    monkeypatch.setattr(schema, "REVISION", NEXT)
    return folder


def test_rebuild_of_parents_keeps_their_children(make: Make, scripts: Path) -> None:
    """Rows that point at a rebuilt table are there after it, up and down, and point at it."""
    bare = make(REVISION)
    before = bare.everything()
    config = _config(bare, scripts, upgrade=ADD.strip(), downgrade=DROP.strip())

    command.upgrade(config, NEXT)
    raised = bare.contents()
    command.downgrade(config, REVISION)

    assert {table: content.rows for table, content in raised.items()} == {
        table: content.rows for table, content in before[1].items()
    }
    assert (bare.revision(), bare.contents()) == before[:2]
    assert _is_guarded(bare)


@pytest.mark.parametrize("make", ["sqlite"], indirect=True)
def test_revision_that_leaves_orphans_is_undone(make: Make, scripts: Path) -> None:
    """Foreign keys are off while a revision runs, so they are looked at when it is done."""
    bare = make(REVISION)
    before = bare.everything()
    config = _config(bare, scripts, upgrade='op.execute("DELETE FROM layer")', downgrade="pass")

    with pytest.raises(DatabaseError) as refused:
        command.upgrade(config, NEXT)

    assert str(refused.value) == (
        "the migration would leave 3 rows without the row they point at, the first in "
        "manifest_layer (1) to layer; nothing was changed"
    )
    assert bare.everything() == before


def test_revision_that_fails_after_a_rebuild_is_undone(make: Make, scripts: Path) -> None:
    """A table that was made anew is the old one again."""
    bare = make(REVISION)
    before = bare.everything()
    config = _config(bare, scripts, upgrade=f"later()\n{_FAILS}", downgrade="pass")

    with pytest.raises(ZeroDivisionError):
        command.upgrade(config, NEXT)

    assert bare.everything() == before


_FAILS = f"""
    1 / 0


def later():
    {ADD.strip()}
"""


def _config(bare: Bare, scripts: Path, *, upgrade: str, downgrade: str) -> Config:
    text = REVISION_TEXT.format(next=NEXT, last=REVISION, upgrade=upgrade, downgrade=downgrade)
    (scripts / "versions" / f"{NEXT}_next.py").write_text(text)
    config = config_of(bare)
    config.set_main_option("script_location", str(scripts))
    return config


def _is_guarded(bare: Bare) -> bool:
    """Tell whether foreign keys hold for those who use the database next."""
    database = Database(bare.url)
    try:
        with database.look() as connection:
            connection.exec_driver_sql("DELETE FROM image")
    except DatabaseError as error:
        return "foreign key" in str(error).lower()
    finally:
        database.close()
    return False
