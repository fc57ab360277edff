"""What must come of a case of the table of deletes: put together from the words of the table."""

from collections.abc import Iterator
from typing import Final

from imagedb.references import parse_reference
from tests.database.delete_table.playing import (
    NOT_STORED,
    PLATFORMS,
    Line,
    Scene,
    Told,
    container_id,
)

NEEDS_FORCE: Final = (
    "Content will be removed from all images referencing this variant. Use —-force to force delete."
)
_HOW: Final = {"hard": "cannot be forced", "soft": "must be forced"}

Records = list[tuple[str, str]]
"""An action, and its name or digest."""
Images = dict[str, tuple[list[str], list[str]]]
"""Names and platforms, by ID."""


def expect(scene: Scene) -> Told:
    """What the case must tell and leave behind."""
    outcome = scene.case.outcome
    if outcome.startswith(("no ", "force ")):
        return _told(scene, [_error(scene, outcome)], [])
    if outcome.startswith(("hard ", "soft ")):
        conflicts = [_conflict(scene, words.split()) for words in outcome.split("; ")]
        return _told(scene, [("error", conflicts[0][2]), *conflicts], [])
    records = [_record(scene, words) for words in outcome.split(", ")]
    return _told(scene, [*records], records)


# ── refusals ──────────────────────────────────────────────────────────────────────────────────


def _error(scene: Scene, outcome: str) -> Line:
    given = scene.spell(scene.case.given)
    if outcome == "force needed":
        return ("error", "InvalidInputError", NEEDS_FORCE)
    if outcome == "no image":
        tag = "" if ":" in given.rpartition("/")[2] else ":latest"
        return ("error", "ImageNotFoundError", f"No such image: {given}{tag}")
    _, _, platform, _, name = outcome.split()
    text = (
        f"failed to delete platform {platform} for image {scene.target.digest}: image with "
        f"reference {scene.spell(name)} was found but does not provide any platform"
    )
    return ("error", "PlatformNotFoundError", text)


def _conflict(scene: Scene, words: list[str]) -> Line:
    """`hard ID running c1@other`, `soft a:1 stopped c1`, or `soft ID several a:1`."""
    how, subject, kind, what = words
    short = scene.target.digest.removeprefix("sha256:")[:12]
    name = None if subject == "ID" else scene.spell(subject)
    start = f"conflict: unable to delete {name or short} ({_HOW[how]}) - "
    if kind == "several":
        text = "image is referenced in multiple repositories"
        return ("several references", how == "hard", start + text, scene.spell(what))
    label, _, host = what.partition("@")
    use = next(use for use in scene.uses if use.name == label)
    place = container_id(use)[:12] + (f" on host {scene.hosts[host]}" if host else "")
    by_id = f"image is being used by {kind} container {place}"
    by_name = f"container {place} is using its referenced image {short}"
    identity = (container_id(use), use.name, use.state, scene.hosts[use.host])
    text = start + (by_name if name else by_id)
    return (f"{kind} container", how == "hard", text, *identity, name)


# ── records, and what stays ───────────────────────────────────────────────────────────────────


def _record(scene: Scene, words: str) -> tuple[str, str]:
    """`untag NAME`, `drop PLATFORM`, `delete`, `delete PARENT`."""
    action, _, what = words.partition(" ")
    if action == "untag":
        return (action, scene.spell(what))
    if action == "drop":
        return ("delete", next(m.digest for w, m in scene.members.items() if w.startswith(what)))
    return (action, scene.beside[what].digest if what else scene.target.digest)


def _told(scene: Scene, answer: list[Line], records: Records) -> Told:
    before = _images(scene)
    gone = {digest for action, digest in records if action == "delete"}
    after = {digest: row for digest, row in before.items() if digest not in gone}
    if scene.target.digest in after:
        untagged = {name for action, name in records if action == "untag"}
        dropped = {_platform(word) for word, m in scene.members.items() if m.digest in gone}
        names, platforms = after[scene.target.digest]
        after[scene.target.digest] = (
            [name for name in names if name not in untagged],
            [platform for platform in platforms if platform not in dropped],
        )
    return Told(
        answer,
        list(_events(scene, records, before)),
        {digest: (tuple(names), tuple(platforms)) for digest, (names, platforms) in after.items()},
        dict(_containers(scene, gone)),
    )


def _images(scene: Scene) -> Images:
    names = sorted(map(scene.spell, scene.names), key=lambda name: str(parse_reference(name)))
    held = [_platform(word) for word in scene.members if not word.startswith("absent:")]
    images: Images = {scene.target.digest: (names, held)}
    for other in scene.others:
        image = scene.beside[other.word]
        named = [scene.spell(other.name, image)] if other.name else []
        images[image.digest] = (named, [_platform(other.word)])
    return images


def _platform(word: str) -> str:
    return PLATFORMS[word.removeprefix("absent:").rpartition("/")[0] or "amd64"]


def _events(scene: Scene, records: Records, before: Images) -> Iterator[Line]:
    """One for each record, in their order."""
    untagged = [name for action, name in records if action == "untag"]
    members = {image.digest: _platform(word) for word, image in scene.members.items()}
    for action, what in records:
        place: Line = ("image", action)
        if action == "untag":
            yield (*place, scene.target.digest, what, scene.host, {})
        elif what in before:
            names = untagged if what == scene.target.digest else []
            attributes = {"names": ",".join(names), "platforms": ",".join(before[what][1])}
            yield (*place, what, what, scene.host, attributes)
        else:
            attributes = {"image": scene.target.digest, "platform": members[what]}
            yield (*place, what, what, scene.host, attributes)


def _containers(scene: Scene, gone: set[str]) -> Iterator[tuple[str, Line]]:
    """They keep their state and the image's digest, and tell that it is missing."""
    for use, image in scene.users():
        is_missing = image.digest in gone
        created_from = (NOT_STORED, True) if use.kind == "mount" else (image.digest, is_missing)
        mounts = [(image.digest, is_missing)] if use.kind else []
        yield container_id(use), (use.state, *created_from, mounts)
