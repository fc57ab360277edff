"""Logs: a line of JSON for each request, and for each warning of the package."""

import logging
import sys
from collections.abc import Sequence
from typing import Any, Final, TextIO

import structlog

from imagedb.http.actions import Action

QUIET: Final = frozenset({"/_ping", "/healthz", "/readyz", "/metrics"})
"""Asked every few seconds: a line is written only when they fail."""
_FAILED: Final = 500
_LOGGED: Final = ("imagedb", "uvicorn", "asyncio")


def json_logger(stream: TextIO) -> Any:  # noqa: ANN401 - structlog's loggers are made of proxies
    """Make a logger of lines of JSON; nothing global is changed."""
    return structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
    )


def listen(stream: TextIO = sys.stderr) -> None:
    """Let what the package and its server log be lines of JSON too."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(sort_keys=False),
            ],
        )
    )
    for name in _LOGGED:
        logging.getLogger(name).handlers = [handler]


def action_fields(actions: Sequence[Action]) -> dict[str, Any]:
    """What a request asked of the core; of several batches of a prune, all together."""
    if not actions:
        return {}
    last = actions[-1]
    digests = [digest for action in actions for digest in action.digests]
    fields: dict[str, Any] = {"action": f"{last.kind} {last.action}", "outcome": last.outcome}
    if last.actor:
        fields["actor"] = last.actor
    if digests:
        fields["digest"] = digests[0]
        fields["digests"] = len(digests)
    if last.conflicts:
        fields["conflicts"] = last.conflicts
    return fields


def is_told(path: str, status: int) -> bool:
    """Whether a request has a line of its own."""
    return path not in QUIET or status >= _FAILED
