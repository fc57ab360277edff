"""What every table is made of."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, ColumnElement, ForeignKey, Identity, Index, MetaData

from imagedb.columns import Key

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
)


def key() -> Column[int]:
    """A row's own number."""
    return Column(Key, Identity(), primary_key=True)


def link(target: str, *, ondelete: str | None = None, primary_key: bool = False) -> Column[Any]:
    """A foreign key; NO ACTION unless it is part of the other row."""
    return Column(Key, ForeignKey(target, ondelete=ondelete), primary_key=primary_key)


def one_of(column: str, *values: str) -> CheckConstraint:
    """A closed set of words."""
    quoted = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({quoted})", name=column)


def index(
    *columns: str | ColumnElement[Any],
    serves: str,
    name: str | None = None,
    where: ColumnElement[bool] | None = None,
) -> Index:
    """An index that says which query it serves (`info["serves"]`)."""
    return Index(
        name,
        *columns,
        postgresql_where=where,
        sqlite_where=where,
        info={"serves": serves},
    )
