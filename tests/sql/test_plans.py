"""No statement reads a table as a whole, or much more than it was asked for.

In a database of 10,000 images, on each engine: on SQLite with and without statistics, on
PostgreSQL for the values and for any values (a prepared statement may be run either way).
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Index, Insert

from benchmarks.fleet_records import Image
from imagedb.database import Database
from imagedb.schema import metadata
from tests.servers import PostgresServer
from tests.sql.cases import CASES, WHOLE
from tests.sql.plans import Explainer, PostgresExplainer, SQLiteExplainer
from tests.sql.population import Known, analyze, load, make_fleet
from tests.sql.statements import statements

STEPS: Final = 20
"""Instructions of SQLite's machine that a row may cost."""
UNREAD: Final = {
    "ix_event_actor_id": "for an image's history",
    "ix_event_request_id": "for what a request did; `db check` reads all requests at once",
}
"""Indexes that no statement uses yet."""


@pytest.fixture(scope="session")
def fleet() -> list[Image]:
    """What both engines are loaded with."""
    return make_fleet()


@pytest.fixture(scope="session")
def bare_sqlite(
    fleet: list[Image], sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A loaded database that was never analyzed, as those of most users are."""
    path = tmp_path_factory.mktemp("bare") / "imagedb.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    load(database, fleet)
    yield database
    database.close()


@pytest.fixture(scope="session")
def loaded_sqlite(
    bare_sqlite: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A copy of it, analyzed."""
    path = tmp_path_factory.mktemp("loaded") / "imagedb.db"
    with bare_sqlite.look() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(path),))
    database = Database(f"sqlite:///{path}")
    analyze(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def loaded_postgresql(fleet: list[Image], postgresql: PostgresServer) -> Iterator[Database]:
    """A loaded database, analyzed."""
    postgresql.create_database("loaded", template="imagedb_template")
    database = Database(postgresql.url("loaded"))
    load(database, fleet)
    analyze(database)
    yield database
    database.close()


@pytest.fixture(
    scope="module",
    params=["bare_sqlite", "loaded_sqlite", "loaded_postgresql", "loaded_postgresql any values"],
)
def asked(request: pytest.FixtureRequest) -> Iterator[tuple[Explainer, Known]]:
    """An engine that explains itself, and what to ask it."""
    name, *is_generic = request.param.split(maxsplit=1)
    database: Database = request.getfixturevalue(name)
    with database.engine.connect() as connection:
        known = Known(connection)
        if database.is_sqlite:
            yield SQLiteExplainer(connection), known
        else:
            yield PostgresExplainer(connection, is_generic=bool(is_generic)), known
        connection.rollback()


@pytest.mark.parametrize("name", CASES)
def test_statement_reads_what_it_is_asked_for(asked: tuple[Explainer, Known], name: str) -> None:
    """It finds its rows by an index, and touches few others."""
    explainer, known = asked
    case, statement = CASES[name], statements()[name.partition(":")[0]]
    if case.engine not in {None, explainer.engine}:
        return
    values = case.asks(known)

    plan = explainer.explain(statement, values)
    assert plan.scanned <= case.reads, plan.text

    if not getattr(explainer, "is_generic", False):
        most = case.rows * (STEPS if explainer.engine == "sqlite" else 1)
        assert explainer.work(statement, values) <= most, plan.text


def test_every_statement_is_explained() -> None:
    """No statement comes without a case, except where it adds rows or reads all of them."""
    adding = {name for name, statement in statements().items() if isinstance(statement, Insert)} - {
        "content.add_candidates_of_images"
    }
    public = {name for name in statements() if not name.startswith("checks.")}

    assert {name.partition(":")[0] for name in CASES} | set(WHOLE) | adding == public


def test_every_index_serves_something(loaded_sqlite: Database, loaded_postgresql: Database) -> None:
    """An index that no statement uses, and no foreign key, only costs."""
    used = _used(loaded_sqlite) | _used(loaded_postgresql)
    unread = {index.name for index in _indexes() if index.name not in used}

    assert {name for name in unread if name not in _of_foreign_keys()} == set(UNREAD)


def test_every_index_says_what_it_serves() -> None:
    """In words, where it is made."""
    assert [index.name for index in _indexes() if not index.info.get("serves")] == []


def _used(database: Database) -> set[str]:
    used: set[str] = set()
    with database.read() as connection:
        known = Known(connection)
        explainer: Explainer = (
            SQLiteExplainer(connection) if database.is_sqlite else PostgresExplainer(connection)
        )
        for name, case in CASES.items():
            if case.engine in {None, explainer.engine}:
                statement = statements()[name.partition(":")[0]]
                used |= explainer.explain(statement, case.asks(known)).indexes
    return used


def _indexes() -> list[Index]:
    return [index for table in metadata.tables.values() for index in table.indexes]


def _of_foreign_keys() -> set[str]:
    """Indexes that begin with the column of a foreign key: its other side may go."""
    return {str(index.name) for index in _indexes() if next(iter(index.columns)).foreign_keys}
