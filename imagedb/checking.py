"""Prove that a database keeps imagedb's promises."""

from sqlalchemy import Connection


def check_database(connection: Connection) -> tuple[str, ...]:
    """The broken promises, in the words of `db check`; empty when consistent."""
    return ()
