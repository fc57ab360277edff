"""Each statement is kept as text, per engine: a change of SQL is seen by who reads a diff.

`pytest tests/sql --update-sql` writes the texts anew.
"""

from pathlib import Path
from typing import Final

import pytest

from tests.sql.statements import builders
from tests.sql.texts import BUILT, texts

GOLDEN: Final = Path(__file__).parent / "golden"
TEXTS: Final = texts()
REMEDY: Final = "read the difference, then: pytest tests/sql --update-sql"


@pytest.fixture(scope="module", autouse=True)
def _golden(request: pytest.FixtureRequest) -> None:
    """Let the kept texts follow the code, where asked to, rather than hold it."""
    if not request.config.getoption("--update-sql", default=False):
        return
    GOLDEN.mkdir(exist_ok=True)
    for file in GOLDEN.glob("*.sql"):
        if file.stem not in TEXTS:
            file.unlink()
    for name, text in TEXTS.items():
        (GOLDEN / f"{name}.sql").write_text(text)


def test_every_statement_has_a_text_and_every_text_a_statement() -> None:
    """No statement comes or goes unseen."""
    kept = {file.stem for file in GOLDEN.glob("*.sql")}
    assert kept == set(TEXTS), REMEDY


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_text_of_statement_is_the_kept_one(name: str) -> None:
    """What the engines are sent is what was read and approved."""
    file = GOLDEN / f"{name}.sql"
    assert file.is_file(), f"there is no text of {name}; {REMEDY}"
    assert TEXTS[name] == file.read_text(), REMEDY


def test_every_builder_has_a_statement() -> None:
    """A function that makes statements is kept by what it makes."""
    assert set(builders()) == set(BUILT)
