"""Judge whether each client was told what has happened, once, and nothing else.

A request that was answered has its stored answer and all its events; one that was refused has
neither; one whose client does not know has both or neither. What happened was asked for.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from benchmarks.stress.evidence import Evidence
from benchmarks.stress.expectations import is_kept
from benchmarks.stress.history import Asked
from benchmarks.stress.problems import Problem, Verdict


def judge_acknowledgements(evidence: Evidence) -> Iterator[Problem]:
    """Compare what was told with what is stored."""
    for text in (*_requests(evidence), *_unasked(evidence), *_polls(evidence)):
        yield Problem(Verdict.ACKNOWLEDGEMENT, text)


def _requests(evidence: Evidence) -> Iterator[str]:
    events = evidence.stored.events_by_request()
    for asked in evidence.history.requests.values():
        stored = evidence.stored.answers.get(asked.id)
        problem = _told_wrong(asked, stored) or _half_done(stored, events.get(asked.id, []))
        if problem:
            yield f"{asked.operation} {asked.id} {asked.arguments}: {problem}"


def _told_wrong(asked: Asked, stored: tuple[str, Any] | None) -> str | None:
    if asked.answers:
        if stored is None:
            return f"told {asked.answers[0]}, and it has not happened"
        wrong = [answer for answer in asked.answers if answer != stored[1]]
        return f"told {wrong[0]}, and the answer is {stored[1]}" if wrong else None
    last = asked.failures[-1] if asked.failures else None
    if stored is not None and last and not last.is_doubt and not asked.is_open:
        return f"told {last.error} ({last.text}), and it has happened: {stored[1]}"
    return None


def _half_done(stored: tuple[str, Any] | None, events: list[Any]) -> str | None:
    if stored is None:
        return f"no answer is stored, and it has {len(events)} events" if events else None
    if is_kept(*stored, events):
        return None
    told = [(event.action, event.actor_id, event.name) for event in events]
    return f"the answer is {stored[1]}, and its events are {told}"


def _unasked(evidence: Evidence) -> Iterator[str]:
    asked = evidence.history.requests.keys()
    happened = {event.request_id for event in evidence.stored.events}
    for key in sorted((happened | evidence.stored.answers.keys()) - asked):
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
