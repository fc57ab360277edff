"""Read images from where they lie: OCI image layouts and docker archives.

A source yields records and writes nothing; what it yields has been verified.
"""

from imagedb.sources.progress import Progress
from imagedb.sources.reading import read_source, read_stream
from imagedb.sources.root_filesystems import RootFilesystem, read_root_filesystem

__all__ = [
    "Progress",
    "RootFilesystem",
    "read_root_filesystem",
    "read_source",
    "read_stream",
]
