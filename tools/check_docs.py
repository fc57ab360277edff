"""Hold the documents that are made from the code in step with it.

Usage: python tools/check_docs.py
"""

import difflib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHOWN = 20  # lines of difference per document


def differences(made: Path, kept: Path) -> Iterator[str]:
    """Compare a document with what is in the repository."""
    old = kept.read_text(encoding="utf-8") if kept.exists() else ""
    new = made.read_text(encoding="utf-8")
    yield from difflib.unified_diff(
        old.splitlines(),
        new.splitlines(),
        str(kept.relative_to(ROOT)),
        "made from the code",
        lineterm="",
    )


def main() -> int:
    """Print the first lines of each difference; 1 if there is any."""
    with tempfile.TemporaryDirectory() as folder:
        generate = [sys.executable, str(ROOT / "tools" / "generate_docs.py"), folder]
        subprocess.run(generate, check=True)
        documents = sorted(Path(folder).iterdir())
        found = [list(differences(made, ROOT / "docs" / made.name)) for made in documents]
    for lines in filter(None, found):
        print("\n".join(lines[:SHOWN]), file=sys.stderr)
    if any(found):
        print("the documents are behind the code: run make docs", file=sys.stderr)
    print(f"{len(found)} documents compared, {sum(map(bool, found))} differ")
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main())
