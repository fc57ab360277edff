"""How much of a source we are willing to read.

Sources come from anywhere. What is beyond a limit is refused before it costs memory, disk or time.
"""

from typing import Final

DOCUMENT_BYTES: Final = 20 << 20
"""Of one index, manifest or config; containerd's importer has the same."""
TOTAL_DOCUMENT_BYTES: Final = 256 << 20
"""Of all documents of a source together: they are kept in memory."""
NESTING: Final = 64
"""Arrays and objects within one another in a JSON document."""
MEMBERS: Final = 1_000
"""Of an index, nested ones counted in, and of a docker archive's `manifest.json`."""
INDEX_DEPTH: Final = 8
"""Indexes within one another."""
EXPANSION: Final = 200
"""How many times its size a compressed file may unpack to."""
EXPANSION_FLOOR_BYTES: Final = 1 << 20
"""What may always be unpacked: small files are often very regular."""
UNPACKED_BYTES: Final = 256 << 30
"""Of one compressed file, and of a stream."""
TAR_ENTRIES: Final = 1_000_000
"""Of one archive."""
TAR_HEADER_BYTES: Final = 1 << 20
"""Of one entry's headers: long names and extended attributes."""
LINKS: Final = 40
"""That are followed for one path; Linux has the same."""
LABEL_KEY_BYTES: Final = 1_024
"""A longer key is no label that anybody filters by, and would not fit into an index."""

CHUNK_BYTES: Final = 1 << 20
"""What is read at a time."""
