"""Every revision, up and down, on a database with rows in every table."""

import itertools

import pytest
from alembic import command

from imagedb import migrations
from imagedb.checking import check_database
from imagedb.database import Database
from imagedb.schema import metadata
from tests.migrations.bare import Bare, Content
from tests.migrations.conftest import Make, config_of
from tests.migrations.population import REVISIONS, populate

STEPS = list(itertools.pairwise(REVISIONS))


@pytest.mark.postgresql15
@pytest.mark.parametrize(("before", "after"), STEPS, ids=lambda revision: revision)
def test_step_up_and_down_keeps_every_row(make: Make, before: str, after: str) -> None:
    """A step up adds empty tables and touches no row; the step down undoes just that."""
    bare = make(before)
    contents, catalog = bare.contents(), bare.catalog()

    command.upgrade(config_of(bare), after)
    raised_catalog, raised_contents = bare.catalog(), bare.contents()
    populate(bare, after)
    full = _kept(bare, contents)
    command.downgrade(config_of(bare), before)
    lowered = bare.everything()
    command.upgrade(config_of(bare), after)

    assert all(content.rows for content in contents.values())
    assert {table: raised_contents.pop(table) for table in contents} == contents
    assert {content.rows for content in raised_contents.values()} == {0}
    assert full == contents
    assert lowered == (before, contents, catalog)
    assert (bare.revision(), bare.catalog()) == (after, raised_catalog)
    assert _kept(bare, contents) == contents


def test_first_step_down_leaves_nothing(empty: Bare) -> None:
    """The first revision makes the namespace `default`; without it there is no table."""
    command.upgrade(config_of(empty), REVISIONS[0])
    names = empty.run("SELECT name FROM namespace")
    command.downgrade(config_of(empty), "base")

    assert names == [("default",)]
    assert (empty.revision(), empty.tables()) == (None, set())


@pytest.mark.postgresql15
def test_way_down_and_up_of_a_full_database(make: Make) -> None:
    """From the newest revision to none, all that is left at each step is as it was."""
    bare = make(REVISIONS[-1])
    contents, catalog = bare.contents(), bare.catalog()

    for revision in reversed(REVISIONS[:-1]):
        command.downgrade(config_of(bare), revision)
        assert bare.contents() == _kept_of(contents, bare.tables())
    command.downgrade(config_of(bare), "base")
    migrations.upgrade(bare.url)

    assert bare.catalog() == catalog
    assert set(contents) == set(metadata.tables)


def test_population_is_consistent_and_in_every_table(make: Make) -> None:
    """The rows that the steps carry are such as imagedb makes, and no table is forgotten."""
    bare = make(REVISIONS[-1])
    database = Database(bare.url)
    with database.read() as connection:
        problems = check_database(connection)
    database.close()

    assert problems == ()
    assert {table for table, content in bare.contents().items() if content.rows} == set(
        metadata.tables
    )


def _kept(bare: Bare, contents: dict[str, Content]) -> dict[str, Content]:
    return _kept_of(bare.contents(), set(contents))


def _kept_of(contents: dict[str, Content], tables: set[str]) -> dict[str, Content]:
    return {table: content for table, content in contents.items() if table in tables}
