"""What an image's config says of the image: platform, layers, labels and age."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from imagedb.digests import DiffID
from imagedb.errors import InvalidPlatformError
from imagedb.platforms import Platform, platform_of
from imagedb.sources import limits
from imagedb.sources.documents import Config, PlatformObject, parse_config
from imagedb.sources.problems import Problem, quoted
from imagedb.times import find_time

UNKNOWN_PLATFORM: Final = Platform("unknown", "unknown")
"""What buildkit gives to manifests that are no images."""
_DEFAULT_OS: Final = "linux"
_GO_ZERO_YEAR: Final = "0001-"


@dataclass(frozen=True, slots=True)
class ConfigFacts:
    """A config, read; `warnings` say what could not be."""

    platform: Platform | None
    diff_ids: tuple[DiffID, ...]
    labels: dict[str, str]
    created: datetime | None
    warnings: tuple[str, ...]


def read_config(content: bytes, where: str, *, hint: PlatformObject | None = None) -> ConfigFacts:
    """Read a config; `hint` is the platform that an index gives beside it.

    Raises:
        Problem: it is no image's config.
    """
    config = parse_config(content, where)
    diff_ids = config.rootfs.diff_ids if config.rootfs else []
    labels, label_warnings = _labels(config, where)
    created, created_warnings = _created(config.created, where)
    return ConfigFacts(
        platform=find_platform(config, hint, where),
        diff_ids=tuple(map(DiffID, diff_ids)),
        labels=labels,
        created=created,
        warnings=(*label_warnings, *created_warnings),
    )


def find_platform(
    config: PlatformObject | None, hint: PlatformObject | None, where: str
) -> Platform | None:
    """Take the config's platform, completed by the index's; None if neither has one.

    Raises:
        Problem: what they say is no platform.
    """
    config, hint = config or PlatformObject(), hint or PlatformObject()
    os, architecture = config.os or hint.os, config.architecture or hint.architecture
    if not architecture:
        return None
    try:
        related = _same_architecture(architecture, hint.architecture or architecture)
        variant = config.variant or (hint.variant if related else None)
        return platform_of(os or _DEFAULT_OS, architecture, variant or "")
    except InvalidPlatformError as error:
        raise Problem(f"{where}: {error}") from None


def _same_architecture(one: str, other: str) -> bool:
    """Whether a variant of the one is a variant of the other."""
    first, second = (platform_of(_DEFAULT_OS, architecture) for architecture in (one, other))
    return first.architecture == second.architecture


def _labels(config: Config, where: str) -> tuple[dict[str, str], list[str]]:
    labels = config.config.labels if config.config else {}
    lengths = {key: len(key.encode()) for key in labels}
    warnings = [
        f"{where}: the label {quoted(key[:40])} is left out: its key has {length:,} bytes "
        f"(limit: {limits.LABEL_KEY_BYTES:,})"
        for key, length in lengths.items()
        if length > limits.LABEL_KEY_BYTES
    ]
    kept = {k: labels[k] for k, length in lengths.items() if length <= limits.LABEL_KEY_BYTES}
    return kept, warnings


def _created(text: str | None, where: str) -> tuple[datetime | None, list[str]]:
    """Read when an image was made; year 1 is how Go writes that nobody said."""
    moment = find_time(text)
    if moment or not text or text.startswith(_GO_ZERO_YEAR):
        return moment, []
    return None, [f"{where}: when it was created is unknown: {quoted(text)} is not a time"]
