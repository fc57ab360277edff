"""Each index says what it is for, and each foreign key has one to check itself by."""

from typing import Final

import pytest
from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from imagedb.schema import metadata

INDEXES: Final = {
    str(index.name): index for table in metadata.tables.values() for index in table.indexes
}
FOREIGN_KEYS: Final = {
    f"{key.parent.table.name}.{key.parent.name}": key
    for table in metadata.tables.values()
    for key in table.foreign_keys
}
SLOW_KEYS: Final[dict[str, str]] = {}
"""Foreign keys without an index, and why the rows they point at are never removed."""


def _leading(table: Table) -> set[str]:
    """The columns that a whole index, or one that leaves out NULLs of them, begins with."""
    keys = [table.primary_key, *(c for c in table.constraints if isinstance(c, UniqueConstraint))]
    first = {next(iter(key.columns)).name for key in keys}
    return first | {
        column.name
        for index in table.indexes
        if (column := _first(index)) is not None and _has_all(index, column)
    }


def _first(index: Index) -> Column[object] | None:
    expression = index.expressions[0]
    return expression if isinstance(expression, Column) else None


def _has_all(index: Index, column: Column[object]) -> bool:
    """Whether a row is in the index wherever the column is not NULL."""
    where = index.dialect_options["postgresql"]["where"]
    return where is None or where.compare(column.is_not(None))


@pytest.mark.parametrize("name", sorted(INDEXES))
def test_index_says_which_query_it_serves(name: str) -> None:
    """An index costs every write: nobody adds one without its query."""
    assert INDEXES[name].info.get("serves", "").strip()


def test_no_two_indexes_begin_with_the_same_columns() -> None:
    """An index whose columns another one begins with serves nothing of its own."""
    whole = {
        str(index.name): (table.name, [str(e) for e in index.expressions])
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["postgresql"]["where"] is None
    }
    doubled = [
        (name, other)
        for name, (table, columns) in whole.items()
        for other, (its_table, its_columns) in whole.items()
        if name != other and table == its_table and its_columns[: len(columns)] == columns
    ]
    assert doubled == []


@pytest.mark.parametrize("name", sorted(FOREIGN_KEYS))
def test_foreign_key_has_an_index(name: str) -> None:
    """Removing a row asks who points at it: without an index that reads a whole table."""
    key: ForeignKey = FOREIGN_KEYS[name]
    has_index = key.parent.name in _leading(key.parent.table)
    assert has_index or name in SLOW_KEYS
    assert not (has_index and name in SLOW_KEYS), "the reason is out of date"


@pytest.mark.parametrize(
    "name", sorted(n for n, i in INDEXES.items() if i.info["serves"].startswith("foreign key"))
)
def test_index_for_a_foreign_key_begins_with_it(name: str) -> None:
    """What an index says of itself is true where it speaks of a foreign key."""
    column = _first(INDEXES[name])
    assert column is not None
    assert column.foreign_keys
