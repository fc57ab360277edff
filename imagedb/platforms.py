"""Platforms: `os/architecture[/variant]`, always in containerd's normal form.

Two spellings of one platform compare equal because both are normalised when a `Platform` is made
by `parse_platform` or `platform_of`: arm64 is arm64/v8, arm is arm/v7, amd64 is amd64/v1.
`os.version` and `os.features` take no part.

Source: containerd/platforms, database.go (normalizeOS, normalizeArch), platforms.go (Parse).
"""

import functools
import re
from dataclasses import dataclass
from typing import Final

from imagedb.errors import InvalidPlatformError

_SAME_ARCHITECTURES: Final = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64"}
_WHOLE: Final = {"i386": ("386", ""), "armhf": ("arm", "v7"), "armel": ("arm", "v6")}
"""Architectures that imply the variant, whatever is said beside them."""
_SAME_VARIANTS: Final = {
    ("amd64", "v1"): "",
    ("arm64", "8"): "",
    ("arm64", "v8"): "",
    ("arm", ""): "v7",
    **{("arm", number): f"v{number}" for number in "5678"},
}
_KNOWN_ARCHITECTURES: Final = frozenset(
    {"386", "amd64", "arm", "arm64", "loong64", "mips64le", "ppc64le", "riscv64", "s390x", "wasm"},
).union(_SAME_ARCHITECTURES, _WHOLE)
_COMPONENT: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_MAX_COMPONENTS: Final = 3


@dataclass(frozen=True, slots=True, order=True)
class Platform:
    """A normalised platform; `str()` gives `os/architecture[/variant]`."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))


LINUX_AMD64: Final = Platform("linux", "amd64")


@functools.lru_cache(maxsize=1024)
def platform_of(os: str, architecture: str, variant: str = "") -> Platform:
    """Normalise the three fields of a config or a descriptor.

    Raises:
        InvalidPlatformError: a field has characters that no platform has.
    """
    for component in filter(None, (os, architecture, variant)):
        if not _COMPONENT.fullmatch(component):
            raise InvalidPlatformError(f"invalid platform component {component[:80]!r}")
    os, architecture, variant = os.lower(), architecture.lower(), variant.lower()
    os = "darwin" if os == "macos" else os
    if architecture in _WHOLE:
        return Platform(os, *_WHOLE[architecture])
    architecture = _SAME_ARCHITECTURES.get(architecture, architecture)
    return Platform(os, architecture, _SAME_VARIANTS.get((architecture, variant), variant))


@functools.lru_cache(maxsize=1024)
def parse_platform(text: str) -> Platform:
    """Read what a user or a stored row calls a platform.

    A single component is an architecture of Linux (`arm64` is `linux/arm64`).

    Raises:
        InvalidPlatformError: it has no or too many components, or strange characters.
    """
    components = text.split("/")
    if len(components) == 1 and components[0].lower() in _KNOWN_ARCHITECTURES:
        return platform_of("linux", components[0])
    if not 1 < len(components) <= _MAX_COMPONENTS or not all(components):
        raise InvalidPlatformError(
            f"invalid platform {text[:80]!r}: expected os/architecture[/variant], as linux/arm64",
        )
    return platform_of(*components)
