"""The names under which a source's images come.

Each entry of an index is named by containerd's annotation, else by docker's `RepoTags`, else by
OCI's `ref.name` where that is a whole name. A `ref.name` that is a tag alone needs a repository.
A name that does not parse is left out with a warning: moby loads such an image without it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from imagedb.digests import Digest
from imagedb.errors import InvalidReferenceError
from imagedb.records import SourceImage
from imagedb.references import (
    DANGLING_REPOSITORY,
    Reference,
    check_name,
    parse_reference,
)
from imagedb.sources.problems import Problem, quoted

CONTAINERD_NAME: Final = "io.containerd.image.name"
OCI_REF_NAME: Final = "org.opencontainers.image.ref.name"
_ANY_REPOSITORY: Final = Reference("docker.io/library/any")


def is_named(annotations: Mapping[str, str]) -> bool:
    """Whether an entry of an index has containerd's name."""
    return bool(annotations.get(CONTAINERD_NAME))


@dataclass(frozen=True, slots=True)
class Naming:
    """How the caller wants images to be named."""

    names: tuple[Reference, ...] = ()
    """Instead of what the source says."""
    repository: Reference | None = None
    """Where tags without a repository belong."""


@dataclass(slots=True)
class Names:
    """The names of one image, gathered from the source unless the caller gives them."""

    id: Digest
    naming: Naming
    names: dict[Reference, None] = field(default_factory=dict)
    bare_tag: str | None = None
    warnings: list[str] = field(default_factory=list)

    def add_entry(self, annotations: Mapping[str, str], repo_tags: Iterable[str]) -> None:
        """Add what names an entry of an index; `repo_tags` are docker's names of its image."""
        tags = tuple(repo_tags)
        if is_named(annotations):
            self.add(annotations[CONTAINERD_NAME])
        elif tags:
            self.add_all(tags)
        elif ref_name := annotations.get(OCI_REF_NAME):
            self._add_ref_name(ref_name)

    def add_all(self, texts: Iterable[str]) -> None:
        """Add several names."""
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Add a name; moby's name of an image without a name adds none.

        Raises:
            Problem: it is another name of the repository that moby reserves.
        """
        if self.naming.names:
            return
        try:
            reference = parse_reference(text).with_default_tag()
        except InvalidReferenceError as error:
            self.warnings.append(f"the name {quoted(text)} is left out: {error}")
            return
        if reference.is_dangling_name and reference.digest == self.id:
            return
        if reference.repository == DANGLING_REPOSITORY:
            raise Problem(f"it has the name {quoted(text)}, of a repository that moby reserves")
        self._add_reference(reference, text)

    def given_to(self, image: SourceImage) -> SourceImage:
        """Put the names on the image, in the order of their bytes, and what was wrong with others.

        Raises:
            InvalidReferenceError: a name that the caller gives cannot be this image's.
        """
        for reference in self.naming.names:
            if not reference.is_dangling_name or reference.digest != self.id:
                self.names[check_name_of(reference, self.id)] = None
        return replace(
            image,
            names=tuple(sorted(self.names, key=str)),
            bare_tag=None if self.names or self.naming.names else self.bare_tag,
            warnings=(*image.warnings, *self.warnings),
        )

    def _add_reference(self, reference: Reference, text: str) -> None:
        try:
            check_name_of(reference, self.id)
        except InvalidReferenceError as error:
            self.warnings.append(f"the name {quoted(text)} is left out: {error}")
            return
        self.names[reference] = None

    def _add_ref_name(self, text: str) -> None:
        if "/" in text or ":" in text:
            self.add(text)
            return
        repository = self.naming.repository or _ANY_REPOSITORY
        try:
            reference = parse_reference(f"{repository.repository}:{text}")
        except InvalidReferenceError as error:
            self.warnings.append(f"the tag {quoted(text)} is left out: {error}")
            return
        if self.naming.repository:
            self._add_reference(reference, str(reference))
        else:
            self.bare_tag = self.bare_tag or text


def check_name_of(reference: Reference, image: Digest) -> Reference:
    """Refuse a name that no image, or not this one, may have.

    Raises:
        InvalidReferenceError: it is reserved, or holds the digest of another image.
    """
    if reference.digest and reference.digest != image:
        raise InvalidReferenceError(
            str(reference), f"its digest is not the image's, which is {image}"
        )
    return check_name(reference)
