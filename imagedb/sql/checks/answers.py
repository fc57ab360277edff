"""What callers of a delete or a prune were told is what happened (I5), record by record.

One digest may be told of twice: a platform removed from an image, and the image of that platform
alone, pruned as a parent.
"""

from sqlalchemy import (
    Integer,
    and_,
    case,
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from imagedb.columns import JSONDocument
from imagedb.schema import event, event_cut, request
from imagedb.sql.checks.check import Check
from imagedb.sql.functions import items_of, seconds_after

_LISTS = ("delete_image", "apply_delete_plan")
"""Operations that answer with their records."""
_BATCHES = ("prune_batch", "prune_planned")
"""Operations that answer with a batch, which has records."""
_removes = request.c.operation.in_([*_LISTS, *_BATCHES])
_one, _none = literal_column("1", Integer), literal_column("0", Integer)
_answered = case(
    (request.c.operation.in_(_LISTS), request.c.answer),
    else_=request.c.answer["fields", "records"],
)
_record = items_of(_answered).table_valued(column("value", JSONDocument), joins_implicitly=True)
_records = [
    select(
        request.c.id.label("request"),
        literal(action).label("action"),
        _record.c.value[word].as_string().label("subject"),
        _one.label("told"),
        _none.label("happened"),
    ).where(_removes, _record.c.value[word].as_string().is_not(None))
    for word, action in (("Untagged", "untag"), ("Deleted", "delete"))
]
_subject = case((event.c.action == "untag", event.c.name), else_=event.c.actor_id)
_an_hour = literal_column("3600", Integer)
_events = (
    select(event.c.request_id, event.c.action, _subject, _none, _one)
    .join_from(event, request, event.c.request_id == request.c.id)
    .where(
        _removes,
        event.c.type == "image",
        event.c.action.in_(["untag", "delete"]),
        seconds_after(event.c.time, _an_hour) >= request.c.answered_at,
    )
)
"""Older ones are of a request whose answer was forgotten, and which was sent again."""
_both = union_all(*_records, _events).subquery("records_and_events")
_removed = exists().where(
    request.c.id == _both.c.request, event_cut.c.cut_at >= request.c.answered_at
)
"""Its events may have been, since: what is old is not kept for ever."""
_told, _happened = func.sum(_both.c.told), func.sum(_both.c.happened)
_answers = Check(
    "request {request} was told {told} times of the {action} of {subject}, "
    "which has {happened} events",
    select(
        _both.c.request,
        _both.c.action,
        _both.c.subject,
        _told.label("told"),
        _happened.label("happened"),
    )
    .group_by(_both.c.request, _both.c.action, _both.c.subject)
    .having(or_(_happened > _told, and_(_happened < _told, ~_removed))),
)

CHECKS = (_answers,)
