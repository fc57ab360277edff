"""What is known of a container beside what keeps images: labels, command, exit code.

A container has its image's labels, overlaid by its own, and its image's command where it has none.

Source: moby, daemon/commit.go, `merge`; daemon/create.go, `getEntrypointAndArgs`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from imagedb.commands import join_command
from imagedb.inspection import HeldManifest, config_of, labels_of
from imagedb.records import ContainerConfig
from imagedb.sql import containers as sql
from imagedb.texts import storable

Values = dict[str, Any]
"""The columns of the details."""


def details_of(connection: Connection, keys: Iterable[int]) -> defaultdict[int, Values]:
    """What is known of each container; nothing where nobody told."""
    found: defaultdict[int, Values] = defaultdict(lambda: details({}, (), None))
    for row in connection.execute(sql.details_of_containers, {"containers": list(keys)}).mappings():
        values = dict(row)
        found[values.pop("container_id")] = values
    return found


def inherit_details(
    connection: Connection, manifest: HeldManifest | None, config: ContainerConfig
) -> Values:
    """What a new container is, by what its create says and what its image says."""
    labels = labels_of(connection, [manifest.key])[manifest.key] if manifest else {}
    document = config_of(connection, manifest).get("config")
    image = document if isinstance(document, Mapping) else {}
    words = _merged(config, _words(image.get("Entrypoint")), _words(image.get("Cmd")))
    return details({**labels, **config.labels}, words, None)


def details(labels: Mapping[str, str], words: Sequence[str], exit_code: int | None) -> Values:
    """Make what is known fit to be stored."""
    return {
        "labels": {storable(key): storable(value) for key, value in labels.items()},
        "command": join_command([storable(word) for word in words]),
        "exit_code": exit_code,
    }


def _merged(
    config: ContainerConfig, entrypoint: Sequence[str], command: Sequence[str]
) -> tuple[str, ...]:
    """Put words together as an engine does; of a create's entrypoint [""] stands for none."""
    if config.entrypoint is None:
        return (*entrypoint, *(config.command or command))
    if not config.entrypoint:
        return tuple(config.command or command)
    own = () if config.entrypoint == ("",) else config.entrypoint
    return (*own, *config.command)


def _words(value: object) -> tuple[str, ...]:
    """Read a list of words; a config may hold anything."""
    words = value if isinstance(value, list) else []
    return tuple(word for word in words if isinstance(word, str))
