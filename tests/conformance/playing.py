"""Play a scenario: bring about what it begins with, then do each step and write down what came.

::

    load IMAGE[=NAME,...] ...          tag IMAGE repo=NAME tag=TAG      list [KEY=VALUE ...]
    container NAME IMAGE STATE         delete IMAGE [KEY=VALUE ...]     inspect IMAGE ...
        [mount=IMAGE:PATH]             prune [KEY=VALUE ...]            history IMAGE ...
    start NAME                         remove NAME                      usage

`KEY=VALUE` are parameters of the request. `<id:base>` is an image's ID, `<short12:base>` its first
digits, `<layer:bin>` a layer's digest; a blank is `%20`.
"""

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from tests.builders.archives import LAYOUT_MARK, NAME, an_index_json, blob_path, pack
from tests.builders.images import Built
from tests.conformance.engine import Answer, Engine, Query, SetupError, quote_name
from tests.conformance.images import SHARED_DIGITS, Fixture, fixture, hex_of, layer_digest
from tests.conformance.symbols import Symbols

Object = dict[str, Any]
Event = list[Any]
"""Type, action, actor, attributes."""

_WORD: Final = re.compile(r"<(\w+?)(\d*):([\w.]+)>|<(shared)(\d)()>")
_TICK_SECONDS: Final = 0.003
"""More than what the clocks of databases round away."""
_ANY_NAME: Final = "<any of the untagged names>"


@dataclass(slots=True)
class Step:
    """What a server did."""

    words: str
    status: int
    body: Any
    events: list[Event]
    after: list[Object]


@dataclass(slots=True)
class Play:
    """A scenario as it went."""

    initial: list[Object]
    steps: list[Step] = field(default_factory=list)


def play(engine: Engine, setup: Iterable[str], steps: Iterable[str]) -> Play:
    """Play a scenario from an empty store.

    Raises:
        SetupError: what it begins with cannot be brought about.
    """
    engine.empty()
    player = Player(engine)
    for line in setup:
        player.prepare(line)
    done = Play(player.state())
    for line in steps:
        done.steps.append(player.step(line))
    return done


class Player:
    """One scenario on one server."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._symbols = Symbols()
        self._ids: dict[str, str] = {}

    # ── beginning ─────────────────────────────────────────────────────────────────────────────

    def prepare(self, line: str) -> None:
        """Do what must succeed."""
        verb, *words = line.split()
        if verb == "container":
            self._make_container(*words)
            return
        if verb == "load":
            self._know(words)
        method, path, query, body = self._request(verb, words)
        self._engine.require(method, path, query, body)
        if verb == "load":
            self._learn(words)

    def _know(self, words: Iterable[str]) -> None:
        """Give names to all that is loaded."""
        for word in words:
            known = fixture(word.partition("=")[0])
            for digest, symbol in known.symbols.items():
                self._symbols.add(digest, symbol)
            self._ids.setdefault(known.name, known.built.digest)

    def _learn(self, words: Iterable[str]) -> None:
        """Ask for the IDs: a classic engine has others than we expect."""
        for word in words:
            key, _, names = word.partition("=")
            known = fixture(key)
            probes = [self._resolved(name) for name in names.split(",") if name]
            for probe in (*probes, known.built.digest):
                answer = self._engine.ask("GET", f"/images/{quote_name(probe)}/json")
                if answer.status == 200:
                    self._ids[known.name] = answer.body["Id"]
                    self._symbols.add(answer.body["Id"], f"img:{known.name}")
                    break

    def _make_container(self, name: str, image: str, state: str, *options: str) -> None:
        mounts = [option.removeprefix("mount=").rpartition(":") for option in options]
        body: Object = {
            "Image": self._resolved(image),
            "NetworkDisabled": True,
            "HostConfig": {
                "NetworkMode": "none",
                "Mounts": [{"Type": "image", "Source": m[0], "Target": m[2]} for m in mounts],
            },
        }
        if state == "exited":
            body["Cmd"] = ["/exit0"]
        made = self._engine.require("POST", "/containers/create", {"name": name}, body)
        self._symbols.add(made.body["Id"], f"ctr:{name}")
        for action in self._actions(state):
            self._engine.require("POST", f"/containers/{name}/{action}")
        self._wait_for(name, "exited" if state == "stopped" else state)

    def _actions(self, state: str) -> list[str]:
        """What leads to a state; where nothing runs, nothing ends by itself."""
        ends = "wait" if self._engine.runs_containers else "kill"
        return {
            "created": [],
            "running": ["start"],
            "paused": ["start", "pause"],
            "stopped": ["start", "kill"],
            "exited": ["start", ends],
        }[state]

    def _wait_for(self, name: str, state: str) -> None:
        for _ in range(500):
            found = self._engine.ask("GET", f"/containers/{name}/json").body
            if found["State"]["Status"] == state:
                return
            time.sleep(0.01)
        raise SetupError(f"container {name} never became {state}")

    # ── steps ─────────────────────────────────────────────────────────────────────────────────

    def step(self, line: str) -> Step:
        """Do one thing, and write down all that came of it."""
        verb, *words = line.split()
        if verb == "load":
            self._know(words)
        request = self._request(verb, words)
        time.sleep(_TICK_SECONDS)
        since = time.time_ns() // 1_000_000 * 1_000_000
        answer = self._engine.ask(*request)
        time.sleep(_TICK_SECONDS)
        events = self._events(since, time.time_ns())
        step = Step(
            self._symbols.text(line), answer.status, self._body(verb, answer), events, self.state()
        )
        return _sorted(step) if verb == "prune" else step

    def _request(self, verb: str, words: list[str]) -> tuple[str, str, Query, object]:
        """Put a line into a request."""
        if verb == "load":
            return "POST", "/images/load", {"quiet": "1"}, self._archive(words)
        if verb == "load-garbage":
            return "POST", "/images/load", {"quiet": "1"}, b"x" * 2048
        subject = "" if not words or _is_parameter(words[0]) else words.pop(0)
        name = quote_name(self._resolved(subject))
        method, path = _PATHS[verb]
        query = self._query(words) | _ALWAYS.get(verb, {})
        return method, path.format(name=name), query, None

    def _query(self, words: Iterable[str]) -> dict[str, str | list[str]]:
        query: dict[str, list[str]] = {}
        for word in words:
            key, _, value = word.partition("=")
            query.setdefault(key, []).append(self._resolved(value))
        return dict(query)

    def _resolved(self, word: str) -> str:
        """Put digests for words."""
        return _WORD.sub(self._digits, unquote(word))

    def _digits(self, match: re.Match[str]) -> str:
        kind, count, key = (part or "" for part in match.groups()[:3])
        if match[4]:
            digits = hex_of(fixture("ambigA").built)[:SHARED_DIGITS]
            self._symbols.add_short(digits, "<shared4>")
            return digits
        if kind == "layer":
            return layer_digest(key)
        digest = self._ids.get(key) or fixture(key).built.digest
        if kind == "id":
            return digest
        short = digest.rpartition(":")[2][: int(count)]
        symbol = f"{count}:img:{key}>"
        if kind == "upper":
            self._symbols.add_short(short.upper(), f"<SHORT{symbol}")
            return short.upper()
        self._symbols.add_short(short, f"<short{symbol}")
        return short

    def _archive(self, words: Iterable[str]) -> bytes:
        members: list[Object] = []
        entries: list[Object] = []
        blobs: dict[str, bytes] = {}
        for word in words:
            key, _, names = word.partition("=")
            known = fixture(key)
            given = [self._resolved(name) for name in names.split(",") if name]
            blobs |= known.built.blobs
            members += _members(known.built, given)
            entries.append(_entry(known, given))
        files = {blob_path(digest): content for digest, content in sorted(blobs.items())}
        index = {"oci-layout": LAYOUT_MARK, "index.json": an_index_json(members)}
        return pack(index | files | {"manifest.json": json.dumps(entries).encode()})

    # ── what came ─────────────────────────────────────────────────────────────────────────────

    def _body(self, verb: str, answer: Answer) -> Any:  # noqa: ANN401 - JSON
        body = answer.body
        if answer.status == 200 and verb in _SHOWN:
            body = _SHOWN[verb](body)
        return self._symbols.value(body)

    def _events(self, since: int, until: int) -> list[Event]:
        """What happened between two moments, in nanoseconds."""
        query = {"since": _seconds(since), "until": _seconds(until)}
        lines = self._engine.ask("GET", "/events", query).text.splitlines()
        events = [json.loads(line.strip("\x1e ")) for line in lines if line.strip("\x1e ")]
        return [
            [
                event["Type"],
                event["Action"],
                self._symbols.text(event["Actor"]["ID"]),
                self._symbols.value(event["Actor"].get("Attributes") or {}),
            ]
            for event in events
        ]

    def state(self) -> list[Object]:
        """What is there, in the order of IDs' names."""
        shown = [
            {
                "id": self._symbols.text(image["Id"]),
                "parent": self._symbols.text(image.get("ParentId") or ""),
                "tags": [self._symbols.text(name) for name in image.get("RepoTags") or ()],
                "digests": [self._symbols.text(name) for name in image.get("RepoDigests") or ()],
            }
            for image in self._engine.images()
        ]
        return sorted(shown, key=lambda image: str(image["id"]))


_PATHS: Final = {
    "delete": ("DELETE", "/images/{name}"),
    "history": ("GET", "/images/{name}/history"),
    "inspect": ("GET", "/images/{name}/json"),
    "list": ("GET", "/images/json"),
    "prune": ("POST", "/images/prune"),
    "remove": ("DELETE", "/containers/{name}"),
    "start": ("POST", "/containers/{name}/start"),
    "tag": ("POST", "/images/{name}/tag"),
    "usage": ("GET", "/system/df"),
}
_ALWAYS: Final[dict[str, dict[str, str | list[str]]]] = {"remove": {"force": "1"}}
_USAGE: Final = "Images LayersSize Containers ImageUsage ContainerUsage".split()


def _by_age(images: list[Object]) -> list[Object]:
    """Engines do not order what was created in the same second."""
    return sorted(images, key=lambda image: (-int(image["Created"]), str(image["RepoTags"])))


def _usage(body: Object) -> Object:
    return {key: value for key, value in body.items() if key in _USAGE}


_SHOWN: Final[dict[str, Callable[[Any], Any]]] = {"list": _by_age, "usage": _usage}


def _is_parameter(word: str) -> bool:
    return re.match(r"[a-z]+=", word) is not None


def _seconds(nanoseconds: int) -> str:
    return f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09d}"


def _members(built: Built, names: Iterable[str]) -> list[Object]:
    """The entries of `index.json`: one for each name, one for an image without a name."""
    named = [{**built.descriptor, "annotations": {NAME: canonical(name)}} for name in names]
    return named or [built.descriptor]


def canonical(name: str) -> str:
    """Write a name in full; the scenarios' names are docker's own."""
    return name if name.startswith("moby-dangling@") else f"docker.io/library/{name}"


def _entry(known: Fixture, names: Iterable[str]) -> Object:
    """What a classic engine reads."""
    image = known.built.first_image
    return {
        "Config": blob_path(image.config.digest),
        "Layers": [blob_path(layer.digest) for layer in image.layers],
        "RepoTags": [name for name in names if "@" not in name] or None,
    }


def _sorted(step: Step) -> Step:
    """Put a prune in order: an engine walks a map, and which name goes last is chance."""
    untagged: dict[str, set[str]] = {}
    for _, action, actor, attributes in step.events:
        if action == "untag":
            untagged.setdefault(actor, set()).add(attributes.get("name", ""))
    for _, action, actor, attributes in step.events:
        if action == "delete" and len(untagged.get(actor, ())) > 1:
            attributes["name"] = _ANY_NAME
    step.events.sort(key=lambda e: (e[2], e[1] == "delete", e[3].get("name", "")))
    if isinstance(step.body, dict) and isinstance(step.body.get("ImagesDeleted"), list):
        step.body["ImagesDeleted"].sort(key=lambda record: json.dumps(record, sort_keys=True))
    return step
