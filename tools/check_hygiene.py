"""Keep out of the repository what belongs to one machine, to nobody, or into no text file.

Usage: python tools/check_hygiene.py

Looks at every file that git tracks or would add. A line that must say such a thing, as one about a
path inside an image, carries its reason behind the word `hygiene:`. Addresses and marks are written
in parts here, so that this file passes its own check.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LARGEST = 1 << 20  # bytes
ARCHIVES = {".bz2", ".deb", ".gz", ".rpm", ".tar", ".tgz", ".whl", ".xz", ".zip", ".zst"}
PICTURES = {".gif", ".jpg", ".png"}

_REGISTRIES = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("deb", "debian", "org"),
    ("archive", "ubuntu", "com"),
    ("proxy", "golang", "org"),
    ("crates", "io"),
)
_INDEX_OPTIONS = ("index-url", "extra-index-url", "find-links", "trusted-host")
_MACHINE_FOLDERS = ("Users", "home", "root", "tmp", "work")
_MARKS = ("TO" + "DO", "FIX" + "ME", "XX" + "X")

LINE_RULES = (
    (
        re.compile(r"(?<![\w-])(?:" + "|".join(r"\.".join(r) for r in _REGISTRIES) + r")(?![\w-])"),
        "names a package registry: the client's own configuration says where it fetches",
    ),
    (
        re.compile(r"^\s*--(?:" + "|".join(_INDEX_OPTIONS) + r")\b"),
        "names a package index: `make lock` leaves it out",
    ),
    (
        re.compile(r"(?<![\w.~$})*<>-])/(?:" + "|".join(_MACHINE_FOLDERS) + r")/[\w.]"),
        "is a path of one machine: derive it, or take it from the environment",
    ),
    (
        re.compile(r"\b(?:" + "|".join(_MARKS) + r")\b(?!\(#\d+\))"),
        "marks open work without a number: do it, or write (#NUMBER) behind the mark",
    ),
)
ALLOWED = re.compile(r"\bhygiene: \w")


def repository_files() -> list[Path]:
    """List what git tracks or would add, and the work tree holds."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted(path for path in map(Path, listing.split("\0")) if path.is_file())


def file_faults(path: Path) -> Iterator[str]:
    """Say what is wrong with a file as a whole."""
    size = path.stat().st_size
    if path.suffix.lower() in ARCHIVES:
        yield f"{path}: is an archive: make it where it is needed"
    if size > LARGEST:
        yield f"{path}: has {size} bytes, the limit is {LARGEST}: make it where it is needed"


def line_faults(path: Path) -> Iterator[str]:
    """Say what is wrong with the lines of a text file, and refuse one that is not text."""
    if path.suffix.lower() in ARCHIVES | PICTURES:
        return
    text = path.read_bytes().decode("utf-8", errors="replace")
    if "\0" in text or "\N{REPLACEMENT CHARACTER}" in text:
        yield f"{path}: is not UTF-8 text"
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if ALLOWED.search(line):
            continue
        for rule, fault in LINE_RULES:
            if found := rule.search(line):
                yield f"{path}:{number}: {found.group().strip()!r} {fault}"


def main() -> int:
    """Print one line per fault; 1 if there is any."""
    os.chdir(Path(__file__).parents[1])
    files = repository_files()
    faults = [fault for path in files for fault in (*file_faults(path), *line_faults(path))]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(files)} files looked at, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
