"""The JSON documents of images, checked as far as imagedb relies on them.

::

    oci-layout     LayoutMark
    index.json     Index ──> Descriptor
    an index       Index ──> Descriptor
    a manifest     Manifest ──> Descriptor (config, layers)
    a config       Config ──> ContainerConfig, RootFS
    manifest.json  list of ArchivedImage

Unknown members are passed over, a null stands for an absent one, as in Go. Not as in Go: a key
that occurs twice is refused, since readers differ in which of the two they believe.

Source: opencontainers/image-spec, descriptor.md, image-index.md, manifest.md, config.md,
image-layout.md; moby, image/tarexport, tarexport.go, `manifestItem`.
"""

import json
import re
from collections.abc import Callable
from typing import Annotated, Final, Literal, NoReturn, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
)

from imagedb.digests import Digest, parse_digest
from imagedb.errors import InvalidDigestError
from imagedb.sources import limits
from imagedb.sources.problems import OverLimit, Problem, printable, quoted
from imagedb.texts import storable

MARK_FILE: Final = "oci-layout"
INDEX_FILE: Final = "index.json"
ARCHIVED_IMAGES_FILE: Final = "manifest.json"
LARGEST_SIZE: Final = 2**63 - 1
_MEDIA_TYPE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?", re.ASCII)
_LONGEST_PLACE: Final = 120
_JSON_WORDS: Final = {
    "list_type": "must be an array",
    "missing": "is missing",
    "model_type": "must be an object",
    "string_type": "must be a string",
}

_Model = TypeVar("_Model")


def _digest(value: object) -> Digest:
    if not isinstance(value, str):
        raise ValueError("a digest must be a string")  # noqa: TRY004 - pydantic reports ValueError
    try:
        return parse_digest(value)
    except InvalidDigestError as error:
        raise ValueError(str(error)) from None


def _media_type(value: str) -> str:
    if not _MEDIA_TYPE.fullmatch(value):
        raise ValueError("not a media type")
    return value


def _texts(value: object) -> dict[str, str]:
    """Check a mapping of texts; what could not be stored is replaced, as Go replaces surrogates."""
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError("must be an object whose values are strings")
    return {storable(key): storable(text) for key, text in value.items()}


def _text(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


def _empty_if_null(value: object) -> object:
    return [] if value is None else value


DigestText = Annotated[Digest, PlainValidator(_digest)]
MediaType = Annotated[str, AfterValidator(_media_type)]
Size = Annotated[int, Field(ge=0, le=LARGEST_SIZE)]
Text = Annotated[str | None, BeforeValidator(_text)]
Texts = Annotated[dict[str, str], PlainValidator(_texts)]
NullIsEmpty = BeforeValidator(_empty_if_null)


class _Document(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class PlatformObject(_Document):
    """A platform as descriptors and configs spell it; nothing is normalised yet."""

    os: Text = None
    architecture: Text = None
    variant: Text = None


class Descriptor(_Document):
    """What one document says of another, or of a layer file."""

    media_type: MediaType = Field(alias="mediaType")
    digest: DigestText
    size: Size
    annotations: Texts = Field(default_factory=dict)
    platform: PlatformObject | None = None


class LayoutMark(_Document):
    """The file that makes a folder an image layout."""

    version: Literal["1.0.0"] = Field(alias="imageLayoutVersion")


class Index(_Document):
    """An image index, a docker manifest list, or `index.json`."""

    schema_version: Literal[2] = Field(default=2, alias="schemaVersion")
    manifests: Annotated[list[Descriptor], NullIsEmpty] = Field(default_factory=list)


class Manifest(_Document):
    """An image manifest, OCI's or docker's."""

    schema_version: Literal[2] = Field(default=2, alias="schemaVersion")
    config: Descriptor
    layers: Annotated[list[Descriptor], NullIsEmpty] = Field(default_factory=list)


class RootFS(_Document):
    """The layers of an image, bottom layer first."""

    diff_ids: Annotated[list[DigestText], NullIsEmpty] = Field(default_factory=list)


class ContainerConfig(_Document):
    """What containers inherit; only the labels matter here."""

    labels: Texts = Field(default_factory=dict, alias="Labels")


class Config(PlatformObject):
    """An image's config."""

    created: Text = None
    config: ContainerConfig | None = None
    rootfs: RootFS | None = None


class ArchivedImage(_Document):
    """An entry of a docker archive's `manifest.json`; `Config` and `Layers` are paths in it."""

    config: str = Field(alias="Config")
    repo_tags: Annotated[list[str], NullIsEmpty] = Field(default_factory=list, alias="RepoTags")
    layers: Annotated[list[str], NullIsEmpty] = Field(default_factory=list, alias="Layers")


_ARCHIVED_IMAGES: Final = TypeAdapter(list[ArchivedImage])


def parse_mark(content: bytes, where: str) -> LayoutMark:
    """Read `oci-layout`."""
    return _validated(LayoutMark.model_validate, parse_object(content, where), where)


def parse_index(content: bytes, where: str) -> Index:
    """Read an index.

    Raises:
        Problem: it is none, or could be taken for a manifest as well.
        OverLimit: it has too many members.
    """
    parsed = parse_object(content, where)
    _refuse_keys(parsed, ("config", "layers", "fsLayers"), "an index", where)
    _check_count(parsed.get("manifests"), where)
    return _validated(Index.model_validate, parsed, where)


def parse_manifest(content: bytes, where: str) -> Manifest:
    """Read a manifest.

    Raises:
        Problem: it is none, or could be taken for an index as well.
    """
    parsed = parse_object(content, where)
    _refuse_keys(parsed, ("manifests", "fsLayers"), "a manifest", where)
    return _validated(Manifest.model_validate, parsed, where)


def parse_config(content: bytes, where: str) -> Config:
    """Read an image's config."""
    return _validated(Config.model_validate, parse_object(content, where), where)


def parse_archived_images(content: bytes, where: str) -> list[ArchivedImage]:
    """Read a docker archive's `manifest.json`."""
    parsed = parse_json(content, where)
    if not isinstance(parsed, list):
        raise Problem(f"{where} is not a JSON array")
    _check_count(parsed, where)
    return _validated(_ARCHIVED_IMAGES.validate_python, parsed, where)


def parse_object(content: bytes, where: str) -> dict[str, object]:
    """Read a JSON object."""
    parsed = parse_json(content, where)
    if not isinstance(parsed, dict):
        raise Problem(f"{where} is not a JSON object")
    return parsed


def parse_json(content: bytes, where: str) -> object:
    """Read JSON, strictly.

    Raises:
        Problem: it is none, or says something twice.
        OverLimit: it is nested too deeply.
    """
    try:
        parsed = json.loads(
            content.decode(),
            object_pairs_hook=lambda pairs: _unique(pairs, where),
            parse_constant=lambda word: _refuse_constant(word, where),
        )
    except UnicodeDecodeError:
        raise Problem(f"{where} is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise Problem(f"{where} is not JSON: {error}") from None
    except ValueError:  # Python converts no more than some 4,300 digits
        raise Problem(f"{where} has a number that is too long") from None
    except RecursionError:
        raise _too_deep(where) from None
    _check_nesting(parsed, where)
    return parsed


def _unique(pairs: list[tuple[str, object]], where: str) -> dict[str, object]:
    parsed: dict[str, object] = {}
    for key, value in pairs:
        if key in parsed:
            raise Problem(f"{where} has the key {quoted(key)} twice in one object")
        parsed[key] = value
    return parsed


def _refuse_constant(word: str, where: str) -> NoReturn:
    raise Problem(f"{where} is not JSON: it has the number {word}")


def _check_nesting(parsed: object, where: str) -> None:
    level = [parsed]
    for _ in range(limits.NESTING + 1):
        level = [value for value in level if isinstance(value, dict | list)]
        if not level:
            return
        level = [child for value in level for child in _children(value)]
    raise _too_deep(where)


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _too_deep(where: str) -> OverLimit:
    return OverLimit(f"{where} is nested too deeply", limit=limits.NESTING)


def _check_count(members: object, where: str) -> None:
    if isinstance(members, list) and len(members) > limits.MEMBERS:
        raise OverLimit(f"{where} has {len(members):,} members", limit=limits.MEMBERS)


def _refuse_keys(parsed: dict[str, object], keys: tuple[str, ...], kind: str, where: str) -> None:
    """Refuse a document that another reader may take for something else.

    Source: containerd, core/images, image.go, `validateMediaType` (CVE-2021-41190).
    """
    found = next((key for key in keys if key in parsed), None)
    if found:
        raise Problem(f"{where} should be {kind} and has the key {found!r}")


def _validated(validate: Callable[[object], _Model], parsed: object, where: str) -> _Model:
    """Say the first fault in JSON's words, not in pydantic's."""
    try:
        return validate(parsed)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = printable(".".join(map(str, first["loc"])))[:_LONGEST_PLACE]
        said = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        message = _JSON_WORDS.get(first["type"], said)
        raise Problem(f"{where}: {place}: {message}" if place else f"{where}: {message}") from None
