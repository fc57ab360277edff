"""What a check is made of."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select


@dataclass(frozen=True, slots=True)
class Check:
    """A promise: the rows that break it, and what to say of each."""

    says: str
    """One line; the names of the rows' columns stand in braces."""
    rows: Select[*tuple[Any, ...]]
