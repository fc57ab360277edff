"""Judge whether what was released is what left, once for each time that it left (I4).

Each content that a namespace had used and used no more has a gap: from the event that let it go to
the one that brought it back. In each gap it is released once at most (whoever stores it again
takes the release back); in one that has no end, exactly once: the release is open, or done.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from benchmarks.stress.evidence import Evidence
from benchmarks.stress.population import Content
from benchmarks.stress.problems import Problem, Verdict
from benchmarks.stress.replay import Gap, Replay

What = tuple[str, Content]
_TICK: Final = timedelta(milliseconds=2)
"""SQLite tells the time to a millisecond."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """Sums over all namespaces."""

    left: int
    """Of what is used no more, by the events."""
    released: int
    """Of what is released for good, open or done, by the rows."""


def judge_releases(evidence: Evidence, replay: Replay) -> Iterator[Problem]:
    """Compare releases with the gaps in which content was not used."""
    texts = [
        *_wrong_releases(evidence, replay),
        *_wrong_sizes(evidence, replay),
        *_wrong_answers(evidence),
    ]
    if evidence.stored.candidates:
        texts.append(f"{evidence.stored.candidates} candidates are left behind the last sweep")
    for text in texts:
        yield Problem(Verdict.RELEASE, text)


def sum_bytes(evidence: Evidence, replay: Replay) -> Bytes:
    """What left at last, and what was released of it."""
    gone = [what for what, gaps in replay.world.gaps.items() if gaps and gaps[-1].until is None]
    since = {what: replay.world.gaps[what][-1].since for what in gone}
    released = sum(row.size for row in evidence.stored.releases)
    for row in evidence.stored.done:
        what = (row.namespace, (row.kind, str(row.digest)))
        if what in since and row.released_at >= since[what] - _TICK:
            released += row.size
    return Bytes(sum(replay.contents.size(content) for _, content in gone), released)


def _wrong_releases(evidence: Evidence, replay: Replay) -> Iterator[str]:
    opened = Counter(
        (row.namespace, (row.kind, str(row.digest))) for row in evidence.stored.releases
    )
    done: defaultdict[What, list[datetime]] = defaultdict(list)
    for row in evidence.stored.done:
        done[row.namespace, (row.kind, str(row.digest))].append(row.released_at)
    gaps, contested = replay.world.gaps, replay.contents.contested()
    for what in sorted(gaps.keys() | opened.keys() | done.keys()):
        if what[1] in contested:
            continue
        problem = _problem(gaps.get(what, []), opened[what], done[what])
        if problem:
            namespace, (kind, digest) = what
            yield f"{kind} {digest} of {namespace} {problem}"


def _problem(gaps: list[Gap], opened: int, done: list[datetime]) -> str | None:
    is_gone = bool(gaps) and gaps[-1].until is None
    if opened and not is_gone:
        return "is released, and it is used"
    in_gaps = [[at for at in done if _is_within(at, gap)] for gap in gaps]
    if len(done) != sum(map(len, in_gaps)):
        return f"was released while it was used ({done})"
    if any(len(found) > 1 for found in in_gaps):
        return "was released more than once in a time in which it was not used"
    last = opened + len(in_gaps[-1]) if gaps else 0
    if is_gone and last != 1:
        return f"is used no more, and was released {last} times since"
    return None


def _is_within(moment: datetime, gap: Gap) -> bool:
    return gap.since - _TICK <= moment and (gap.until is None or moment <= gap.until + _TICK)


def _wrong_sizes(evidence: Evidence, replay: Replay) -> Iterator[str]:
    for row in (*evidence.stored.releases, *evidence.stored.done):
        size = replay.contents.size((row.kind, str(row.digest)))
        if row.size != size:
            yield f"{row.kind} {row.digest} is released with {row.size} bytes, it has {size}"


def _wrong_answers(evidence: Evidence) -> Iterator[str]:
    """Each release that is done was told to one worker, once."""
    told = Counter(
        (release["fields"]["namespace"], release["fields"]["kind"], release["fields"]["digest"])
        for operation, answer in evidence.stored.answers.values()
        if operation == "finish_releases"
        for release in answer["fields"]["done"]
    )
    done = Counter((row.namespace, row.kind, str(row.digest)) for row in evidence.stored.done)
    for what in sorted((told - done) | (done - told)):
        yield f"{what} was told {told[what]} times as done, and is done {done[what]} times"
