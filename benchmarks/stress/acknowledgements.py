"""Judge whether each client was told what has happened, once, and nothing else.

A request that was answered has its stored answer and all its events; one that was refused has
neither; one whose client does not know has both or neither. What happened was asked for.

A prune is done in parts, batches with IDs of their own (`ID.1`, `ID.2`): one that is refused may
have done the first of them, each whole.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from benchmarks.stress.evidence import Evidence, Rows
from benchmarks.stress.expectations import is_kept
from benchmarks.stress.history import Asked
from benchmarks.stress.operations import Kind
from benchmarks.stress.problems import Problem, Verdict
from benchmarks.stress.table import TABLE

Part = tuple[str, str, Any]
"""The ID of a stored answer, its operation, and what it says."""
UNKEPT: Final = frozenset(o.name for o in TABLE if o.kind is Kind.UNKEPT)
_BATCH: Final = re.compile(r"(.*/\d+)\.(\d+)")


def judge_acknowledgements(evidence: Evidence) -> Iterator[Problem]:
    """Compare what was told with what is stored."""
    for text in (*_requests(evidence), *_unasked(evidence), *_polls(evidence)):
        yield Problem(Verdict.ACKNOWLEDGEMENT, text)


def request_of(key: str) -> str:
    """The ID that a client gave, of that of a batch."""
    batch = _BATCH.fullmatch(key)
    return batch[1] if batch else key


def _requests(evidence: Evidence) -> Iterator[str]:
    parts, events = _parts(evidence), evidence.stored.events_by_request()
    for asked in evidence.history.requests.values():
        stored = parts[asked.id]
        problem = (
            _unkept(events[asked.id])
            if asked.operation in UNKEPT
            else _told_wrong(asked, stored) or _half_done(asked, stored, events)
        )
        if problem:
            yield f"{asked.operation} {asked.id} {asked.arguments}: {problem}"


def _parts(evidence: Evidence) -> defaultdict[str, list[Part]]:
    """What is stored of each request, in the order of its batches."""
    found: defaultdict[str, list[Part]] = defaultdict(list)
    for key, (operation, answer) in evidence.stored.answers.items():
        found[request_of(key)].append((key, operation, answer))
    for parts in found.values():
        parts.sort(key=lambda part: int(part[0].rpartition(".")[2]) if _is_batch(part) else 0)
    return found


def _is_batch(part: Part) -> bool:
    return _BATCH.fullmatch(part[0]) is not None


def _told_wrong(asked: Asked, parts: list[Part]) -> str | None:
    in_batches = any(map(_is_batch, parts))
    stored = [answer for _, _, answer in parts]
    if asked.answers:
        kept = stored if in_batches else stored[0] if stored else None
        if not parts and asked.answers != [[]]:
            return f"told {asked.answers[0]}, and it has not happened"
        wrong = [answer for answer in asked.answers if parts and answer != kept]
        return f"told {wrong[0]}, and the answer is {kept}" if wrong else None
    last = asked.failures[-1] if asked.failures else None
    is_sure = last and not last.is_doubt and not asked.is_open
    if parts and not in_batches and last and is_sure:
        return f"told {last.error} ({last.text}), and it has happened: {stored}"
    return None


def _half_done(asked: Asked, parts: list[Part], events: dict[str, Rows]) -> str | None:
    for key, operation, answer in parts:
        found = events.get(key, [])
        if not is_kept(operation, answer, found):
            return f"the answer {key} is {answer}, and its events are {_told(found)}"
    answered = {key for key, _, _ in parts}
    for key in {asked.id, *(f"{asked.id}.{number}" for number in range(1, len(parts) + 2))}:
        if key not in answered and events.get(key):
            return f"no answer {key} is stored, and its events are {_told(events[key])}"
    return None


def _unkept(events: Rows) -> str | None:
    wrong = [event for event in events if (event.type, event.action) != ("host", "alive")]
    return f"its events are {_told(events)}" if wrong else None


def _told(events: Rows) -> list[tuple[str, ...]]:
    return [(event.action, event.actor_id, event.name) for event in events]


def _unasked(evidence: Evidence) -> Iterator[str]:
    asked = evidence.history.requests.keys()
    happened = {event.request_id for event in evidence.stored.events}
    for key in sorted(happened | evidence.stored.answers.keys()):
        if request_of(key) not in asked:
            yield f"nobody asked for {key}, and it has happened"


def _polls(evidence: Evidence) -> Iterator[str]:
    """A follower who has seen a position has seen all before it."""
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for event in evidence.stored.events:
        if event.position is None:
            yield f"event {event.id} has no position"
        else:
            positions[event.namespace].append(event.position)
    for found in positions.values():
        found.sort()
    for arguments, (count, last) in evidence.history.polls:
        of_namespace = positions[arguments["namespace"]]
        there = bisect_right(of_namespace, last) - bisect_right(of_namespace, arguments["after"])
        if there != count:
            yield f"a follower saw {count} of {there} events from {arguments['after']} to {last}"
