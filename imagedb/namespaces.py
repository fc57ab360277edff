"""Namespaces: stores of references, images and containers that see one another."""

import difflib
import re
from typing import Final

from sqlalchemy import Connection, exc

from imagedb.errors import (
    AlreadyExistsError,
    ConflictError,
    InvalidInputError,
    NamespaceNotEmptyError,
    NamespaceNotFoundError,
)
from imagedb.platforms import Platform, parse_platform
from imagedb.records import Namespace
from imagedb.sql import namespaces as sql

DEFAULT: Final = "default"
_REMOVABLE: Final = frozenset({"images", "containers", "hosts"})
_DONE_LATER: Final = "it can be removed once that is done (`imagedb content ls`)"
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9_.-]{0,62}[a-z0-9])?", re.ASCII)


def get_namespace(connection: Connection, name: str) -> Namespace:
    """Find a namespace by its name.

    Raises:
        NamespaceNotFoundError: with the names that look like it.
    """
    row = connection.execute(sql.namespace_by_name, {"name": name}).first()
    if row is None:
        names = [known.name for known in list_namespaces(connection)]
        raise NamespaceNotFoundError(name, difflib.get_close_matches(name, names))
    return Namespace(*row)


def get_store(
    connection: Connection,
    name: str,
    host: str | None,
) -> tuple[Namespace, Platform | None]:
    """A namespace, and the platform that the caller's host told, by one statement.

    Raises:
        NamespaceNotFoundError: with the names that look like it.
    """
    row = connection.execute(sql.namespace_and_platform, {"name": name, "host": host}).first()
    if row is None:
        return get_namespace(connection, name), None
    platform = parse_platform(row.platform) if row.platform else None
    return Namespace(row.id, row.name, row.created_at), platform


def list_namespaces(connection: Connection) -> tuple[Namespace, ...]:
    """All namespaces, by name."""
    return tuple(Namespace(*row) for row in connection.execute(sql.namespaces))


def add_namespace(connection: Connection, name: str) -> Namespace:
    """Make a namespace; nothing else ever makes one.

    Raises:
        InvalidInputError: the name is not 1 to 64 of `[a-z0-9_.-]`, beginning and ending with
            a letter or digit.
        AlreadyExistsError: there is one.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"invalid namespace name {name[:80]!r}: expected 1 to 64 of a-z, 0-9, '_', '.', '-', "
            "beginning and ending with a letter or digit",
        )
    try:
        connection.execute(sql.add_namespace, {"name": name})
    except exc.IntegrityError:
        raise AlreadyExistsError(f"namespace {name} already exists") from None
    return get_namespace(connection, name)


def delete_namespace(connection: Connection, name: str) -> None:
    """Remove a namespace that holds nothing.

    Raises:
        NamespaceNotFoundError: there is none.
        ConflictError: it is the one that is always there.
        NamespaceNotEmptyError: it holds images, containers or hosts, or content that is released
            and not yet done.
    """
    if name == DEFAULT:
        raise ConflictError(f"namespace {DEFAULT} is always there")
    namespace = get_namespace(connection, name)
    connection.execute(sql.lock_namespace, {"name": name})
    held = connection.execute(sql.namespace_content, {"namespace": namespace.key}).mappings().one()
    kinds = [kind for kind, holds in held.items() if holds]
    if kinds:
        remedy = "remove them first" if _REMOVABLE & set(kinds) else _DONE_LATER
        raise NamespaceNotEmptyError(
            f"namespace {name} is not empty: it holds {' and '.join(kinds)}; {remedy}",
        )
    connection.execute(sql.delete_namespace, {"namespace": namespace.key})
