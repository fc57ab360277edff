"""`pytest tests/sql --update-sql` writes the texts of statements anew."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Known only where this folder is named on the command line."""
    parser.addoption("--update-sql", action="store_true", help="write tests/sql/golden anew")
