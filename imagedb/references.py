"""References: the texts that name images.

::

    reference  := name [":" tag] ["@" digest]
    name       := [domain "/"] path
    path       := component ("/" component)*
    component  := [a-z0-9]+ (separator [a-z0-9]+)*      separator := "." | "_" | "__" | "-"+
    tag        := [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}
    digest     := algorithm ":" hex

A reference has two forms: the *canonical* one, with its domain (`docker.io/library/app:1`), is
stored; the *familiar* one (`app:1`) is shown. Parsing never adds a tag; `with_default_tag` does.

The grammar is `docker-image-py`'s. Its known gaps are closed here: it accepts a trailing newline,
words some errors in its own way, and its familiar form fails on digest references and drops tags.

Source: distribution/reference, reference.go, normalize.go, helpers.go.
"""

import functools
import re
from dataclasses import dataclass, replace
from typing import Final

from docker_image import digest as _digest_grammar
from docker_image import reference as _grammar

from imagedb.digests import Digest, find_digest
from imagedb.errors import InvalidReferenceError

DEFAULT_TAG: Final = "latest"
DANGLING_REPOSITORY: Final = "docker.io/library/moby-dangling"
"""What moby names images without a name; reserved here, so that nothing can collide with it."""

_INVALID_FORMAT: Final = "invalid reference format"
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ID_PREFIX: Final = re.compile(r"(?:sha256:)?([0-9a-f]{4,63})", re.ASCII)
_GRAPHIC: Final = re.compile(r"[\x21-\x7e]*", re.ASCII)
_MOBY_TEXTS: Final = {
    "invalid reference": _INVALID_FORMAT,
    "repository name must have at least one component": _INVALID_FORMAT,
    "repository name must be lowercase": f"{_INVALID_FORMAT}: repository name must be lowercase",
    "invalid digest": "invalid checksum digest format",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed name; `str()` gives the canonical form."""

    repository: str
    """With its domain: `docker.io/library/app`."""
    tag: str | None = None
    digest: Digest | None = None

    def __str__(self) -> str:
        return self._named(self.repository)

    @property
    def familiar(self) -> str:
        """The form docker shows: without `docker.io/` and, if nothing follows it, `library/`."""
        return self._named(self.familiar_repository)

    @property
    def familiar_repository(self) -> str:
        """The repository as docker shows it."""
        name = self.repository.removeprefix("docker.io/")
        if name != self.repository and name.count("/") == 1:
            name = name.removeprefix("library/")
        return name

    @property
    def is_dangling_name(self) -> bool:
        """Whether this is moby's name of an image without a name, `moby-dangling@<ID>`."""
        return self.repository == DANGLING_REPOSITORY and self.tag is None and bool(self.digest)

    def stands_for(self, stored: "Reference") -> bool:
        """Whether `repo@digest` or `repo:tag@digest` means a reference of the image it names."""
        return self.repository == stored.repository and self.tag in {None, stored.tag}

    def with_default_tag(self) -> "Reference":
        """The reference itself, or with `:latest` where it has neither tag nor digest."""
        return self if self.tag or self.digest else replace(self, tag=DEFAULT_TAG)

    def _named(self, repository: str) -> str:
        name = f"{repository}:{self.tag}" if self.tag else repository
        return f"{name}@{self.digest}" if self.digest else name


@functools.lru_cache(maxsize=65536)
def parse_reference(text: str) -> Reference:
    """Read a name in familiar or canonical form.

    Raises:
        InvalidReferenceError: with the text of distribution/reference.

    Source: distribution/reference, normalize.go, `ParseNormalizedNamed`.
    """
    if not _GRAPHIC.fullmatch(text):
        raise InvalidReferenceError(text, _INVALID_FORMAT)
    try:
        parsed = _grammar.Reference.parse_normalized_named(text)
    except (_grammar.InvalidReference, _digest_grammar.InvalidDigest) as error:
        problem = str(error)
        raise InvalidReferenceError(text, _MOBY_TEXTS.get(problem, problem)) from None
    digest = Digest(parsed["digest"]) if parsed["digest"] else None
    return Reference(parsed["name"], parsed["tag"] or None, digest)


def parse_any_reference(text: str) -> Reference | Digest:
    """Read what a user types for an image: a digest alone, 64 hex digits, or a name.

    Raises:
        InvalidReferenceError: it is blank or does not parse.

    Source: distribution/reference, normalize.go, `ParseAnyReference`.
    """
    if not text.strip():
        raise InvalidReferenceError(text, "image name cannot be blank")
    if _IDENTIFIER.fullmatch(text):
        return Digest(f"sha256:{text}")
    return find_digest(text) or parse_reference(text)


def find_id_prefix(text: str) -> str | None:
    """The 4 to 63 hex digits that the text may mean as the beginning of an image ID, or None."""
    match = _ID_PREFIX.fullmatch(text)
    return match[1] if match else None


def familiar(canonical: str) -> str:
    """The familiar form of a stored canonical name."""
    return parse_reference(canonical).familiar


def familiar_repository_of(text: str) -> str:
    """The familiar name of the repository, without tag and digest; the text if it has none."""
    try:
        return parse_reference(text).familiar_repository
    except InvalidReferenceError:
        return text


def parse_new_name(text: str) -> Reference:
    """Read a name that is about to be given to an image, the default tag added.

    Raises:
        InvalidReferenceError: it does not parse, has a digest, or is reserved.

    Source: moby, daemon/server/httputils/form.go, `RepoTagReference`.
    """
    reference = parse_reference(text)
    if reference.digest:
        raise InvalidReferenceError(text, "refusing to create a tag with a digest reference")
    return check_name(reference).with_default_tag()


def check_name(reference: Reference) -> Reference:
    """Refuse the names that no image may have.

    Raises:
        InvalidReferenceError: `sha256` as a name, or the repository moby reserves.
    """
    if reference.familiar_repository == "sha256":
        raise InvalidReferenceError(
            str(reference),
            "refusing to create an ambiguous tag using digest algorithm as name",
        )
    if reference.repository == DANGLING_REPOSITORY:
        raise InvalidReferenceError(
            str(reference),
            "refusing to create a tag in the reserved repository moby-dangling",
        )
    return reference
