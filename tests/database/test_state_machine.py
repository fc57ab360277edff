"""Random histories on both engines: imagedb does what the plain-Python model of it does."""

import ast
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event

from imagedb.checking import check_database
from imagedb.container_requests import (
    create_container,
    kill_container,
    pause_container,
    remove_container,
    start_container,
    stop_container,
    unpause_container,
)
from imagedb.database import Database
from imagedb.deletion import delete_image
from imagedb.hold_requests import add_hold, delete_hold
from imagedb.hosts import add_host
from imagedb.importing import import_images
from imagedb.platforms import parse_platform
from imagedb.procedures import perform
from imagedb.records import Caller
from imagedb.reports import report_containers
from imagedb.tags import tag_image
from tests.model import deleting, holding, importing, inputs, reporting, requesting
from tests.model.driving import Answered, Driver, Request
from tests.model.inputs import Brought
from tests.model.stores import Asking, Store

CHANGES = {
    "start": start_container,
    "stop": stop_container,
    "pause": pause_container,
    "unpause": unpause_container,
    "kill": kill_container,
}
HISTORIES = int(os.environ.get("IMAGEDB_HISTORIES", "0"))
AT_LEAST = {
    "images deleted": 50,
    "deletes that pruned": 3,
    "platforms removed": 3,
    "platforms completed": 3,
    "releases made": 300,
    "releases withdrawn": 50,
    "containers linked": 3,
    "containers unlinked": 3,
    "holds made": 20,
    "refused by a hold": 5,
    "AmbiguousHoldError": 1,
    "HoldNotFoundError": 5,
    "ImageInUseError": 10,
    "AmbiguousContainerError": 5,
    "AlreadyExistsError": 1,
}
"""What must happen for the histories to be worth anything."""
Model = Callable[[Store, Asking, Any], object]
namespaces = st.sampled_from(["default"] * 5 + ["other"])
some = st.data()
mostly = st.sampled_from([True, True, True, False])


class Machine(RuleBasedStateMachine):
    """Callers and hosts who do whatever they like, in two namespaces."""

    database: ClassVar[Database]
    drivers: ClassVar[list[Driver]]
    """Of all the histories that were run, whose steps are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.driver = Driver(self.database)
        self.drivers.append(self.driver)

    @initialize(fleet=st.lists(inputs.archives(), min_size=3, max_size=5), some=some)
    def begin(self, fleet: list[list[Brought]], some: st.DataObject) -> None:
        """Two namespaces, a host that told its platform, and some images."""
        self.driver.begin("default", "other")
        self._add_arm_host()
        for number, archive in enumerate(fleet):
            self.load("default" if number else "other", archive, some)

    def _add_arm_host(self) -> None:
        platform = parse_platform(inputs.ARM)

        def model(store: Store, asking: Asking, _: object) -> str:
            store.hosts["arm-1"] = platform
            told = {"platform": inputs.ARM}
            store.tell(asking, "host", "create", "arm-1", "arm-1", told, host="arm-1")
            return "arm-1"

        self._do("default", None, model, add_host, "arm-1", platform=platform)

    @rule(namespace=namespaces, archive=inputs.archives(), some=some)
    def load(self, namespace: str, archive: list[Brought], some: st.DataObject) -> None:
        """Import an archive over whatever is there."""
        images = [brought.source for brought in archive]
        told = self._do(
            namespace,
            self._host(namespace, some),
            lambda store, asking, _: importing.load(store, asking, images),
            import_images,
            images,
        )
        assert told is not None
        self.driver.histories[namespace].loaded(images, told.before, told.after)

    @rule(namespace=namespaces, some=some)
    def tag(self, namespace: str, some: st.DataObject) -> None:
        """Make or move a name."""
        source = some.draw(inputs.texts(self._store(namespace)), "source")
        name = some.draw(st.sampled_from(inputs.NEW_NAMES * 4 + inputs.BAD_NAMES), "name")
        told = self._do(
            namespace,
            self._host(namespace, some),
            lambda store, asking, _: importing.tag(store, asking, source, name),
            tag_image,
            source,
            name,
        )
        self._nothing_left(namespace, told)

    @rule(namespace=namespaces, some=some)
    def create(self, namespace: str, some: st.DataObject) -> None:
        """Make a container."""
        store = self._store(namespace)
        reference = some.draw(inputs.texts(store), "reference")
        options: dict[str, Any] = {
            "name": some.draw(st.none() | st.sampled_from(inputs.CONTAINER_NAMES), "name"),
            "platform": some.draw(inputs.platforms_to_create(), "platform"),
            "mounts": some.draw(inputs.mounts(store), "mounts"),
            "config": some.draw(inputs.configs(), "config"),
        }
        told = self._do(
            namespace,
            self._host(namespace, some),
            lambda store, asking, answer: requesting.create(
                store, asking, reference, container_id=str(answer), **options
            ),
            create_container,
            reference,
            **options,
        )
        self._nothing_left(namespace, told)

    @precondition(lambda self: self.driver.has_containers())
    @rule(action=st.sampled_from(["start", *CHANGES]), some=some)
    def change(self, action: str, some: st.DataObject) -> None:
        """Start, stop, pause, unpause or kill a container."""
        namespace, text, host = self._container(some)
        told = self._do(
            namespace,
            self._host(namespace, some),
            lambda store, asking, _: requesting.change(store, asking, action, text, host=host),
            CHANGES[action],
            text,
            host=host,
        )
        self._nothing_left(namespace, told)

    @precondition(lambda self: self.driver.has_containers())
    @rule(force=st.booleans(), some=some)
    def remove(self, force: bool, some: st.DataObject) -> None:  # noqa: FBT001 - drawn
        """Remove a container."""
        namespace, text, host = self._container(some)
        told = self._do(
            namespace,
            self._host(namespace, some),
            lambda store, asking, _: requesting.remove(store, asking, text, force=force, host=host),
            remove_container,
            text,
            force=force,
            host=host,
        )
        self._nothing_left(namespace, told)

    @rule(namespace=namespaces, lifts=st.booleans(), some=some)
    def hold_or_lift(self, namespace: str, lifts: bool, some: st.DataObject) -> None:  # noqa: FBT001 - drawn
        """Hold an image, or lift one of its holds, or all."""
        answered = (self._lift if lifts else self._hold)(namespace, some)
        self._nothing_left(namespace, answered)

    def _hold(self, namespace: str, some: st.DataObject) -> Answered | None:
        text = some.draw(inputs.texts_to_hold(self._store(namespace)), "text")
        return self._do(
            namespace,
            None,
            lambda store, asking, number: holding.hold(
                store, asking, text, reason="audit", number=number
            ),
            add_hold,
            text,
            reason="audit",
        )

    def _lift(self, namespace: str, some: st.DataObject) -> Answered | None:
        text, number, every = some.draw(inputs.lifts(self._store(namespace)), "hold")
        return self._do(
            namespace,
            None,
            lambda store, asking, _: holding.lift(store, asking, text, number=number, every=every),
            delete_hold,
            text,
            number=number,
            all=every,
        )

    @rule(namespace=namespaces, complete=st.booleans(), some=some)
    def report(self, namespace: str, complete: bool, some: st.DataObject) -> None:  # noqa: FBT001 - drawn
        """Let a host tell of its containers, twice: the second time changes nothing."""
        host = some.draw(st.sampled_from(inputs.HOSTS[namespace]), "host")
        told = some.draw(inputs.reports(self._store(namespace), host), "report")
        for times in (1, 2):
            answered = self._do(
                namespace,
                host,
                lambda store, asking, _: reporting.report(store, asking, told, complete=complete),
                report_containers,
                told,
                complete=complete,
            )
            self._nothing_left(namespace, answered)
            assert answered is not None
            assert times == 1 or answered.events == []

    @rule(namespace=namespaces, force=st.booleans(), prune=mostly, some=some)
    def delete(
        self,
        namespace: str,
        force: bool,  # noqa: FBT001 - drawn
        prune: bool,  # noqa: FBT001 - drawn
        some: st.DataObject,
    ) -> None:
        """Delete an image, or untag it."""
        text = some.draw(inputs.texts(self._store(namespace)), "text")
        self._delete(namespace, some, text, {"force": force, "prune": prune})

    @precondition(lambda self: any(store.names for store in self.driver.stores.values()))
    @rule(force=st.booleans(), some=some)
    def delete_by_name(self, force: bool, some: st.DataObject) -> None:  # noqa: FBT001 - drawn
        """Delete what has a name, as most people do."""
        names = [(key, name) for key, store in self.driver.stores.items() for name in store.names]
        namespace, name = some.draw(st.sampled_from(sorted(names)), "name")
        self._delete(namespace, some, name, {"force": force})

    @rule(namespace=namespaces, force=mostly, some=some)
    def delete_platforms(self, namespace: str, force: bool, some: st.DataObject) -> None:  # noqa: FBT001 - drawn
        """Remove platforms from an image; without force it is refused."""
        store = self._store(namespace)
        platforms = some.draw(inputs.platforms_to_delete(store), "platforms")
        text = some.draw(inputs.texts(store), "text")
        self._delete(namespace, some, text, {"force": force, "platforms": platforms})

    def _delete(
        self, namespace: str, some: st.DataObject, text: str, options: dict[str, Any]
    ) -> None:
        told = self._do(
            namespace,
            some.draw(st.sampled_from([None, *inputs.HOSTS[namespace]]), "host"),
            lambda store, asking, _: deleting.delete(store, asking, text, **options),
            delete_image,
            text,
            **options,
        )
        if told:
            history = self.driver.histories[namespace]
            history.deleted(told.answer, told.events, told.before, told.after)

    def teardown(self) -> None:
        """The database keeps its promises."""
        with self.driver.database.read() as connection:
            assert check_database(connection) == ()

    # ── details ───────────────────────────────────────────────────────────────────────────────

    def _do(
        self,
        namespace: str,
        host: str | None,
        model: Model,
        operation: Callable[..., Any],
        /,
        *args: Any,  # noqa: ANN401 - the operation's
        **kwargs: Any,  # noqa: ANN401 - the operation's
    ) -> Answered | None:
        def run(caller: Caller) -> object:
            return perform(self.driver.database, operation, namespace, caller, *args, **kwargs)

        return self.driver.step(Request(namespace, Caller("tester@test", host), run, model))

    def _store(self, namespace: str) -> Store:
        return self.driver.stores[namespace]

    def _host(self, namespace: str, some: st.DataObject) -> str:
        return some.draw(st.sampled_from(inputs.HOSTS[namespace]), "host")

    def _container(self, some: st.DataObject) -> tuple[str, str, str | None]:
        """A namespace that has containers, a text for one, and a host to look on, if any."""
        namespace = some.draw(st.sampled_from(self.driver.has_containers()), "namespace")
        text = some.draw(inputs.container_texts(self._store(namespace)), "container")
        host = some.draw(st.sampled_from([None, None, *inputs.HOSTS[namespace]]), "on host")
        return namespace, text, host

    def _nothing_left(self, namespace: str, told: Answered | None) -> None:
        if told:
            self.driver.histories[namespace].nothing_left(told.before, told.after)


def play(
    machine: type[Machine], database: Database, *, examples: int, steps: int, derandomize: bool
) -> tuple[int, Counter[str]]:
    """Play histories; returns how many steps were compared, and what happened in them."""

    class Chosen(machine):  # type: ignore[valid-type, misc]  # a class that is chosen
        """The machine, on this database."""

        drivers: ClassVar[list[Driver]] = []

    Chosen.database = database
    if database.is_sqlite:
        event.listen(database.engine, "connect", _do_not_wait_for_the_disk)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=derandomize,
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Chosen, settings=chosen)
    tally = sum((driver.tally for driver in Chosen.drivers), Counter[str]())
    return sum(driver.steps for driver in Chosen.drivers), tally


def _do_not_wait_for_the_disk(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
    connection.execute("PRAGMA synchronous = OFF").close()


def test_the_same_histories_as_always(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    """2,000 steps, the same ones in every run, without a difference; and much happens in them."""
    steps, tally = play(Machine, database, examples=48, steps=50, derandomize=True)
    record_property("steps compared with the model", steps)
    for what in AT_LEAST:
        record_property(what, tally[what])

    assert steps >= 2000
    assert not {what: tally[what] for what, least in AT_LEAST.items() if tally[what] < least}


def test_histories_as_they_come(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    """As many other ones as `IMAGEDB_HISTORIES` asks for, of 50 steps each."""
    if not HISTORIES:
        pytest.skip("random histories are played on request: IMAGEDB_HISTORIES=20")
    steps, _ = play(Machine, database, examples=HISTORIES, steps=50, derandomize=False)
    record_property("steps compared with the model", steps)

    assert steps >= HISTORIES


def test_the_model_shares_only_words_and_records() -> None:
    """An oracle that shared the code would share its mistakes; `driving` is none."""
    allowed = {f"imagedb.{name}" for name in ("records", "references", "digests", "platforms")}
    folder = Path(inputs.__file__).parent
    for path in folder.glob("*.py"):
        imported = {
            node.module
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and node.module
        }
        ours = {name for name in imported if name.startswith("imagedb")}
        assert ours <= allowed or path.name == "driving.py", path.name
