"""Read a source whole: recognise what it is, and give its images verified."""

from pathlib import Path
from typing import BinaryIO, Final

from imagedb.records import SourceImage
from imagedb.references import Reference
from imagedb.sources.archive import Archive
from imagedb.sources.content import Documents
from imagedb.sources.docker_archives import read_docker_archive
from imagedb.sources.documents import ARCHIVED_IMAGES_FILE, INDEX_FILE, MARK_FILE
from imagedb.sources.names import Naming
from imagedb.sources.oci import list_targets, read_layout
from imagedb.sources.problems import Problem, blamed_on, printable, quoted
from imagedb.sources.progress import Progress, Silence
from imagedb.sources.spools import opened_path, opened_stream
from imagedb.sources.verification import verified

_REPOSITORIES_FILE: Final = "repositories"


def read_source(
    path: Path,
    *,
    progress: Progress | None = None,
    names: tuple[Reference, ...] = (),
    repository: Reference | None = None,
) -> tuple[SourceImage, ...]:
    """Read an OCI image layout or a docker archive; layouts may be folders, both tar or tar.gz.

    Everything is read and every digest verified before this returns. Documents are kept, layer
    files are not. `names` replace those in the source, which must hold exactly one image then;
    `repository` makes names of tags that come without one.

    Raises:
        InvalidSourceError: it cannot be imported; the message says what is wrong and where.
        LimitExceededError: it is larger than we are willing to read.
        InvalidReferenceError: one of `names` cannot be a name of the image.
    """
    heard, naming = progress or Silence(), Naming(names, repository)
    with blamed_on(printable(str(path))), opened_path(path, heard) as archive:
        return _read(archive, heard, naming)


def read_stream(
    stream: BinaryIO,
    *,
    label: str = "<stdin>",
    progress: Progress | None = None,
    names: tuple[Reference, ...] = (),
    repository: Reference | None = None,
) -> tuple[SourceImage, ...]:
    """Read the same from a stream, by way of a temporary file that nothing survives.

    Raises:
        InvalidSourceError: as in `read_source`; the message calls the stream by its label.
    """
    heard, naming = progress or Silence(), Naming(names, repository)
    with blamed_on(printable(label)), opened_stream(stream, heard) as archive:
        return _read(archive, heard, naming)


def _read(archive: Archive, progress: Progress, naming: Naming) -> tuple[SourceImage, ...]:
    documents = Documents(archive)
    images = _read_images(documents, progress, naming)
    if naming.names and len(images) != 1:
        raise Problem(
            f"it holds {len(images)} images, and a name can be given to one only: import it "
            "without a name and tag its images afterwards",
        )
    return images


def _read_images(
    documents: Documents, progress: Progress, naming: Naming
) -> tuple[SourceImage, ...]:
    archive = documents.archive
    if archive.has(MARK_FILE):
        if targets := list_targets(documents):
            return verified(archive, read_layout(documents, targets, naming), progress)
        if not archive.has(ARCHIVED_IMAGES_FILE):
            raise Problem(f"it holds no image: {quoted(INDEX_FILE)} lists none")
    if archive.has(ARCHIVED_IMAGES_FILE):
        return read_docker_archive(documents, progress, naming)
    raise _unrecognised(archive)


def _unrecognised(archive: Archive) -> Problem:
    if archive.has(INDEX_FILE):
        return Problem(f"not an image layout: it has {INDEX_FILE!r} and no {MARK_FILE!r}")
    if archive.has(_REPOSITORIES_FILE):
        return Problem(
            f"no {ARCHIVED_IMAGES_FILE!r}: archives with {_REPOSITORIES_FILE!r} alone, as docker "
            "wrote them before 1.10, are not supported; load it into docker and save it again",
        )
    return Problem(
        f"not an image archive: it has neither {MARK_FILE!r} (an OCI image layout) nor "
        f"{ARCHIVED_IMAGES_FILE!r} (a docker archive)",
    )
