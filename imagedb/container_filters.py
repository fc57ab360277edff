"""Containers as lists show them: narrowed by docker's filters.

Source: moby, daemon/list.go, `foldFilter`, `includeContainerInList`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from imagedb.containers import find_container, list_containers
from imagedb.errors import ImageNotFoundError, InvalidInputError, InvalidReferenceError
from imagedb.images import get_image
from imagedb.records import CONTAINER_STATES, Container, Namespace

HOST_LABEL: Final = "imagedb.host"
FILTERS: Final = frozenset(
    {"ancestor", "before", "exited", "id", "label", "name", "since", "status", "volume"}
)
"""Those of docker's list that ask for something that is kept here."""


@dataclass(frozen=True, slots=True)
class ContainerFilter:
    """Which containers a list shows; any value of each kind, all of `labels`."""

    ids: tuple[str, ...] = ()
    """Beginnings."""
    names: tuple[str, ...] = ()
    """Regular expressions, with docker's slash or without."""
    states: tuple[str, ...] = ()
    exits: tuple[int, ...] = ()
    """Codes with which they ended."""
    labels: tuple[str, ...] = ()
    """`KEY` or `KEY=VALUE`; the label `imagedb.host` is the host."""
    ancestors: tuple[str, ...] = ()
    """Images from which they were made."""
    mounts: tuple[str, ...] = ()
    """What is mounted, or where."""
    before: tuple[str, ...] = ()
    """Created before these containers."""
    since: tuple[str, ...] = ()


def list_filtered(
    connection: Connection,
    namespace: Namespace,
    wanted: ContainerFilter,
    *,
    all: bool = False,  # noqa: A002 - docker's word
) -> tuple[Container, ...]:
    """The containers that a filter lets through, the newest first; only running ones unless `all`.

    Raises:
        InvalidInputError: a state or a pattern is none.
        ContainerNotFoundError: what `before` or `since` names.
    """
    for state in set(wanted.states) - CONTAINER_STATES:
        raise InvalidInputError(f"invalid filter 'status={state}'")
    conditions = [
        *_by_age(connection, namespace, wanted),
        *_by_image(connection, namespace, wanted.ancestors),
        *_by_itself(wanted),
    ]
    found = list_containers(connection, namespace, all=all)
    return tuple(one for one in found if all_true(one, conditions))


Condition = Callable[[Container], bool]


def all_true(container: Container, conditions: Sequence[Condition]) -> bool:
    """Whether a container fulfils every condition."""
    return all(condition(container) for condition in conditions)


def _by_age(
    connection: Connection, namespace: Namespace, wanted: ContainerFilter
) -> list[Condition]:
    before = [find_container(connection, namespace, text).created for text in wanted.before]
    since = [find_container(connection, namespace, text).created for text in wanted.since]
    return [
        lambda one: all(one.created < moment for moment in before),
        lambda one: all(one.created > moment for moment in since),
    ]


def _by_image(
    connection: Connection, namespace: Namespace, ancestors: Sequence[str]
) -> list[Condition]:
    """An image that is not there is nobody's ancestor."""
    if not ancestors:
        return []
    digests = set()
    for text in ancestors:
        try:
            digests.add(get_image(connection, namespace, text).id)
        except (ImageNotFoundError, InvalidReferenceError):
            continue
    return [lambda one: one.image_digest in digests]


def _by_itself(wanted: ContainerFilter) -> list[Condition]:
    patterns = [_compiled(text) for text in wanted.names]
    conditions: list[Condition] = []
    if wanted.ids:
        conditions.append(lambda one: one.id.startswith(wanted.ids))
    if patterns:
        conditions.append(lambda one: any(p.search(f"/{one.name}") for p in patterns))
    if wanted.states:
        conditions.append(lambda one: one.state in wanted.states)
    if wanted.mounts:
        conditions.append(
            lambda one: any({m.source, m.target}.intersection(wanted.mounts) for m in one.mounts)
        )
    if wanted.exits:
        conditions.append(lambda one: one.exit_code in wanted.exits)
    if wanted.labels:
        conditions.append(lambda one: _has_labels(one, wanted.labels))
    return conditions


def _has_labels(container: Container, wanted: Sequence[str]) -> bool:
    labels = labels_of(container)
    pairs = {f"{key}={value}" for key, value in labels.items()}
    return all(text in (pairs if "=" in text else labels) for text in wanted)


def labels_of(container: Container) -> dict[str, str]:
    """A container's labels, its host among them, whatever it says itself."""
    return {**container.labels, HOST_LABEL: container.host}


def _compiled(text: str) -> re.Pattern[str]:
    pattern = text.replace("^", "^/?", 1) if text.startswith("^") else text
    try:
        return re.compile(pattern)
    except re.error as error:
        raise InvalidInputError(f"invalid filter 'name={text[:80]}': {error}") from None
