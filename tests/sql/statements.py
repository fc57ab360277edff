"""Every public statement of `imagedb.sql`, by module and name."""

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any, Final, get_type_hints

from sqlalchemy import ClauseElement, Executable

import imagedb.sql

PREFIX: Final = imagedb.sql.__name__ + "."
_WORDS: Final = "functions"
"""The module of what statements are made of; it has no statements."""


def statements() -> dict[str, ClauseElement]:
    """Statements that stand at module level."""
    return {
        name: value
        for name, value in _public()
        if isinstance(value, Executable) and isinstance(value, ClauseElement)
    }


def builders() -> dict[str, Callable[..., ClauseElement]]:
    """Functions that return a statement."""
    return {name: value for name, value in _public() if _builds(value)}


def _public() -> Iterator[tuple[str, Any]]:
    for module in _modules():
        for name, value in vars(module).items():
            if not name.startswith("_"):
                yield f"{module.__name__.removeprefix(PREFIX)}.{name}", value


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(imagedb.sql.__path__, PREFIX):
        if found.name != PREFIX + _WORDS:
            yield import_module(found.name)


def _builds(value: Any) -> bool:  # noqa: ANN401 - anything that a module may hold
    if isinstance(value, type) or not callable(value) or not hasattr(value, "__annotations__"):
        return False
    if not str(value.__module__).startswith(PREFIX) or value.__module__ == PREFIX + _WORDS:
        return False
    returned = get_type_hints(value).get("return")
    returned = getattr(returned, "__origin__", returned)
    return isinstance(returned, type) and issubclass(returned, Executable)
