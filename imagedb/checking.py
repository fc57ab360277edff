"""Prove that a database keeps imagedb's promises, by SQL alone.

I1 (names point at images), I5 (what callers of a delete were told is what happened), I6 (bytes add
up), paths, links of containers, holds, leases of hosts, and that unused content is to be tested or
released. I2, I3, I4 and I7 speak of what was told and when, and are proven by tests.
"""

from typing import Final

from sqlalchemy import Connection, func

from imagedb.sql.checks import CHECKS
from imagedb.sql.checks.check import Check

SHOWN: Final = 20
"""Broken rows told for each promise; the others are counted."""


def check_database(connection: Connection) -> tuple[str, ...]:
    """Find the broken promises, a line each, in the words of `db check`; none when consistent.

    Runs several statements: give it one snapshot (`Database.read`).
    """
    return tuple(problem for check in CHECKS for problem in _problems(connection, check))


def _problems(connection: Connection, check: Check) -> list[str]:
    rows = connection.execute(_STATEMENTS[check]).mappings().all()
    problems = [check.says.format_map(dict(row)) for row in rows]
    if rows and rows[0]["problems"] > SHOWN:
        problems.append(f"... and {rows[0]['problems'] - SHOWN} more like the last one")
    return problems


_STATEMENTS: Final = {
    check: check.rows.add_columns(func.count().over().label("problems"))
    .order_by(*check.rows.selected_columns)
    .limit(SHOWN)
    for check in CHECKS
}
