"""The images that scenarios speak of, by their names there.

Layers are named; `bin` holds two programs that need no library, so that a real engine can run
containers of it: one that waits for ever, one that ends at once.
"""

import functools
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from tests.builders.images import (
    OCI_CONFIG,
    OCI_LAYER,
    OCI_MANIFEST,
    Blob,
    Built,
    BuiltImage,
    BuiltLayer,
    a_manifest,
    a_tar,
    an_index,
    as_json,
    digest_of,
    platform_object,
)

SHARED_DIGITS: Final = 4
"""Of the IDs of `ambigA` and `ambigB`."""


def _program(code: bytes) -> bytes:
    """Make the smallest ELF file of x86-64 that runs some code."""
    size = 64 + 56 + len(code)
    magic = b"\x7fELF\x02\x01\x01" + bytes(9)
    head = struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 0x1000)
    return magic + head + segment + code


WAIT: Final = _program(b"\xb8\x22\x00\x00\x00\x0f\x05\xeb\xf7")
END: Final = _program(b"\xb8\x3c\x00\x00\x00\x31\xff\x0f\x05")


@functools.cache
def _layer(name: str) -> BuiltLayer:
    files = {"pause": WAIT, "exit0": END} if name == "bin" else {name: f"{name}\n".encode()}
    tar = a_tar(files, mode=0o755)
    return BuiltLayer(tar, OCI_LAYER, tar)


def _image(
    layers: str, *, day: int = 1, platform: str = "linux/amd64", **labels: str
) -> BuiltImage:
    made = [_layer(name) for name in layers.split()]
    created = f"2020-01-{day:02d}T00:00:00Z"
    document = {
        **platform_object(platform),
        "created": created,
        "config": {"Cmd": ["/pause"], **({"Labels": labels} if labels else {})},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in made]},
        "history": [{"created": created, "created_by": f"layer {name}"} for name in layers.split()],
    }
    config = Blob(as_json(document), OCI_CONFIG)
    manifest = a_manifest(config, made)
    return BuiltImage(manifest, OCI_MANIFEST, config, tuple(made), platform_object(platform))


@functools.cache
def _colliding() -> tuple[BuiltImage, BuiltImage]:
    """Search for two images whose IDs begin alike."""
    seen: dict[str, BuiltImage] = {}
    for number in range(100_000):
        image = _image("bin", nonce=str(number))
        prefix = hex_of(image)[:SHARED_DIGITS]
        if prefix in seen:
            return seen[prefix], image
        seen[prefix] = image
    raise LookupError("no two of the images have IDs that begin alike")


def _multi(*, salt: str = "") -> tuple[BuiltImage, BuiltImage]:
    """Two platforms; `salt` is a layer that no other scenario's content can stand in for."""
    return _image(f"bin {salt}"), _image(f"armfile {salt}", platform="linux/arm64")


def _partial() -> Built:
    amd, arm = _multi(salt="salt1")
    return an_index(amd, arm, missing=[arm])


def _kid() -> tuple[BuiltImage, BuiltImage]:
    return _image("bin y", day=2), _image("armfile y", day=2, platform="linux/arm64")


_MADE: Final[dict[str, Callable[[], Built]]] = {
    "base": lambda: _image("bin", role="base"),
    "other": lambda: _image("bin x", day=2, role="other"),
    "plain": lambda: _image("p", day=5),
    "third": lambda: _image("t", day=6),
    "l1": lambda: _image("bin", k="1", m="1"),
    "l2": lambda: _image("bin", k="1"),
    "a": lambda: _image("bin"),
    "b": lambda: _image("bin y", day=2),
    "c": lambda: _image("bin y z", day=3),
    "d": lambda: _image("bin y w", day=4),
    "unrelated": lambda: _image("x bin", day=4),
    "ambigA": lambda: _colliding()[0],
    "ambigB": lambda: _colliding()[1],
    "m.amd64": lambda: _multi()[0],
    "m.arm64": lambda: _multi()[1],
    "multi": lambda: an_index(*_multi()),
    "multi.partial": _partial,
    "kid": lambda: an_index(*_kid()),
}
_MEMBERS: Final = {
    "multi": ("m.amd64", "m.arm64"),
    "multi.partial": ("m.amd64", "m.arm64"),
    "kid": ("k.amd64", "k.arm64"),
}


@dataclass(frozen=True, slots=True)
class Fixture:
    """An image, and what records call it and its parts."""

    name: str
    built: Built
    symbols: dict[str, str]
    """By digest."""


@functools.cache
def fixture(word: str) -> Fixture:
    """The image of a scenario's word."""
    built = _MADE[word]()
    name = word.partition(".partial")[0]
    members = [built] if isinstance(built, BuiltImage) else list(built.members)
    keys = _MEMBERS.get(word, (name,))
    symbols: dict[str, str] = {}
    for key, member in zip(keys, _images(members), strict=True):
        names = [member.config.digest, *(layer.digest for layer in member.layers)]
        symbols |= {digest: _layer_names().get(digest, f"cfg:{key}") for digest in names}
        symbols[member.digest] = f"img:{key}"
    return Fixture(name, built, symbols | {built.digest: f"img:{name}"})


def _images(members: Iterable[Built]) -> list[BuiltImage]:
    return [member for member in members if isinstance(member, BuiltImage)]


@functools.cache
def _layer_names() -> dict[str, str]:
    names = "bin x y z w p t armfile salt1".split()
    return {_layer(name).digest: f"layer:{name}" for name in names}


def layer_digest(name: str) -> str:
    """The digest of a layer."""
    return _layer(name).digest


def hex_of(built: Built) -> str:
    """The digits of an ID."""
    return digest_of(built.content).removeprefix("sha256:")
