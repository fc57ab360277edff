import re
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PAGE: Final = HERE.parents[1] / "docs" / "deletion.md"


def test_every_pair_on_the_page_has_its_test_and_every_test_its_line() -> None:
    """The race analysis and the tests that force its orders cannot drift apart."""
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))
    files = [path for path in HERE.glob("test_*.py") if path != Path(__file__)]
    texts = [path.read_text() for path in files]
    tests = {name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}

    assert named == tests
