"""Random histories in which every delete is planned first: what plans promise is what happens.

Each delete and prune is applied from its plan, and old plans are applied after other changes. What
comes of them is compared with the plain-Python model, as in `test_state_machine`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from imagedb.container_requests import create_container
from imagedb.database import Database
from imagedb.deletion import delete_image
from imagedb.digests import ImageID
from imagedb.errors import ImageDBError, ImageInUseError, NotFoundError, PlanChangedError
from imagedb.filters import LabelTest, PruneFilters
from imagedb.namespaces import get_namespace
from imagedb.plan_documents import PlanDocument, parse_plan
from imagedb.planning import apply_plan, plan_delete, plan_prune
from imagedb.records import Caller, LeftImage
from imagedb.requests import encode
from imagedb.tags import tag_image
from tests.builders.world import LONG_AGO
from tests.database.test_state_machine import Machine, Model, namespaces, play
from tests.model import deleting, importing, inputs, pruning, requesting
from tests.model.driving import Answered, Request
from tests.model.pruning import Wanted

LABELS = (("team", None, True), ("team", "web", True), ("team", "web", False))
CHANGES = ("tag", "create", "delete")
PATTERNS = (*[()] * 6, ("app",), ("app:*",), ("*/*/*", "other"))
AT_LEAST = {
    "deletes applied from their plan": 20,
    "deletes refused as planned": 2,
    "old plans of deletes applied": 2,
    "old plans of deletes refused": 2,
    "prunes applied from their plan": 10,
    "images pruned": 8,
    "images of old plans pruned": 1,
    "images of old plans left": 1,
}
"""What must happen for the histories to be worth anything."""


@dataclass
class Old:
    """A plan that was not applied, and what was asked."""

    namespace: str
    host: str | None
    document: PlanDocument
    text: str = ""
    options: dict[str, Any] | None = None
    wanted: Wanted | None = None


class Planner(Machine):
    """Callers who plan before they delete, and some who apply old plans."""

    def __init__(self) -> None:
        super().__init__()
        self.old: list[Old] = []
        self.happened: Counter[str] = self.driver.tally

    # ── deletes ───────────────────────────────────────────────────────────────────────────────

    def _delete(
        self, namespace: str, some: st.DataObject, text: str, options: dict[str, Any]
    ) -> None:
        """Plan it; then, mostly, apply the plan. What cannot be planned cannot be done."""
        host = some.draw(st.sampled_from([None, *inputs.HOSTS[namespace]]), "host")
        try:
            document = self._plan_delete(namespace, host, text, options)
        except ImageDBError:
            self._do(
                namespace,
                host,
                _model(deleting.delete, text, **options),
                delete_image,
                text,
                **options,
            )
            return
        old = Old(namespace, host, document, text, options)
        if some.draw(st.booleans(), "later"):
            self.old.append(old)
        else:
            self._apply_delete(old)

    def _plan_delete(
        self, namespace: str, host: str | None, text: str, options: dict[str, Any]
    ) -> PlanDocument:
        with self.database.read() as connection:
            store = get_namespace(connection, namespace)
            document = plan_delete(connection, store, Caller("planner", host), text, **options)
        return parse_plan(document.to_json())

    def _apply_delete(self, old: Old) -> None:
        """The plan's records, and nothing else; its content is released; or its conflicts."""
        [image] = old.document.images
        refused: list[str] = []

        def run(caller: Caller) -> object:
            try:
                [batch] = apply_plan(self.database, caller, old.document)
            except ImageInUseError as error:
                refused.extend(map(str, error.conflicts))
                raise
            return batch.records

        model = _model(deleting.delete, old.text, **(old.options or {}))
        told = self.driver.step(Request(old.namespace, Caller("tester@test", old.host), run, model))
        assert refused == [conflict.message for conflict in image.conflicts]
        if told is None:
            self.happened["deletes refused as planned"] += 1
            return
        self.happened["deletes applied from their plan"] += 1
        self._keeps_its_word(old, told)

    @precondition(lambda self: any(one.options is not None for one in self.old))
    @rule(some=st.data())
    def apply_old_plan(self, some: st.DataObject) -> None:
        """It is applied whole if its facts are what they were, or names what has changed."""
        old = self._draw_old(some, of_prune=False)
        try:
            now = self._plan_delete(old.namespace, old.host, old.text, old.options or {})
        except NotFoundError:
            now = None
        if now is not None and now.token == old.document.token:
            self.happened["old plans of deletes applied"] += 1
            self._apply_delete(old)
            return
        self.happened["old plans of deletes refused"] += 1
        before = self.driver.seen.copy()
        with pytest.raises(PlanChangedError) as caught:
            list(apply_plan(self.database, Caller("tester@test", old.host), old.document))
        assert caught.value.differences
        assert all(caught.value.differences)
        self.driver.look()
        assert self.driver.seen == before
        assert self.driver.new_events() == []

    @precondition(lambda self: self._used())
    @rule(force=st.booleans(), some=st.data())
    def delete_what_is_used(self, force: bool, some: st.DataObject) -> None:  # noqa: FBT001 - drawn
        """By ID or by a name: mostly it is refused."""
        namespace, image = some.draw(st.sampled_from(self._used()), "image")
        names = [name.familiar for name in self._store(namespace).names_of(image)]
        text = some.draw(st.sampled_from([image, *names]), "text")
        self._delete(namespace, some, text, {"force": force})

    @precondition(lambda self: any(one.document.images for one in self.old))
    @rule(action=st.sampled_from(CHANGES), some=st.data())
    def change_what_is_planned(self, action: str, some: st.DataObject) -> None:
        """Somebody names, uses or deletes an image of an old plan, if it is still there."""
        planned = [(old.namespace, i.facts.id) for old in self.old for i in old.document.images]
        self._change(*some.draw(st.sampled_from(planned), "image"), action, some)

    def _change(self, namespace: str, image: str, action: str, some: st.DataObject) -> None:
        host = self._host(namespace, some)
        if action == "tag":
            name = some.draw(st.sampled_from(inputs.NEW_NAMES), "name")
            model = _model(importing.tag, image, name)
            told = self._do(namespace, host, model, tag_image, image, name)
            self._nothing_left(namespace, told)
        elif action == "create":
            model = _model_of_create(image)
            told = self._do(namespace, host, model, create_container, image)
            self._nothing_left(namespace, told)
        else:
            self._delete(namespace, some, image, {"force": True})

    # ── prunes ────────────────────────────────────────────────────────────────────────────────

    @rule(
        namespace=namespaces,
        dangling=st.sampled_from([False, False, True]),
        label=st.sampled_from([*[None] * 8, *LABELS]),
        patterns=st.sampled_from(PATTERNS),
        is_of_any_age=st.sampled_from([*[True] * 7, False]),
        some=st.data(),
    )
    def prune(
        self,
        namespace: str,
        dangling: bool,  # noqa: FBT001 - drawn
        label: tuple[str, str | None, bool] | None,
        patterns: tuple[str, ...],
        is_of_any_age: bool,  # noqa: FBT001 - drawn
        some: st.DataObject,
    ) -> None:
        """Plan it; apply the plan at once, after a change of one of its images, or later."""
        wanted = Wanted(dangling, (label,) if label else (), patterns, is_of_any_age)
        host = some.draw(st.sampled_from(inputs.HOSTS[namespace]), "host")
        old = Old(namespace, host, self._plan_prune(namespace, wanted), wanted=wanted)
        planned = [image.facts.id for image in old.document.images]
        when = some.draw(st.sampled_from(["later", "after a change", "now"]), "when")
        if when == "later":
            self.old.append(old)
        elif planned and when == "after a change":
            image = some.draw(st.sampled_from(planned), "image")
            self._change(namespace, image, some.draw(st.sampled_from(CHANGES), "change"), some)
            self._apply_old_prune(old)
        else:
            self.happened["prunes applied from their plan"] += 1
            assert self._apply_prune(old) == []

    def _plan_prune(self, namespace: str, wanted: Wanted) -> PlanDocument:
        with self.database.read() as connection:
            store = get_namespace(connection, namespace)
            document = plan_prune(connection, store, Caller("planner"), _filters(wanted))
        return parse_plan(document.to_json())

    def _apply_prune(self, old: Old) -> list[str]:
        """Of the images that are as they were, exactly the plan's records; returns the others.

        What that frees follows from other images too: it is what a plan says that is made now.
        """
        now = self._plan_prune(old.namespace, old.wanted or Wanted())
        facts = [image.facts for image in now.images]
        same = [image for image in old.document.images if image.facts in facts]
        left: list[LeftImage] = []

        def run(caller: Caller) -> object:
            batches = list(apply_plan(self.database, caller, old.document))
            left[:] = [image for batch in batches for image in batch.left]
            return tuple(record for batch in batches for record in batch.records)

        only = {image.facts.id for image in same}
        caller = Caller("tester@test", old.host)
        told = self.driver.step(
            Request(
                old.namespace,
                caller,
                run,
                lambda store, asking, _: pruning.prune(store, asking, old.wanted or Wanted(), only),
            )
        )
        assert told is not None
        assert all(image.differences for image in left)
        done = now.model_copy(update={"images": tuple(same)})
        self._keeps_its_word(replace(old, document=done), told, whole=same == list(now.images))
        self.happened["images pruned"] += len(same)
        return [image.id for image in left]

    @precondition(lambda self: any(one.wanted is not None for one in self.old))
    @rule(some=st.data())
    def apply_old_prune(self, some: st.DataObject) -> None:
        """Images that have changed are left and told; no other is touched."""
        self._apply_old_prune(self._draw_old(some, of_prune=True))

    def _apply_old_prune(self, old: Old) -> None:
        left = self._apply_prune(old)
        self.happened["images of old plans left"] += len(left)
        self.happened["images of old plans pruned"] += len(old.document.images) - len(left)
        planned = [image.facts.id for image in old.document.images]
        assert left == [image for image in planned if image in left]

    # ── details ───────────────────────────────────────────────────────────────────────────────

    def _used(self) -> list[tuple[str, ImageID]]:
        """Images that containers were made of."""
        stores = self.driver.stores.items()
        return sorted({(key, c.image) for key, one in stores for c in one.containers if c.image})

    def _draw_old(self, some: st.DataObject, *, of_prune: bool) -> Old:
        fitting = [one for one in self.old if (one.wanted is not None) is of_prune]
        number = some.draw(st.integers(0, len(fitting) - 1), "old plan")
        self.old.remove(fitting[number])
        return fitting[number]

    def _keeps_its_word(self, old: Old, told: Answered, *, whole: bool = True) -> None:
        """The records are the plan's; so is what was released, if it was applied as a whole."""
        history = self.driver.histories[old.namespace]
        history.deleted(told.answer, told.events, told.before, told.after)
        planned = [record for image in old.document.images for record in image.records]
        assert [encode(record) for record in told.answer] == [one.model_dump() for one in planned]
        if not whole:
            return
        new = set(told.after.releases) - set(told.before.releases)
        released = sorted((one.kind, str(one.digest), one.size) for one in new)
        content = [(one.kind, one.digest, one.size) for one in old.document.content]
        assert content == released
        assert old.document.freed == sum(size for _, _, size in released)


def _model(change: Callable[..., object], *args: object, **options: object) -> Model:
    return lambda store, asking, _: change(store, asking, *args, **options)


def _model_of_create(image: str) -> Model:
    return lambda store, asking, answer: requesting.create(
        store, asking, image, container_id=str(answer), name=None, platform=None, mounts=[]
    )


def _filters(wanted: Wanted) -> PruneFilters:
    return PruneFilters(
        dangling=wanted.dangling,
        until=() if wanted.is_of_any_age else (LONG_AGO,),
        labels=tuple(LabelTest(key, value, is_wanted=there) for key, value, there in wanted.labels),
        references=wanted.patterns,
    )


def test_plans_keep_their_word(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    """The same histories in every run; and much happens in them."""
    steps, tally = play(Planner, database, examples=20, steps=50, derandomize=True)
    record_property("steps compared with the model", steps)
    for what in AT_LEAST:
        record_property(what, tally[what])

    assert not {what: tally[what] for what, least in AT_LEAST.items() if tally[what] < least}
