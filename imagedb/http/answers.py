"""Answers: JSON as Go writes it."""

import json
from typing import Any

from starlette.responses import Response


class JSON(Response):
    """A JSON document, compact, with a newline behind it as Go's encoder puts it."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - JSON
        """Write the document; digests and names are texts already."""
        return to_json_line(content)


def to_json_line(content: Any) -> bytes:  # noqa: ANN401 - JSON
    """Write a document as one line."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
